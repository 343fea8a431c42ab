"""Texts, chunks and vectors in PostgreSQL: what several servers on one database share.

Words are ranked by BM25 over a table of postings, because PostgreSQL's own ranks know nothing of
how frequent a word is. No extension is needed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from jupyter_assistants.protocol.filters import Scalar
from jupyter_assistants.retrieval import index_storage as rows
from jupyter_assistants.retrieval.base import (
    Chunk,
    Generation,
    IndexDamaged,
    IndexedDocument,
    IndexEntry,
)
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.postgresql_tables import KEYWORD, SHARES, VACUUM
from jupyter_assistants.retrieval.postgresql_vectors import PostgresqlVectors
from jupyter_assistants.retrieval.words import QueryWord, storable_text

TITLE_WEIGHT = 2
"""How much more a word counts in the file's name and the headings above a chunk."""


class PostgresqlRows(PostgresqlVectors):
    """See :class:`.rows.Rows`; vectors and connections have files of their own."""

    # -- writing --------------------------------------------------------------------------------

    def add(self, document: IndexedDocument) -> int:
        """See :meth:`.rows.Rows.add`."""

        def add(database: Any) -> int:
            self._remove(database, document.vector_store_id, document.file_id)
            key = rows.key_of(document)
            found = database.execute(
                "SELECT id, bytes FROM search_contents WHERE key = %s", (key,)
            ).fetchone()
            content, size = found or self._insert_content(database, key, document)
            database.execute(
                "INSERT INTO search_documents (vector_store_id, file_id, filename, attributes,"
                " attempt, content_id) VALUES (%s, %s, %s, %s, %s, %s)",
                (
                    document.vector_store_id,
                    document.file_id,
                    storable_text(document.filename),
                    json.dumps(dict(document.attributes)),
                    document.attempt,
                    content,
                ),
            )
            return int(size)

        return self._write(add)

    def _insert_content(
        self, database: Any, key: str, document: IndexedDocument
    ) -> tuple[int, int]:
        blocks, text_key = rows.packed_blocks(document), rows.text_key_of(document)
        (text,) = database.execute(
            "INSERT INTO search_texts (key, blocks) VALUES (%s, %s)"
            " ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id",
            (text_key, blocks),
        ).fetchone()
        size = len(blocks) + sum(len(storable_text(each.text).encode()) for each in document.chunks)
        language = rows.content_language(document)
        (content,) = database.execute(
            "INSERT INTO search_contents (key, text_id, bytes, language)"
            " VALUES (%s, %s, %s, %s) RETURNING id",
            (key, text, size, language),
        ).fetchone()
        with database.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO search_chunks (content_id, chunk, head, text) VALUES (%s, %s, %s, %s)",
                [
                    (
                        content,
                        rows.packed_chunk(each),
                        storable_text(each.head),
                        storable_text(each.text),
                    )
                    for each in document.chunks
                ],
            )
        self._insert_postings(database, content, rows.chunk_terms(document, language))
        return int(content), size

    def _insert_postings(
        self, database: Any, content: int, terms: Iterable[rows.ChunkTerms]
    ) -> None:
        """Store which terms a content's chunks have, and how often; those of titles count twice."""
        chunks = database.execute(
            "SELECT id FROM search_chunks WHERE content_id = %s ORDER BY id", (content,)
        ).fetchall()
        copy = "COPY search_postings (term, chunk_id, content_id, frequency, length) FROM STDIN"
        with database.cursor() as cursor, cursor.copy(copy) as rows_of_terms:
            for (chunk,), found in zip(chunks, terms, strict=True):
                counts = Counter(found.text)
                for term in found.title:
                    counts[term] += TITLE_WEIGHT
                length = counts.total()
                for term, frequency in counts.items():
                    rows_of_terms.write_row((term, chunk, content, frequency, length))

    def describe(
        self, vector_store_id: str, file_id: str, attributes: Mapping[str, Scalar]
    ) -> None:
        """See :meth:`.rows.Rows.describe`."""
        statement = (
            "UPDATE search_documents SET attributes = %s"
            " WHERE vector_store_id = %s AND file_id = %s"
        )
        values = (json.dumps(dict(attributes)), vector_store_id, file_id)
        self._write(lambda database: database.execute(statement, values))

    def remove(self, vector_store_id: str, file_id: str | None) -> None:
        """See :meth:`.rows.Rows.remove`."""
        self._write(lambda database: self._remove(database, vector_store_id, file_id))

    def _remove(self, database: Any, vector_store_id: str, file_id: str | None) -> None:
        found = database.execute(
            "DELETE FROM search_documents WHERE vector_store_id = %s"
            " AND (%s::text IS NULL OR file_id = %s) RETURNING content_id",
            (vector_store_id, file_id, file_id),
        ).fetchall()
        for (content,) in dict.fromkeys(found):
            shared = database.execute(
                "SELECT 1 FROM search_documents WHERE content_id = %s LIMIT 1", (content,)
            ).fetchone()
            if shared:
                continue
            # Chunks, postings and vectors go with their content.
            (text,) = database.execute(
                "DELETE FROM search_contents WHERE id = %s RETURNING text_id", (content,)
            ).fetchone()
            database.execute(
                "DELETE FROM search_texts WHERE id = %s"
                " AND NOT EXISTS (SELECT 1 FROM search_contents WHERE text_id = %s)",
                (text, text),
            )
        if found:
            database.execute("UPDATE search_state SET removed = true")

    def tidy(self) -> None:
        """See :meth:`.rows.Rows.tidy`."""

        def tidy(database: Any) -> None:
            found = database.execute(
                "UPDATE search_state SET removed = false WHERE removed RETURNING 1"
            ).fetchone()
            if found:
                database.execute(VACUUM)

        self._read(tidy)

    # -- documents ------------------------------------------------------------------------------

    def generation(self) -> Generation:
        """See :meth:`.rows.Rows.generation`."""

        def read(database: Any) -> Generation:
            row = database.execute("SELECT identity, generation FROM search_state").fetchone()
            if row is None:
                raise rows.DamagedRow("its state is gone")
            return Generation(*row)

        return self._read(read)

    def find_damage(self, *, whole: bool = True) -> str:
        """See :meth:`.rows.Rows.find_damage`. PostgreSQL has checksums of its own for pages."""
        if not whole:
            return ""

        def read(database: Any) -> None:
            with database.transaction(), database.cursor("chunks") as cursor:
                cursor.execute("SELECT chunk, text FROM search_chunks")
                for chunk, text in cursor:
                    rows.unpacked_chunk(chunk, text)

        try:
            self._read(read)
        except IndexDamaged as error:
            return str(error.__cause__).strip()
        return ""

    def entries(self, vector_store_id: str | None, file_id: str | None) -> Sequence[IndexEntry]:
        """See :meth:`.rows.Rows.entries`."""
        found: Sequence[IndexEntry] = self._all(
            "SELECT vector_store_id, file_id, attempt, attributes FROM search_documents"
            " WHERE (%s::text IS NULL OR vector_store_id = %s)"
            " AND (%s::text IS NULL OR file_id = %s)",
            *(vector_store_id, vector_store_id, file_id, file_id),
            unpack=rows.unpacked_entries,
        )
        return found

    def count_documents(self, vector_store_id: str) -> int:
        """See :meth:`.rows.Rows.count_documents`."""
        statement = "SELECT count(*) FROM search_documents WHERE vector_store_id = %s"
        return int(self._one(statement, vector_store_id)[0])

    def documents(self) -> Sequence[tuple[str, str]]:
        """See :meth:`.rows.Rows.documents`."""
        found = self._all("SELECT vector_store_id, file_id FROM search_documents")
        return [(store, file) for store, file in found]

    def vector_stores(self) -> Sequence[str]:
        """See :meth:`.rows.Rows.vector_stores`."""
        found = self._all("SELECT DISTINCT vector_store_id FROM search_documents")
        return [store for (store,) in found]

    def blocks(self, vector_store_id: str, file_id: str) -> Sequence[Block]:
        """See :meth:`.rows.Rows.blocks`."""
        return self._blocks(
            "SELECT blocks FROM search_documents JOIN search_contents c ON c.id = content_id"
            " JOIN search_texts t ON t.id = text_id WHERE vector_store_id = %s AND file_id = %s",
            vector_store_id,
            file_id,
        )

    def parsed(self, source: str) -> Sequence[Block]:
        """See :meth:`.rows.Rows.parsed`."""
        return self._blocks("SELECT blocks FROM search_texts WHERE key = %s", source)

    def _blocks(self, statement: str, *values: str) -> Sequence[Block]:

        def unpack(found: Any) -> Sequence[Block]:
            return rows.unpacked_blocks(found[0][0]) if found else []

        blocks: Sequence[Block] = self._all(statement, *values, unpack=unpack)
        return blocks

    def filenames(self, vector_store_id: str, limit: int) -> Sequence[str]:
        """See :meth:`.rows.Rows.filenames`."""
        found = self._all(
            "SELECT filename FROM search_documents WHERE vector_store_id = %s ORDER BY id LIMIT %s",
            vector_store_id,
            limit,
        )
        return [name for (name,) in found]

    def bytes_of(self, vector_store_id: str) -> int:
        """See :meth:`.rows.Rows.bytes_of`."""
        row = self._one(
            "SELECT coalesce(sum(bytes), 0) FROM search_documents"
            " JOIN search_contents c ON c.id = content_id WHERE vector_store_id = %s",
            vector_store_id,
        )
        return int(row[0])

    def sizes(self, vector_store_id: str, file_ids: Sequence[str]) -> Mapping[str, int]:
        """See :meth:`.rows.Rows.sizes`."""
        found = self._all(
            "SELECT file_id, bytes FROM search_documents"
            " JOIN search_contents c ON c.id = content_id"
            " WHERE vector_store_id = %s AND file_id = ANY(%s)",
            vector_store_id,
            list(file_ids),
        )
        return {file_id: int(size) for file_id, size in found}

    def contents(self, vector_store_ids: Sequence[str], filters: rows.Filters) -> rows.Numbers:
        """See :meth:`.rows.Rows.contents`."""
        found = self._all(
            "SELECT content_id, attributes FROM search_documents WHERE vector_store_id = ANY(%s)",
            list(vector_store_ids),
        )
        passing = {content for content, kept in found if rows.passes(filters, kept)}
        return np.fromiter(sorted(passing), np.int64, len(passing))

    def languages(self, vector_store_ids: Sequence[str]) -> Sequence[str]:
        """See :meth:`.rows.Rows.languages`."""
        found = self._all(
            "SELECT DISTINCT language FROM search_documents"
            " JOIN search_contents c ON c.id = content_id WHERE vector_store_id = ANY(%s)",
            list(vector_store_ids),
        )
        return [language for (language,) in found]

    def owners(
        self, contents: Sequence[int], vector_store_ids: Sequence[str]
    ) -> Mapping[int, Sequence[rows.Owner]]:
        """See :meth:`.rows.Rows.owners`."""
        owners: dict[int, list[rows.Owner]] = {}
        for content, store, file_id, filename, attributes in self._all(
            "SELECT content_id, vector_store_id, file_id, filename, attributes"
            " FROM search_documents WHERE content_id = ANY(%s) AND vector_store_id = ANY(%s)"
            " ORDER BY id",
            list(contents),
            list(vector_store_ids),
        ):
            owner = rows.Owner(store, file_id, filename, rows.unpacked_attributes(attributes))
            owners.setdefault(content, []).append(owner)
        return owners

    # -- words ----------------------------------------------------------------------------------

    def keyword(
        self,
        words: Sequence[QueryWord],
        vector_store_ids: Sequence[str],
        contents: rows.Numbers | None,
        limit: int,
    ) -> Sequence[rows.KeywordMatch]:
        """See :meth:`.rows.Rows.keyword`."""
        values = {
            **_term_parameters(words),
            "stores": list(vector_store_ids),
            "contents": None if contents is None else contents.tolist(),
            "limit": limit,
        }
        found = self._read(lambda database: database.execute(KEYWORD, values).fetchall())
        return [rows.KeywordMatch(number, content, float(rank)) for number, content, rank in found]

    def shares(self, words: Sequence[QueryWord], chunks: Sequence[int]) -> Mapping[int, float]:
        """See :meth:`.rows.Rows.shares`."""
        values = {**_term_parameters(words), "chunks": list(chunks)}
        counts = self._read(lambda database: dict(database.execute(SHARES, values).fetchall()))
        return {number: float(counts.get(number, 0.0)) / len(words) for number in chunks}

    def chunks(self, numbers: Sequence[int]) -> Mapping[int, tuple[int, Chunk]]:
        """See :meth:`.rows.Rows.chunks`."""
        found: Mapping[int, tuple[int, Chunk]] = self._all(
            "SELECT id, content_id, chunk, text FROM search_chunks WHERE id = ANY(%s)",
            list(numbers),
            unpack=rows.unpacked_chunks,
        )
        return found


def _term_parameters(words: Sequence[QueryWord]) -> dict[str, list[Any]]:
    """Return the parameters for the terms of some words, with the number of the word of each."""
    ranges = [(number, *each) for number, word in enumerate(words) for each in word.ranges]
    return {
        "numbers": [number for number, _, _ in ranges],
        "terms": [first for _, first, _ in ranges],
        "last": [last for _, _, last in ranges],
    }
