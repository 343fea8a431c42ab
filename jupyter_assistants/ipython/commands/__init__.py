"""The words of ``%assistant``: each gives something to show, or changes what cells ask.

A word is one :class:`~.word.Word` in the file of its subject; the order here is that of the help.
"""

from __future__ import annotations

import difflib

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.ipython.commands import ask as asking
from jupyter_assistants.ipython.commands import assistants, files, status, stores, threads, undo
from jupyter_assistants.ipython.commands import export as writing
from jupyter_assistants.ipython.commands.word import Word
from jupyter_assistants.ipython.render import Block
from jupyter_assistants.ipython.shell_state import State


async def _help(state: State, line: str) -> list[Block]:
    return [Block({"text/plain": words_help()})]


WORDS: dict[str, Word] = {
    word.name: word
    for word in (
        *asking.WORDS,
        *assistants.WORDS,
        *threads.WORDS,
        *undo.WORDS,
        *files.WORDS,
        *writing.WORDS,
        *stores.WORDS,
        *status.WORDS,
        Word("help", "help", "show this", _help),
    )
}


def words_help() -> str:
    """Return all words with their help, as indented lines."""
    lines = [f"    {word.usage:<44} {word.help}" for word in WORDS.values()]
    return "\n".join(["%assistant WORD, where WORD is one of", "", *lines])


def find_word(line: str) -> tuple[Word, str]:
    """Return the word that a line of ``%assistant`` begins with, and the rest of the line.

    Raises
    ------
    AssistantError
        If there is no such word.
    """
    name, _, rest = line.strip().partition(" ")
    word = WORDS.get(name or "help")
    if word is None:
        near = difflib.get_close_matches(name, list(WORDS), n=1)
        hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(WORDS)}."
        ask = " To ask something, begin the cell with %%assistant." if rest else ""
        raise AssistantError(f"%assistant has no word {name}; {hint}{ask}")
    return word, rest.strip()
