"""Connections to the search database in SQLite, and transactions on them."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.retrieval.sqlite_tables import (
    IN_MEMORY,
    LockedConnection,
    overwrite,
    prepare,
)


class SqliteConnections:
    """The connections that every part of :class:`.sqlite.SqliteRows` uses.

    Parameters
    ----------
    path
        The database file, or :data:`.sqlite_tables.IN_MEMORY`.
    journal_mode
        Of SQLite: ``wal``, or ``delete`` where the file is on a network file system.

    Raises
    ------
    StorageError
        If the database cannot be opened.
    """

    def __init__(self, path: Path | str, *, journal_mode: str = "wal") -> None:
        self._path = str(path)
        with self._errors():
            if self._path != IN_MEMORY:
                Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._writer = self._reader = LockedConnection(self._path)
            prepare(self._writer, self._path, journal_mode)
            if self._path != IN_MEMORY:
                # Who searches does not wait until a large file is indexed.
                self._reader = LockedConnection(self._path)

    def tidy(self) -> None:
        """See :meth:`.rows.Rows.tidy`."""
        with self._writer.lock, self._errors():
            overwrite(self._writer.database)

    def close(self) -> None:
        """See :meth:`.rows.Rows.close`."""
        for connection in (self._reader, self._writer):
            with connection.lock:
                connection.database.close()

    @contextlib.contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._reader.lock, self._errors():
            yield self._reader.database

    @contextlib.contextmanager
    def _write(self, *, changes: bool = True) -> Iterator[sqlite3.Connection]:
        with self._writer.lock, self._errors():
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
            raise StorageError(
                f"The search index {self._path} cannot be used: {error}. See that its folder is "
                "writable and the disk has space. It is derived from the files: with no server "
                "running it may be deleted, and the files attached again."
            ) from error


def marks(values: Sequence[object]) -> str:
    """Return a question mark for each value, for ``IN (…)``."""
    return ",".join("?" * len(values))
