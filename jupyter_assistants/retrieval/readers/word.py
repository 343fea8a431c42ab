"""Word documents, section by section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Block, Parsed, PartCount, PartsRead
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.office_package import (
    joined_row,
    name_of,
    opened,
    parsed_part,
    readable,
)

_HEADING = re.compile(r"(?:heading\s*(\d)|(title))$", re.I)
_PROGRESS_PARAGRAPHS = 200


# What stands beside the text, by the end of its relationship's type. The order is that of reading.
_BESIDE = ("header", "footer", "footnotes", "endnotes", "comments")
_NO_TEXT = frozenset(
    ["pPr", "rPr", "drawing", "pict", "object", "AlternateContent", "del", "moveFrom"]
)
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class WordReader(Reader):
    """Word documents: the text under each heading, and each table, in order.

    Behind it come headers, footers, notes and comments, each under a heading that says so.
    """

    extensions = ("docx",)
    libraries = ("docx",)

    def read(self, stream: BinaryIO) -> Iterator[Parsed]:
        """See :meth:`.base.Reader.read`."""
        import docx as python_docx
        from docx.table import Table

        path: list[tuple[int, str]] = []
        lines: list[str] = []
        with readable("docx", "Word"):
            document = python_docx.Document(opened(stream, "Word"))
            headings = _headings(document)
            yield PartCount(len(document.element.body))
            for number, element in enumerate(_body(document.element.body), 1):
                if number % _PROGRESS_PARAGRAPHS == 0:
                    yield PartsRead(number)
                if name_of(element) == "tbl":
                    yield from _text(lines, path)
                    lines = []
                    yield from _table(Table(element, document), path)
                    continue
                text = _paragraph(element)
                level = headings.get(element.style)
                if level is not None and text.strip():
                    yield from _text(lines, path)
                    lines = []
                    name = " ".join(text.split())[:200]
                    path = [each for each in path if each[0] < level] + [(level, name)]
                lines += [text, *_boxes(element)]
            yield from _text(lines, path)
            yield from _beside(document.part)


def _headings(document: Any) -> dict[str | None, int]:
    """Return the level of each style that makes a heading, by its id."""
    found: dict[str | None, int] = {}
    for style in document.styles:
        match = _HEADING.fullmatch(style.name or "")
        if match:
            found[style.style_id] = int(match[1] or 0)
    return found


def _body(element: Any) -> Iterator[Any]:
    """Yield paragraphs and tables, those in content controls and tracked changes, too."""
    for child in element:
        name = name_of(child)
        if name in ("p", "tbl"):
            yield child
        elif name in ("sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml"):
            yield from _body(child)


def _paragraph(element: Any) -> str:
    """Return a paragraph's text, without that of boxes that are anchored in it."""
    return "".join(_pieces(element))


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        name = name_of(child)
        if name == "t":
            yield child.text or ""
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name not in _NO_TEXT:
            yield from _pieces(child)


def _boxes(element: Any) -> Iterator[str]:
    for box in element.iter("{*}txbxContent"):
        yield from _texts(box)


def _texts(element: Any) -> Iterator[str]:
    """Yield the text of each paragraph below an element, however deep: those of boxes, too.

    Each box is there twice. Older programs read the second one, the fallback.
    """
    for paragraph in element.iter("{*}p"):
        if any(name_of(each) == "Fallback" for each in paragraph.iterancestors()):
            continue
        if (text := _paragraph(paragraph)).strip():
            yield text


def _beside(part: Any) -> Iterator[Block]:
    """Yield headers, footers, notes and comments. Headers of sections that say the same come once."""
    seen: set[tuple[str, str]] = set()
    related = [(each.reltype.rpartition("/")[2], each) for each in part.rels.values()]
    for kind in _BESIDE:
        for name, relation in related:
            if name != kind or relation.is_external:
                continue
            for title, text in _side_texts(kind, parsed_part(relation.target_part.blob)):
                if (title, text) not in seen:
                    seen.add((title, text))
                    yield Block(text, Location(headings=(title,)))


def _side_texts(kind: str, root: Any) -> Iterator[tuple[str, str]]:
    if kind in ("header", "footer"):
        parts = [(kind.capitalize(), root)]
    else:
        name = kind.removesuffix("s")
        # Separators between text and notes are stored as notes with a type.
        notes = [each for each in root if name_of(each) == name and not _value(each, "type")]
        parts = [(f"{name.capitalize()} {at}", each) for at, each in enumerate(notes, 1)]
    for title, element in parts:
        author = _value(element, "author") if kind == "comments" else ""
        text = "\n".join(_texts(element)).strip()
        if text:
            yield title, f"{author}: {text}" if author else text


def _value(element: Any, name: str) -> str:
    return next((value for key, value in element.items() if key.endswith(f"}}{name}")), "")


def _text(lines: list[str], path: list[tuple[int, str]]) -> Iterator[Block]:
    text = "\n".join(lines).strip()
    if text:
        yield Block(text, Location(headings=tuple(name for _, name in path)))


def _table(table: Any, path: list[tuple[int, str]]) -> Iterator[Block]:
    rows = [joined_row(cell.text for cell in row.cells) for row in table.rows]
    rows = [row for row in rows if row.strip(" |")]
    if rows:
        place = Location(headings=tuple(name for _, name in path))
        yield Block("\n".join(rows), place, "table", head=rows[0][:300])
