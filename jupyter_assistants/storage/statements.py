"""The statements of :mod:`.sql`, built once, so that SQLAlchemy compiles each of them once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Delete,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

from jupyter_assistants.storage.tables import deleted, objects, once, pins

_NEVER = 1 << 62
# Wrapped, the condition cannot lure a planner away from the index of the list.
_ALIVE = func.coalesce(objects.c.gone_at, _NEVER) > bindparam("now", type_=BigInteger)

_CHANGEABLE = ("parent", "key", "status", "body", "blob", "gone_at", "words")


class Dialect:
    """The statements that begin with ``INSERT … ON CONFLICT``, which Core spells by database."""

    def __init__(self, name: str) -> None:
        into = postgresql.insert if name == "postgresql" else sqlite.insert
        new = into(objects)
        self.save: Any = new.on_conflict_do_update(
            index_elements=["id"],
            set_={name: new.excluded[name] for name in _CHANGEABLE},
        )
        self.add: Any = new.on_conflict_do_update(
            index_elements=["id"],
            set_={name: new.excluded[name] for name in (*_CHANGEABLE, "owner", "created_at")},
            where=func.coalesce(objects.c.gone_at, _NEVER) <= bindparam("now"),
        ).execution_options(preserve_rowcount=True)
        # Core drops the row count of an INSERT unless it is asked to keep it.
        self.claim_once: Any = (
            into(once)
            .values(key=bindparam("key"), claimed_at=bindparam("now"))
            .on_conflict_do_nothing(index_elements=["key"])
            .execution_options(preserve_rowcount=True)
        )
        self.keep_places = _keep_places(into)


@cache
def get(by_owner: bool) -> Select[Any]:
    """Select one body by ``id`` and ``kind``."""
    found = select(objects.c.body).where(
        objects.c.id == bindparam("id"), objects.c.kind == bindparam("kind"), _ALIVE
    )
    return found.where(objects.c.owner == bindparam("owner")) if by_owner else found


to_replace = get(False).with_for_update()
owner_of = select(objects.c.owner).where(objects.c.id == bindparam("id"), _ALIVE)


@cache
def cursor(table: Table, given: frozenset[str]) -> Select[Any]:
    """Select the place of a cursor within a list; ``given`` names the filters in use.

    Parameters
    ----------
    table
        ``objects``, in which expired objects still have one, or ``deleted``.
    """
    return select(table.c.seq).where(
        table.c.id == bindparam("id"),
        table.c.kind == bindparam("kind"),
        *(table.c[name] == bindparam(name) for name in ("parent", "owner") if name in given),
    )


@cache
def page(given: frozenset[str], *, newest_first: bool) -> Select[Any]:
    """Select the bodies of a page; ``given`` names the filters and bounds in use.

    Beyond columns and bounds these are ``text`` and, for pairs of metadata, ``first_…`` and
    ``next_…``: the two places where a pair can stand in a thread's JSON.
    """
    seq = objects.c.seq
    where: dict[str, ColumnElement[bool]] = {
        name: objects.c[name] == bindparam(name) for name in ("parent", "owner", "key", "status")
    }
    where["above"] = seq > bindparam("above")
    where["below"] = seq < bindparam("below")
    if "parent" in given:
        # All children of one parent have one owner. Wrapped, the condition cannot lure SQLite,
        # which plans without statistics, into walking through everything the owner has.
        where["owner"] = func.coalesce(objects.c.owner, "") == bindparam("owner", type_=Text)
    where["text"] = _matches_text()
    for name in given:
        if name.startswith("first_"):
            places = (name, name.replace("first_", "next_"))
            where[name] = or_(*(objects.c.body.like(bindparam(p), escape="!") for p in places))
    chosen = [where[name] for name in sorted(given) if name in where]
    return (
        select(objects.c.body)
        .where(objects.c.kind == bindparam("kind"), _ALIVE, *chosen)
        .order_by(seq.desc() if newest_first else seq.asc())
        .limit(bindparam("count", type_=Integer))
    )


def _matches_text() -> ColumnElement[bool]:
    """Return whether a thread, or a message of it, has the pattern ``text``."""
    message = objects.alias("message")
    pattern = bindparam("text", type_=Text)
    return or_(
        objects.c.words.like(pattern, escape="!"),
        exists().where(
            message.c.parent == objects.c.id,
            message.c.kind == "thread.message",
            message.c.words.like(pattern, escape="!"),
        ),
    )


@cache
def count(by_key: bool) -> Select[Any]:
    """Select how many children of a parent are in each status."""
    found = (
        select(objects.c.status, func.count().label("number"))
        .where(
            objects.c.parent == bindparam("parent"),
            objects.c.kind == bindparam("kind"),
            objects.c.status.is_not(None),
        )
        .group_by(objects.c.status)
    )
    return found.where(objects.c.key == bindparam("key")) if by_key else found


@cache
def history(limited: bool) -> CompoundSelect[Any]:
    """Select messages and items of a thread, newest first."""
    one, other = (
        select(objects.c.seq, objects.c.kind, objects.c.body).where(
            objects.c.parent == bindparam("parent"), objects.c.kind == bindparam(kind)
        )
        for kind in ("one", "other")
    )
    both = union_all(one, other)
    both = both.order_by(both.selected_columns.seq.desc())
    return both.limit(bindparam("count", type_=Integer)) if limited else both


def subtree() -> Select[Any]:
    """Select ``root`` and the ids of everything below it."""
    tree = select(bindparam("root", type_=Text).label("id")).cte("tree", recursive=True)
    tree = tree.union(select(objects.c.id).where(objects.c.parent == tree.c.id))
    return select(tree.c.id)


blobs = select(objects.c.blob).where(objects.c.id.in_(subtree()), objects.c.blob.is_not(None))
expired = (
    select(objects.c.id, objects.c.kind, objects.c.owner)
    .where(objects.c.gone_at <= bindparam("now", type_=BigInteger))
    .order_by(objects.c.gone_at)
    .limit(bindparam("count", type_=Integer))
)
needed = select(literal(1)).where(
    or_(
        exists().where(objects.c.blob == bindparam("sha256")),
        exists().where(pins.c.sha256 == bindparam("sha256"), pins.c.until > bindparam("now")),
    )
)
pin = insert(pins)
unpin: Delete = delete(pins).where(pins.c.token == bindparam("of_token"))
forget_claims: Delete = delete(once).where(
    once.c.claimed_at <= bindparam("before", type_=BigInteger)
)
drop_pins: Delete = delete(pins).where(pins.c.until <= bindparam("now"))
advise = select(func.pg_advisory_xact_lock(func.hashtext(bindparam("sha256", type_=Text))))
"""PostgreSQL: whoever pins a hash and whoever collects it take turns. SQLite's writers always do."""

forget_places: Delete = delete(deleted).where(
    deleted.c.deleted_at <= bindparam("before", type_=BigInteger)
)
delete_objects: Delete = delete(objects).where(objects.c.id.in_(subtree()))


def _keep_places(into: Callable[..., Any]) -> Any:
    """Build the statement that notes where ``root`` and everything below it stand in their lists."""
    names = ("id", "seq", "kind", "parent", "owner")
    chosen = select(
        *(objects.c[name] for name in names), bindparam("now", type_=BigInteger).label("deleted_at")
    )
    # In one order, so that two deletions of the same objects wait for each other, not in a circle.
    chosen = chosen.where(objects.c.id.in_(subtree())).order_by(objects.c.seq)
    new = into(deleted).from_select([*names, "deleted_at"], chosen)
    # An id comes back when a file is attached again to the vector store that it was removed from.
    changed = {name: new.excluded[name] for name in (*names[1:], "deleted_at")}
    return new.on_conflict_do_update(index_elements=["id"], set_=changed)
