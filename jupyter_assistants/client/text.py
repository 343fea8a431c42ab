"""Untrusted text made safe to print: one place for the rules that every view keeps.

What a model, a file or a kernel says may hold terminal codes, characters that hide or reorder
other characters, Markdown, HTML and TeX. Docs: docs/internals/security.md, "Untrusted text".
"""

from __future__ import annotations

import re
import sys

from jupyter_assistants.kernels.outputs import without_ansi

INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff]"
)
DANGEROUS_TEX = (
    r"\\(?=(?:href|url|style|cssId|require|unicode|includegraphics|csname|mmlToken|bbox|html))"
)
"""The backslash of a TeX command that could load or run something."""


def plain(text: str) -> str:
    """Return untrusted text for a terminal: no colours, cursor moves or hidden characters."""
    return INVISIBLE.sub("", without_ansi(text).replace("\r\n", "\n").replace("\r", "\n"))


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


def shortened(text: str, limit: int) -> str:
    """Return a text of at most about ``limit`` characters, cut in its middle."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters …]\n{text[-half:]}"


def with_bars(text: str) -> str:
    """Return a text with a bar before each line."""
    return "\n".join(f"  | {line}" for line in text.rstrip().split("\n"))


def file_size(count: int) -> str:
    """Return a number of bytes for people: ``1.2 kB``."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} bytes"


def print_text(text: str) -> None:
    """Print a piece of text at once."""
    sys.stdout.write(text)
    sys.stdout.flush()
