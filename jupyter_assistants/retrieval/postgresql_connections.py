"""Connections to the search tables in PostgreSQL, and transactions on them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.retrieval.postgresql_tables import PREPARE

if TYPE_CHECKING:
    import psycopg


class PostgresqlConnections:
    """The connections that every part of :class:`.postgresql.PostgresqlRows` uses.

    Parameters
    ----------
    url
        The database's address: ``postgresql://…``.

    Raises
    ------
    StorageError
        If it cannot be reached.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self._reader: psycopg.Connection | None = None
        self._writer: psycopg.Connection | None = None
        with self._write(changes=False) as database:
            database.execute(PREPARE)

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
            raise StorageError(
                "PostgreSQL needs a driver that is not installed. Run "
                "`pip install 'jupyter-assistants[postgresql]'`."
            ) from None
        try:
            yield
        except psycopg.Error as error:
            raise StorageError(
                f"The search index in PostgreSQL cannot be used: {str(error).strip()}. See that "
                "the database is reachable and that JupyterAssistantsApp.database_url is right."
            ) from error
