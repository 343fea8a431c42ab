"""The port below the index: where texts, chunks and vectors are kept.

What documents have in common is kept once: a *content* is a text cut in one way, whoever attached
it under whatever name. A document belongs to a vector store and points to its content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jupyter_assistants.protocol.filters import ComparisonFilter, CompoundFilter, Scalar, matches
from jupyter_assistants.retrieval.base import Chunk, IndexedDocument
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.stop_words import storable_text

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

    def generation(self) -> int:
        """Return a number that changes whenever documents change."""

    def documents(self) -> Sequence[tuple[str, str]]:
        """Return vector store and file of every document."""

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

    def owners(
        self, contents: Sequence[int], vector_store_ids: Sequence[str]
    ) -> Mapping[int, Sequence[Owner]]:
        """Return the documents of these vector stores that have these contents."""

    def keyword(
        self,
        words: Sequence[str],
        vector_store_ids: Sequence[str],
        contents: Numbers | None,
        limit: int,
    ) -> Sequence[KeywordMatch]:
        """Return the chunks that share words with a query, the best first."""

    def shares(self, words: Sequence[str], chunks: Sequence[int]) -> Mapping[int, float]:
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
    """Return what :func:`packed_blocks` packed."""
    found: list[Block] = []
    at = 1
    while at < len(packed) - 1:
        block, at = _DECODER.raw_decode(packed, at)
        found.append(Block.from_json(block))
        at += len(", ")
    return found


def packed_chunk(chunk: Chunk) -> str:
    """Return everything of a chunk but its text."""
    return json.dumps(
        [chunk.id, chunk.start, chunk.end, storable_text(chunk.head), chunk.location.to_json()]
    )


def unpacked_chunk(packed: str, text: str) -> Chunk:
    """Return what :func:`packed_chunk` packed."""
    id, start, end, head, place = json.loads(packed)
    return Chunk(id, text, Location.from_json(place), start, end, head)


def passes(filters: Filters, attributes: str) -> bool:
    """Return whether attributes, as they are kept, pass the filters."""
    return filters is None or matches(filters, json.loads(attributes))
