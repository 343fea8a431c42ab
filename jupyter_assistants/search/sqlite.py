"""Texts, chunks and vectors in SQLite, with FTS5 for the words.

It is a database of its own beside that of the objects; docs/file-search.md says why.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_assistants.errors import StoreError
from jupyter_assistants.schema.filters import Scalar
from jupyter_assistants.search import rows
from jupyter_assistants.search.base import Chunk, Document
from jupyter_assistants.search.blocks import Block
from jupyter_assistants.search.sqlite_tables import (
    IN_MEMORY,
    SAMPLED,
    Connection,
    overwrite,
    prepare,
)
from jupyter_assistants.search.words import sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["IN_MEMORY", "SqliteRows"]

RANKED = 5000
"""About so many chunks are ranked for one query: those with its rarest words."""
SKIMMED = 400_000
"""With more frequent words, so many more places are looked at, where they stand beside rare ones."""
_BATCH = 5000
_KEYWORD = """
SELECT words.rowid, chunks.content_id, bm25(words, 0.0, 2.0, 1.0) AS rank
FROM words JOIN chunks ON chunks.id = words.rowid
WHERE words MATCH ?{only} ORDER BY rank LIMIT ?
"""


class SqliteRows:
    """See :class:`.rows.Rows`.

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
            self._writer = self._reader = Connection(self._path)
            prepare(self._writer, self._path, journal_mode)
            if self._path != IN_MEMORY:
                # Who searches does not wait until a large file is indexed.
                self._reader = Connection(self._path)

    # -- writing --------------------------------------------------------------------------------

    def add(self, document: Document) -> int:
        """See :meth:`.rows.Rows.add`."""
        with self._write() as database:
            self._remove(database, document.vector_store_id, document.file_id)
            content, size = self._known(database, document) or self._content(database, document)
            database.execute(
                "INSERT INTO documents (vector_store_id, file_id, filename, attributes,"
                " content_id) VALUES (?, ?, ?, ?, ?)",
                (
                    document.vector_store_id,
                    document.file_id,
                    sound(document.filename),
                    json.dumps(dict(document.attributes)),
                    content,
                ),
            )
            shared = database.execute(
                "SELECT count(*) FROM documents WHERE content_id = ?", (content,)
            ).fetchone()
            if shared[0] > 1:
                self._describe_words(database, content)
        return size

    def _known(self, database: sqlite3.Connection, document: Document) -> tuple[int, int] | None:
        """Give number and size of the content, if another document has it."""
        row: tuple[int, int] | None = database.execute(
            "SELECT id, bytes FROM contents WHERE key = ?", (rows.key_of(document),)
        ).fetchone()
        return row

    def _content(self, database: sqlite3.Connection, document: Document) -> tuple[int, int]:
        key = rows.key_of(document)
        blocks = rows.packed_blocks(document)
        text_key = rows.text_key_of(document)
        database.execute(
            "INSERT INTO texts (key, blocks) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
            (text_key, blocks),
        )
        size = len(blocks) + sum(len(sound(each.text).encode()) for each in document.chunks)
        content = database.execute(
            "INSERT INTO contents (key, text_id, bytes) SELECT ?, id, ? FROM texts WHERE key = ?",
            (key, size, text_key),
        ).lastrowid
        assert content is not None
        scope = _scope(document.vector_store_id)
        for chunk in document.chunks:
            number = database.execute(
                "INSERT INTO chunks (content_id, chunk) VALUES (?, ?)",
                (content, rows.packed_chunk(chunk)),
            ).lastrowid
            assert number is not None
            title = sound(f"{document.filename} {chunk.head}")
            _put_words(database, number, scope, title, sound(chunk.text))
        return content, size

    def _describe_words(self, database: sqlite3.Connection, content: int) -> None:
        """Let the words of a content be found in the vector stores, and by the names, it has."""
        found = database.execute(
            "SELECT vector_store_id, filename FROM documents WHERE content_id = ?", (content,)
        ).fetchall()
        scope = " ".join(sorted({_scope(store) for store, _ in found}))
        names = " ".join(sorted({name for _, name in found}))
        chunks = database.execute(
            "SELECT chunks.id, json_extract(chunk, '$[3]'), text FROM chunks"
            " JOIN words ON words.rowid = chunks.id WHERE content_id = ?",
            (content,),
        ).fetchall()
        for number, head, text in chunks:
            _put_words(database, number, scope, f"{names} {head}", text)

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
                self._describe_words(database, content)
            else:
                self._forget(database, content)
        if found:
            database.execute("UPDATE state SET removed = 1")

    def _forget(self, database: sqlite3.Connection, content: int) -> None:
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

    def tidy(self) -> None:
        """See :meth:`.rows.Rows.tidy`."""
        with self._writer.turn, self._errors():
            overwrite(self._writer.database)

    # -- documents ------------------------------------------------------------------------------

    def generation(self) -> int:
        """See :meth:`.rows.Rows.generation`."""
        with self._read() as database:
            return int(database.execute("SELECT generation FROM state").fetchone()[0])

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

    def contents(self, vector_store_ids: Sequence[str], filters: rows.Filters) -> rows.Numbers:
        """See :meth:`.rows.Rows.contents`."""
        wanted = "content_id" if filters is None else "content_id, attributes"
        with self._read() as database:
            found = database.execute(
                f"SELECT {wanted} FROM documents"
                f" WHERE vector_store_id IN ({_marks(vector_store_ids)})",
                tuple(vector_store_ids),
            ).fetchall()
        import numpy as np

        if filters is None:
            return np.unique(np.array(found, np.int64).reshape(-1))
        passing = {content for content, kept in found if rows.passes(filters, kept)}
        return np.fromiter(sorted(passing), np.int64, len(passing))

    def owners(
        self, contents: Sequence[int], vector_store_ids: Sequence[str]
    ) -> Mapping[int, Sequence[rows.Owner]]:
        """See :meth:`.rows.Rows.owners`."""
        with self._read() as database:
            found = database.execute(
                "SELECT content_id, vector_store_id, file_id, filename, attributes FROM documents"
                f" WHERE content_id IN ({_marks(contents)})"
                f" AND vector_store_id IN ({_marks(vector_store_ids)}) ORDER BY id",
                (*contents, *vector_store_ids),
            ).fetchall()
        owners: dict[int, list[rows.Owner]] = {}
        for content, store, file_id, filename, attributes in found:
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
    ) -> Sequence[rows.Found]:
        """See :meth:`.rows.Rows.keyword`."""
        scope = " OR ".join(sorted({_scope(each) for each in vector_store_ids}))
        only, values = "", []
        if contents is not None:
            only = " AND chunks.content_id IN (SELECT value FROM json_each(?))"
            values = [json.dumps(contents.tolist())]
        with self._read() as database:
            wanted = f"{{title text}} : ({_worth(database, words)})"
            if not _has_all(database, vector_store_ids):
                wanted = f"{{scope}} : ({scope}) AND {wanted}"
            found = database.execute(
                _KEYWORD.format(only=only), (wanted, *values, limit)
            ).fetchall()
        return [rows.Found(number, content, -rank) for number, content, rank in found]

    def shares(self, words: Sequence[str], chunks: Sequence[int]) -> Mapping[int, float]:
        """See :meth:`.rows.Rows.shares`."""
        found = dict.fromkeys(chunks, 0)
        statement = f"SELECT rowid FROM words WHERE words MATCH ? AND rowid IN ({_marks(chunks)})"
        with self._read() as database:
            for word in words:
                wanted = f"{{title text}} : {_any([word])}"
                for (number,) in database.execute(statement, (wanted, *chunks)):
                    found[number] += 1
        return {number: count / len(words) for number, count in found.items()}

    def chunks(self, numbers: Sequence[int]) -> Mapping[int, tuple[int, Chunk]]:
        """See :meth:`.rows.Rows.chunks`."""
        with self._read() as database:
            found = database.execute(
                "SELECT chunks.id, content_id, chunk, text FROM chunks"
                f" JOIN words ON words.rowid = chunks.id WHERE chunks.id IN ({_marks(numbers)})",
                tuple(numbers),
            ).fetchall()
        return {
            number: (content, rows.unpacked_chunk(chunk, text))
            for number, content, chunk, text in found
        }

    # -- vectors --------------------------------------------------------------------------------

    def model(self, name: str, dimension: int) -> int:
        """See :meth:`.rows.Rows.model`."""
        with self._write(changes=False) as database:
            found = database.execute(
                "SELECT id FROM models WHERE name = ? AND dimension = ?", (name, dimension)
            ).fetchone()
            if found is None:
                # A number is never used again: vectors of the old dimension may be left.
                found = database.execute(
                    "INSERT OR REPLACE INTO models (id, name, dimension)"
                    " SELECT 1 + max(coalesce((SELECT max(id) FROM models), 0),"
                    " coalesce((SELECT max(model_id) FROM chunks), 0)), ?, ? RETURNING id",
                    (name, dimension),
                ).fetchone()
        return int(found[0])

    def models(self) -> Mapping[str, tuple[int, int]]:
        """See :meth:`.rows.Rows.models`."""
        with self._read() as database:
            found = database.execute("SELECT name, id, dimension FROM models").fetchall()
        return {name: (number, dimension) for name, number, dimension in found}

    def waiting(self, model: int | None, limit: int) -> Sequence[tuple[int, str]]:
        """See :meth:`.rows.Rows.waiting`."""
        with self._read() as database:
            found = database.execute(
                "SELECT chunks.id, coalesce(json_extract(chunk, '$[3]'), ''), text FROM chunks"
                " JOIN words ON words.rowid = chunks.id"
                " WHERE chunks.id IN (SELECT id FROM chunks WHERE model_id IS NULL UNION ALL"
                " SELECT id FROM chunks WHERE model_id < ?1 UNION ALL"
                " SELECT id FROM chunks WHERE model_id > ?1 LIMIT ?2)",
                (-1 if model is None else model, limit),
            ).fetchall()
        return [(number, f"{head}\n{text}".strip()) for number, head, text in found]

    def count_waiting(self, model: int) -> int:
        """See :meth:`.rows.Rows.count_waiting`."""
        with self._read() as database:
            row = database.execute(
                "SELECT (SELECT count(*) FROM chunks)"
                " - (SELECT count(*) FROM chunks WHERE model_id = ?)",
                (model,),
            ).fetchone()
        return int(row[0])

    def put_vectors(self, model: int, vectors: Mapping[int, NDArray[np.float16]]) -> None:
        """See :meth:`.rows.Rows.put_vectors`."""
        with self._write(changes=False) as database:
            for chunk, found in vectors.items():
                row = database.execute(
                    "UPDATE chunks SET model_id = ? WHERE id = ? RETURNING content_id",
                    (model, chunk),
                ).fetchone()
                if row is None:
                    # Removed while its vectors were made.
                    continue
                database.execute("DELETE FROM vectors WHERE chunk_id = ?", (chunk,))
                database.executemany(
                    "INSERT INTO vectors (chunk_id, content_id, model_id, vector)"
                    " VALUES (?, ?, ?, ?)",
                    [(chunk, row[0], model, vector.tobytes()) for vector in found],
                )
                database.execute(
                    "UPDATE contents SET bytes = bytes + ? WHERE id = ?", (found.nbytes, row[0])
                )

    def vectors(self, model: int, after: int) -> Iterator[rows.VectorRows]:
        """See :meth:`.rows.Rows.vectors`."""
        while True:
            with self._read() as database:
                found = database.execute(
                    "SELECT id, chunk_id, content_id, vector FROM vectors"
                    " WHERE id > ? AND model_id = ? ORDER BY id LIMIT ?",
                    (after, model, _BATCH),
                ).fetchall()
            if not found:
                return
            import numpy as np

            numbers = np.array([row[:3] for row in found], np.int64)
            vectors = np.frombuffer(b"".join(row[3] for row in found), np.float16)
            after = int(numbers[-1, 0])
            shaped = vectors.reshape(len(found), -1)
            yield rows.VectorRows(numbers[:, 0], numbers[:, 1], numbers[:, 2], shaped)

    def embedded(self, vector_store_id: str, model: int | None) -> tuple[int, int]:
        """See :meth:`.rows.Rows.embedded`."""
        with self._read() as database:
            row = database.execute(
                "SELECT count(*), coalesce(sum(model_id = ?), 0) FROM chunks WHERE content_id IN"
                " (SELECT content_id FROM documents WHERE vector_store_id = ?)",
                (model, vector_store_id),
            ).fetchone()
        return int(row[0]), int(row[1])

    # -- connections ----------------------------------------------------------------------------

    def close(self) -> None:
        """See :meth:`.rows.Rows.close`."""
        for connection in (self._reader, self._writer):
            with connection.turn:
                connection.database.close()

    @contextlib.contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._reader.turn, self._errors():
            yield self._reader.database

    @contextlib.contextmanager
    def _write(self, *, changes: bool = True) -> Iterator[sqlite3.Connection]:
        with self._writer.turn, self._errors():
            database = self._writer.database
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                if changes:
                    database.execute("UPDATE state SET generation = generation + 1")
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


def _has_all(database: sqlite3.Connection, vector_store_ids: Sequence[str]) -> bool:
    """Say whether there is one vector store and it is searched: then no word has to narrow it."""
    if len(vector_store_ids) != 1:
        return False
    other = database.execute(
        "SELECT 1 FROM documents WHERE vector_store_id < ?1"
        " UNION ALL SELECT 1 FROM documents WHERE vector_store_id > ?1 LIMIT 1",
        tuple(vector_store_ids),
    ).fetchone()
    return other is None


def _worth(database: sqlite3.Connection, words: Sequence[str]) -> str:
    """Give the query for the words, without ranking every chunk that has a frequent one.

    Chunks with the rarest words are ranked; frequent words count where they stand beside these.
    """
    counted = sorted((_estimated(database, word), word) for word in words)
    rare: list[str] = []
    ranked = skimmed = 0
    beside: list[str] = []
    for count, word in counted:
        if not rare or ranked + count <= RANKED:
            rare.append(word)
            ranked += count
        elif skimmed + count <= SKIMMED:
            beside.append(word)
            skimmed += count
    if not beside:
        return _any(rare)
    return f"({_any(rare)}) OR (({_any(rare)}) AND ({_any(beside)}))"


def _estimated(database: sqlite3.Connection, word: str) -> int:
    (count,) = database.execute(
        "SELECT count(*) FROM sample WHERE sample MATCH ?", (_any([word]),)
    ).fetchone()
    return int(count) * SAMPLED


def _put_words(
    database: sqlite3.Connection, number: int, scope: str, title: str, text: str
) -> None:
    database.execute(
        "INSERT OR REPLACE INTO words (rowid, scope, title, text) VALUES (?, ?, ?, ?)",
        (number, scope, title, text),
    )
    if number % SAMPLED == 0:
        database.execute(
            "INSERT OR REPLACE INTO sample (rowid, title, text) VALUES (?, ?, ?)",
            (number, title, text),
        )


def _scope(vector_store_id: str) -> str:
    """Give one word for a vector store; letters that fold together are told apart later."""
    return "s" + re.sub(r"[^0-9a-z]", "", vector_store_id.lower()) + "0"


def _any(words: Sequence[str]) -> str:
    return " OR ".join(f'"{word}"' for word in words)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
