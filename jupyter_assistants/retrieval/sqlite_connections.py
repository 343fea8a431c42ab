"""Connections to the search database in SQLite, and transactions on them."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_assistants.retrieval.base import IndexDamaged, IndexUnavailable
from jupyter_assistants.retrieval.index_storage import DamagedRow
from jupyter_assistants.retrieval.sqlite_tables import (
    IN_MEMORY,
    LockedConnection,
    is_current,
    overwrite,
    prepare,
)
from jupyter_assistants.storage.files import private_folder

log = logging.getLogger(__name__)

_DAMAGE = frozenset(
    [sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_MISMATCH]
)
# Without an error code of their own: the file is another database, or its text is no text.
_SIGNS = ("no such table", "no such column", "has no column", "Could not decode to UTF-8")
_SUFFIXES = ("", "-wal", "-shm", "-journal")

FileIdentity = tuple[int, int]
"""Device and number of a file, which another file at the same path does not have."""


@dataclass(frozen=True)
class _OpenFile:
    """The connections to one file.

    Parameters
    ----------
    identity
        None where it cannot be replaced: in memory.
    writable
        A connection to a read-only file stays read-only when the file no longer is.
    """

    writer: LockedConnection
    reader: LockedConnection
    identity: FileIdentity | None
    writable: bool = True

    def close(self) -> None:
        for connection in {id(each): each for each in (self.reader, self.writer)}.values():
            with connection.lock, contextlib.suppress(sqlite3.Error):
                connection.database.close()


class SqliteConnections:
    """The connections that every part of :class:`.sqlite.SqliteRows` uses.

    They are opened with the first use, and again when the file is another one. A file that is
    damaged is deleted and made anew, without documents: its content is derived
    (docs/internals/retrieval.md, "A lost index").

    Parameters
    ----------
    path
        The database file, or :data:`.sqlite_tables.IN_MEMORY`.
    journal_mode
        Of SQLite: ``wal``, or ``delete`` where the file is on a network file system.
    """

    def __init__(self, path: Path | str, *, journal_mode: str = "wal") -> None:
        self._path = str(path)
        self._journal_mode = journal_mode
        self._opening = threading.Lock()
        self._file: _OpenFile | None = None
        try:
            with self._connected():
                pass
        except IndexUnavailable as error:
            # Everything but searches works without it, and each use tries again.
            log.warning("%s", error.message)

    def tidy(self) -> None:
        """See :meth:`.rows.Rows.tidy`."""
        with self._connected() as file, file.writer.lock:
            overwrite(file.writer.database)

    def close(self) -> None:
        """See :meth:`.rows.Rows.close`."""
        with self._opening:
            if self._file is not None:
                self._file.close()
                self._file = None

    @contextlib.contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as file, file.reader.lock:
            yield file.reader.database

    @contextlib.contextmanager
    def _write(self, *, changes: bool = True) -> Iterator[sqlite3.Connection]:
        with self._connected() as file, file.writer.lock:
            database = file.writer.database
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                if changes:
                    database.execute("UPDATE state SET generation = generation + 1")
                database.execute("COMMIT")
            except BaseException:
                # A full disk has ended the transaction already.
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _scan(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection for reading everything, beside which searches go on."""
        with self._connected() as file:
            if file.identity is None:
                with file.reader.lock:
                    yield file.reader.database
                return
            connection = LockedConnection(self._path)
            try:
                yield connection.database
            finally:
                connection.database.close()

    # -- the file -------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _connected(self) -> Iterator[_OpenFile]:
        """Yield the connections; turn errors into an IndexUnavailable, and discard a damaged file."""
        file: _OpenFile | None = None
        try:
            file = self._opened()
            yield file
        except (sqlite3.Error, OSError, DamagedRow) as error:
            if file is not None and _is_damage(error):
                self._discard(file)
                raise IndexDamaged(
                    f"The search index {self._path} was damaged ({error}). It is built again from "
                    "the files, in the background: search again in a while."
                ) from error
            raise IndexUnavailable(
                f"The search index {self._path} cannot be used: {error}. See that its folder is "
                "writable and the disk has space. It is derived from the files: with no server "
                "running it may be deleted, and is built again at the next start."
            ) from error

    def _opened(self) -> _OpenFile:
        with self._opening:
            if self._file is not None and self._is_replaced(self._file):
                log.warning("the search index %s was deleted or replaced", self._path)
                self._file.close()
                self._file = None
            if self._file is not None and not self._file.writable and self._is_writable():
                self._file.close()
                self._file = None
            if self._file is None:
                try:
                    self._file = self._open()
                except sqlite3.Error as error:
                    if self._path == IN_MEMORY or not _is_damage(error):
                        raise
                    log.warning("the search index %s is damaged: %s", self._path, error)
                    self._delete()
                    self._file = self._open()
            return self._file

    def _open(self) -> _OpenFile:
        if self._path == IN_MEMORY:
            only = LockedConnection(self._path)
            prepare(only, self._path, self._journal_mode)
            return _OpenFile(only, only, None)
        private_folder(Path(self._path).parent)
        if self._identity() is None:
            # SQLite would create it by the umask, and give its log and shared memory the same mode.
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
        if self._is_writable():
            for suffix in _SUFFIXES:
                with contextlib.suppress(FileNotFoundError):
                    Path(f"{self._path}{suffix}").chmod(0o600)
        writer = LockedConnection(self._path)
        try:
            try:
                prepare(writer, self._path, self._journal_mode)
            except sqlite3.OperationalError as error:
                # What cannot be written can be searched all the same.
                if _code(error) != sqlite3.SQLITE_READONLY or not is_current(writer):
                    raise
            # Who searches does not wait until a large file is indexed.
            reader = LockedConnection(self._path)
            return _OpenFile(writer, reader, self._identity(), self._is_writable())
        except BaseException:
            writer.database.close()
            raise

    def _identity(self) -> FileIdentity | None:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _is_writable(self) -> bool:
        effective = os.access in os.supports_effective_ids
        return os.access(self._path, os.W_OK, effective_ids=effective)

    def _is_replaced(self, file: _OpenFile) -> bool:
        """Return whether the path names another file by now; what was opened is in none then."""
        return file.identity is not None and self._identity() != file.identity

    def _discard(self, file: _OpenFile) -> None:
        """Delete a damaged file, unless somebody has done so already."""
        log.warning("the search index %s is damaged and is made anew", self._path)
        with self._opening:
            if self._file is not file:
                return
            self._file = None
            file.close()
            if not self._is_replaced(file):
                self._delete()

    def _delete(self) -> None:
        """Delete the file: a damaged copy would keep text that users delete later."""
        for suffix in _SUFFIXES if self._path != IN_MEMORY else ():
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)


def _code(error: Exception) -> int:
    """Return an error's primary code; 0 where it is none of SQLite."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _is_damage(error: Exception) -> bool:
    return (
        isinstance(error, DamagedRow)
        or _code(error) in _DAMAGE
        or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHORT_READ
        or any(sign in str(error) for sign in _SIGNS)
    )


def marks(values: Sequence[object]) -> str:
    """Return a question mark for each value, for ``IN (…)``."""
    return ",".join("?" * len(values))
