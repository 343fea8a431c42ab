"""The list of the words of ``%assistant``.

A new word is a module of this package with a :class:`~.word.MagicWord` named ``WORD``, and the name of
that module in the list below, which has the order of ``%assistant help``.
"""

from __future__ import annotations

import difflib
from importlib import import_module

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.ipython.commands.word import MagicWord

_NAMES = (
    "ask",
    "fix",
    "replay",
    "list",
    "new",
    "use",
    "threads",
    "show",
    "thread",
    "stop",
    "undo",
    "files",
    "promote",
    "record",
    "export",
    "program",
    "index",
    "search",
    "stores",
    "store",
    "status",
    "doctor",
    "vars",
    "cost",
    "help",
)

WORDS: dict[str, MagicWord] = {name: import_module(f"{__package__}.{name}").WORD for name in _NAMES}


def words_help() -> str:
    """Return all words with their help, as indented lines."""
    lines = [f"    {word.usage:<44} {word.help}" for word in WORDS.values()]
    return "\n".join(["%assistant WORD, where WORD is one of", "", *lines])


def find_word(line: str) -> tuple[MagicWord, str]:
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
