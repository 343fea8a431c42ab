"""Leases that are kept while something is done under them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from jupyter_assistants.protocol.errors import ClaimLost, StorageUnavailable
from jupyter_assistants.storage.background import repeat
from jupyter_assistants.storage.base import Claim, Storage

RENEWALS_OF_A_LEASE = 3
"""A lease survives two renewals that fail or come late."""
LONGEST_RETRY_SECONDS = 1.0


async def renew_until_lost(storage: Storage, claim: Claim, *, seconds: float) -> None:
    """Renew a lease for ever; return once it was taken over or released.

    While the database is away it is tried often, so that the lease is alive again before anybody who
    sees that it ran out may act on it.
    """

    async def renew() -> None:
        await asyncio.to_thread(storage.renew, claim, seconds=seconds)

    await repeat(
        "renewal of leases",
        renew,
        seconds=seconds / RENEWALS_OF_A_LEASE,
        longest_retry=LONGEST_RETRY_SECONDS,
        ends_with=(ClaimLost,),
    )


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
