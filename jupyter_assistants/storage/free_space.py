"""Free space inside the file of a SQLite database, given back to the file system."""

from __future__ import annotations

import contextlib
from typing import Any

from sqlalchemy import Connection, Engine, text

from jupyter_assistants.storage.database import database_errors

PAGES_AT_ONCE = 500
"""Two megabytes: writers wait for a few milliseconds at most."""
LARGEST_REWRITE_BYTES = 64 * 1024 * 1024
_INCREMENTAL = 2


def release_free_pages(
    engine: Engine, writing: contextlib.AbstractContextManager[Any], name: str
) -> None:
    """Release free pages to the file system; on PostgreSQL its own vacuum does that.

    A database of an older version cannot give single pages back. It is rewritten once, unless it is so
    large that writers would wait for seconds (docs/internals/decisions.md, "The SQLite file shrinks").

    Parameters
    ----------
    engine
        Begins no transactions by itself: VACUUM cannot run inside of one.
    writing
        The lock of the writers, taken for each step alone.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return
    with database_errors(name), engine.connect() as connection:
        if _number(connection, "auto_vacuum") == _INCREMENTAL:
            while (free := _number(connection, "freelist_count")) > 0:
                with writing:
                    _vacuum(connection)
                if _number(connection, "freelist_count") >= free:
                    return
        elif _bytes(connection) <= LARGEST_REWRITE_BYTES:
            with writing:
                connection.execute(text("VACUUM"))


def _vacuum(connection: Connection) -> None:
    """Release some pages: one for each row that is fetched, although the rows have no columns."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})").fetchall()


def is_rigid(connection: Connection) -> bool:
    """Return whether a SQLite file is too large to be rewritten, and much of it is free."""
    pages = _number(connection, "page_count")
    return (
        _number(connection, "auto_vacuum") != _INCREMENTAL
        and _bytes(connection) > LARGEST_REWRITE_BYTES
        and _number(connection, "freelist_count") * 4 > pages
    )


def _bytes(connection: Connection) -> int:
    return _number(connection, "page_count") * _number(connection, "page_size")


def _number(connection: Connection, pragma: str) -> int:
    return int(connection.scalar(text(f"PRAGMA {pragma}")) or 0)
