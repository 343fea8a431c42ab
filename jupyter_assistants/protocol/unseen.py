"""Characters that cannot be seen, and texts in which they are shown by number.

What a model, an endpoint or a file says may hide, reorder or overwrite what stands beside it. Standard
library only, because kernels import this module.
"""

from __future__ import annotations

import re

_EMOJI = "\u00a9\u00ae\u2190-\u27ff\u2900-\u2bff\u3030\U0001f000-\U0001faff"
# Controls, format characters, separators and blanks other than the space, fillers and selectors.
# Of these, code shows tabs and line ends, and emoji their own selectors and joiners.
UNSEEN_CHARACTER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891"
    "\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200c\u200e\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    rf"|\r(?!\n)|(?<![{_EMOJI}])\ufe0f|(?<![{_EMOJI}\ufe0f])\u200d"
)


def revealed(text: str) -> str:
    """Return a text with each character that cannot be seen as its code point: ``⟨U+202E⟩``."""
    return UNSEEN_CHARACTER.sub(lambda found: f"⟨{code_point(found[0])}⟩", text)


def code_point(character: str) -> str:
    """Return the name of a character by its number: ``U+202E``."""
    return f"U+{ord(character):04X}"
