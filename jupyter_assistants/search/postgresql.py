"""Texts, chunks and vectors in PostgreSQL: what several servers on one database share.

Words are ranked by BM25 over a table of postings, because PostgreSQL's own ranks know nothing of
how frequent a word is. No extension is needed.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jupyter_assistants.errors import StoreError
from jupyter_assistants.schema.filters import Scalar
from jupyter_assistants.search import rows
from jupyter_assistants.search.base import Chunk, Document
from jupyter_assistants.search.blocks import Block
from jupyter_assistants.search.postgresql_tables import (
    DESCRIBE,
    KEYWORD,
    PREPARE,
    SHARES,
    VACUUM,
)
from jupyter_assistants.search.words import sound

if TYPE_CHECKING:
    import psycopg

_BATCH = 5000


class PostgresqlRows:
    """See :class:`.rows.Rows`.

    Parameters
    ----------
    url
        The database's address: ``postgresql://…``.

    Raises
    ------
    StoreError
        If it cannot be reached.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self._reader: psycopg.Connection | None = None
        self._writer: psycopg.Connection | None = None
        with self._write(changes=False) as database:
            database.execute(PREPARE)

    # -- writing --------------------------------------------------------------------------------

    def add(self, document: Document) -> int:
        """See :meth:`.rows.Rows.add`."""
        with self._write() as database:
            self._remove(database, document.vector_store_id, document.file_id)
            key = rows.key_of(document)
            found = database.execute(
                "SELECT id, bytes FROM search_contents WHERE key = %s", (key,)
            ).fetchone()
            content, size = found or self._content(database, key, document)
            database.execute(
                "INSERT INTO search_documents (vector_store_id, file_id, filename, attributes,"
                " content_id) VALUES (%s, %s, %s, %s, %s)",
                (
                    document.vector_store_id,
                    document.file_id,
                    sound(document.filename),
                    json.dumps(dict(document.attributes)),
                    content,
                ),
            )
            self._describe_words(database, content)
        return int(size)

    def _content(self, database: Any, key: str, document: Document) -> tuple[int, int]:
        blocks, text_key = rows.packed_blocks(document), rows.text_key_of(document)
        (text,) = database.execute(
            "INSERT INTO search_texts (key, blocks) VALUES (%s, %s)"
            " ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id",
            (text_key, blocks),
        ).fetchone()
        size = len(blocks) + sum(len(sound(each.text).encode()) for each in document.chunks)
        (content,) = database.execute(
            "INSERT INTO search_contents (key, text_id, bytes) VALUES (%s, %s, %s) RETURNING id",
            (key, text, size),
        ).fetchone()
        with database.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO search_chunks (content_id, chunk, head, text) VALUES (%s, %s, %s, %s)",
                [
                    (content, rows.packed_chunk(each), sound(each.head), sound(each.text))
                    for each in document.chunks
                ],
            )
        return int(content), size

    def _describe_words(self, database: Any, content: int) -> None:
        """Let the words of a content be found by the names it has, too."""
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
    ) -> Sequence[rows.Found]:
        """See :meth:`.rows.Rows.keyword`."""
        values = {
            "words": " ".join(words),
            "stores": list(vector_store_ids),
            "contents": None if contents is None else contents.tolist(),
            "limit": limit,
        }
        with self._read() as database:
            found = database.execute(KEYWORD, values).fetchall()
        return [rows.Found(number, content, float(rank)) for number, content, rank in found]

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

    # -- vectors --------------------------------------------------------------------------------

    def model(self, name: str, dimension: int) -> int:
        """See :meth:`.rows.Rows.model`."""
        with self._write(changes=False) as database:
            # A model is a name with a dimension; its number is never used again.
            database.execute(
                "DELETE FROM search_models WHERE name = %s AND dimension <> %s", (name, dimension)
            )
            (number,) = database.execute(
                "INSERT INTO search_models (name, dimension) VALUES (%s, %s)"
                " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id",
                (name, dimension),
            ).fetchone()
        return int(number)

    def models(self) -> Mapping[str, tuple[int, int]]:
        """See :meth:`.rows.Rows.models`."""
        found = self._all("SELECT name, id, dimension FROM search_models")
        return {name: (number, dimension) for name, number, dimension in found}

    def waiting(self, model: int | None, limit: int) -> Sequence[tuple[int, str]]:
        """See :meth:`.rows.Rows.waiting`."""
        found = self._all(
            "SELECT id, head, text FROM search_chunks"
            " WHERE model_id IS DISTINCT FROM %s OR model_id IS NULL ORDER BY id LIMIT %s",
            model,
            limit,
        )
        return [(number, f"{head}\n{text}".strip()) for number, head, text in found]

    def count_waiting(self, model: int) -> int:
        """See :meth:`.rows.Rows.count_waiting`."""
        statement = "SELECT count(*) FROM search_chunks WHERE model_id IS DISTINCT FROM %s"
        return int(self._one(statement, model)[0])

    def put_vectors(self, model: int, vectors: Mapping[int, NDArray[np.float16]]) -> None:
        """See :meth:`.rows.Rows.put_vectors`."""
        with self._write(changes=False) as database:
            for chunk, found in vectors.items():
                row = database.execute(
                    "UPDATE search_chunks SET model_id = %s WHERE id = %s RETURNING content_id",
                    (model, chunk),
                ).fetchone()
                if row is None:
                    # Removed while its vectors were made.
                    continue
                database.execute("DELETE FROM search_vectors WHERE chunk_id = %s", (chunk,))
                for vector in found:
                    database.execute(
                        "INSERT INTO search_vectors (chunk_id, content_id, model_id, vector)"
                        " VALUES (%s, %s, %s, %s)",
                        (chunk, row[0], model, vector.tobytes()),
                    )
                database.execute(
                    "UPDATE search_contents SET bytes = bytes + %s WHERE id = %s",
                    (found.nbytes, row[0]),
                )

    def vectors(self, model: int, after: int) -> Iterator[rows.VectorRows]:
        """See :meth:`.rows.Rows.vectors`."""
        while found := self._all(
            "SELECT id, chunk_id, content_id, vector FROM search_vectors"
            " WHERE id > %s AND model_id = %s ORDER BY id LIMIT %s",
            after,
            model,
            _BATCH,
        ):
            numbers = np.array([row[:3] for row in found], np.int64)
            vectors = np.frombuffer(b"".join(bytes(row[3]) for row in found), np.float16)
            after = int(numbers[-1, 0])
            shaped = vectors.reshape(len(found), -1)
            yield rows.VectorRows(numbers[:, 0], numbers[:, 1], numbers[:, 2], shaped)

    def embedded(self, vector_store_id: str, model: int | None) -> tuple[int, int]:
        """See :meth:`.rows.Rows.embedded`."""
        row = self._one(
            "SELECT count(*), count(*) FILTER (WHERE model_id = %s) FROM search_chunks"
            " WHERE content_id IN"
            " (SELECT content_id FROM search_documents WHERE vector_store_id = %s)",
            model,
            vector_store_id,
        )
        return int(row[0]), int(row[1])

    # -- connections ----------------------------------------------------------------------------

    def close(self) -> None:
        """See :meth:`.rows.Rows.close`."""
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()

    def _one(self, statement: str, *values: Any) -> Any:
        return self._all(statement, *values)[0]

    def _all(self, statement: str, *values: Any) -> Any:
        with self._read() as database:
            return database.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def _read(self) -> Iterator[Any]:
        with self._reading, self._errors():
            if self._reader is None or self._reader.closed:
                self._reader = self._connect(autocommit=True)
            yield self._reader

    @contextlib.contextmanager
    def _write(self, *, changes: bool = True) -> Iterator[Any]:
        with self._writing, self._errors():
            if self._writer is None or self._writer.closed:
                self._writer = self._connect(autocommit=False)
            with self._writer.transaction():
                # One writer at a time, of all processes: contents are shared.
                self._writer.execute("SELECT pg_advisory_xact_lock(1784772200)")
                yield self._writer
                if changes:
                    self._writer.execute("UPDATE search_state SET generation = generation + 1")

    def _connect(self, *, autocommit: bool) -> psycopg.Connection:
        import psycopg

        return psycopg.connect(self._url, autocommit=autocommit)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            import psycopg
        except ImportError:
            raise StoreError(
                "PostgreSQL needs a driver that is not installed. Run "
                "`pip install 'jupyter-assistants[postgresql]'`."
            ) from None
        try:
            yield
        except psycopg.Error as error:
            raise StoreError(
                f"The search index in PostgreSQL cannot be used: {str(error).strip()}. See that "
                "the database is reachable and that JupyterAssistantsApp.database_url is right."
            ) from error
