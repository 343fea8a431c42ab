"""Vectors in PostgreSQL, and which chunks lack them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_assistants.retrieval import index_storage as rows
from jupyter_assistants.retrieval.postgresql_connections import PostgresqlConnections

_BATCH = 5000


class PostgresqlVectors(PostgresqlConnections):
    """The part of the index in PostgreSQL that keeps vectors, by the models that made them."""

    def model(self, name: str, dimension: int) -> int:
        """See :meth:`.rows.Rows.model`."""

        def find(database: Any) -> int:
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

        return self._write(find, changes=False)

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

        def put_all(database: Any) -> None:
            for chunk, found in vectors.items():
                row = database.execute(
                    "UPDATE search_chunks SET model_id = %s WHERE id = %s RETURNING content_id",
                    (model, chunk),
                ).fetchone()
                if row is None:
                    # Removed while its vectors were made.
                    continue
                old = database.execute(
                    "DELETE FROM search_vectors WHERE chunk_id = %s RETURNING length(vector)",
                    (chunk,),
                ).fetchall()
                for vector in found:
                    database.execute(
                        "INSERT INTO search_vectors (chunk_id, content_id, model_id, vector)"
                        " VALUES (%s, %s, %s, %s)",
                        (chunk, row[0], model, vector.tobytes()),
                    )
                database.execute(
                    "UPDATE search_contents SET bytes = bytes + %s WHERE id = %s",
                    (found.nbytes - sum(size for (size,) in old), row[0]),
                )

        self._write(put_all, changes=False)

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
