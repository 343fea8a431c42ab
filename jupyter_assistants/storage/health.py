"""The condition of a database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from jupyter_assistants.storage.base import DatabaseHealth
from jupyter_assistants.storage.database import name_of
from jupyter_assistants.storage.free_space import is_rigid
from jupyter_assistants.storage.tables import HEAD


def check_health(connection: Connection) -> DatabaseHealth:
    """Return the condition of a connection's database; SQLite is read from end to end."""
    url = connection.engine.url
    sqlite = connection.dialect.name == "sqlite"
    revision = None
    if inspect(connection).has_table("alembic_version"):
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    mode = str(connection.scalar(text("PRAGMA journal_mode"))) if sqlite else ""
    fault = _damage(connection) if sqlite else ""
    if revision != HEAD:
        fault = fault or f"its schema has version {revision}, and this code wants {HEAD}"
    kind = f"SQLite, journal mode {mode}" if sqlite else connection.dialect.name
    if sqlite and is_rigid(connection):
        kind += (
            ", a quarter or more of its file is free (with no server running, sqlite3 gives it back "
            "with: PRAGMA auto_vacuum=incremental; VACUUM)"
        )
    path = Path(str(url.database)) if sqlite else None
    return DatabaseHealth(
        name_of(url), f"{kind}, version {revision} of the schema", path, mode, fault
    )


def _damage(connection: Connection) -> str:
    found = connection.scalar(text("PRAGMA quick_check(1)"))
    return "" if found == "ok" else f"it is damaged: {found}"
