"""Objects, locks of threads, and keys that were claimed once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "objects",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("parent", sa.Text),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("status", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("objects_of_parent", "objects", ["parent", "kind", "seq"])
    op.create_index("objects_of_parent_by_key", "objects", ["parent", "kind", "key", "seq"])
    op.create_index("objects_of_parent_by_status", "objects", ["parent", "kind", "status", "seq"])
    op.create_index("objects_of_owner", "objects", ["owner", "kind", "seq"])
    op.create_index("objects_of_owner_by_key", "objects", ["owner", "kind", "key", "seq"])
    op.create_index("objects_of_kind", "objects", ["kind", "seq"])
    op.create_table(
        "locks",
        sa.Column("thread_id", sa.Text, primary_key=True),
        sa.Column("run_id", sa.Text),
        sa.Column("holder", sa.Text),
        sa.Column("lease_until", sa.Float(53), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
    op.create_table("once", sa.Column("key", sa.Text, primary_key=True))
