"""The text of a file as it was parsed, for views that open it at a place. Extension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from jupyter_assistants.protocol.base import Body, Part, Sparse
from jupyter_assistants.protocol.locations import FilePlace

Offset = Annotated[int, Field(ge=0)]
MOST_BLOCKS = 1000
MOST_CHARACTERS = 400_000


class DocumentQuery(Body):
    """The query of ``GET /files/{file_id}/text`` and ``GET /files/{file_id}/view``.

    Parameters
    ----------
    start, end
        The characters to show and highlight: those of a citation (``jupyter.start``).
    first
        The first block that is wanted; by default that of ``start``, or the file's first.
    """

    start: Offset | None = None
    end: Offset | None = None
    first: Offset | None = None

    @model_validator(mode="after")
    def _forwards(self) -> DocumentQuery:
        if self.start is not None and (self.end is None or self.end < self.start):
            self.end = self.start
        return self


class DocumentBlock(Sparse):
    """A part of a file: a page, a slide, a paragraph, a table, lines of code.

    Parameters
    ----------
    label
        Its place in a few words; absent where there is no other part.
    kind
        ``text``, ``table`` (its rows are lines) or ``code``.
    head
        The names of a table's columns.
    start
        Where it begins in the file's text. Between two blocks there are two characters.
    """

    place: FilePlace = FilePlace()
    label: str | None = None
    kind: Literal["text", "table", "code"] = "text"
    head: str | None = None
    text: str
    start: int


class DocumentText(Sparse):
    """A file's text, or a part of it.

    Parameters
    ----------
    first, total
        Which block ``data`` begins with, and how many there are.
    quote_start, quote_end
        The characters that were asked for.
    """

    object: Literal["file.text"] = "file.text"
    file_id: str
    filename: str
    bytes: int
    data: list[DocumentBlock]
    first: int
    total: int
    has_more: bool
    quote_start: int | None = None
    quote_end: int | None = None

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")


@dataclass(frozen=True)
class DocumentPage:
    """The same, to be sent as a page of HTML."""

    text: DocumentText

    def wire(self) -> dict[str, Any]:
        """Return the JSON object, for clients that are no browser."""
        return self.text.wire()


class TableHead(Part):
    """The first rows of a data file, as they are written, and how pandas reads it.

    Parameters
    ----------
    more
        Whether the file has more rows.
    code
        The plainest code of pandas that reads the file.
    remarks
        What a reader of the table should know, as whole sentences.
    """

    header: list[str]
    rows: list[list[str]]
    more: bool
    code: str
    remarks: list[str]

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
