"""Runs of dead processes, and runs that nobody answered in time (docs/internals/runs.md, "Recovery")."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from jupyter_assistants.protocol.errors import ClaimLost, NotFound, ThreadLocked
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.runs import LastError, Run
from jupyter_assistants.runs.endings import Ending
from jupyter_assistants.runs.states import is_over
from jupyter_assistants.storage.base import Claim, Lease, Storage
from jupyter_assistants.storage.liveness import is_gone

SWEEP_SECONDS = 1.0
CUT_OFF = "The run was cut off: the server restarted."

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
    """

    def __init__(
        self,
        storage: Storage,
        claim: Callable[[str, str], Awaitable[Claim]],
        take_over: TakeOver,
    ) -> None:
        self._storage = storage
        self._claim = claim
        self._take_over = take_over

    async def sweep(self) -> None:
        """Recover the runs that nobody drives any more."""
        for lease in await asyncio.to_thread(self._storage.leases, "thread"):
            if lease.active and not (lease.process and is_gone(lease.process)):
                continue
            with contextlib.suppress(ThreadLocked, ClaimLost, NotFound):
                if lease.active:
                    # A dead process' lease would run on for seconds, while a person waits.
                    await asyncio.to_thread(self._storage.suspend, lease.claim)
                await self._recover(lease)

    async def sweep_periodically(self) -> None:
        """Sweep again and again: other processes die as well."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await self.sweep()

    async def expire_later(self, run: Run) -> None:
        """End a run that waits for its client when its time is up."""
        await asyncio.sleep(max(0.0, (run.expires_at or now()) - now()) + 0.05)
        with contextlib.suppress(NotFound, ThreadLocked, ClaimLost):
            fresh = await asyncio.to_thread(self._storage.get, Run, run.id)
            if fresh.status == "requires_action":
                await self._take_over(fresh, "expired", None)

    async def _recover(self, lease: Lease) -> None:
        try:
            run = await asyncio.to_thread(self._storage.get, Run, lease.subject)
        except NotFound:
            await self._free_thread(lease)
            return
        if is_over(run):
            await self._free_thread(lease)
        elif run.status == "requires_action":
            if (run.expires_at or 0) <= now():
                await self._take_over(run, "expired", None)
            elif run.jupyter.process and is_gone(run.jupyter.process):
                error = LastError(code="server_error", message=CALLER_GONE)
                await self._take_over(run, "failed", error)
        elif run.status == "cancelling":
            await self._take_over(run, "cancelled", None)
        else:
            error = LastError(code="server_error", message=CUT_OFF)
            await self._take_over(run, "failed", error)

    async def _free_thread(self, lease: Lease) -> None:
        claim = await self._claim(lease.resource, lease.subject)
        await asyncio.to_thread(self._storage.release, claim)
