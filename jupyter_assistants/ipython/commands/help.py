"""``help``: all words."""

from __future__ import annotations

from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    # The package imports this module to build the list.
    from jupyter_assistants.ipython.commands.words import words_help

    return [DisplayBlock({"text/plain": words_help()})]


WORD = MagicWord("help", "help", "show this", _run)
