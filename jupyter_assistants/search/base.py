"""The ports of search: an index of chunks, and a reader of files.

An index is synchronous and may be called from any thread. What it holds is derived: it can be
built again from the files. It knows no owners; whoever searches names the vector stores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO, Protocol

from jupyter_assistants.schema.filters import ComparisonFilter, CompoundFilter, Scalar
from jupyter_assistants.search.blocks import GAP, Block, FileText, Unreadable
from jupyter_assistants.search.places import NOWHERE, Place

__all__ = ["GAP", "NOWHERE", "Block", "Chunk", "Document", "FileText", "Hit", "Place"]
__all__ += ["Reader", "SearchIndex", "Unreadable", "source_of"]


@dataclass(frozen=True)
class Chunk:
    """A part of a file's text: what is found.

    Parameters
    ----------
    id
        The same whenever the same file is cut in the same way.
    start, end
        Where it stands in :attr:`.blocks.FileText.text`.
    head
        What it is searched with besides its text: the headings above it, the names of columns.
    """

    id: str
    text: str
    place: Place = NOWHERE
    start: int = 0
    end: int = 0
    head: str = ""


@dataclass(frozen=True)
class Document:
    """A file of a vector store with everything that the index keeps of it.

    Parameters
    ----------
    source
        Names the bytes and how they were parsed (:func:`source_of`); documents of the same source
        share one copy. Empty: named by what the text says.
    """

    vector_store_id: str
    file_id: str
    filename: str
    blocks: Sequence[Block]
    chunks: Sequence[Chunk]
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
    source: str = ""


def source_of(sha256: str, filename: str) -> str:
    """Name a file's bytes and the way in which a reader takes them: by the extension."""
    return f"{sha256}{PurePath(filename).suffix.lower()}"


@dataclass(frozen=True)
class Hit:
    """A chunk that fits a query; ``score`` is between 0 and 1."""

    vector_store_id: str
    file_id: str
    filename: str
    chunk: Chunk
    score: float
    attributes: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Give the chunk's text."""
        return self.chunk.text

    @property
    def place(self) -> Place:
        """Give where it stands."""
        return self.chunk.place


class SearchIndex(Protocol):
    """Finds chunks of files by what they say."""

    def add(self, document: Document) -> int:
        """Insert a document, or replace it whole; give the bytes that it takes."""

    def describe(
        self, vector_store_id: str, file_id: str, attributes: Mapping[str, Scalar]
    ) -> None:
        """Replace a document's attributes. An unknown document is passed over."""

    def remove(self, vector_store_id: str, file_id: str | None = None) -> None:
        """Forget a document, or all of a vector store."""

    def search(
        self,
        queries: Sequence[str],
        vector_store_ids: Sequence[str],
        *,
        limit: int,
        threshold: float = 0.0,
        filters: ComparisonFilter | CompoundFilter | None = None,
    ) -> Sequence[Hit]:
        """Give the best chunks of these vector stores, the best first.

        A chunk that several queries find counts with its best score.

        Parameters
        ----------
        threshold
            Leave out what scores below it.
        filters
            Only documents whose attributes pass.
        """

    def blocks(self, vector_store_id: str, file_id: str) -> Sequence[Block]:
        """Give a document's parsed text; empty if it is not known."""

    def parsed(self, source: str) -> Sequence[Block]:
        """Give the parsed text of a source that some document has; empty if there is none.

        With it, a file is cut anew, or attached once more, without being read again.
        """

    def filenames(self, vector_store_id: str, *, limit: int) -> Sequence[str]:
        """Give the names of a vector store's documents, at most so many."""

    def bytes_of(self, vector_store_id: str) -> int:
        """Give how many bytes a vector store's documents take."""

    def close(self) -> None:
        """Let go of files and connections."""


class Reader(Protocol):
    """Turns the bytes of files into text."""

    def supports(self, filename: str) -> bool:
        """Say whether files with this extension can be read."""

    async def read(self, filename: str, content: BinaryIO) -> Sequence[Block]:
        """Parse a file. The caller closes ``content``.

        Raises
        ------
        Unreadable
            If it is broken, empty, protected, too large, or takes too long.
        """
