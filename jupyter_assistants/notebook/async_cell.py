"""Makes a ``%%assistant`` cell an async cell.

A cell magic is a synchronous function: while it runs, no button click arrives and nested code
cannot ``await``. So an input transformer rewrites the whole cell to one line with an ``await``. The
synchronous magic of the same name stays for whoever bypasses input transformers, and for cells
inside other cell magics (``%%capture``, ``%%time``), which run their body synchronously.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

Run = Callable[[str, str], Awaitable[Any]]

ATTRIBUTE = "jupyter_assistants_cell"
"""Where the shell keeps the callable; ``get_ipython()`` is a builtin, so no user's name is used."""

_FIRST_LINE = re.compile(r"%%assistant(?:[ \t]+(?P<line>.*))?\s*$")


class AsyncCell:
    """The input transformer of one shell."""

    # IPython's completeness check skips such transformers: in a terminal the first line alone would
    # look like a whole statement, and Enter would run it.
    has_side_effects = True

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def __call__(self, lines: list[str]) -> list[str]:
        """Give the lines of a cell, rewritten if it is an assistant's."""
        start = _first_code(lines)
        match = _FIRST_LINE.match(lines[start]) if start < len(lines) else None
        if match is None or not self._runs_async():
            return lines
        line, body = (match["line"] or "").strip(), "".join(lines[start + 1 :])
        return [f"await get_ipython().{ATTRIBUTE}({line!r}, {body!r})\n"]

    def _runs_async(self) -> bool:
        shell = self._shell
        # ``%autoawait trio`` and its like name their runner; only the default one is asyncio's.
        asyncio_runs = shell.loop_runner is shell.loop_runner_map["asyncio"][0]
        inside_another_cell = shell.display_trap.is_active
        return bool(shell.autoawait and asyncio_runs and not inside_another_cell)


def _first_code(lines: list[str]) -> int:
    for index, line in enumerate(lines):
        if line.strip() and not line.lstrip().startswith("#"):
            return index
    return len(lines)


def install(shell: InteractiveShell, run: Run) -> None:
    """Rewrite cells that start with ``%%assistant`` to ``await run(line, body)``.

    Blank lines and comments may come first. A second call replaces the callable.
    """
    setattr(shell, ATTRIBUTE, run)
    transforms = shell.input_transformers_cleanup
    if not any(isinstance(transform, AsyncCell) for transform in transforms):
        transforms.append(AsyncCell(shell))


def uninstall(shell: InteractiveShell) -> None:
    """Take back what :func:`install` did; nothing happens if it did nothing."""
    transforms = shell.input_transformers_cleanup
    transforms[:] = [each for each in transforms if not isinstance(each, AsyncCell)]
    if hasattr(shell, ATTRIBUTE):
        delattr(shell, ATTRIBUTE)
