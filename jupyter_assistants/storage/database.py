"""Databases: how they are opened, kept private, and migrated."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    IntegrityError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.pool import StaticPool

from jupyter_assistants.protocol.errors import StorageError, StorageUnavailable
from jupyter_assistants.storage.files import folder_errors, private_folder
from jupyter_assistants.storage.tables import HEAD, metadata

log = logging.getLogger(__name__)

BUSY_SECONDS = 10.0
CONNECT_SECONDS = 10
_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = threading.Lock()  # Alembic keeps its context in module globals
_ADVISORY_LOCK = 0x6A_61_73_74  # any constant that other applications are unlikely to use
_SETTING = "JupyterAssistantsApp.database_url"
_UNKNOWN = ("it reported an error, which the server's log has", "See that {setting} is right.")
_FAULTS = (
    # By a part of the driver's text, in lower case; the first that fits.
    (
        ("not a database",),
        "the file is not a database",
        "Move the file away, or set {setting} to another one.",
    ),
    (
        ("malformed",),
        "the file is damaged",
        "Stop every process that uses it and restore the file from a backup.",
    ),
    (
        ("locked", "busy"),
        "it is locked",
        "Another process holds it for long; end that one, or try again.",
    ),
    (
        ("readonly", "read-only"),
        "it is read-only",
        "Make it writable, or set {setting} to another one.",
    ),
    (
        ("unable to open",),
        "the file cannot be opened",
        "Make its folder readable and writable, or set {setting} to another one.",
    ),
    (("is full", "no space left"), "the disk is full", "Free some space on the disk."),
    (("disk i/o",), "the disk cannot be read or written", "See that the disk works and has space."),
    (
        ("password", "authentication", "role "),
        "it refuses the login",
        "See that the user and the password in {setting} are right.",
    ),
    (
        ("no such table", "no such column", "relation ", "column "),
        "its tables are not those of this version",
        "Restart the server, or restore the database from a backup.",
    ),
    (
        ("shutting down", "starting up", "terminating connection", "closed the connection"),
        "the server ended the connection",
        "It is tried again.",
    ),
    (
        ("connect", "timeout", "timed out", "resolve", "name or service"),
        "it cannot be reached",
        "See that it runs and that {setting} is right.",
    ),
)


@contextlib.contextmanager
def database_errors(name: str) -> Iterator[None]:
    """Turn errors of the database into a StorageError that says what to do.

    Its text is ours. The driver's own goes to the log only: it may name hosts, users and statements.
    """
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip()
        _log_once(name, reason)
        found = reason.lower()
        cause, step = next(
            ((cause, step) for signs, cause, step in _FAULTS if any(s in found for s in signs)),
            _UNKNOWN,
        )
        text = f"The database {name} cannot be used: {cause}. {step.format(setting=_SETTING)}"
        # A statement that is wrong stays wrong; all else is a condition that ends.
        lasting = isinstance(error, (DataError, IntegrityError, ProgrammingError))
        raise (StorageError if lasting else StorageUnavailable)(text) from error


_LOGGED: dict[tuple[str, str], float] = {}
_LOG_AGAIN_SECONDS = 60.0


def _log_once(name: str, reason: str) -> None:
    """Log the driver's words, once a minute for as long as they stay the same: every request meets them."""
    if time.monotonic() - _LOGGED.get((name, reason), float("-inf")) > _LOG_AGAIN_SECONDS:
        _LOGGED[name, reason] = time.monotonic()
        log.warning("the database %s cannot be used: %s", name, reason)


def open_engine(url: str, *, journal_mode: str) -> Engine:
    """Connect to the database at ``url`` and migrate its schema.

    Raises
    ------
    StorageError
        If it cannot be used, or is newer than this code.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StorageError(
            f"{url!r} is not a database address. Set {_SETTING} to, for example, "
            "sqlite:////home/me/assistants.sqlite or postgresql://user@host/name."
        ) from None
    engine = _engine(parsed, journal_mode)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def memory_engine() -> Engine:
    """Return a SQLite database in memory, with the newest schema; it is gone with the engine."""
    engine = create_engine(
        "sqlite+pysqlite://",
        # One connection for all threads: a second one would open a database of its own.
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )
    _begin_at_once(engine)
    # Straight from the tables: migrations are for databases that live longer.
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        connection.execute(text(f"INSERT INTO alembic_version VALUES ('{HEAD}')"))
    return engine


def name_of(url: URL) -> str:
    """Return the database as an error message names it: a path, or the address less its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database or "in memory")
    return url.render_as_string(hide_password=True)


def upgrade(engine: Engine) -> None:
    """Apply the migrations that the database lacks, whoever else opens it at the same time.

    Raises
    ------
    StorageError
        If the database is newer than this code.
    """
    name = name_of(engine.url)
    with database_errors(name):
        with reading(engine).connect() as connection:
            if _version(connection) == HEAD:
                return
        with _MIGRATING, engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
            found = _version(connection)
            if found is not None and found > HEAD:
                raise StorageError(
                    f"The database {name} has version {found} of the schema, and this "
                    f"jupyter_assistants knows versions up to {HEAD}. Upgrade it with "
                    f"`pip install -U jupyter-assistants`, or set {_SETTING} to another database."
                )
            if found != HEAD:
                _migrate(connection)


def reading(engine: Engine) -> Engine:
    """Return the engine for statements that only read, which need no transaction."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine.execution_options(reading=True)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, HEAD)


def _engine(url: URL, journal_mode: str) -> Engine:
    backend = url.get_backend_name()
    if backend == "sqlite":
        return _sqlite_engine(url, journal_mode)
    if backend in ("postgresql", "postgres"):
        return _postgresql_engine(url.set(drivername="postgresql+psycopg"))
    raise StorageError(
        f"{backend} databases are not supported. Set {_SETTING} to a sqlite: or postgresql: "
        "address."
    )


def _postgresql_engine(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            pool_pre_ping=True,
            max_overflow=-1,
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )
    except ImportError:
        raise StorageError(
            "PostgreSQL needs a driver that is not installed. Run "
            "`pip install 'jupyter-assistants[postgresql]'`."
        ) from None


def _sqlite_engine(url: URL, journal_mode: str) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StorageError(
            f"{url} names no file, and a database in memory has no second connection. Set "
            f"{_SETTING} to a file, for example sqlite:////home/me/assistants.sqlite."
        )
    if journal_mode.lower() not in ("wal", "delete", "truncate", "persist"):
        raise StorageError(
            f"The journal mode {journal_mode!r} does not keep data safe. Set "
            "JupyterAssistantsApp.journal_mode to wal, or to delete on a network file system."
        )
    _private_file(Path(url.database))
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        max_overflow=-1,
        # Without an isolation level, sqlite3 begins no transactions by itself.
        connect_args={
            "timeout": BUSY_SECONDS,
            "check_same_thread": False,
            "isolation_level": None,
        },
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
        _set_pragmas(connection, journal_mode)

    _begin_at_once(engine)
    return engine


def _begin_at_once(engine: Engine) -> None:
    """Begin each transaction of SQLite with the write lock.

    A transaction that asks for it at its first write can be refused without waiting, because
    somebody else wrote since it began to read.
    """

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("reading"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _private_file(path: Path) -> None:
    private_folder(path.parent)
    with folder_errors(path.parent):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _set_pragmas(connection: sqlite3.Connection, journal_mode: str) -> None:
    # Before anything is written: a new file can give back what is free, an old one stays as it is.
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            (mode,) = connection.execute(f"PRAGMA journal_mode={journal_mode}").fetchone()
            break
        except sqlite3.OperationalError as error:
            # The change of mode is the one statement that does not wait for a busy database.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    # NORMAL can lose the last commits in a power cut, never in a crash; only with WAL does it
    # keep the file whole.
    connection.execute(f"PRAGMA synchronous={'NORMAL' if mode == 'wal' else 'FULL'}")
