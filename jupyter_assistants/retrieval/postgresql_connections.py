"""Connections to the search tables in PostgreSQL, and transactions on them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.retrieval.base import IndexDamaged, IndexUnavailable
from jupyter_assistants.retrieval.index_storage import DamagedRow
from jupyter_assistants.retrieval.postgresql_tables import (
    COUNT_TABLES,
    DROP,
    IS_OLD,
    PREPARE,
    TABLES,
)

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

T = TypeVar("T")
Transaction = Callable[[Any], T]
"""What is done with a connection. It may be done twice, when the connection is lost."""

_WRITING = "SELECT pg_advisory_xact_lock(1784772200)"
"""One writer at a time, of all processes: contents are shared."""


class PostgresqlConnections:
    """The connections that every part of :class:`.postgresql.PostgresqlRows` uses.

    They are opened with the first use, and again after the server was restarted: what a lost
    connection interrupted is done once more. Tables that are gone or damaged are made anew,
    without documents (docs/internals/retrieval.md, "A lost index").

    Parameters
    ----------
    url
        The database's address: ``postgresql://…``.

    Raises
    ------
    StorageError
        If the driver is not installed.
    """

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError:
            raise StorageError(
                "PostgreSQL needs a driver that is not installed. Run "
                "`pip install 'jupyter-assistants[postgresql]'`."
            ) from None
        self._errors = psycopg.errors
        self._url = url
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self._reader: psycopg.Connection | None = None
        self._writer: psycopg.Connection | None = None
        self._prepared = False
        self._logged = ""
        try:
            self._write(lambda database: None, changes=False)
        except IndexUnavailable as error:
            # Everything but searches works without it, and each use tries again.
            log.warning("%s", error.message)

    def close(self) -> None:
        """See :meth:`.rows.Rows.close`."""
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()

    def _one(self, statement: str, *values: Any) -> Any:
        return self._all(statement, *values)[0]

    def _all(
        self, statement: str, *values: Any, unpack: Callable[[Any], Any] = lambda found: found
    ) -> Any:
        """Return all rows, unpacked here so that a row that cannot be is seen as damage."""
        return self._read(lambda database: unpack(database.execute(statement, values).fetchall()))

    def _read(self, transaction: Transaction[T]) -> T:
        """Return what is read; each statement is a transaction of its own."""

        def read() -> T:
            with self._reading:
                if self._reader is None or self._reader.closed:
                    self._reader = self._connect(autocommit=True)
                return transaction(self._reader)

        return self._retried(read)

    def _write(self, transaction: Transaction[T], *, changes: bool = True) -> T:
        """Return what a transaction returns that changes something, all or nothing."""

        def write() -> T:
            with self._writing:
                if self._writer is None or self._writer.closed:
                    self._writer = self._connect(autocommit=False)
                with self._writer.transaction():
                    self._writer.execute(_WRITING)
                    if not self._prepared:
                        self._writer.execute(PREPARE)
                        if self._writer.execute(IS_OLD).fetchone():
                            self._writer.execute(DROP)
                            self._writer.execute(PREPARE)
                    result = transaction(self._writer)
                    if changes:
                        self._writer.execute("UPDATE search_state SET generation = generation + 1")
                self._prepared = True
                return result

        return self._retried(write)

    def _connect(self, *, autocommit: bool) -> psycopg.Connection:
        import psycopg

        return psycopg.connect(self._url, autocommit=autocommit)

    def _retried(self, work: Callable[[], T]) -> T:
        """Return the result of some work, done once more on a new connection if this one is lost.

        A transaction whose commit was lost may have been done: each of ours may be done twice.
        """
        import psycopg

        errors = self._errors
        try:
            try:
                return work()
            except psycopg.OperationalError:
                if not self._has_lost_connection():
                    raise
                return work()
        except (
            errors.UndefinedTable,
            errors.UndefinedColumn,
            errors.DataCorrupted,
            errors.IndexCorrupted,
            DamagedRow,
        ) as error:
            self._discard(error)
            raise IndexDamaged(
                "The search index in PostgreSQL was damaged. It is built again from the files, in "
                "the background: search again in a while."
            ) from error
        except psycopg.Error as error:
            reason = str(error).strip()
            if reason != self._logged:
                # The driver's text can name hosts, users and statements, so it is for the log.
                self._logged = reason
                log.warning("the search index in PostgreSQL cannot be used: %s", reason)
            raise IndexUnavailable(
                "The search index in PostgreSQL cannot be used now; the server's log says why. See "
                "that the database is reachable and that JupyterAssistantsApp.database_url is right."
            ) from error

    def _has_lost_connection(self) -> bool:
        """Return whether a connection was lost; the next use opens another one."""
        return any(each is not None and each.closed for each in (self._reader, self._writer))

    def _discard(self, error: Exception) -> None:
        """Make the tables anew, without documents."""
        import psycopg

        log.warning("the search index in PostgreSQL is damaged and is made anew: %s", error)
        missing = isinstance(error, self._errors.UndefinedTable | self._errors.UndefinedColumn)
        try:
            with self._connect(autocommit=False) as database:
                database.execute(_WRITING)
                # Another process may have made missing tables while this one waited for the lock.
                if not missing or not self._is_whole(database):
                    database.execute(DROP)
                    database.execute(PREPARE)
        except psycopg.Error as failure:
            log.warning("its tables cannot be made anew: %s", failure)

    def _is_whole(self, database: psycopg.Connection) -> bool:
        """Return whether every table is there."""
        row = database.execute(COUNT_TABLES).fetchone()
        return row is not None and row[0] == len(TABLES)
