"""Requests that may be sent twice: the second one gets the first one's answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from jupyter_assistants.api.run_events import FollowOperations
from jupyter_assistants.protocol.answers import KeptAnswer
from jupyter_assistants.protocol.errors import InProgress, InvalidRequest, NotFound
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.runs.loop import Started
from jupyter_assistants.storage.base import Claim, LeaseHeld
from jupyter_assistants.storage.liveness import is_gone, mark
from jupyter_assistants.storage.renewal import held_lease

LONGEST_KEY = 255
PATIENCE_SECONDS = 30.0
LEASE_SECONDS = 30.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Repeated:
    """An answer that was given before."""

    answer: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.answer


class OtherRequest(InvalidRequest):
    """A key came with another request before."""

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key came with another request before. Use a new key for each new "
            "request."
        )


class IdempotentOperations(FollowOperations):
    """Carries out requests with an ``Idempotency-Key`` once."""

    async def once(
        self,
        owner: str,
        key: str,
        path: str,
        request: Any,
        work: Callable[[], Awaitable[Any]],
    ) -> Any:
        """Do ``work``, unless the same request was answered within the last day.

        Only successes are kept: a request that was refused may be mended and sent again under
        the same key. If the process dies while it works, the next request does the work anew.

        Parameters
        ----------
        path
            Verb and path: a key counts for one owner and one path.
        request
            What the key stands for, as JSON values: the query and the body.

        Raises
        ------
        InvalidRequest
            If the key came with another request before.
        InProgress
            If the first request takes very long.
        """
        if not 0 < len(key) <= LONGEST_KEY:
            raise InvalidRequest(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.")
        resource, fingerprint = "answer_" + _hash([owner, path, key]), _hash(request)
        # Waiting is for whoever comes second: the lease itself is had at once or not at all.
        acquire = partial(self._acquire, resource, fingerprint)
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            async with held_lease(self.storage, acquire, seconds=LEASE_SECONDS) as lease:
                if lease is not None:
                    # Read under the lease: before it, another request may have been answered.
                    known = await self._known(owner, resource)
                    if known is None:
                        return await self._carry_out(owner, lease.claim, work)
                    if known.fingerprint != fingerprint:
                        raise OtherRequest()
                    return await self._repeat(owner, known)
            if asyncio.get_running_loop().time() > deadline:
                raise InProgress("The first request with this Idempotency-Key is not over yet.")
            await asyncio.sleep(_LOOK_SECONDS)

    def _acquire(self, resource: str, fingerprint: str) -> Claim | None:
        """Lease a key; None if another request with it is being carried out. Blocking."""
        try:
            return self.storage.acquire(
                resource, fingerprint, kind="request", process=mark(), seconds=LEASE_SECONDS
            )
        except LeaseHeld as held:
            lease = held.lease
            if lease.subject != fingerprint:
                raise OtherRequest() from None
            if lease.process is not None and is_gone(lease.process):
                self.storage.release(lease.claim)
            return None

    async def _known(self, owner: str, resource: str) -> KeptAnswer | None:
        try:
            known = await self.get(KeptAnswer, resource, owner)
        except NotFound:
            return None
        return known if known.done else None

    async def _carry_out(self, owner: str, claim: Claim, work: Callable[[], Awaitable[Any]]) -> Any:
        result = await work()
        record = KeptAnswer(id=claim.resource, created_at=now(), fingerprint=claim.subject)
        # Under the claim: a process that slept through its lease must not overwrite the answer
        # of the one that took the key over.
        await self.work.commit(_filled(record, result), owner=owner, claim=claim)
        return result

    async def _repeat(self, owner: str, known: KeptAnswer) -> Repeated | Started:
        if known.run is None:
            return Repeated(known.answer)
        run = Run.model_validate(known.run)
        log = self.engine.logs.get(run.id)
        if log is not None and log.first <= known.start:
            return Started(run, log, known.start)
        log = await self.stored_log(owner, run)
        return Started(run, log, log.first)


def _filled(record: KeptAnswer, result: Any) -> KeptAnswer:
    if isinstance(result, Started):
        return record.changed(done=True, run=result.run.stored(), start=result.start)
    return record.changed(done=True, answer=result.wire())


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
