"""The bytes that an object names, when it expires, and the words that a search finds it by."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BATCH = 1000


def upgrade() -> None:
    op.add_column("objects", sa.Column("blob", sa.Text))
    op.add_column("objects", sa.Column("gone_at", sa.BigInteger))
    op.add_column("objects", sa.Column("words", sa.Text))
    for name in ("blob", "gone_at"):
        has = sa.column(name).is_not(None)
        op.create_index(
            f"objects_by_{name}", "objects", [name], sqlite_where=has, postgresql_where=has
        )
    op.create_table(
        "pins",
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("until", sa.Float(53), nullable=False),
    )
    op.create_index("pins_of_sha256", "pins", ["sha256"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    names = ("seq", "kind", "body", "blob", "gone_at", "words")
    objects = sa.table("objects", *map(sa.column, names))
    page = (
        sa.select(objects.c.seq, objects.c.kind, objects.c.body)
        .where(
            objects.c.seq > sa.bindparam("above"),
            objects.c.kind.in_(["file", "thread", "thread.message"]),
        )
        .order_by(objects.c.seq)
        .limit(BATCH)
    )
    change = (
        sa.update(objects)
        .where(objects.c.seq == sa.bindparam("row"))
        .values({name: sa.bindparam(f"new_{name}") for name in names[3:]})
    )
    above = -1
    while rows := connection.execute(page, {"above": above}).all():
        above = rows[-1].seq
        values = [{"row": row.seq, **_values(row.kind, json.loads(row.body))} for row in rows]
        connection.execute(change, values)


def _values(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    blob = gone_at = words = None
    if kind == "file":
        blob = (body.get("jupyter") or {}).get("sha256") or None
        gone_at = body.get("expires_at")
    elif kind == "thread":
        words = "\n".join((body.get("metadata") or {}).values())
    else:
        texts = [part["text"]["value"] for part in body["content"] if part["type"] == "text"]
        words = "".join(texts)
    return {"new_blob": blob, "new_gone_at": gone_at, "new_words": words and _plain(words)}


def _plain(words: str) -> str:
    return words.casefold().encode(errors="replace").decode().replace("\0", "?")
