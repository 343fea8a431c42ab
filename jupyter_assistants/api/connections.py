"""Endpoints that users connected or disconnected, beyond what is configured.

A choice names a known endpoint and, for a server on this machine, its port. It holds no key and no
other address, so that nobody can redirect prompts with it.
"""

from __future__ import annotations

import json
import logging
import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_assistants.config import Endpoint
from jupyter_assistants.models.dialects import DIALECTS
from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.protocol.json_text import parse_untrusted

FILE = "connections.json"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choices:
    """The choices of users.

    Parameters
    ----------
    ports
        Of the servers on this machine that are connected, by the dialect's name.
    off
        Names of endpoints that have a key and are not to be used.
    default_model
        The model that answers where the administrator chose none; empty for none.
    """

    ports: dict[str, int] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    default_model: str = ""

    def endpoints(self) -> dict[str, Endpoint]:
        """Return the connected servers on this machine."""
        return {name: local_endpoint(name, port) for name, port in self.ports.items()}


def local_endpoint(name: str, port: int) -> Endpoint:
    """Return the endpoint for a server of this dialect on this machine."""
    dialect = DIALECTS[name]
    address = f"http://127.0.0.1:{port}/v1"
    return Endpoint(address, dialect.key_env, dialect.wire, kind=name)


def read_choices(folder: Path) -> Choices:
    """Return the choices; none where there is no file, or where others can write it. Blocking."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if os.name == "posix" and mode & 0o022:
                # Whoever can write it could send prompts to a server of their own.
                log.warning("others can write %s (mode %04o): it is not used", path, mode)
                return Choices()
            content: Any = parse_untrusted(file.read())
    except FileNotFoundError:
        return Choices()
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read: %s", path, type(error).__name__)
        return Choices()
    return _choices(content if isinstance(content, dict) else {})


def write_choices(folder: Path, choices: Choices) -> None:
    """Store the choices in a file that only its owner can read. Blocking.

    Raises
    ------
    StorageError
        If no file can be written to the folder.
    """
    content = {
        "ports": choices.ports,
        "off": sorted(choices.off),
        "default_model": choices.default_model,
    }
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Replaced in one step, so that no reader sees half of it; created with mode 0600.
        with tempfile.NamedTemporaryFile("w", dir=folder, prefix=FILE, delete=False) as file:
            json.dump(content, file, indent=1)
        os.replace(file.name, folder / FILE)
    except OSError as error:
        text = f"Cannot write {folder / FILE}: {error.strerror}. Make the folder writable."
        raise StorageError(text) from error


def _choices(content: dict[str, Any]) -> Choices:
    ports, off, model = (content.get(key) for key in ("ports", "off", "default_model"))
    local = ports.items() if isinstance(ports, dict) else ()
    return Choices(
        {k: v for k, v in local if k in DIALECTS and DIALECTS[k].local and _is_port(v)},
        frozenset(name for name in off if name in DIALECTS)
        if isinstance(off, list)
        else frozenset(),
        model if isinstance(model, str) else "",
    )


def _is_port(value: Any) -> bool:
    return isinstance(value, int) and 0 < value < 65_536
