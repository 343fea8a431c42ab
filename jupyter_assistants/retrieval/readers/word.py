"""Word documents, section by section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Block, Parsed, PartCount, PartsRead
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.office_package import joined_row, opened, readable

_HEADING = re.compile(r"(?:heading\s*(\d)|(title))$", re.I)
_PROGRESS_PARAGRAPHS = 200


class WordReader(Reader):
    """Word documents: the text under each heading, and each table, in order."""

    extensions = ("docx",)
    libraries = ("docx",)

    def read(self, stream: BinaryIO) -> Iterator[Parsed]:
        """See :meth:`.base.Reader.read`."""
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
                if number % _PROGRESS_PARAGRAPHS == 0:
                    yield PartsRead(number)
                if isinstance(part, Table):
                    yield from _text(lines, path)
                    lines = []
                    yield from _table(part, path)
                elif isinstance(part, Paragraph):
                    level = headings.get(
                        part.style_id if hasattr(part, "style_id") else _style(part)
                    )
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
    rows = [joined_row(cell.text for cell in row.cells) for row in table.rows]
    rows = [row for row in rows if row.strip(" |")]
    if rows:
        place = Location(headings=tuple(name for _, name in path))
        yield Block("\n".join(rows), place, "table", head=rows[0][:300])
