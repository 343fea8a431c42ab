"""One table of leases: of runs on threads, of files that are ingested, of requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("resource", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("process", sa.Text),
        sa.Column("expires_at", sa.Float(53), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
    used = sa.column("subject").is_not(None)
    op.create_index("leases_by_kind", "leases", ["kind"], sqlite_where=used, postgresql_where=used)
    # The epochs go along: one that began again would let an old claim pass for a new one.
    op.execute(
        "INSERT INTO leases (resource, kind, subject, process, expires_at, epoch) "
        "SELECT thread_id, 'thread', run_id, holder, lease_until, epoch FROM locks"
    )
    op.drop_table("locks")
