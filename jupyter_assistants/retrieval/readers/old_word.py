"""Word files of before 2007: streams in an OLE container ([MS-DOC]).

The text lies in pieces, which a table in another stream puts in order. Nothing else is looked at:
no macro, no picture, no embedded object.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby, pairwise
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Block, Unreadable
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.office_package import readable

MOST_BYTES = 256 * 1024 * 1024
_WORD = 0xA5EC
_WORD_97 = 0x00C1
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_WORDS_AT = 32
"""Where the counted parts of the file's head begin: 16-bit numbers, 32-bit numbers, places."""
_LENGTHS = 3
"""Of the main text and what follows it, among the 32-bit numbers."""
_MAIN, _FOOTNOTES, _ENDNOTES, _BOXES = 0, 1, 5, 6
"""Texts that are read, among those that follow each other; not headers and comments."""
_CLX = 33
"""The place of the piece table among the places."""
_FORMATTING, _PIECES = 1, 2
_EIGHT_BIT = 0x40000000

_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_DEEPEST_FIELD = 10
_PARAGRAPH = re.compile("[\r\x0c]")
_CELL = "\x07"
_ROW = re.compile("\x07{2,}")
_LINES = str.maketrans({"\x0b": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": None})
_OBJECTS = re.compile("[\x00-\x06\x08\x0f-\x1d]")


class OldWordReader(Reader):
    """Word documents of before 2007: the text, and each table, in order."""

    extensions = ("doc",)
    libraries = ("olefile",)

    def read(self, stream: BinaryIO) -> Iterator[Block]:
        """See :meth:`.base.Reader.read`."""
        with readable("doc", "Word"):
            try:
                texts = list(_texts(*_streams(stream)))
            except struct.error as error:
                raise ValueError("it is cut short") from error
        yield from _blocks(texts)


def _streams(stream: BinaryIO) -> tuple[bytes, bytes]:
    """Return the stream of the text, and the one of tables that belongs to it."""
    import olefile

    with olefile.OleFileIO(stream) as container:
        document = _stream(container, "WordDocument")
        kind, version = struct.unpack_from("<HH", document)
        (flags,) = struct.unpack_from("<H", document, 10)
        if kind != _WORD:
            raise ValueError("it has another format")
        if version < _WORD_97:
            text = "The file is of Word before 1997. Save it anew as .docx."
            raise Unreadable("unsupported_file", text)
        if flags & _ENCRYPTED:
            text = "The file is protected by a password. Save it anew without one."
            raise Unreadable("unsupported_file", text)
        return document, _stream(container, "1Table" if flags & _TABLE_1 else "0Table")


def _stream(container: Any, name: str) -> bytes:
    # What a hostile file says of its size is looked at before anything is read.
    if container.get_size(name) > MOST_BYTES:
        raise ValueError("it is too large")
    content: bytes = container.openstream(name).read()
    return content


def _texts(document: bytes, table: bytes) -> Iterator[str]:
    (words,) = struct.unpack_from("<H", document, _WORDS_AT)
    at = _WORDS_AT + 2 + 2 * words
    (numbers,) = struct.unpack_from("<H", document, at)
    found = struct.unpack_from(f"<{numbers}i", document, at + 2)
    lengths = [max(0, each) for each in found[_LENGTHS : _LENGTHS + 8]]
    # The fourth is reserved, and 0.
    ends = list(accumulate([*lengths[:3], 0, *lengths[4:]]))
    places = at + 2 + 4 * numbers + 2
    start, size = struct.unpack_from("<II", document, places + 8 * _CLX)
    pieces = _pieces(table[start : start + size])
    if not pieces or pieces[-1][1] > len(document):
        raise ValueError("it says that it has more text than bytes")
    for number in (_MAIN, _FOOTNOTES, _ENDNOTES, _BOXES):
        first = ends[number - 1] if number else 0
        yield _readable(_between(document, pieces, first, ends[number]))


Piece = tuple[int, int, int]
"""The first character, the one behind the last, and where they stand."""


def _pieces(table: bytes) -> Sequence[Piece]:
    at = 0
    while table[at] == _FORMATTING:
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    if table[at] != _PIECES:
        raise ValueError("it has no pieces")
    (size,) = struct.unpack_from("<I", table, at + 1)
    count = (size - 4) // 12
    if count < 1 or at + 5 + size > len(table):
        raise ValueError("its pieces are cut short")
    bounds = struct.unpack_from(f"<{count + 1}I", table, at + 5)
    if any(first >= end for first, end in pairwise(bounds)):
        raise ValueError("its pieces are in no order")
    begin = at + 5 + 4 * (count + 1)
    places = [struct.unpack_from("<I", table, begin + 8 * n + 2)[0] for n in range(count)]
    return [(*each, place) for each, place in zip(pairwise(bounds), places, strict=True)]


def _between(document: bytes, pieces: Sequence[Piece], first: int, end: int) -> str:
    """Return a part of all text, counted in the units of UTF-16."""
    found = []
    for begin, stop, place in pieces:
        start, length = max(begin, first), min(stop, end) - max(begin, first)
        if length <= 0:
            continue
        wide = not place & _EIGHT_BIT
        at = place + 2 * (start - begin) if wide else (place & ~_EIGHT_BIT) // 2 + start - begin
        raw = document[at : at + length * (2 if wide else 1)]
        if len(raw) < length * (2 if wide else 1):
            raise ValueError("a piece is cut short")
        found.append(raw.decode("utf-16-le" if wide else "cp1252", errors="replace"))
    return "".join(found)


def _readable(text: str) -> str:
    """Leave of fields what they show, and nothing of what stands for objects."""
    for _ in range(_DEEPEST_FIELD):
        text, count = _FIELD.subn(lambda found: found[1] or "", text)
        if not count:
            break
    return _OBJECTS.sub("", text.translate(_LINES))


def _blocks(texts: Sequence[str]) -> Iterator[Block]:
    """Yield text and tables. A paragraph is a line, as is a row; they are counted through."""
    count = 0
    for text in texts:
        for is_table, found in groupby(_PARAGRAPH.split(text), key=lambda each: _CELL in each):
            lines = [line for each in found for line in (_rows(each) if is_table else [each])]
            whole = "\n".join(lines)
            joined = whole.strip()
            first = count + 1 + whole[: len(whole) - len(whole.lstrip())].count("\n")
            count += whole.count("\n") + 1
            place = Location(lines=(first, first + joined.count("\n")))
            if joined and is_table:
                yield Block(joined, place, "table", head=lines[0][:300])
            elif joined:
                yield Block(joined, place)


def _rows(text: str) -> Iterator[str]:
    """Return the rows of a table; a cell ends with a mark, and a row with one more."""
    for row in _ROW.split(text):
        cells = [" ".join(cell.split()) for cell in row.split(_CELL)]
        if any(cells):
            yield " | ".join(cells)
