"""How code looks where that differs from what runs.

A person approves what they see. Characters that draw nothing or reorder others, letters that look
like others, and code far to the right or below are therefore named, in every language, and
:func:`.unseen.revealed` shows code with nothing hidden in it. The panel has the same rule in
``labextension/src/base/hiddenCharacters.ts``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from jupyter_assistants.kernels.languages.hint_kinds import (
    FAR_BELOW,
    FAR_RIGHT,
    LONG_LINE,
    LOOK_ALIKE,
    UNSEEN,
)
from jupyter_assistants.protocol.unseen import UNSEEN_CHARACTER, code_point

FAR = 80
"""Blanks within a line, before code that may be out of sight."""
GAP = 20
"""Blank lines before code that may be out of sight."""
WIDE = 1_000
"""Characters of a line that nobody reads to its end."""

# Each run of blanks is read once, whatever follows: hostile code may consist of them.
_FAR_RIGHT = re.compile(rf"(?<![ \t\f])[ \t\f]{{{FAR},}}+(?=[^\s])")
_WORD = re.compile(r"\w+")
_LATIN_TWINS = frozenset(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"
)


def unseen_characters(code: str) -> list[str]:
    """Return the names of the characters that cannot be seen, each once, by their number."""
    return [
        code_point(each) for each in sorted({found[0] for found in UNSEEN_CHARACTER.finditer(code)})
    ]


def find_oddities(code: str) -> Iterator[tuple[str, int]]:
    """Yield what makes code look different from what it does: a kind of hint, and its line, from 1.

    In linear time: the code may be hostile, and a megabyte long.
    """
    blank = 0
    for number, line in enumerate(code.split("\n"), 1):
        if not line.strip():
            blank += 1
            continue
        if blank >= GAP:
            yield FAR_BELOW, number
        blank = 0
        if len(line) > WIDE:
            yield LONG_LINE, number
        if len(line) > FAR and _FAR_RIGHT.search(line):
            yield FAR_RIGHT, number
        if UNSEEN_CHARACTER.search(line.removesuffix("\r")) is not None:
            yield UNSEEN, number
        if not line.isascii() and any(map(_looks_like_another, _WORD.findall(line))):
            yield LOOK_ALIKE, number


def _looks_like_another(word: str) -> bool:
    """Return whether a word has letters that look like those of plain Latin ones, or become them."""
    if word.isascii():
        return False
    # Python reads names in this form, so "ｅｘｅｃ" is exec.
    if unicodedata.normalize("NFKC", word).isascii():
        return True
    latin = any(each.isascii() and each.isalpha() for each in word)
    return latin and any("\u0400" <= each <= "\u052f" or each in _LATIN_TWINS for each in word)
