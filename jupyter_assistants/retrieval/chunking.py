"""Chunking: a file's text is cut by a number of tokens, or along its structure."""

from __future__ import annotations

import hashlib
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from jupyter_assistants.models.sentences import sentence_ends
from jupyter_assistants.models.tokens import pieces
from jupyter_assistants.protocol.vector_stores import StaticChunking
from jupyter_assistants.retrieval.base import Chunk
from jupyter_assistants.retrieval.blocks import GAP, Block, FileText, Unreadable

MOST_TOKENS = 5_000_000
AUTO_TOKENS = 400
_TINY = 1e-6
_LONGEST_HEAD = 500


# What ends a paragraph and a sentence: a new chunk may begin behind it.
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_LINE = re.compile(r"\n\s*")
_SPACE = re.compile(r"\s*")
_ROW = re.compile(r"\n")


def chunks(
    blocks: Sequence[Block], sizes: StaticChunking | None, *, most: int = MOST_TOKENS
) -> list[Chunk]:
    """Cut a file's text, by sizes or, where there are none, along its structure.

    Raises
    ------
    Unreadable
        Above ``most`` tokens, the protocol's limit of a file.
    """
    file = FileText(blocks)
    if sizes is None:
        return auto_chunks(file, most=most)
    size, overlap = sizes.max_chunk_size_tokens, sizes.chunk_overlap_tokens
    return static_chunks(file, size=size, overlap=overlap, most=most)


def auto_chunks(file: FileText, *, size: int = AUTO_TOKENS, most: int = MOST_TOKENS) -> list[Chunk]:
    """Cut a text where its structure does, into chunks of at most ``size`` tokens.

    A chunk of a quarter of the size or more ends with its page, slide or section; another one goes
    on. Longer parts are cut between blocks, else paragraphs or rows, else lines or sentences, else
    words. Nothing goes on from one sheet to the next.

    Raises
    ------
    Unreadable
        Above ``most`` tokens, the protocol's limit of a file.
    """
    begins, ends, total = _weighed(file.text, most)
    borders = _borders(file)
    cut: list[Chunk] = []
    first = 0
    while first < len(begins):
        fits = max(bisect_right(total, total[first] + size + _TINY) - 1, first + 1)
        enough = min(bisect_left(total, total[first] + size / 4), len(begins) - 1)
        limit = begins[fits] if fits < len(begins) else len(file.text) + 1
        border = borders.best(begins[first], begins[enough], limit)
        last = fits if border is None else max(bisect_left(begins, border), first + 1)
        cut += _chunk(file, begins[first], ends[last - 1])
        first = last
    return cut


class _Borders:
    """Offsets at which a new chunk may begin, from the strongest kind to the weakest."""

    def __init__(self, end: int) -> None:
        self.end = end
        self.sheets, self.sections, self.blocks = array("q"), array("q"), array("q")
        self.paragraphs, self.lines = array("q"), array("q")

    def best(self, start: int, enough: int, limit: int) -> int | None:
        """Return where the chunk that begins at ``start`` ends; None for at its limit."""
        for offsets, least in ((self.sheets, start + 1), (self.sections, enough)):
            at = bisect_left(offsets, least)
            if at < len(offsets) and offsets[at] <= limit:
                return offsets[at]
        if limit > self.end:
            return None
        for offsets in (self.blocks, self.paragraphs, self.lines):
            at = bisect_right(offsets, limit) - 1
            if at >= 0 and offsets[at] >= enough and offsets[at] > start:
                return offsets[at]
        return None


def _borders(file: FileText) -> _Borders:
    found = _Borders(len(file.text))
    at = 0
    before: Block | None = None
    for block in file.blocks:
        found.blocks.append(at)
        if before is not None:
            if before.location.sheet != block.location.sheet:
                found.sheets.append(at)
            elif _section(before) != _section(block):
                found.sections.append(at)
        strong = _ROW if block.kind == "table" else _PARAGRAPH
        found.paragraphs.extend(at + each.end() for each in strong.finditer(block.text))
        if block.kind != "table":
            found.lines.extend(at + each for each in _weak_borders(block))
        before, at = block, at + len(block.text) + len(GAP)
    return found


def _weak_borders(block: Block) -> list[int]:
    """Return where lines begin, and sentences of texts."""
    if block.kind == "code":
        return [each.end() for each in _ROW.finditer(block.text)]
    lines = {each.end() for each in _LINE.finditer(block.text)}
    for end in sentence_ends(block.text):
        space = _SPACE.match(block.text, end)
        lines.add(space.end() if space else end)
    return sorted(lines)


def _section(block: Block) -> tuple[object, ...]:
    place = block.location
    return place.page, place.slide, place.cell, place.headings


def static_chunks(
    file: FileText, *, size: int, overlap: int, most: int = MOST_TOKENS
) -> list[Chunk]:
    """Cut a text into chunks of one size.

    No chunk has more than ``size`` tokens, and none could take in one more word. Each begins
    with the end of the one before it: as many whole words as fit into ``overlap`` tokens.

    Raises
    ------
    Unreadable
        Above ``most`` tokens, the protocol's limit of a file.
    """
    begins, ends, total = _weighed(file.text, most)
    cut: list[Chunk] = []
    first = 0
    while first < len(begins):
        # Sums of floats: what is meant to fit exactly must not fail by the last bit.
        last = max(bisect_right(total, total[first] + size + _TINY) - 1, first + 1)
        cut += _chunk(file, begins[first], ends[last - 1])
        if last == len(begins):
            break
        back = bisect_left(total, total[last] - overlap - _TINY)
        first = max(first + 1, back)
    return cut


def _weighed(text: str, most: int) -> tuple[array[int], array[int], array[float]]:
    """Return where the words begin and end, and the tokens before each of them."""
    # Arrays, because lists of five million numbers take hundreds of megabytes.
    begins, ends, total = array("q"), array("q"), array("d", [0.0])
    for begin, end, weight in pieces(text):
        begins.append(begin)
        ends.append(end)
        total.append(total[-1] + weight)
        if total[-1] > most:
            message = f"The file has more than {most:,} tokens, which is the limit."
            raise Unreadable("invalid_file", message)
    return begins, ends, total


def _chunk(file: FileText, start: int, end: int) -> Iterator[Chunk]:
    """Yield a chunk without the white space around it; nothing, if there is nothing else."""
    text = file.text[start:end].lstrip()
    start = end - len(text)
    text = text.rstrip()
    end = start + len(text)
    if not text:
        return
    digest = hashlib.sha256(f"{start}:{end}:{text}".encode(errors="replace")).hexdigest()
    first, last = file.at(start)[0], file.at(end - 1)[0]
    yield Chunk(
        id=f"chunk_{digest[:24]}",
        text=text,
        location=file.locate(start, end),
        start=start,
        end=end,
        head=_head(file.blocks[first : last + 1]),
    )


def _head(blocks: Sequence[Block]) -> str:
    found: dict[str, None] = {}
    for block in blocks:
        found |= dict.fromkeys([*block.location.headings, *([block.head] if block.head else [])])
    return " › ".join(found)[:_LONGEST_HEAD]
