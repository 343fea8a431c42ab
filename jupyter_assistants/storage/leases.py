"""Leases: who may work on something, and until when.

Runs on their threads, vector-store files that are ingested and requests with an idempotency key all
use the one table and the statements of this module (docs/internals/runs.md, "Leases").
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Float,
    Update,
    bindparam,
    cast,
    delete,
    extract,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from jupyter_assistants.protocol.errors import ClaimLost
from jupyter_assistants.storage.base import Claim, Lease, LeaseHeld, LeaseKind
from jupyter_assistants.storage.statements import subtree
from jupyter_assistants.storage.tables import leases
from jupyter_assistants.storage.texts import storable

REMEMBERED_SECONDS = 24 * 3600.0
"""How long a free resource keeps its epoch: longer than any process may sleep and then write."""

_HELD = (
    leases.c.resource == bindparam("of_resource"),
    leases.c.subject == bindparam("of_subject"),
    leases.c.epoch == bindparam("of_epoch"),
)


class LeaseTable:
    """The statements on leases, each for a connection whose transaction belongs to the caller.

    Parameters
    ----------
    dialect
        SQLAlchemy's name of the database.
    """

    def __init__(self, dialect: str) -> None:
        # On the database's clock, where several machines share one: their own clocks may differ by
        # more than a lease lasts. SQLite's is that of this machine, as is everyone's on the file.
        now: ColumnElement[float] = (
            cast(extract("epoch", func.clock_timestamp()), Float(53))
            if dialect == "postgresql"
            else (func.julianday("now") - 2440587.5) * 86400.0
        )
        until = now + bindparam("seconds", type_=Float(53))
        insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(leases)
        insert = insert.values(
            resource=bindparam("resource"),
            kind=bindparam("kind"),
            subject=bindparam("subject"),
            process=bindparam("process"),
            expires_at=until,
            epoch=1,
        )
        # One statement decides: of two processes that see a free resource only one gets it.
        self._acquire: Any = insert.on_conflict_do_update(
            index_elements=["resource"],
            set_={
                "kind": insert.excluded.kind,
                "subject": insert.excluded.subject,
                "process": insert.excluded.process,
                "expires_at": insert.excluded.expires_at,
                "epoch": leases.c.epoch + 1,
                "stop_requested": None,
            },
            where=leases.c.subject.is_(None)
            | ((leases.c.subject == insert.excluded.subject) & (leases.c.expires_at <= now)),
            # Core drops the row count of an INSERT unless it is asked to keep it.
        ).execution_options(preserve_rowcount=True)
        # Locks the row on PostgreSQL: nobody takes the lease over between this and the commit of
        # what is written under the claim. SQLite's writers take turns anyway.
        self._held = select(literal(1)).where(*_HELD).with_for_update()
        # A lease that was suspended stays so: a renewal that was on its way must not lock out the
        # client whose outputs the run waits for.
        self._renew: Update = (
            update(leases).where(*_HELD, leases.c.process.is_not(None)).values(expires_at=until)
        )
        self._suspend: Update = update(leases).where(*_HELD).values(process=None, expires_at=now)
        self._request_stop: Update = (
            update(leases)
            .where(
                leases.c.resource == bindparam("of_resource"),
                leases.c.subject == bindparam("of_subject"),
                leases.c.process.is_not(None),
                leases.c.expires_at > now,
            )
            .values(stop_requested=1)
        )
        freed = {"subject": None, "process": None, "expires_at": now}
        self._release: Update = update(leases).where(*_HELD).values(freed)
        self._free: Update = update(leases).where(leases.c.resource.in_(subtree())).values(freed)
        self._forget: Delete = delete(leases).where(
            leases.c.subject.is_(None), leases.c.expires_at <= now - REMEMBERED_SECONDS
        )
        self._add_reads(now)

    def _add_reads(self, now: ColumnElement[float]) -> None:
        self._all = select(
            leases.c.resource,
            leases.c.subject,
            leases.c.epoch,
            leases.c.process,
            (leases.c.expires_at > now).label("active"),
            leases.c.stop_requested,
        ).where(leases.c.subject.is_not(None))
        self._of_kind = self._all.where(leases.c.kind == bindparam("kind"))
        self._one = self._all.where(leases.c.resource == bindparam("resource"))
        self._epoch = select(leases.c.epoch).where(leases.c.resource == bindparam("resource"))

    def acquire(
        self,
        connection: Connection,
        resource: str,
        subject: str,
        *,
        kind: LeaseKind,
        process: str,
        seconds: float,
    ) -> Claim:
        """Acquire the lease on a resource; see :meth:`.base.Storage.acquire`."""
        values = {
            **storable(resource=resource, subject=subject, process=process),
            "kind": kind,
            "seconds": seconds,
        }
        if connection.execute(self._acquire, values).rowcount != 1:
            # Surely one row: PostgreSQL locked it for the statement, and SQLite has one writer.
            raise LeaseHeld(_lease(connection.execute(self._one, values).one()))
        epoch = connection.scalar(self._epoch, values)
        return Claim(resource, subject, int(epoch or 0))

    def check(self, connection: Connection, claim: Claim) -> None:
        """Raise ClaimLost unless the claim holds until the transaction ends."""
        if connection.execute(self._held, _claim_values(claim)).first() is None:
            raise lost(claim)

    def renew(self, connection: Connection, claim: Claim, seconds: float) -> None:
        """Prolong a lease; see :meth:`.base.Storage.renew`."""
        if (
            connection.execute(self._renew, {**_claim_values(claim), "seconds": seconds}).rowcount
            != 1
        ):
            raise lost(claim)

    def request_stop(self, connection: Connection, resource: str, subject: str) -> bool:
        """Ask whoever works under an active lease to stop; see :meth:`.base.Storage.request_stop`."""
        values = storable(of_resource=resource, of_subject=subject)
        return connection.execute(self._request_stop, values).rowcount == 1

    def suspend(self, connection: Connection, claim: Claim) -> None:
        """End a lease and leave the resource with its subject."""
        connection.execute(self._suspend, _claim_values(claim))

    def release(self, connection: Connection, claim: Claim) -> None:
        """Free a resource."""
        connection.execute(self._release, _claim_values(claim))

    def free(self, connection: Connection, roots: list[dict[str, Any]]) -> None:
        """Free what is deleted with each ``root``, whoever has it."""
        connection.execute(self._free, roots)

    def forget(self, connection: Connection) -> None:
        """Delete the rows of resources that have been free for long."""
        connection.execute(self._forget)

    def one(self, connection: Connection, resource: str) -> Lease | None:
        """Return the lease on a resource, or None if it is free."""
        row = connection.execute(self._one, storable(resource=resource)).first()
        return None if row is None else _lease(row)

    def of_kind(self, connection: Connection, kind: LeaseKind) -> list[Lease]:
        """Return all leases of a kind."""
        return [_lease(row) for row in connection.execute(self._of_kind, {"kind": kind})]


def lost(claim: Claim) -> ClaimLost:
    """Return the error for a claim whose lease was taken over or released."""
    return ClaimLost(
        f"{claim.subject} is no longer worked on from here: its claim (number {claim.epoch}) on "
        f"{claim.resource} was taken over or released."
    )


def _claim_values(claim: Claim) -> dict[str, Any]:
    texts = storable(of_resource=claim.resource, of_subject=claim.subject)
    return {**texts, "of_epoch": claim.epoch}


def _lease(row: Any) -> Lease:
    return Lease(
        row.resource,
        row.subject,
        row.epoch,
        bool(row.active),
        row.process,
        bool(row.stop_requested),
    )
