"""Cuts a file's text into passages of a given number of tokens."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from jupyter_assistants.search.base import Passage
from jupyter_assistants.search.blocks import Block, Unreadable
from jupyter_assistants.tokens import pieces

MOST_TOKENS = 5_000_000
_GAP = "\n\n"
_TINY = 1e-6


def passages(
    blocks: Sequence[Block], *, size: int, overlap: int, most: int = MOST_TOKENS
) -> list[Passage]:
    """Cut the blocks, joined to one text, into passages.

    No passage has more than ``size`` tokens, and none could take in one more word. Each begins
    with the end of the one before it: as many whole words as fit into ``overlap`` tokens.

    Raises
    ------
    Unreadable
        Above ``most`` tokens, the protocol's limit of a file.
    """
    text = _GAP.join(block.text for block in blocks)
    # Arrays, because lists of five million numbers take hundreds of megabytes.
    begins, ends, total = array("q"), array("q"), array("d", [0.0])
    for begin, end, weight in pieces(text):
        begins.append(begin)
        ends.append(end)
        total.append(total[-1] + weight)
        if total[-1] > most:
            message = f"The file has more than {most:,} tokens, which is the limit."
            raise Unreadable("invalid_file", message)
    starts = list(accumulate((len(block.text) + len(_GAP) for block in blocks), initial=0))[:-1]
    cut: list[Passage] = []
    first = 0
    while first < len(begins):
        # Sums of floats: what is meant to fit exactly must not fail by the last bit.
        last = max(bisect_right(total, total[first] + size + _TINY) - 1, first + 1)
        start, end = begins[first], ends[last - 1]
        cut.append(Passage(text[start:end], _place(blocks, starts, start, end)))
        if last == len(begins):
            break
        back = bisect_left(total, total[last] - overlap - _TINY)
        first = max(first + 1, back)
    return cut


def _place(blocks: Sequence[Block], starts: Sequence[int], start: int, end: int) -> str:
    first = blocks[bisect_right(starts, start) - 1].place
    last = blocks[bisect_right(starts, end - 1) - 1].place
    return first if first == last or not last else f"{first} to {last}"
