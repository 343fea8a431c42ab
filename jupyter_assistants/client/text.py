"""Texts as every view of the client prints them; the rules for untrusted ones come from below."""

from __future__ import annotations

import sys

from jupyter_assistants.kernels.outputs.untrusted_text import (
    fenced,
    inert,
    one_line,
    plain,
    plain_line,
    with_controls_named,
)

__all__ = [
    "fenced",
    "file_size",
    "inert",
    "one_line",
    "plain",
    "plain_line",
    "print_text",
    "shortened",
    "with_bars",
    "with_controls_named",
]


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
