"""Alembic's environment; :func:`jupyter_assistants.storage.database.upgrade` brings the connection."""

from __future__ import annotations

from alembic import context

from jupyter_assistants.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
