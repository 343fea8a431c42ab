"""The tables of the database, and the version of the schema."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, Table, Text

HEAD = "0005"
"""The newest migration. Opening a database compares with it, so that an up-to-date one needs no
Alembic (which takes longer to import than the whole opening may)."""

metadata = MetaData()

objects = Table(
    "objects",
    metadata,
    # AUTOINCREMENT, because a number that was freed by a deletion must not come back: pages are
    # in the order of these numbers, and clients hold cursors.
    Column(
        "seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("parent", Text),
    Column("owner", Text, nullable=False),
    Column("key", Text),
    Column("status", Text),
    Column("created_at", BigInteger, nullable=False),
    # JSON as text: no statement looks inside, so no database needs to read it.
    Column("body", Text, nullable=False),
    Column("blob", Text),
    Column("gone_at", BigInteger),
    Column("words", Text),
    sqlite_autoincrement=True,
)

# One index for each list, ended by seq, so that a page is one walk along one index. The first
# three begin with parent, which also serves the cascade of a deletion.
Index("objects_of_parent", objects.c.parent, objects.c.kind, objects.c.seq)
Index("objects_of_parent_by_key", objects.c.parent, objects.c.kind, objects.c.key, objects.c.seq)
Index(
    "objects_of_parent_by_status",
    objects.c.parent,
    objects.c.kind,
    objects.c.status,
    objects.c.seq,
)
Index("objects_of_owner", objects.c.owner, objects.c.kind, objects.c.seq)
Index("objects_of_owner_by_key", objects.c.owner, objects.c.kind, objects.c.key, objects.c.seq)
Index("objects_of_kind", objects.c.kind, objects.c.seq)

# Few objects have these; the others take no room in the indexes.
for _name in ("blob", "gone_at"):
    _has = objects.c[_name].is_not(None)
    Index(f"objects_by_{_name}", objects.c[_name], sqlite_where=_has, postgresql_where=_has)

# Where deleted objects stood in their lists, for cursors that clients still hold
# (docs/internals/protocol.md, "Ids and pages"). What they said is gone.
deleted = Table(
    "deleted",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent", Text),
    Column("owner", Text, nullable=False),
    Column("deleted_at", BigInteger, nullable=False),
)
Index("deleted_by_time", deleted.c.deleted_at)

# A row outlives its lease: an epoch that began again at 1 would let an old claim pass for a new one.
leases = Table(
    "leases",
    metadata,
    Column("resource", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text),
    Column("process", Text),
    Column("expires_at", Float(53), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("stop_requested", Integer),
)
_used = leases.c.subject.is_not(None)
# Recovery looks for the few that are in use, every second.
Index("leases_by_kind", leases.c.kind, sqlite_where=_used, postgresql_where=_used)

# Bytes that a writer holds although no object names them yet.
pins = Table(
    "pins",
    metadata,
    Column("token", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("until", Float(53), nullable=False),
)
Index("pins_of_sha256", pins.c.sha256)

once = Table(
    "once",
    metadata,
    Column("key", Text, primary_key=True),
    Column("claimed_at", BigInteger),
)
