"""Places in files, as search results and citations carry them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from jupyter_assistants.protocol.base import Sparse


class PlaceFields(Sparse):
    """One end of a place. What does not apply to a type of file is absent.

    Parameters
    ----------
    page, slide, cell
        Counted from 1; ``cell`` is a notebook's.
    sheet, cells
        A sheet's name, and cells as in a formula: ``A2:C40``.
    headings
        The headings above, the outermost first.
    lines
        The first and the last line, counted from 1.
    """

    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    cells: str | None = None
    cell: int | None = None
    headings: list[str] | None = None
    lines: Annotated[list[int], Field(min_length=2, max_length=2)] | None = None


class FilePlace(PlaceFields):
    """Where a text stands in its file.

    Parameters
    ----------
    until
        Where it ends, if that is in another page, cell, … than where it begins.
    """

    until: PlaceFields | None = None


class TextPlace(Sparse):
    """A part of a file's text, and where that stands.

    Parameters
    ----------
    label
        The place in a few words: ``page 3``, ``Sheet1!A2:C40``; absent for a file without parts.
    start, end
        Characters of the file's parsed text.
    """

    place: FilePlace = FilePlace()
    label: str | None = None
    start: int
    end: int


class CitationExtension(TextPlace):
    """Extension field ``jupyter`` of a ``file_citation`` annotation.

    Parameters
    ----------
    quote
        What the statement was taken from: word for word what stands at the place.
    score
        How well the passage fitted the query.
    """

    quote: str
    score: float


class ResultExtension(Sparse):
    """Extension field ``jupyter`` of a result of file_search.

    Parameters
    ----------
    places
        Where the passage stands; one place for each part of ``content``.
    """

    places: list[TextPlace] = []
