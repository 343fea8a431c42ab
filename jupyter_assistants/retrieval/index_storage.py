"""The port below the index: where texts, chunks and vectors are kept.

What documents have in common is kept once: a *content* is a text cut in one way, whoever attached
it under whatever name. A document belongs to a vector store and points to its content.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jupyter_assistants.protocol.filters import ComparisonFilter, CompoundFilter, Scalar, matches
from jupyter_assistants.retrieval.base import Chunk, Generation, IndexedDocument, IndexEntry
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.words import QueryWord, index_terms, language_of, storable_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

_DECODER = json.JSONDecoder()

Filters = ComparisonFilter | CompoundFilter | None


@dataclass(frozen=True)
class Owner:
    """A document as a hit names it."""

    vector_store_id: str
    file_id: str
    filename: str
    attributes: Mapping[str, Scalar]


@dataclass(frozen=True)
class ChunkTerms:
    """The terms by which a chunk is found: those of its title, which is name and headings, and of its text."""

    title: Sequence[str]
    text: Sequence[str]


@dataclass(frozen=True)
class KeywordMatch:
    """A chunk that shares words with a query; a higher ``rank`` is better."""

    number: int
    content: int
    rank: float


@dataclass(frozen=True)
class VectorRows:
    """Some stored vectors, with the numbers of what they belong to."""

    numbers: Numbers
    chunks: Numbers
    contents: Numbers
    vectors: NDArray[np.float16]


class DamagedRow(Exception):
    """A stored text or chunk is not what was written."""


class Rows(Protocol):
    """A storage of documents. Every method is one transaction and may be called from any thread."""

    def add(self, document: IndexedDocument) -> int:
        """Insert or replace a document as a whole; return the bytes that it takes."""

    def describe(
        self, vector_store_id: str, file_id: str, attributes: Mapping[str, Scalar]
    ) -> None:
        """Replace a document's attributes."""

    def remove(self, vector_store_id: str, file_id: str | None) -> None:
        """Remove a document or a whole vector store, and contents that nothing else refers to."""

    def tidy(self) -> None:
        """Overwrite what was removed and is not overwritten yet."""

    def generation(self) -> Generation:
        """Return which index this is, and a number that grows whenever documents change."""

    def find_damage(self, *, whole: bool = True) -> str:
        """Read everything; return what is damaged, and discard it then."""

    def documents(self) -> Sequence[tuple[str, str]]:
        """Return vector store and file of every document."""

    def entries(self, vector_store_id: str | None, file_id: str | None) -> Sequence[IndexEntry]:
        """Return what is said of documents: of all, of a vector store's, or of one."""

    def count_documents(self, vector_store_id: str) -> int:
        """Count a vector store's documents."""

    def vector_stores(self) -> Sequence[str]:
        """Return every vector store that has documents."""

    def blocks(self, vector_store_id: str, file_id: str) -> Sequence[Block]:
        """Return a document's parsed text."""

    def parsed(self, source: str) -> Sequence[Block]:
        """Return the parsed text of a source."""

    def filenames(self, vector_store_id: str, limit: int) -> Sequence[str]:
        """Return the names of a vector store's documents."""

    def bytes_of(self, vector_store_id: str) -> int:
        """Return how many bytes a vector store's documents take."""

    def sizes(self, vector_store_id: str, file_ids: Sequence[str]) -> Mapping[str, int]:
        """Return how many bytes each of these documents takes, as far as they are there."""

    def contents(self, vector_store_ids: Sequence[str], filters: Filters) -> Numbers:
        """Return the contents that these vector stores have, as far as the filters let them."""

    def languages(self, vector_store_ids: Sequence[str]) -> Sequence[str]:
        """Return the languages in which these vector stores have contents."""

    def owners(
        self, contents: Sequence[int], vector_store_ids: Sequence[str]
    ) -> Mapping[int, Sequence[Owner]]:
        """Return the documents of these vector stores that have these contents."""

    def keyword(
        self,
        words: Sequence[QueryWord],
        vector_store_ids: Sequence[str],
        contents: Numbers | None,
        limit: int,
    ) -> Sequence[KeywordMatch]:
        """Return the chunks that share words with a query, the best first."""

    def shares(self, words: Sequence[QueryWord], chunks: Sequence[int]) -> Mapping[int, float]:
        """Return which share of the words each of these chunks has."""

    def chunks(self, numbers: Sequence[int]) -> Mapping[int, tuple[int, Chunk]]:
        """Return chunks with the contents that they are of."""

    def model(self, name: str, dimension: int) -> int:
        """Return the number of an embedding model; a model is a name with a dimension."""

    def models(self) -> Mapping[str, tuple[int, int]]:
        """Return number and dimension of each known model."""

    def waiting(self, model: int | None, limit: int) -> Sequence[tuple[int, str]]:
        """Return chunks without vectors of this model, and their texts."""

    def count_waiting(self, model: int) -> int:
        """Count the chunks without vectors of this model."""

    def put_vectors(self, model: int, vectors: Mapping[int, NDArray[np.float16]]) -> None:
        """Store the vectors of some chunks, replacing those of other models."""

    def vectors(self, model: int, after: int) -> Iterator[VectorRows]:
        """Yield the stored vectors with numbers above ``after``, in their order."""

    def embedded(self, vector_store_id: str, model: int | None) -> tuple[int, int]:
        """Count the chunks of a vector store, and those with vectors of this model."""

    def close(self) -> None:
        """Close files and connections."""


# -- what the adapters have in common -----------------------------------------------------------


def key_of(document: IndexedDocument) -> str:
    """Return the key of a content: its text, how it is cut, and its name.

    The name belongs to it because a file is found by its name as well: with one content for two
    names, a search would find a file by the name that somebody else gave to the same bytes.
    """
    digest = hashlib.sha256(f"{document.source}\0{storable_text(document.filename)}".encode())
    for block in document.blocks:
        digest.update(json.dumps(block.to_json()).encode())
    for chunk in document.chunks:
        digest.update(chunk.id.encode())
    return digest.hexdigest()


def content_language(document: IndexedDocument) -> str:
    """Return the language of a document's text."""
    return language_of([chunk.text for chunk in document.chunks])


def chunk_terms(document: IndexedDocument, language: str) -> Iterator[ChunkTerms]:
    """Yield the terms of a document's chunks."""
    name = index_terms(storable_text(document.filename), language)
    for chunk in document.chunks:
        head = index_terms(storable_text(chunk.head), language)
        yield ChunkTerms([*name, *head], index_terms(storable_text(chunk.text), language))


def text_key_of(document: IndexedDocument) -> str:
    """Return the key of a document's text: its source, or a hash of the text."""
    if document.source:
        return document.source
    digest = hashlib.sha256(packed_blocks(document).encode())
    return f"text {digest.hexdigest()}"


def packed_blocks(document: IndexedDocument) -> str:
    """Return a document's parsed text as it is kept: a list in JSON.

    Block by block, because a call of ``json`` lets no other thread run, the event loop's neither.
    """
    return f"[{', '.join(json.dumps(block.to_json()) for block in document.blocks)}]"


def unpacked_blocks(packed: str) -> Sequence[Block]:
    """Return what :func:`packed_blocks` packed.

    Raises
    ------
    DamagedRow
        If it is something else.
    """
    found: list[Block] = []
    at = 1
    try:
        while at < len(packed) - 1:
            block, at = _DECODER.raw_decode(packed, at)
            found.append(Block.from_json(block))
            at += len(", ")
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise DamagedRow(f"a stored text cannot be read: {error}") from error
    return found


def packed_chunk(chunk: Chunk) -> str:
    """Return everything of a chunk but its text, of which it has a checksum."""
    head, place = storable_text(chunk.head), chunk.location.to_json()
    return json.dumps([chunk.id, chunk.start, chunk.end, head, place, _checksum(chunk.text)])


def unpacked_chunk(packed: str, text: str) -> Chunk:
    """Return what :func:`packed_chunk` packed.

    Raises
    ------
    DamagedRow
        If the text is not the chunk's: a database notices damage of its pages' structure only.
    """
    try:
        id, start, end, head, place, *checksum = json.loads(packed)
        chunk = Chunk(id, text, Location.from_json(place), start, end, head)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise DamagedRow(f"a stored chunk cannot be read: {error}") from error
    if checksum and checksum[0] != _checksum(text):
        raise DamagedRow("the text of a chunk has changed since it was stored")
    return chunk


def unpacked_chunks(
    found: Iterable[tuple[int, int, str, str]],
) -> Mapping[int, tuple[int, Chunk]]:
    """Return chunks with their contents by number, from rows of number, content, chunk and text."""
    return {
        number: (content, unpacked_chunk(chunk, text)) for number, content, chunk, text in found
    }


def unpacked_entries(found: Iterable[tuple[str, str, str, str]]) -> Sequence[IndexEntry]:
    """Return entries from rows of vector store, file, attempt and attributes."""
    return [
        IndexEntry(store, file_id, attempt, unpacked_attributes(attributes))
        for store, file_id, attempt, attributes in found
    ]


def _checksum(text: str) -> int:
    return zlib.crc32(storable_text(text).encode())


def unpacked_attributes(packed: str) -> Mapping[str, Scalar]:
    """Return a document's attributes.

    Raises
    ------
    DamagedRow
        If they are something else.
    """
    try:
        found: Mapping[str, Scalar] = json.loads(packed)
    except (ValueError, TypeError) as error:
        raise DamagedRow(f"stored attributes cannot be read: {error}") from error
    return found


def passes(filters: Filters, attributes: str) -> bool:
    """Return whether attributes, as they are kept, pass the filters."""
    return filters is None or matches(filters, unpacked_attributes(attributes))
