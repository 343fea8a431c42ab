"""Estimates of how many tokens a text has, without a tokenizer.

Characters divided by four is wrong by a factor of two to three on tables and numbers, which is
what data work sends (docs/internals/models.md, "Tokens").
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

IMAGE_TOKENS = 1100
"""Tokens of an image where the endpoint does not say."""

_PIECE = re.compile(
    r"[A-Za-z]+|[0-9]+|[\u0080-\U0010ffff]|\n+|[^\sA-Za-z0-9\u0080-\U0010ffff]+",
)

_LONGEST = 63


def estimate(text: str) -> int:
    """Return about as many tokens as a current tokenizer would count, rounded up."""
    return math.ceil(sum(_weight(piece) for piece in _PIECE.findall(text)))


def pieces(text: str) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and tokens of the pieces at whose borders a text may be cut.

    Long runs of one kind (base64, rulers) come in several pieces. The sum over the pieces is never
    below :func:`estimate` of the text that they make up.
    """
    for match in _PIECE.finditer(text):
        for start in range(match.start(), match.end(), _LONGEST):
            end = min(start + _LONGEST, match.end())
            yield start, end, _weight(text[start:end])


def _weight(piece: str) -> float:
    first, length = piece[0], len(piece)
    if not first.isascii():
        return 0.8
    if first.isalpha():
        return 1.0 if length <= 7 else 1 + (length - 1) // 7 * 0.9
    if first.isdigit():
        return (length + 2) // 3
    return max(1.0, length * 0.45)
