"""The statements of :mod:`.sql`, built once, so that SQLAlchemy compiles each of them once."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Delete,
    Integer,
    Select,
    Text,
    Update,
    bindparam,
    delete,
    func,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from jupyter_assistants.store.tables import locks, objects, once

_HELD = (
    locks.c.thread_id == bindparam("of_thread"),
    locks.c.run_id == bindparam("of_run"),
    locks.c.epoch == bindparam("of_epoch"),
)


class Dialect:
    """The statements that begin with ``INSERT … ON CONFLICT``, which Core spells by database."""

    def __init__(self, name: str) -> None:
        into = postgresql.insert if name == "postgresql" else sqlite.insert
        new = into(objects)
        self.put: Any = new.on_conflict_do_update(
            index_elements=["id"],
            set_={name: new.excluded[name] for name in ("parent", "key", "status", "body")},
        )
        # Core drops the row count of an INSERT unless it is asked to keep it.
        self.first_time: Any = (
            into(once)
            .on_conflict_do_nothing(index_elements=["key"])
            .execution_options(preserve_rowcount=True)
        )
        lock = into(locks)
        taken = lock.on_conflict_do_update(
            index_elements=["thread_id"],
            set_={
                "run_id": lock.excluded.run_id,
                "holder": lock.excluded.holder,
                "lease_until": lock.excluded.lease_until,
                "epoch": locks.c.epoch + 1,
            },
            where=locks.c.run_id.is_(None)
            | (
                (locks.c.run_id == lock.excluded.run_id) & (locks.c.lease_until <= bindparam("now"))
            ),
        )
        self.claim: Any = taken.execution_options(preserve_rowcount=True)


@cache
def get(by_owner: bool) -> Select[Any]:
    """Select one body by ``id`` and ``kind``."""
    found = select(objects.c.body).where(
        objects.c.id == bindparam("id"), objects.c.kind == bindparam("kind")
    )
    return found.where(objects.c.owner == bindparam("owner")) if by_owner else found


owner_of = select(objects.c.owner).where(objects.c.id == bindparam("id"))


@cache
def cursor(given: frozenset[str]) -> Select[Any]:
    """Select the place of a cursor within a list; ``given`` names the filters in use."""
    found = select(objects.c.seq).where(
        objects.c.id == bindparam("id"), objects.c.kind == bindparam("kind")
    )
    return found.where(
        *(objects.c[name] == bindparam(name) for name in ("parent", "owner") if name in given)
    )


@cache
def page(given: frozenset[str], *, newest_first: bool) -> Select[Any]:
    """Select the bodies of a page; ``given`` names the filters and bounds in use."""
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
    return (
        select(objects.c.body)
        .where(objects.c.kind == bindparam("kind"), *(where[name] for name in sorted(given)))
        .order_by(seq.desc() if newest_first else seq.asc())
        .limit(bindparam("count", type_=Integer))
    )


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


def _gone() -> Select[Any]:
    """Select ``root`` and the ids of everything below it."""
    gone = select(bindparam("root", type_=Text).label("id")).cte("gone", recursive=True)
    gone = gone.union(select(objects.c.id).where(objects.c.parent == gone.c.id))
    return select(gone.c.id)


_freed = {"run_id": None, "holder": None, "lease_until": 0.0}

delete_objects: Delete = delete(objects).where(objects.c.id.in_(_gone()))
delete_locks: Update = update(locks).where(locks.c.thread_id.in_(_gone())).values(**_freed)

held = select(locks.c.epoch).where(*_HELD).with_for_update()
renew: Update = update(locks).where(*_HELD).values(lease_until=bindparam("until"))
park: Update = update(locks).where(*_HELD).values(holder=None, lease_until=0.0)
release: Update = update(locks).where(*_HELD).values(**_freed)
locked = select(locks.c.thread_id, locks.c.run_id, locks.c.lease_until, locks.c.holder).where(
    locks.c.run_id.is_not(None)
)
evict: Update = (
    update(locks)
    .where(
        locks.c.thread_id == bindparam("of_thread"),
        locks.c.run_id == bindparam("of_run"),
        locks.c.holder == bindparam("of_holder"),
    )
    .values(holder=None, lease_until=0.0)
)
lock = locked.where(locks.c.thread_id == bindparam("thread_id"))
claimed = select(locks.c.run_id, locks.c.epoch).where(locks.c.thread_id == bindparam("thread_id"))
