"""The keys of endpoints: where they come from. Never from a browser, and never shown.

In this order: the server's environment, the keyring of the operating system (if the package
``keyring`` is installed), and a file that only its owner can read.
"""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.redaction import remember

FILE = "keys.json"
SERVICE = "jupyter-assistants"
"""The keyring's name for us: ``keyring set jupyter-assistants mistral``."""
KEYRING_SECONDS = 2.0


class Keys:
    """The keys of this server.

    Parameters
    ----------
    folder
        Where the file ``keys.json`` may be: ``{"mistral": "the key"}``.

    Raises
    ------
    AssistantsError
        If there is such a file and others can read it, or it holds something else.
    """

    def __init__(self, folder: Path) -> None:
        self._filed = _filed(folder / FILE)

    def __repr__(self) -> str:
        return f"Keys({sorted(self._filed)})"

    def find(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Return the keys that there are, by endpoint.

        Parameters
        ----------
        wanted
            The variable of the environment by endpoint; empty for none.
        """
        return {name: key for name, (key, _) in self.located(wanted).items()}

    def located(self, wanted: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """Return the keys that there are and for people where each is, by endpoint."""
        found: dict[str, tuple[str, str]] = {}
        for name, variable in wanted.items():
            if key := _clean(os.environ.get(variable)):
                found[name] = key, f"the variable {variable}"
        missing = [name for name in wanted if name not in found]
        ring = _ringed(missing) if missing else {}
        for name in missing:
            if ring.get(name):
                found[name] = ring[name], "the keyring"
            elif key := self._filed.get(name, ""):
                found[name] = key, FILE
        # Code can read the file and the keyring, and show what is in them.
        remember(key for key, _ in found.values())
        return found


def _clean(key: str | None) -> str:
    return (key or "").strip()


def _filed(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            # Asked of the open file: its name may mean another one a moment later.
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if os.name == "posix" and mode & 0o077:
                raise AssistantsError(
                    f"Others can read the keys in {path} (mode {mode:04o}): run "
                    f"'chmod 600 {path}', and replace the keys if others may have seen them."
                )
            content = json.loads(file.read())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise AssistantsError(f"The keys in {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        content = None
    if not (isinstance(content, dict) and all(isinstance(key, str) for key in content.values())):
        # What the parser says would quote the file.
        text = f'{path} is not what it should be, one JSON object: {{"mistral": "the key"}}.'
        raise AssistantsError(text)
    return {name: _clean(key) for name, key in content.items()}


def _ringed(names: Sequence[str]) -> dict[str, str]:
    """Ask the keyring, and give it up when it wants a person to unlock it."""
    if find_spec("keyring") is None:
        return {}
    found: dict[str, str] = {}
    asking = threading.Thread(target=_ask_ring, args=(names, found), daemon=True)
    asking.start()
    asking.join(KEYRING_SECONDS)
    return dict(found)


def _ask_ring(names: Sequence[str], found: dict[str, str]) -> None:
    import keyring
    import keyring.errors

    for name in names:
        try:
            key = keyring.get_password(SERVICE, name)
        except (keyring.errors.KeyringError, RuntimeError, OSError):
            return
        if key:
            found[name] = _clean(key)
