"""Leases that are kept while something is done under them.

They are renewed on an event loop of their own, in a thread: a server whose loop stands still for
longer than a lease lasts would lose what it works on (docs/internals/runs.md, "Leases").
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from jupyter_assistants.protocol.errors import ClaimLost, StorageUnavailable
from jupyter_assistants.storage.background import repeat
from jupyter_assistants.storage.base import Claim, Storage

RENEWALS_OF_A_LEASE = 3
"""A lease survives two renewals that fail or come late."""
LONGEST_RETRY_SECONDS = 1.0


@functools.cache
def _renewal_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop on which this process renews its leases."""
    loop = asyncio.new_event_loop()
    # It ends with the process: between two renewals nothing there is worth waiting for.
    threading.Thread(target=loop.run_forever, name="renewal of leases", daemon=True).start()
    return loop


async def renew_until_lost(storage: Storage, claim: Claim, *, seconds: float) -> None:
    """Renew a lease for ever; return once it was taken over or released.

    It goes on while the caller's event loop stands still. While the database is away it is tried
    often, so that the lease is alive again before anybody who sees that it ran out may act on it.
    """

    async def renew() -> None:
        await asyncio.to_thread(storage.renew, claim, seconds=seconds)

    renewing = repeat(
        "renewal of leases",
        renew,
        seconds=seconds / RENEWALS_OF_A_LEASE,
        longest_retry=LONGEST_RETRY_SECONDS,
        ends_with=(ClaimLost,),
    )
    # Cancelled with the task that waits here.
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(renewing, _renewal_loop()))


@dataclass(frozen=True)
class HeldLease:
    """A lease that is renewed in the background.

    Parameters
    ----------
    lost
        Done once somebody else has the lease, or it was released.
    """

    claim: Claim
    lost: asyncio.Task[None]


@contextlib.asynccontextmanager
async def held_lease(
    storage: Storage, acquire: Callable[[], Claim | None], *, seconds: float
) -> AsyncIterator[HeldLease | None]:
    """Keep a lease while the block runs, and release it afterwards.

    Parameters
    ----------
    acquire
        Returns the claim, or None if there is none to be had. Blocking.
    """
    acquiring = asyncio.create_task(asyncio.to_thread(acquire))
    try:
        claim = await asyncio.shield(acquiring)
    except asyncio.CancelledError:
        # The thread works on. What it gets must not stay leased to a process that lives.
        with contextlib.suppress(Exception):
            if (late := await acquiring) is not None:
                await asyncio.to_thread(storage.release, late)
        raise
    if claim is None:
        yield None
        return
    renewing = asyncio.create_task(renew_until_lost(storage, claim, seconds=seconds))
    try:
        yield HeldLease(claim, renewing)
    finally:
        renewing.cancel()
        # Without the database it runs out by itself; what was done under it is not undone by that.
        with contextlib.suppress(StorageUnavailable):
            await asyncio.to_thread(storage.release, claim)
