"""What readers yield, and a file's text. Imports nothing slow: a reading process starts for each file."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any, Literal, Self

from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.retrieval.locations import WHOLE_FILE, Location

GAP = "\n\n"
"""What stands between two blocks in a file's text."""

BlockKind = Literal["text", "table", "code"]


class Unreadable(AssistantsError):
    """A file's content cannot be made searchable.

    Parameters
    ----------
    kind
        ``invalid_file`` for broken or empty content, ``unsupported_file`` for content of a type
        that cannot be read.
    """

    def __init__(self, kind: Literal["invalid_file", "unsupported_file"], message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Block:
    """A part of a file, as a reader yields it.

    Parameters
    ----------
    location
        Where it stands. With ``lines`` or ``cells``, each line of the text is one of them.
    kind
        Where it may be cut: ``text`` between paragraphs, ``table`` between rows, ``code`` between
        empty lines.
    head
        The names of a table's columns: searched with each of its chunks, not a part of the text.
    """

    text: str
    location: Location = WHOLE_FILE
    kind: BlockKind = "text"
    head: str = ""

    def masked(self, text: Callable[[str], str], label: Callable[[str], str]) -> Self:
        """Return the block with its text changed by one function, headings and columns by another."""
        headings = self.location.headings
        return replace(
            self,
            text=text(self.text),
            head=label(self.head) if self.head else "",
            location=replace(self.location, headings=tuple(map(label, headings)))
            if headings
            else self.location,
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        found: dict[str, Any] = {"text": self.text}
        if self.location != WHOLE_FILE:
            found["place"] = self.location.to_json()
        if self.kind != "text":
            found["kind"] = self.kind
        if self.head:
            found["head"] = self.head
        return found

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """Return the block that :meth:`to_json` wrote."""
        place = Location.from_json(given.get("place", {}))
        return cls(given["text"], place, given.get("kind", "text"), given.get("head", ""))


@dataclass(frozen=True)
class PartCount:
    """How many parts a file has. Yielded first, so that progress can be shown.

    Parts are pages, slides, cells of a notebook, rows or paragraphs.
    """

    number: int


@dataclass(frozen=True)
class PartsRead:
    """How many parts are read. Not needed for pages, slides and cells: blocks carry their numbers."""

    number: int


Parsed = Block | PartCount | PartsRead
"""What a reader yields."""


class FileText:
    """A file's text: its blocks joined, and what stands where.

    Offsets of chunks and citations are offsets into :attr:`text`.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        lengths = (len(block.text) + len(GAP) for block in blocks)
        self._starts = list(accumulate(lengths, initial=0))[:-1]

    @cached_property
    def text(self) -> str:
        """Return all of it."""
        return GAP.join(block.text for block in self.blocks)

    @cached_property
    def digest(self) -> str:
        """Name the text by what it says."""
        return hashlib.sha256(self.text.encode(errors="replace")).hexdigest()

    def at(self, offset: int) -> tuple[int, int]:
        """Return which block an offset is in, and where that block begins."""
        number = max(0, bisect_right(self._starts, offset) - 1)
        return number, self._starts[number]

    def start_of(self, number: int) -> int:
        """Return where a block begins."""
        return self._starts[number]

    def locate(self, start: int, end: int) -> Location:
        """Return the narrowest place that holds a part of the text."""
        if not self.blocks:
            return WHOLE_FILE
        first, last = self.at(start)[0], self.at(max(start, end - 1))[0]
        begin = self._narrowed(first, start, end)
        return begin if first == last else begin.through(self._narrowed(last, start, end))

    def _narrowed(self, number: int, start: int, end: int) -> Location:
        block, at = self.blocks[number], self._starts[number]
        if block.location.lines is None and block.location.cells is None:
            return block.location
        # Counted in the whole text: a copy of every block's head would cost for large files.
        begin, stop = max(start, at), max(start, min(end, at + len(block.text)) - 1, at)
        first = self.text.count("\n", at, begin)
        return block.location.narrowed(first, first + self.text.count("\n", begin, stop))

    def within(self, place: Location) -> str:
        """Return the text of a place: what a reader sees who goes there."""
        numbers = [n for n, block in enumerate(self.blocks) if _touches(block.location, place)]
        until = place.until
        if until is not None:
            numbers += [n for n, block in enumerate(self.blocks) if _touches(block.location, until)]
        if not numbers:
            return ""
        first, last = min(numbers), max(numbers)
        start = self._line(first, place)[0]
        end = self._line(last, until or place)[1]
        return self.text[start:end]

    def _line(self, number: int, place: Location) -> tuple[int, int]:
        """Return where the lines of a place begin and end in a block."""
        block, at = self.blocks[number], self._starts[number]
        mine, wanted = rows(block.location), rows(place)
        if mine is None or wanted is None:
            return at, at + len(block.text)
        lines = block.text.split("\n")
        first, last = max(0, wanted[0] - mine[0]), max(0, wanted[1] - mine[0] + 1)
        start = at + sum(len(line) + 1 for line in lines[:first])
        return start, start + len("\n".join(lines[first:last]))


def rows(place: Location) -> tuple[int, int] | None:
    """Return the first and last line, or row of a table, of a place."""
    if place.lines is not None:
        return place.lines
    if place.cells is None:
        return None
    first, _, last = place.cells.partition(":")
    return _row(first), _row(last)


def _row(cell: str) -> int:
    return int("".join(filter(str.isdigit, cell)))


def _touches(mine: Location, wanted: Location) -> bool:
    if mine.container() != wanted.container():
        return False
    here, there = rows(mine), rows(wanted)
    return not here or not there or (here[0] <= there[1] and there[0] <= here[1])
