"""PowerPoint presentations, slide by slide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Block, PartCount
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.office_package import joined_row, opened, readable

_DEEPEST_GROUP = 50


class PowerPointReader(Reader):
    """Presentations: a block for each slide with text, its notes included."""

    extensions = ("pptx",)
    libraries = ("pptx",)

    def read(self, stream: BinaryIO) -> Iterator[Block | PartCount]:
        """See :meth:`.base.Reader.read`."""
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
        yield from (joined_row(cell.text for cell in row.cells) for row in shape.table.rows)
    if depth < _DEEPEST_GROUP:
        for inner in getattr(shape, "shapes", ()):
            yield from _shape(inner, depth + 1)
