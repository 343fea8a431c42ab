"""Vectors in SQLite, and which chunks lack them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from jupyter_assistants.retrieval import index_storage as rows
from jupyter_assistants.retrieval.sqlite_connections import SqliteConnections

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 5000


class SqliteVectors(SqliteConnections):
    """The part of the index in SQLite that keeps vectors, by the models that made them."""

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
                "SELECT id, coalesce(json_extract(chunk, '$[3]'), ''), text FROM chunks"
                " WHERE id IN (SELECT id FROM chunks WHERE model_id IS NULL UNION ALL"
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
                old = database.execute(
                    "DELETE FROM vectors WHERE chunk_id = ? RETURNING length(vector)", (chunk,)
                ).fetchall()
                database.executemany(
                    "INSERT INTO vectors (chunk_id, content_id, model_id, vector)"
                    " VALUES (?, ?, ?, ?)",
                    [(chunk, row[0], model, vector.tobytes()) for vector in found],
                )
                database.execute(
                    "UPDATE contents SET bytes = bytes + ? WHERE id = ?",
                    (found.nbytes - sum(size for (size,) in old), row[0]),
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
                if len({len(row[3]) for row in found}) > 1:
                    raise rows.DamagedRow("vectors of one model have different lengths")
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
