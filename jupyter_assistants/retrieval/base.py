"""The ports of search: an index of chunks, and a reader of files.

An index is synchronous and may be called from any thread. What it holds is derived: it can be
built again from the files. It knows no owners; whoever searches names the vector stores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO, Protocol

from jupyter_assistants.protocol.errors import StorageUnavailable
from jupyter_assistants.protocol.filters import ComparisonFilter, CompoundFilter, Scalar
from jupyter_assistants.protocol.vector_stores import HybridSearch, StaticChunking
from jupyter_assistants.retrieval.blocks import GAP, Block, FileText, Unreadable
from jupyter_assistants.retrieval.locations import WHOLE_FILE, Location

__all__ = [
    "GAP",
    "WHOLE_FILE",
    "Block",
    "Chunk",
    "FileText",
    "Generation",
    "Hit",
    "IndexEntry",
    "IndexedDocument",
    "Location",
    "Progress",
]
__all__ += ["DocumentReader", "IndexDamaged", "IndexIncomplete", "IndexUnavailable"]
__all__ += ["SearchIndex", "Unreadable", "source_of"]


class IndexUnavailable(StorageUnavailable):
    """The search index cannot be used for now (503). Files are as they were."""


class IndexDamaged(IndexUnavailable):
    """The search index was damaged and is discarded; it is built again from the files."""


class IndexIncomplete(IndexUnavailable):
    """The search index lacks files of a vector store that were searchable once."""

    def __init__(self, vector_store_id: str, lost: int, total: int) -> None:
        super().__init__(
            f"{lost} of {total} files of vector store {vector_store_id} cannot be searched now: the "
            "search index was lost, damaged or replaced, and is built again from the files in the "
            "background. Search again in a moment."
        )


@dataclass(frozen=True)
class Chunk:
    """A part of a file's text, the unit of search.

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
    location: Location = WHOLE_FILE
    start: int = 0
    end: int = 0
    head: str = ""


@dataclass(frozen=True)
class IndexedDocument:
    """A file of a vector store as the index keeps it.

    Parameters
    ----------
    source
        Names the bytes and how they were parsed (:func:`source_of`); documents of the same source
        share one copy. Empty: named by what the text says.
    attempt
        The ingestion that made it (:class:`.vector_stores.VectorStoreFile`).
    """

    vector_store_id: str
    file_id: str
    filename: str
    blocks: Sequence[Block]
    chunks: Sequence[Chunk]
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
    source: str = ""
    attempt: str = ""


def source_of(sha256: str, filename: str) -> str:
    """Return a name for a file's bytes as read by the reader of its extension."""
    return f"{sha256}{PurePath(filename).suffix.lower()}"


@dataclass(frozen=True)
class IndexEntry:
    """A document in the index, to be compared with the entry of its vector store."""

    vector_store_id: str
    file_id: str
    attempt: str
    attributes: Mapping[str, Scalar]


@dataclass(frozen=True)
class Generation:
    """A state of the index.

    Parameters
    ----------
    identity
        Drawn when the index is created: another index has another one.
    number
        Grows with every change of its documents. A lower one is an older copy.
    """

    identity: str
    number: int

    def follows(self, other: Generation | None) -> bool:
        """Return whether this is the same index, in the same or a later state."""
        return other is not None and self.identity == other.identity and self.number >= other.number


@dataclass(frozen=True)
class Hit:
    """A chunk that matches a query; ``score`` is between 0 and 1."""

    vector_store_id: str
    file_id: str
    filename: str
    chunk: Chunk
    score: float
    attributes: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the chunk's text."""
        return self.chunk.text

    @property
    def location(self) -> Location:
        """Return where it stands in the file."""
        return self.chunk.location


@dataclass(frozen=True)
class Ranking:
    """How matches by meaning and matches by words become one list.

    Parameters
    ----------
    embedding_weight, text_weight
        How much each of them counts when both found something; 0 switches one off.
    fusing
        Whether chunks are ranked by their places in both lists. Else each stands by how well it
        fits by itself, and weights other than 0 make no difference.
    """

    embedding_weight: float = 1.0
    text_weight: float = 1.0
    fusing: bool = True

    @classmethod
    def of(cls, weights: HybridSearch | None, *, fusing: bool = True) -> Ranking:
        """Return the ranking that a request asks for; None for equal weights."""
        given = weights or HybridSearch()
        return cls(given.embedding_weight, given.text_weight, fusing=fusing)


@dataclass(frozen=True)
class IndexState:
    """How far a vector store's chunks are searchable.

    Parameters
    ----------
    model, dimension
        What makes the vectors; without a model, files are found by their words alone.
    embedded
        How many chunks have vectors of this model.
    """

    chunks: int
    embedded: int
    model: str | None
    dimension: int | None


Progress = Callable[[int, int], object]
"""Takes how much is done, and how much there is."""


class SearchIndex(Protocol):
    """A searchable index of chunks, by words and by meaning."""

    def add(self, document: IndexedDocument) -> int:
        """Insert or replace a document as a whole; return the bytes that it takes."""

    def describe(
        self, vector_store_id: str, file_id: str, attributes: Mapping[str, Scalar]
    ) -> None:
        """Replace a document's attributes. Unknown documents are ignored."""

    def remove(self, vector_store_id: str, file_id: str | None = None) -> None:
        """Remove a document, or a whole vector store."""

    def search(
        self,
        queries: Sequence[str],
        vector_store_ids: Sequence[str],
        *,
        limit: int,
        threshold: float = 0.0,
        filters: ComparisonFilter | CompoundFilter | None = None,
        ranking: Ranking = Ranking(),
    ) -> Sequence[Hit]:
        """Return the best chunks of these vector stores, the best first.

        A chunk that several queries find counts with its best score.

        Parameters
        ----------
        threshold
            Leave out what scores below it.
        filters
            Only documents whose attributes pass.
        """

    def documents(self) -> Sequence[tuple[str, str]]:
        """Return vector store and file of every document.

        A document whose file or vector store is gone was left behind by a crash.
        """

    def entries(
        self, vector_store_id: str | None = None, file_id: str | None = None
    ) -> Sequence[IndexEntry]:
        """Return what the index says of its documents, or of those of a vector store, or of one."""

    def count_documents(self, vector_store_id: str) -> int:
        """Count a vector store's documents."""

    def generation(self) -> Generation:
        """Return which index this is, and in which state.

        An index that was lost and made anew, or replaced by another or an older one, shows here.
        """

    def find_damage(self, *, whole: bool = True) -> str:
        """Read the whole index; return what is wrong with it, or nothing.

        A damaged index is discarded: the next use finds a new one, without documents.

        Parameters
        ----------
        whole
            Else a large index is only looked through: it takes a tenth of the time.

        Raises
        ------
        StorageError
            If it cannot be read at all.
        """

    def vector_stores(self) -> Sequence[str]:
        """Return every vector store that has documents."""

    def state(self, vector_store_id: str) -> IndexState:
        """Return how far a vector store is searchable."""

    def embed(self, *, most: int = 64) -> int:
        """Make the vectors of some chunks that lack them; return how many still do.

        Chunks are found by their words from the moment they are added, and by their meaning from
        here on. After a change of the model all of them lack vectors.

        Raises
        ------
        AssistantsError
            If the model cannot be reached. The chunks wait.
        """

    def warm(self) -> None:
        """Load into memory what searches need, so that the first search does not wait for it."""

    def tidy(self) -> None:
        """Overwrite what was removed in every file. Call it some time after each removal."""

    def blocks(self, vector_store_id: str, file_id: str) -> Sequence[Block]:
        """Return a document's parsed text; empty if it is not known."""

    def parsed(self, source: str) -> Sequence[Block]:
        """Return the parsed text of a source that some document has; empty if there is none.

        With it, a file is cut anew, or attached once more, without being read again.
        """

    def filenames(self, vector_store_id: str, *, limit: int) -> Sequence[str]:
        """Return the names of a vector store's documents, at most so many."""

    def bytes_of(self, vector_store_id: str) -> int:
        """Return how many bytes a vector store's documents take."""

    def sizes(self, vector_store_id: str, file_ids: Sequence[str]) -> Mapping[str, int]:
        """Return how many bytes each of these documents takes, its vectors included.

        A document that is not there has no entry.
        """

    def close(self) -> None:
        """Close files and connections."""


class DocumentReader(Protocol):
    """Turns the bytes of files of any known format into text."""

    def supports(self, filename: str) -> bool:
        """Return whether files with this extension can be read."""

    async def read(
        self, filename: str, content: BinaryIO, progress: Progress | None = None
    ) -> Sequence[Block]:
        """Read a file. The caller closes ``content``.

        Parameters
        ----------
        progress
            Called on the event loop with how many parts (pages, slides, rows, …) are read, and
            how many there are, for types that know.

        Raises
        ------
        Unreadable
            If it is broken, empty, protected, too large, or takes too long.
        """

    async def cut(self, blocks: Sequence[Block], sizes: StaticChunking | None) -> Sequence[Chunk]:
        """Cut a file's text as :func:`.chunking.chunks` does.

        Raises
        ------
        Unreadable
            If it has more tokens than a file may have, or takes too long.
        """

    def close(self) -> None:
        """Stop the reading processes. They are started again when a file is read."""
