"""The keys of endpoints: where they come from. Never from a browser, and never shown.

In this order: the server's environment, the keyring of the operating system (if the package
``keyring`` is installed), and a file that only its owner can read.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.protocol.json_text import parse_untrusted
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
        If there is such a file and others can read it, or it holds anything else.
    """

    def __init__(self, folder: Path) -> None:
        self._from_file = _read_file(folder / FILE)

    def __repr__(self) -> str:
        return f"Keys({sorted(self._from_file)})"

    def find(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Return the known keys, by endpoint.

        Parameters
        ----------
        wanted
            The environment variable of each endpoint; empty for none.
        """
        return {name: key for name, (key, _) in self.locate(wanted).items()}

    def locate(self, wanted: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """Return the known keys and, for people, where each of them is, by endpoint."""
        keys: dict[str, tuple[str, str]] = {}
        for name, variable in wanted.items():
            if key := _clean(os.environ.get(variable)):
                keys[name] = key, f"the variable {variable}"
        missing = [name for name in wanted if name not in keys]
        ring = _read_keyring(missing) if missing else {}
        for name in missing:
            if ring.get(name):
                keys[name] = ring[name], "the keyring"
            elif key := self._from_file.get(name, ""):
                keys[name] = key, FILE
        # Code can read the file and the keyring and print them: the keys are masked from now on.
        remember(key for key, _ in keys.values())
        return keys


def _clean(key: str | None) -> str:
    return (key or "").strip()


def _read_file(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            # Checked on the open file: its name may refer to another one a moment later.
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if os.name == "posix" and mode & 0o077:
                raise AssistantsError(
                    f"Others can read the keys in {path} (mode {mode:04o}): run "
                    f"'chmod 600 {path}', and replace the keys if others may have seen them."
                )
            content = parse_untrusted(file.read())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise AssistantsError(f"The keys in {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        content = None
    if not (isinstance(content, dict) and all(isinstance(key, str) for key in content.values())):
        # The parser's own text would quote the file.
        text = f'{path} must contain one JSON object of keys by endpoint: {{"mistral": "the key"}}.'
        raise AssistantsError(text)
    return {name: _clean(key) for name, key in content.items()}


def _read_keyring(names: Sequence[str]) -> dict[str, str]:
    """Query the keyring; one that waits for a person to unlock it counts as empty."""
    if find_spec("keyring") is None:
        return {}
    keys: dict[str, str] = {}
    # A daemon: a keyring that waits for a person must not keep the process alive.
    query = threading.Thread(target=_query_keyring, args=(names, keys), daemon=True)
    query.start()
    query.join(KEYRING_SECONDS)
    return dict(keys)


def _query_keyring(names: Sequence[str], keys: dict[str, str]) -> None:
    import keyring
    import keyring.errors

    for name in names:
        try:
            key = keyring.get_password(SERVICE, name)
        except (keyring.errors.KeyringError, RuntimeError, OSError):
            return
        if key:
            keys[name] = _clean(key)
