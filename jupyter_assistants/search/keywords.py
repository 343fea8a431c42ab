"""A keyword index in SQLite's FTS5: stemmed words, ranked by bm25.

It has a database file of its own beside that of the objects. What is in it is derived and can be
large; writing it must neither hold up the objects' writers nor grow their backups, and it is the
same when the objects are in PostgreSQL.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_assistants.errors import StoreError
from jupyter_assistants.schema.filters import ComparisonFilter, CompoundFilter, Scalar, matches
from jupyter_assistants.search.base import Chunk, Document, Hit
from jupyter_assistants.search.blocks import Block
from jupyter_assistants.search.places import Place

IN_MEMORY = ":memory:"

_TABLES = """
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    vector_store_id TEXT NOT NULL,
    file_id TEXT NOT NULL,
    filename TEXT NOT NULL,
    attributes TEXT NOT NULL,
    source TEXT NOT NULL,
    blocks TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    UNIQUE (vector_store_id, file_id)
);
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL,
    chunk TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS chunks_of_document ON chunks (document_id);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
    scope, filename, text, tokenize='porter unicode61'
);
"""
# The words of the scope only narrow the search to a vector store; they must not rank.
_RANK = "bm25(words, 0.0, 0.5, 1.0)"
_FIND = f"""
SELECT chunks.id, {_RANK} AS rank, words.text, chunks.chunk,
    documents.vector_store_id, documents.file_id, documents.filename, documents.attributes
FROM words
JOIN chunks ON chunks.id = words.rowid
JOIN documents ON documents.id = chunks.document_id
WHERE words MATCH ? AND documents.vector_store_id = ? AND passes(documents.attributes)
ORDER BY rank LIMIT ?
"""

_WORD = re.compile(r"\w+")
_MOST_WORDS = 64
_CANDIDATES = 100
_STOP_WORDS = (
    "a about an and are as at be by can did do does for from had has have how i in is it its me my "
    "of on or our say says tell that the their there these they this to us was we were what when "
    "where which who why will with you your"
)


class KeywordIndex:
    """Finds chunks by the words that they share with a query.

    Parameters
    ----------
    path
        The database file, or :data:`IN_MEMORY`.
    journal_mode
        Of SQLite: ``wal``, or ``delete`` where the file is on a network file system.

    Raises
    ------
    StoreError
        If the database cannot be opened.
    """

    def __init__(self, path: Path | str, *, journal_mode: str = "wal") -> None:
        self._path = str(path)
        with self._errors():
            if self._path != IN_MEMORY:
                Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._writer = self._reader = _Connection(self._path)
            self._writer.database.execute(f"PRAGMA journal_mode={journal_mode}")
            self._writer.database.executescript(_TABLES)
            if self._path != IN_MEMORY:
                # Who searches does not wait until a large file is indexed.
                self._reader = _Connection(self._path)

    def add(self, document: Document) -> int:
        """See :meth:`.base.SearchIndex.add`."""
        blocks = json.dumps([block.wire() for block in document.blocks])
        size = len(blocks) + sum(len(_sound(each.text).encode()) for each in document.chunks)
        scope = _scope(document.vector_store_id)
        with self._write() as database:
            self._remove(database, document.vector_store_id, document.file_id)
            row = database.execute(
                "INSERT INTO documents (vector_store_id, file_id, filename, attributes, source,"
                " blocks, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    document.vector_store_id,
                    document.file_id,
                    _sound(document.filename),
                    json.dumps(dict(document.attributes)),
                    document.source,
                    blocks,
                    size,
                ),
            ).lastrowid
            for chunk in document.chunks:
                number = database.execute(
                    "INSERT INTO chunks (document_id, chunk) VALUES (?, ?)", (row, _packed(chunk))
                ).lastrowid
                database.execute(
                    "INSERT INTO words (rowid, scope, filename, text) VALUES (?, ?, ?, ?)",
                    (number, scope, _sound(document.filename), _sound(chunk.text)),
                )
        return size

    def describe(
        self, vector_store_id: str, file_id: str, attributes: Mapping[str, Scalar]
    ) -> None:
        """See :meth:`.base.SearchIndex.describe`."""
        with self._write() as database:
            database.execute(
                "UPDATE documents SET attributes = ? WHERE vector_store_id = ? AND file_id = ?",
                (json.dumps(dict(attributes)), vector_store_id, file_id),
            )

    def remove(self, vector_store_id: str, file_id: str | None = None) -> None:
        """See :meth:`.base.SearchIndex.remove`."""
        with self._write() as database:
            self._remove(database, vector_store_id, file_id)

    def _remove(
        self, database: sqlite3.Connection, vector_store_id: str, file_id: str | None
    ) -> None:
        where, values = "vector_store_id = ?", [vector_store_id]
        if file_id is not None:
            where, values = where + " AND file_id = ?", [*values, file_id]
        documents = f"SELECT id FROM documents WHERE {where}"
        chunks = f"SELECT id FROM chunks WHERE document_id IN ({documents})"
        database.execute(f"DELETE FROM words WHERE rowid IN ({chunks})", values)
        database.execute(f"DELETE FROM chunks WHERE document_id IN ({documents})", values)
        database.execute(f"DELETE FROM documents WHERE {where}", values)

    def search(
        self,
        queries: Sequence[str],
        vector_store_ids: Sequence[str],
        *,
        limit: int,
        threshold: float = 0.0,
        filters: ComparisonFilter | CompoundFilter | None = None,
    ) -> Sequence[Hit]:
        """See :meth:`.base.SearchIndex.search`."""
        best: dict[int, Hit] = {}
        with self._read() as database:
            database.create_function("passes", 1, _passing(filters), deterministic=True)
            for query in dict.fromkeys(queries):
                for number, hit in self._scored(database, query, vector_store_ids, limit):
                    if number not in best or hit.score > best[number].score:
                        best[number] = hit
        hits = [hit for hit in best.values() if hit.score >= threshold]
        return sorted(hits, key=lambda hit: -hit.score)[:limit]

    def _scored(
        self,
        database: sqlite3.Connection,
        query: str,
        vector_store_ids: Sequence[str],
        limit: int,
    ) -> Iterator[tuple[int, Hit]]:
        """Give chunks with scores.

        A score is the share of the query's words that the chunk has, lessened by how far its
        rank is behind the best one's.
        """
        words = _words(query)
        if not words:
            return
        rows: list[Any] = []
        for vector_store_id in dict.fromkeys(vector_store_ids):
            wanted = (
                f"{{scope}} : {_scope(vector_store_id)} AND {{filename text}} : ({_any(words)})"
            )
            values = (wanted, vector_store_id, max(_CANDIDATES, 3 * limit))
            rows += database.execute(_FIND, values).fetchall()
        if not rows:
            return
        shares = self._shares(database, words, [row[0] for row in rows])
        best = min(row[1] for row in rows)
        for number, rank, text, chunk, store, file_id, filename, attributes in rows:
            relative = rank / best if best else 1.0
            score = round(shares[number] * (0.5 + 0.5 * relative), 4)
            found = _unpacked(chunk, text)
            yield number, Hit(store, file_id, filename, found, score, json.loads(attributes))

    def _shares(
        self, database: sqlite3.Connection, words: Sequence[str], numbers: Sequence[int]
    ) -> dict[int, float]:
        """Give which share of the words each of these chunks has."""
        marks = ",".join("?" * len(numbers))
        found = dict.fromkeys(numbers, 0)
        for word in words:
            wanted = f"{{filename text}} : {_any([word])}"
            statement = f"SELECT rowid FROM words WHERE words MATCH ? AND rowid IN ({marks})"
            for (number,) in database.execute(statement, (wanted, *numbers)):
                found[number] += 1
        return {number: count / len(words) for number, count in found.items()}

    def blocks(self, vector_store_id: str, file_id: str) -> Sequence[Block]:
        """See :meth:`.base.SearchIndex.blocks`."""
        with self._read() as database:
            row = database.execute(
                "SELECT blocks FROM documents WHERE vector_store_id = ? AND file_id = ?",
                (vector_store_id, file_id),
            ).fetchone()
        return [Block.read(block) for block in json.loads(row[0])] if row else []

    def parsed(self, source: str) -> Sequence[Block]:
        """See :meth:`.base.SearchIndex.parsed`."""
        with self._read() as database:
            row = database.execute(
                "SELECT blocks FROM documents WHERE source = ?", (source,)
            ).fetchone()
        return [Block.read(block) for block in json.loads(row[0])] if row else []

    def filenames(self, vector_store_id: str, *, limit: int) -> Sequence[str]:
        """See :meth:`.base.SearchIndex.filenames`."""
        with self._read() as database:
            rows = database.execute(
                "SELECT filename FROM documents WHERE vector_store_id = ? ORDER BY id LIMIT ?",
                (vector_store_id, limit),
            ).fetchall()
        return [row[0] for row in rows]

    def bytes_of(self, vector_store_id: str) -> int:
        """See :meth:`.base.SearchIndex.bytes_of`."""
        with self._read() as database:
            row = database.execute(
                "SELECT coalesce(sum(bytes), 0) FROM documents WHERE vector_store_id = ?",
                (vector_store_id,),
            ).fetchone()
        return int(row[0])

    def close(self) -> None:
        """See :meth:`.base.SearchIndex.close`."""
        for connection in (self._reader, self._writer):
            with connection.turn:
                connection.database.close()

    @contextlib.contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._reader.turn, self._errors():
            yield self._reader.database

    @contextlib.contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._writer.turn, self._errors():
            database = self._writer.database
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The search index {self._path} cannot be used: {error}. See that its folder is "
                "writable and the disk has space. It is derived from the files: with no server "
                "running it may be deleted, and the files attached again."
            ) from error


class _Connection:
    """A connection, and the lock of whoever uses it."""

    def __init__(self, path: str) -> None:
        self.turn = threading.Lock()
        self.database = sqlite3.connect(
            path, timeout=30, check_same_thread=False, isolation_level=None
        )


def _sound(text: str) -> str:
    """Give a text that any database takes: names and UTF-16 files can hold half a character."""
    return text.encode(errors="replace").decode()


def _packed(chunk: Chunk) -> str:
    return json.dumps([chunk.id, chunk.start, chunk.end, chunk.head, chunk.place.wire()])


def _unpacked(packed: str, text: str) -> Chunk:
    id, start, end, head, place = json.loads(packed)
    return Chunk(id, text, Place.read(place), start, end, head)


def _scope(vector_store_id: str) -> str:
    """Give one word for a vector store; letters that fold together are told apart by the join."""
    return "s" + re.sub(r"[^0-9a-z]", "", vector_store_id.lower()) + "0"


def _words(query: str) -> list[str]:
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(query)))
    telling = [word for word in words if word not in _STOP_WORDS.split()]
    return (telling or words)[:_MOST_WORDS]


def _any(words: Sequence[str]) -> str:
    return " OR ".join(f'"{word}"' for word in words)


def _passing(filters: ComparisonFilter | CompoundFilter | None) -> Any:
    def passes(attributes: str) -> bool:
        return filters is None or matches(filters, json.loads(attributes))

    return passes
