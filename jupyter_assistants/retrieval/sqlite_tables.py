"""The search database in SQLite: its tables, its settings, and connections to it."""

from __future__ import annotations

import sqlite3
import threading

IN_MEMORY = ":memory:"
VERSION = 7
"""Of the tables and of what readers make of files. It is all derived: another version is dropped."""

SAMPLED = 64
"""One chunk of so many is in the sample, which says how frequent a word is about."""

_TOKENS = """tokenize="ascii tokenchars '_'\""""
"""FTS5 stores the terms of :mod:`.words`, with spaces between them, and changes none of them."""

_CACHE_KB = 32 * 1024
"""The usual 2 MB are read again and again by one query of a large index."""

_TABLES = f"""
CREATE TABLE texts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    blocks TEXT NOT NULL
);
CREATE TABLE contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    text_id INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    language TEXT NOT NULL
);
CREATE INDEX contents_of_text ON contents (text_id);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    vector_store_id TEXT NOT NULL,
    file_id TEXT NOT NULL,
    filename TEXT NOT NULL,
    attributes TEXT NOT NULL,
    attempt TEXT NOT NULL,
    content_id INTEGER NOT NULL,
    UNIQUE (vector_store_id, file_id)
);
CREATE INDEX documents_of_content ON documents (content_id);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id INTEGER NOT NULL,
    chunk TEXT NOT NULL,
    text TEXT NOT NULL,
    model_id INTEGER
);
CREATE INDEX chunks_of_content ON chunks (content_id, model_id);
CREATE INDEX chunks_by_model ON chunks (model_id);
CREATE VIRTUAL TABLE words USING fts5 (
    scope, title, text, {_TOKENS}
);
CREATE VIRTUAL TABLE sample USING fts5 (title, text, {_TOKENS});
CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    dimension INTEGER NOT NULL
);
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk_id INTEGER NOT NULL,
    content_id INTEGER NOT NULL,
    model_id INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX vectors_of_chunk ON vectors (chunk_id);
CREATE TABLE state (
    identity TEXT NOT NULL, generation INTEGER NOT NULL, removed INTEGER NOT NULL
);
INSERT INTO state VALUES (lower(hex(randomblob(16))), 0, 0);
PRAGMA user_version = {VERSION};
"""
# Since 3.42, FTS5 can take a word's traces out of its segments at once.
_SECURE_WORDS = sqlite3.sqlite_version_info >= (3, 42)


class LockedConnection:
    """A connection, and the lock of whoever uses it."""

    def __init__(self, path: str) -> None:
        self.lock = threading.Lock()
        self.database = sqlite3.connect(
            path, timeout=30, check_same_thread=False, isolation_level=None
        )
        self.database.execute(f"PRAGMA cache_size=-{_CACHE_KB}")


def prepare(writer: LockedConnection, path: str, journal_mode: str) -> None:
    """Set up a database for writing, with tables of this version."""
    database = writer.database
    database.execute(f"PRAGMA journal_mode={journal_mode}")
    database.execute(f"PRAGMA synchronous={'NORMAL' if journal_mode == 'wal' else 'FULL'}")
    database.execute("PRAGMA secure_delete=ON")
    database.execute("BEGIN IMMEDIATE")
    try:
        if database.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            _drop(database)
            for statement in _TABLES.split(";\n"):
                database.execute(statement)
        if _SECURE_WORDS:
            for table in ("words", "sample"):
                database.execute(f"INSERT INTO {table}({table}, rank) VALUES ('secure-delete', 1)")
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def is_current(connection: LockedConnection) -> bool:
    """Return whether a database has tables of this version."""
    return bool(connection.database.execute("PRAGMA user_version").fetchone()[0] == VERSION)


def _drop(database: sqlite3.Connection) -> None:
    found = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    virtual = [name for name, sql in found if sql.startswith("CREATE VIRTUAL")]
    plain = [name for name, _ in found if name.partition("_")[0] not in virtual]
    for name in [*virtual, *plain]:
        database.execute(f'DROP TABLE IF EXISTS "{name}"')


def overwrite(database: sqlite3.Connection) -> None:
    """Overwrite what was deleted in every file of the database."""
    (removed,) = database.execute("SELECT removed FROM state").fetchone()
    if removed:
        if not _SECURE_WORDS:
            # Deleted words stay in the segments until these are merged.
            for table in ("words", "sample"):
                database.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")
        database.execute("UPDATE state SET removed = 0")
    # The log holds pages as they were written first.
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
