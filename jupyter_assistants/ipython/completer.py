"""Tab completion after ``%%assistant`` and ``%assistant``.

Tab must never start a service or block for long, so names come only from a server that is in use
already, and are cached.
"""

from __future__ import annotations

import glob
import os
import time
from typing import Any

from jupyter_assistants.client.base import Client
from jupyter_assistants.client.event_loops import run_in_thread
from jupyter_assistants.ipython.commands.words import WORDS
from jupyter_assistants.ipython.options import cell_parser, option_names
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.protocol.errors import AssistantsError

FRESH_SECONDS = 10.0
"""How long names of the server are cached."""

_KINDS = {
    "-f": "files",
    "--file": "files",
    "-t": "threads",
    "--thread": "threads",
    "-m": "models",
    "--model": "models",
    "-a": "assistants",
    "--assistant": "assistants",
    "--record": "files",
}
"""The kind of value that follows an option."""


class Completer:
    """Completes words after the magics."""

    def __init__(self, state: ShellState) -> None:
        self._state = state
        self._known: dict[str, tuple[float, list[str]]] = {}

    def complete(self, shell: Any, event: Any) -> list[str]:
        """Answer IPython's ``complete_command`` hook."""
        typed: str = event.symbol
        words = event.text_until_cursor.split()
        before = words[:-1] if typed else words
        if event.command.startswith("%%"):
            found = self._in_cell(before, typed)
        else:
            found = self._in_line(before[1:], typed)
        return sorted(word for word in found if word.startswith(typed))

    def _in_cell(self, before: list[str], typed: str) -> list[str]:
        if (kind := _KINDS.get(before[-1])) is not None:
            return self._of_kinds((kind,), typed)
        if typed.startswith("-"):
            return option_names(cell_parser())
        # IPython completes one word at a time, and takes a path's folder for no part of the word.
        return option_names(cell_parser()) + (
            self._names("/assistants") if len(before) == 1 else []
        )

    def _in_line(self, before: list[str], typed: str) -> list[str]:
        if not before:
            return list(WORDS)
        word = WORDS.get(before[0])
        if word is None:
            return []
        kinds: tuple[str, ...] = word.completes
        if (option := _KINDS.get(before[-1])) is not None:
            return self._of_kinds((option,), typed)
        found = option_names(word.parser()) if word.parser is not None else []
        return found + list(word.choices) + self._of_kinds(kinds, typed)

    def _of_kinds(self, kinds: tuple[str, ...], typed: str) -> list[str]:
        found: list[str] = []
        for kind in kinds:
            found += paths(typed) if kind == "files" else self._names(f"/{kind}")
        return found

    def _names(self, path: str) -> list[str]:
        if self._state.chosen is None:
            return []
        at, names = self._known.get(path, (float("-inf"), []))
        if time.monotonic() - at > FRESH_SECONDS:
            try:
                names = run_in_thread(_names_of(self._state.chosen.client, path))
            except AssistantsError:
                names = []
            self._known[path] = (time.monotonic(), names)
        return names


async def _names_of(client: Client, path: str) -> list[str]:
    query = None if path == "/models" else {"limit": 100}
    page = await client.request("GET", path, query=query)
    usable = [item for item in page["data"] if (item.get("jupyter") or {}).get("usable", True)]
    return [item.get("name") or item["id"] for item in usable]


def paths(typed: str) -> list[str]:
    """Return the files and folders that begin with this."""
    found = glob.glob(glob.escape(os.path.expanduser(typed)) + "*")
    return [path + os.sep if os.path.isdir(path) else path for path in found]
