"""The ports of search: an index of passages, and a reader of files.

An index is synchronous and may be called from any thread. What it holds is derived: it can be
built again from the files. It knows no owners; whoever searches names the vector stores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from jupyter_assistants.schema.filters import ComparisonFilter, CompoundFilter, Scalar
from jupyter_assistants.search.blocks import Block


@dataclass(frozen=True)
class Passage:
    """A chunk of a file's text: what is found."""

    text: str
    place: str = ""


@dataclass(frozen=True)
class Document:
    """A file of a vector store with everything that the index keeps of it."""

    vector_store_id: str
    file_id: str
    filename: str
    blocks: Sequence[Block]
    passages: Sequence[Passage]
    attributes: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True)
class Hit:
    """A passage that fits a query; ``score`` is between 0 and 1."""

    vector_store_id: str
    file_id: str
    filename: str
    text: str
    score: float
    place: str = ""
    attributes: Mapping[str, Scalar] = field(default_factory=dict)


class SearchIndex(Protocol):
    """Finds passages of files by what they say."""

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
        """Give the best passages of these vector stores, the best first.

        A passage that several queries find counts with its best score.

        Parameters
        ----------
        threshold
            Leave out what scores below it.
        filters
            Only documents whose attributes pass.
        """

    def blocks(self, vector_store_id: str, file_id: str) -> Sequence[Block]:
        """Give a document's parsed text; empty if it is not known."""

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
