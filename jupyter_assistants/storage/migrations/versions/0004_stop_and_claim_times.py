"""Requests to stop what is done under a lease, and the time at which a key was claimed."""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("leases", sa.Column("stop_requested", sa.Integer))
    op.add_column("once", sa.Column("claimed_at", sa.BigInteger))
    # When they were claimed is not known; from now on they have the time that new ones have.
    op.execute(sa.text(f"UPDATE once SET claimed_at = {int(time.time())}"))
