"""Untrusted text made safe to print: one place for the rules that every view keeps.

What a model, a file or a kernel says may hold terminal codes, characters that hide or reorder
other characters, Markdown, HTML and TeX. Docs: docs/internals/security.md, "Untrusted text".
"""

from __future__ import annotations

import re

from jupyter_assistants.kernels.outputs.text import without_ansi
from jupyter_assistants.protocol.unseen import code_point

INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff]"
)
REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
DANGEROUS_TEX = (
    r"\\(?=(?:href|url|style|cssId|require|unicode|includegraphics|csname|mmlToken|bbox|html))"
)
"""The backslash of a TeX command that could load or run something."""


def plain(text: str) -> str:
    """Return untrusted text for a terminal: no colours, cursor moves or hidden characters."""
    return INVISIBLE.sub("", without_ansi(text).replace("\r\n", "\n").replace("\r", "\n"))


def with_controls_named(text: str) -> str:
    """Return the text of an answer with each control character as its number: ``⟨U+001B⟩``.

    Outputs of code lose their colours in :func:`plain`; in an answer nothing may vanish unsaid.
    """
    return CONTROL.sub(lambda found: f"⟨{code_point(found[0])}⟩", text)


def without_reordering(text: str) -> str:
    """Return text without the characters that reorder what stands beside them; colours stay."""
    return REORDERING.sub("", text)


def plain_line(text: str) -> str:
    """Return untrusted text for a terminal as one line."""
    return " ".join(plain(text).split())


def inert(text: str) -> str:
    """Return untrusted text without TeX commands that could load or run something."""
    # An invisible character ends the command's name before it begins, inside TeX and outside.
    return re.sub(DANGEROUS_TEX, "\\\\\u2060", plain(text))


def one_line(text: str) -> str:
    """Return untrusted text as one line of Markdown without any markup in it."""
    words = re.sub(r"[\\`*_{}\[\]#~!|]", r"\\\g<0>", " ".join(inert(text).split()))
    return re.sub(r"[<&$]|:(?=//)", entity, words)


def fenced(code: str, language: str = "") -> str:
    """Return a Markdown code block that nothing inside it can end."""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def entity(character: re.Match[str] | str) -> str:
    """Return a character as a numeric HTML entity."""
    return f"&#{ord(character if isinstance(character, str) else character[0])};"
