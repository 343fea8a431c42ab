"""Word and PowerPoint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Block, Parsed, PartCount, PartsRead
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.packages import opened, readable

_HEADING = re.compile(r"(?:heading\s*(\d)|(title))$", re.I)
_DEEPEST_GROUP = 50
_TOLD_PARAGRAPHS = 200


def docx(stream: BinaryIO) -> Iterator[Parsed]:
    """Yield the text under each heading, and each table, in their order."""
    import docx as python_docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    path: list[tuple[int, str]] = []
    lines: list[str] = []
    with readable("docx", "Word"):
        document = python_docx.Document(opened(stream, "Word"))
        headings = _headings(document)
        yield PartCount(len(document.element.body))
        for number, part in enumerate(document.iter_inner_content(), 1):
            if number % _TOLD_PARAGRAPHS == 0:
                yield PartsRead(number)
            if isinstance(part, Table):
                yield from _text(lines, path)
                lines = []
                yield from _table(part, path)
            elif isinstance(part, Paragraph):
                level = headings.get(part.style_id if hasattr(part, "style_id") else _style(part))
                if level is not None and part.text.strip():
                    yield from _text(lines, path)
                    lines = []
                    name = " ".join(part.text.split())[:200]
                    path = [each for each in path if each[0] < level] + [(level, name)]
                lines.append(part.text)
        yield from _text(lines, path)


def _headings(document: Any) -> dict[str | None, int]:
    """Return the level of each style that makes a heading, by its id."""
    found: dict[str | None, int] = {}
    for style in document.styles:
        match = _HEADING.fullmatch(style.name or "")
        if match:
            found[style.style_id] = int(match[1] or 0)
    return found


def _style(paragraph: Any) -> str | None:
    # The id as it stands there: to ask for the style itself searches all of them.
    properties = paragraph._p.pPr
    return properties.style if properties is not None else None


def _text(lines: list[str], path: list[tuple[int, str]]) -> Iterator[Block]:
    text = "\n".join(lines).strip()
    if text:
        yield Block(text, Location(headings=tuple(name for _, name in path)))


def _table(table: Any, path: list[tuple[int, str]]) -> Iterator[Block]:
    rows = [_row(cell.text for cell in row.cells) for row in table.rows]
    rows = [row for row in rows if row.strip(" |")]
    if rows:
        place = Location(headings=tuple(name for _, name in path))
        yield Block("\n".join(rows), place, "table", head=rows[0][:300])


def pptx(stream: BinaryIO) -> Iterator[Block | PartCount]:
    """Yield a block for each slide with text, its notes included."""
    from pptx import Presentation

    with readable("pptx", "PowerPoint"):
        slides = Presentation(opened(stream, "PowerPoint")).slides
        yield PartCount(len(slides))
        for number, slide in enumerate(slides, 1):
            lines = [text for shape in slide.shapes for text in _shape(shape)]
            if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
                lines.append(slide.notes_slide.notes_text_frame.text)
            text = "\n".join(line for line in lines if line.strip())
            if text:
                yield Block(text, Location(slide=number))


def _shape(shape: Any, depth: int = 0) -> Iterator[str]:
    if getattr(shape, "has_text_frame", False):
        yield shape.text_frame.text
    if getattr(shape, "has_table", False):
        yield from (_row(cell.text for cell in row.cells) for row in shape.table.rows)
    if depth < _DEEPEST_GROUP:
        for inner in getattr(shape, "shapes", ()):
            yield from _shape(inner, depth + 1)


def _row(cells: Iterator[str]) -> str:
    # Merged cells come once for each column that they span.
    texts = [" ".join(text.split()) for text in cells]
    return " | ".join(text for at, text in enumerate(texts) if at == 0 or text != texts[at - 1])
