"""Documents in SQLite: what vector stores hold, under which names, and its text."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence

from jupyter_assistants.protocol.filters import Scalar
from jupyter_assistants.retrieval import index_storage as rows
from jupyter_assistants.retrieval.base import (
    Generation,
    IndexDamaged,
    IndexedDocument,
    IndexEntry,
)
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.sqlite_connections import SqliteConnections, marks
from jupyter_assistants.retrieval.sqlite_tables import SAMPLED
from jupyter_assistants.retrieval.words import storable_text

_SMALL_PAGES = 50_000
"""Up to so many (200 MB) the words are checked at each start, which takes a second in C."""


class SqliteDocuments(SqliteConnections):
    """The part of the index in SQLite that keeps documents, with their words."""

    def add(self, document: IndexedDocument) -> int:
        """See :meth:`.rows.Rows.add`."""
        with self._write() as database:
            self._remove(database, document.vector_store_id, document.file_id)
            content, size = self._find_content(database, document) or self._insert_content(
                database, document
            )
            database.execute(
                "INSERT INTO documents (vector_store_id, file_id, filename, attributes,"
                " attempt, content_id) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    document.vector_store_id,
                    document.file_id,
                    storable_text(document.filename),
                    json.dumps(dict(document.attributes)),
                    document.attempt,
                    content,
                ),
            )
            shared = database.execute(
                "SELECT count(*) FROM documents WHERE content_id = ?", (content,)
            ).fetchone()
            if shared[0] > 1:
                self._name_stores(database, content)
        return size

    def _find_content(
        self, database: sqlite3.Connection, document: IndexedDocument
    ) -> tuple[int, int] | None:
        """Return number and size of the content, if another document has it."""
        row: tuple[int, int] | None = database.execute(
            "SELECT id, bytes FROM contents WHERE key = ?", (rows.key_of(document),)
        ).fetchone()
        return row

    def _insert_content(
        self, database: sqlite3.Connection, document: IndexedDocument
    ) -> tuple[int, int]:
        key = rows.key_of(document)
        blocks = rows.packed_blocks(document)
        text_key, language = rows.text_key_of(document), rows.content_language(document)
        database.execute(
            "INSERT INTO texts (key, blocks) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
            (text_key, blocks),
        )
        size = len(blocks) + sum(len(storable_text(each.text).encode()) for each in document.chunks)
        content = database.execute(
            "INSERT INTO contents (key, text_id, bytes, language)"
            " SELECT ?, id, ?, ? FROM texts WHERE key = ?",
            (key, size, language, text_key),
        ).lastrowid
        assert content is not None
        scope = scope_of(document.vector_store_id)
        terms = rows.chunk_terms(document, language)
        for chunk, found in zip(document.chunks, terms, strict=True):
            number = database.execute(
                "INSERT INTO chunks (content_id, chunk, text) VALUES (?, ?, ?)",
                (content, rows.packed_chunk(chunk), storable_text(chunk.text)),
            ).lastrowid
            assert number is not None
            _put_terms(database, number, scope, found)
        return content, size

    def _name_stores(self, database: sqlite3.Connection, content: int) -> None:
        """Index a content's words for the vector stores that have it."""
        found = database.execute(
            "SELECT vector_store_id FROM documents WHERE content_id = ?", (content,)
        ).fetchall()
        database.execute(
            "UPDATE words SET scope = ?"
            " WHERE rowid IN (SELECT id FROM chunks WHERE content_id = ?)",
            (" ".join(sorted({scope_of(store) for (store,) in found})), content),
        )

    def describe(
        self, vector_store_id: str, file_id: str, attributes: Mapping[str, Scalar]
    ) -> None:
        """See :meth:`.rows.Rows.describe`."""
        with self._write() as database:
            database.execute(
                "UPDATE documents SET attributes = ? WHERE vector_store_id = ? AND file_id = ?",
                (json.dumps(dict(attributes)), vector_store_id, file_id),
            )

    def remove(self, vector_store_id: str, file_id: str | None) -> None:
        """See :meth:`.rows.Rows.remove`."""
        with self._write() as database:
            self._remove(database, vector_store_id, file_id)

    def _remove(
        self, database: sqlite3.Connection, vector_store_id: str, file_id: str | None
    ) -> None:
        where, values = "vector_store_id = ?", [vector_store_id]
        if file_id is not None:
            where, values = where + " AND file_id = ?", [*values, file_id]
        found = database.execute(
            f"DELETE FROM documents WHERE {where} RETURNING content_id", values
        ).fetchall()
        for (content,) in dict.fromkeys(found):
            shared = database.execute(
                "SELECT 1 FROM documents WHERE content_id = ? LIMIT 1", (content,)
            ).fetchone()
            if shared:
                self._name_stores(database, content)
            else:
                self._delete_content(database, content)
        if found:
            database.execute("UPDATE state SET removed = 1")

    def _delete_content(self, database: sqlite3.Connection, content: int) -> None:
        chunks = "SELECT id FROM chunks WHERE content_id = ?"
        for statement in (
            f"DELETE FROM words WHERE rowid IN ({chunks})",
            f"DELETE FROM sample WHERE rowid IN ({chunks})",
            f"DELETE FROM vectors WHERE chunk_id IN ({chunks})",
            "DELETE FROM chunks WHERE content_id = ?",
        ):
            database.execute(statement, (content,))
        (text,) = database.execute(
            "DELETE FROM contents WHERE id = ? RETURNING text_id", (content,)
        ).fetchone()
        database.execute(
            "DELETE FROM texts WHERE id = ?"
            " AND NOT EXISTS (SELECT 1 FROM contents WHERE text_id = texts.id)",
            (text,),
        )

    def generation(self) -> Generation:
        """See :meth:`.rows.Rows.generation`."""
        with self._read() as database:
            row = database.execute("SELECT identity, generation FROM state").fetchone()
            if row is None:
                raise rows.DamagedRow("its state is gone")
            return Generation(*row)

    def find_damage(self, *, whole: bool = True) -> str:
        """See :meth:`.rows.Rows.find_damage`."""
        try:
            with self._scan() as database:
                (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
                if found != "ok":
                    raise rows.DamagedRow(found)
                if whole or _pages(database) < _SMALL_PAGES:
                    _check_words(database)
                if whole:
                    for chunk, text in database.execute("SELECT chunk, text FROM chunks"):
                        rows.unpacked_chunk(chunk, text)
        except IndexDamaged as error:
            return str(error.__cause__)
        return ""

    def entries(self, vector_store_id: str | None, file_id: str | None) -> Sequence[IndexEntry]:
        """See :meth:`.rows.Rows.entries`."""
        with self._read() as database:
            found = database.execute(
                "SELECT vector_store_id, file_id, attempt, attributes FROM documents"
                " WHERE (?1 IS NULL OR vector_store_id = ?1) AND (?2 IS NULL OR file_id = ?2)",
                (vector_store_id, file_id),
            ).fetchall()
            return rows.unpacked_entries(found)

    def count_documents(self, vector_store_id: str) -> int:
        """See :meth:`.rows.Rows.count_documents`."""
        with self._read() as database:
            statement = "SELECT count(*) FROM documents WHERE vector_store_id = ?"
            return int(database.execute(statement, (vector_store_id,)).fetchone()[0])

    def documents(self) -> Sequence[tuple[str, str]]:
        """See :meth:`.rows.Rows.documents`."""
        with self._read() as database:
            return database.execute("SELECT vector_store_id, file_id FROM documents").fetchall()

    def vector_stores(self) -> Sequence[str]:
        """See :meth:`.rows.Rows.vector_stores`."""
        with self._read() as database:
            found = database.execute("SELECT DISTINCT vector_store_id FROM documents")
            return [store for (store,) in found]

    def blocks(self, vector_store_id: str, file_id: str) -> Sequence[Block]:
        """See :meth:`.rows.Rows.blocks`."""
        return self._blocks(
            "SELECT blocks FROM documents JOIN contents ON contents.id = content_id"
            " JOIN texts ON texts.id = text_id WHERE vector_store_id = ? AND file_id = ?",
            vector_store_id,
            file_id,
        )

    def parsed(self, source: str) -> Sequence[Block]:
        """See :meth:`.rows.Rows.parsed`."""
        return self._blocks("SELECT blocks FROM texts WHERE key = ?", source)

    def _blocks(self, statement: str, *values: str) -> Sequence[Block]:
        with self._read() as database:
            row = database.execute(statement, values).fetchone()
            return rows.unpacked_blocks(row[0]) if row else []

    def filenames(self, vector_store_id: str, limit: int) -> Sequence[str]:
        """See :meth:`.rows.Rows.filenames`."""
        with self._read() as database:
            found = database.execute(
                "SELECT filename FROM documents WHERE vector_store_id = ? ORDER BY id LIMIT ?",
                (vector_store_id, limit),
            ).fetchall()
        return [name for (name,) in found]

    def bytes_of(self, vector_store_id: str) -> int:
        """See :meth:`.rows.Rows.bytes_of`."""
        with self._read() as database:
            row = database.execute(
                "SELECT coalesce(sum(bytes), 0) FROM documents"
                " JOIN contents ON contents.id = content_id WHERE vector_store_id = ?",
                (vector_store_id,),
            ).fetchone()
        return int(row[0])

    def sizes(self, vector_store_id: str, file_ids: Sequence[str]) -> Mapping[str, int]:
        """See :meth:`.rows.Rows.sizes`."""
        with self._read() as database:
            found = database.execute(
                "SELECT file_id, bytes FROM documents"
                " JOIN contents ON contents.id = content_id"
                f" WHERE vector_store_id = ? AND file_id IN ({marks(file_ids)})",
                (vector_store_id, *file_ids),
            ).fetchall()
        return dict(found)

    def contents(self, vector_store_ids: Sequence[str], filters: rows.Filters) -> rows.Numbers:
        """See :meth:`.rows.Rows.contents`."""
        wanted = "content_id" if filters is None else "content_id, attributes"
        with self._read() as database:
            found = database.execute(
                f"SELECT {wanted} FROM documents"
                f" WHERE vector_store_id IN ({marks(vector_store_ids)})",
                tuple(vector_store_ids),
            ).fetchall()
            passing = (
                {content for content, kept in found if rows.passes(filters, kept)}
                if filters is not None
                else {content for (content,) in found}
            )
        import numpy as np

        return np.fromiter(sorted(passing), np.int64, len(passing))

    def languages(self, vector_store_ids: Sequence[str]) -> Sequence[str]:
        """See :meth:`.rows.Rows.languages`."""
        with self._read() as database:
            found = database.execute(
                "SELECT DISTINCT language FROM documents JOIN contents ON contents.id = content_id"
                f" WHERE vector_store_id IN ({marks(vector_store_ids)})",
                tuple(vector_store_ids),
            ).fetchall()
        return [language for (language,) in found]

    def owners(
        self, contents: Sequence[int], vector_store_ids: Sequence[str]
    ) -> Mapping[int, Sequence[rows.Owner]]:
        """See :meth:`.rows.Rows.owners`."""
        with self._read() as database:
            found = database.execute(
                "SELECT content_id, vector_store_id, file_id, filename, attributes FROM documents"
                f" WHERE content_id IN ({marks(contents)})"
                f" AND vector_store_id IN ({marks(vector_store_ids)}) ORDER BY id",
                (*contents, *vector_store_ids),
            ).fetchall()
            owners: dict[int, list[rows.Owner]] = {}
            for content, store, file_id, filename, attributes in found:
                values = rows.unpacked_attributes(attributes)
                owner = rows.Owner(store, file_id, filename, values)
                owners.setdefault(content, []).append(owner)
        return owners


def _put_terms(
    database: sqlite3.Connection, number: int, scope: str, terms: rows.ChunkTerms
) -> None:
    title, text = " ".join(terms.title), " ".join(terms.text)
    database.execute(
        "INSERT INTO words (rowid, scope, title, text) VALUES (?, ?, ?, ?)",
        (number, scope, title, text),
    )
    if number % SAMPLED == 0:
        database.execute(
            "INSERT INTO sample (rowid, title, text) VALUES (?, ?, ?)", (number, title, text)
        )


def _pages(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA page_count").fetchone()[0])


def _check_words(database: sqlite3.Connection) -> None:
    """Raise the database's error if what FTS5 keeps of words does not fit the texts."""
    database.execute("BEGIN IMMEDIATE")
    try:
        for table in ("words", "sample"):
            database.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def scope_of(vector_store_id: str) -> str:
    """Return one word for a vector store; letters that fold together are told apart later."""
    return "s" + re.sub(r"[^0-9a-z]", "", vector_store_id.lower()) + "0"
