"""Runs of dead processes, and runs that nobody answered in time (docs/internals/runs.md, "Recovery")."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from jupyter_assistants.protocol.errors import (
    ClaimLost,
    NotFound,
    StorageUnavailable,
    ThreadLocked,
)
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.runs import LastError, Run
from jupyter_assistants.runs.endings import Ending
from jupyter_assistants.runs.states import is_over
from jupyter_assistants.storage.background import BackgroundLoop
from jupyter_assistants.storage.base import Claim, Lease, Storage
from jupyter_assistants.storage.liveness import is_alive, is_gone

SWEEP_SECONDS = 0.5
"""Also how late a run hears that another process was asked to cancel it."""
CUT_OFF = "The run was cut off: the server restarted."
ALIVE_LEASES = 6.0
UNSEEN_LEASES = 0.5
"""For how many lengths of a lease its process is waited for after it ran out."""
SILENT = (
    "The run was cut off: the server that drove it did not renew its lease. It may have stopped, or "
    "it may have lost the database."
)

CALLER_GONE = (
    "The kernel died, or was restarted, while the run waited for it. Its variables are gone; the "
    "thread goes on."
)

TakeOver = Callable[[Run, Ending, LastError | None], Awaitable[None]]


class Recovery:
    """The sweeper of threads that are leased to a run which nobody drives.

    Parameters
    ----------
    claim
        Leases a thread to a run.
    take_over
        Ends a run that is not driven.
    driven_here
        Whether this process drives a run, so that its lease ran out only because the database is away.
    cancel_here
        Cancels a run that this process drives.
    lease_seconds
        How long a lease lasts without a renewal.
    """

    def __init__(
        self,
        storage: Storage,
        claim: Callable[[str, str], Awaitable[Claim]],
        take_over: TakeOver,
        driven_here: Callable[[str], bool],
        cancel_here: Callable[[str], Awaitable[None]],
        lease_seconds: float,
    ) -> None:
        self._storage = storage
        self._claim = claim
        self._take_over = take_over
        self._driven_here = driven_here
        self._cancel_here = cancel_here
        self._lease_seconds = lease_seconds
        self._silent_since: dict[Claim, float] = {}
        self._loop = BackgroundLoop("recovery of runs", self.sweep, seconds=SWEEP_SECONDS)

    def start(self) -> None:
        """Sweep again and again: other processes die as well."""
        self._loop.start()

    async def close(self) -> None:
        """Stop sweeping."""
        await self._loop.close()

    async def sweep(self) -> None:
        """Recover the runs that nobody drives any more."""
        leases = await asyncio.to_thread(self._storage.leases, "thread")
        silent = {lease.claim for lease in leases if not lease.active}
        self._silent_since = {c: at for c, at in self._silent_since.items() if c in silent}
        for lease in leases:
            if self._driven_here(lease.subject):
                if lease.stop_requested:
                    await self._cancel_here(lease.subject)
                continue
            gone = bool(lease.process and is_gone(lease.process))
            if lease.active and not gone:
                continue
            with contextlib.suppress(ThreadLocked, ClaimLost, NotFound):
                if lease.active:
                    # A dead process' lease would run on for seconds, while a person waits.
                    await asyncio.to_thread(self._storage.suspend, lease.claim)
                await self._recover(lease, gone)

    async def expire_later(self, run: Run) -> None:
        """End a run that waits for its client when its time is up."""
        await asyncio.sleep(max(0.0, (run.expires_at or now()) - now()) + 0.05)
        # Without the database the sweep does it, once it is back.
        with contextlib.suppress(NotFound, ThreadLocked, ClaimLost, StorageUnavailable):
            fresh = await asyncio.to_thread(self._storage.get, Run, run.id)
            if fresh.status == "requires_action":
                await self._take_over(fresh, "expired", None)

    def _is_forgiven(self, lease: Lease) -> bool:
        """Return whether a lease that ran out may still be renewed by the process that has it.

        When the database was away, every lease has run out when it is back, and whoever looks first
        must leave the others the time to renew theirs. A process that is seen to live gets more: it
        may have been stopped for a while, or its disk may be slow.
        """
        if lease.process is None:
            return False
        since = self._silent_since.setdefault(lease.claim, time.monotonic())
        patience = ALIVE_LEASES if is_alive(lease.process) else UNSEEN_LEASES
        return time.monotonic() - since < patience * self._lease_seconds

    async def _recover(self, lease: Lease, gone: bool) -> None:
        try:
            run = await asyncio.to_thread(self._storage.get, Run, lease.subject)
        except NotFound:
            await self._free_thread(lease)
            return
        if is_over(run):
            await self._free_thread(lease)
        elif lease.stop_requested and lease.process is None:
            await self._take_over(run, "cancelled", None)
        elif run.status == "requires_action":
            if (run.expires_at or 0) <= now():
                await self._take_over(run, "expired", None)
            elif run.jupyter.process and is_gone(run.jupyter.process):
                error = LastError(code="server_error", message=CALLER_GONE)
                await self._take_over(run, "failed", error)
        elif not gone and self._is_forgiven(lease):
            return
        elif run.status == "cancelling" or lease.stop_requested:
            await self._take_over(run, "cancelled", None)
        else:
            error = LastError(code="server_error", message=CUT_OFF if gone else SILENT)
            await self._take_over(run, "failed", error)

    async def _free_thread(self, lease: Lease) -> None:
        claim = await self._claim(lease.resource, lease.subject)
        await asyncio.to_thread(self._storage.release, claim)
