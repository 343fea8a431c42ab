"""The input transformer that makes a ``%%assistant`` cell an async cell.

A cell magic is a synchronous function: while it runs, no button click arrives and nested code
cannot ``await``. So an input transformer rewrites the whole cell to one line with an ``await``. The
synchronous magic of the same name remains for hosts that bypass input transformers, and for cells
inside other cell magics (``%%capture``, ``%%time``), which run their body synchronously.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

Run = Callable[[str, str], Awaitable[Any]]

ATTRIBUTE = "jupyter_assistants_cell"
"""The shell's attribute with the callable; ``get_ipython()`` is a builtin, so no user's name is used."""

WORD_ATTRIBUTE = "jupyter_assistants_word"

_FIRST_LINE = re.compile(r"%%assistant(?:[ \t]+(?P<line>.*))?\s*$")


class AsyncCell:
    """The input transformer of one shell."""

    # IPython's completeness check skips transformers with side effects. Without this, the first line
    # alone would look like a whole statement in a terminal, and Enter would run it.
    has_side_effects = True

    def __init__(self, shell: InteractiveShell, words: Sequence[str] = ()) -> None:
        self._shell = shell
        named = "|".join(map(re.escape, words)) or "(?!)"
        self._word = re.compile(rf"%assistant[ \t]+(?P<line>(?:{named})(?:[ \t].*)?)$")

    def __call__(self, lines: list[str]) -> list[str]:
        """Return the lines of a cell, rewritten if it belongs to the assistant."""
        start = _first_code(lines)
        if start < len(lines) and (word := self._word.match(lines[start].rstrip())):
            alone = _first_code(lines[start + 1 :]) == len(lines) - start - 1
            if alone and self._runs_async():
                return [f"await get_ipython().{WORD_ATTRIBUTE}({word['line']!r})\n"]
            return lines
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


def install(
    shell: InteractiveShell,
    run: Run,
    run_word: Callable[[str], Awaitable[Any]] | None = None,
    words: Sequence[str] = (),
) -> None:
    """Rewrite cells that start with ``%%assistant`` to ``await run(line, body)``.

    Blank lines and comments may come first. A second call replaces the callables.

    Parameters
    ----------
    run_word, words
        A cell that is one line ``%assistant WORD …`` with one of these words is rewritten to
        ``await run_word(line)``.
    """
    setattr(shell, ATTRIBUTE, run)
    setattr(shell, WORD_ATTRIBUTE, run_word)
    uninstall_transform(shell)
    shell.input_transformers_cleanup.append(AsyncCell(shell, words))


def uninstall(shell: InteractiveShell) -> None:
    """Undo :func:`install`; do nothing if it was not called."""
    uninstall_transform(shell)
    for name in (ATTRIBUTE, WORD_ATTRIBUTE):
        if hasattr(shell, name):
            delattr(shell, name)


def uninstall_transform(shell: InteractiveShell) -> None:
    """Remove the transformer, if it is installed."""
    transforms = shell.input_transformers_cleanup
    transforms[:] = [each for each in transforms if not isinstance(each, AsyncCell)]
