"""Texts, chunks and vectors in PostgreSQL: what several servers on one database share.

Words are ranked by BM25 over a table of postings, because PostgreSQL's own ranks know nothing of
how frequent a word is. No extension is needed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_assistants.protocol.filters import Scalar
from jupyter_assistants.retrieval import index_storage as rows
from jupyter_assistants.retrieval.base import Chunk, IndexedDocument
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.postgresql_tables import DESCRIBE, KEYWORD, SHARES, VACUUM
from jupyter_assistants.retrieval.postgresql_vectors import PostgresqlVectors
from jupyter_assistants.retrieval.stop_words import storable_text

if TYPE_CHECKING:
    pass


class PostgresqlRows(PostgresqlVectors):
    """See :class:`.rows.Rows`; vectors and connections have files of their own."""

    # -- writing --------------------------------------------------------------------------------

    def add(self, document: IndexedDocument) -> int:
        """See :meth:`.rows.Rows.add`."""
        with self._write() as database:
            self._remove(database, document.vector_store_id, document.file_id)
            key = rows.key_of(document)
            found = database.execute(
                "SELECT id, bytes FROM search_contents WHERE key = %s", (key,)
            ).fetchone()
            content, size = found or self._insert_content(database, key, document)
            database.execute(
                "INSERT INTO search_documents (vector_store_id, file_id, filename, attributes,"
                " content_id) VALUES (%s, %s, %s, %s, %s)",
                (
                    document.vector_store_id,
                    document.file_id,
                    storable_text(document.filename),
                    json.dumps(dict(document.attributes)),
                    content,
                ),
            )
            self._describe_words(database, content)
        return int(size)

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
        (content,) = database.execute(
            "INSERT INTO search_contents (key, text_id, bytes) VALUES (%s, %s, %s) RETURNING id",
            (key, text, size),
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
        return int(content), size

    def _describe_words(self, database: Any, content: int) -> None:
        """Index a content's words, those of its names included."""
        database.execute(
            "DELETE FROM search_postings WHERE chunk_id IN"
            " (SELECT id FROM search_chunks WHERE content_id = %s)",
            (content,),
        )
        database.execute(DESCRIBE, {"content": content})

    def describe(
        self, vector_store_id: str, file_id: str, attributes: Mapping[str, Scalar]
    ) -> None:
        """See :meth:`.rows.Rows.describe`."""
        with self._write() as database:
            database.execute(
                "UPDATE search_documents SET attributes = %s"
                " WHERE vector_store_id = %s AND file_id = %s",
                (json.dumps(dict(attributes)), vector_store_id, file_id),
            )

    def remove(self, vector_store_id: str, file_id: str | None) -> None:
        """See :meth:`.rows.Rows.remove`."""
        with self._write() as database:
            self._remove(database, vector_store_id, file_id)

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
                self._describe_words(database, content)
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
        with self._read() as database:
            found = database.execute(
                "UPDATE search_state SET removed = false WHERE removed RETURNING 1"
            ).fetchone()
            if found:
                database.execute(VACUUM)

    # -- documents ------------------------------------------------------------------------------

    def generation(self) -> int:
        """See :meth:`.rows.Rows.generation`."""
        return int(self._one("SELECT generation FROM search_state")[0])

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
        found = self._all(statement, *values)
        return rows.unpacked_blocks(found[0][0]) if found else []

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
            owner = rows.Owner(store, file_id, filename, json.loads(attributes))
            owners.setdefault(content, []).append(owner)
        return owners

    # -- words ----------------------------------------------------------------------------------

    def keyword(
        self,
        words: Sequence[str],
        vector_store_ids: Sequence[str],
        contents: rows.Numbers | None,
        limit: int,
    ) -> Sequence[rows.KeywordMatch]:
        """See :meth:`.rows.Rows.keyword`."""
        values = {
            "words": " ".join(words),
            "stores": list(vector_store_ids),
            "contents": None if contents is None else contents.tolist(),
            "limit": limit,
        }
        with self._read() as database:
            found = database.execute(KEYWORD, values).fetchall()
        return [rows.KeywordMatch(number, content, float(rank)) for number, content, rank in found]

    def shares(self, words: Sequence[str], chunks: Sequence[int]) -> Mapping[int, float]:
        """See :meth:`.rows.Rows.shares`."""
        found = dict.fromkeys(chunks, 0.0)
        with self._read() as database:
            values = {"words": list(words), "chunks": list(chunks)}
            found |= dict(database.execute(SHARES, values).fetchall())
        return {number: float(share) for number, share in found.items()}

    def chunks(self, numbers: Sequence[int]) -> Mapping[int, tuple[int, Chunk]]:
        """See :meth:`.rows.Rows.chunks`."""
        found = self._all(
            "SELECT id, content_id, chunk, text FROM search_chunks WHERE id = ANY(%s)",
            list(numbers),
        )
        return {
            number: (content, rows.unpacked_chunk(chunk, text))
            for number, content, chunk, text in found
        }
