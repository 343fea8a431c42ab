"""PowerPoint presentations, slide by slide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Block, PartCount
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.office_package import (
    drawn_paragraphs,
    joined_row,
    opened,
    parsed_part,
    readable,
)

_DEEPEST_GROUP = 50


class PowerPointReader(Reader):
    """Presentations: a block for each slide with text, and one for its notes and its comments."""

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
                lines += _related(slide.part, "diagramData", "chart")
                yield from _block(lines, Location(slide=number))
                if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
                    notes = [slide.notes_slide.notes_text_frame.text]
                    yield from _block(notes, Location(slide=number, headings=("Notes",)))
                comments = _related(slide.part, "comments")
                yield from _block(comments, Location(slide=number, headings=("Comments",)))


def _block(lines: list[str], place: Location) -> Iterator[Block]:
    text = "\n".join(line for line in lines if line.strip())
    if text:
        yield Block(text, place)


def _related(part: Any, *kinds: str) -> list[str]:
    """Return the texts of a slide's parts of some kinds: SmartArt, charts, comments."""
    found: list[str] = []
    for relation in part.rels.values():
        if relation.reltype.rpartition("/")[2] not in kinds or relation.is_external:
            continue
        root = parsed_part(relation.target_part.blob)
        # Comments of before 2019 are plain texts.
        plain = [element.text or "" for element in root.iter("{*}text")]
        found += [*plain, *drawn_paragraphs(root)]
    return found


def _shape(shape: Any, depth: int = 0) -> Iterator[str]:
    if getattr(shape, "has_text_frame", False):
        yield shape.text_frame.text
    if getattr(shape, "has_table", False):
        yield from (joined_row(cell.text for cell in row.cells) for row in shape.table.rows)
    if depth < _DEEPEST_GROUP:
        for inner in getattr(shape, "shapes", ()):
            yield from _shape(inner, depth + 1)
