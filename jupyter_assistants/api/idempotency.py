"""Requests with an ``Idempotency-Key``, which get the same answer when they are repeated."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from jupyter_assistants.api.answers import AnswerKind
from jupyter_assistants.api.objects import Objects
from jupyter_assistants.api.run_events import RunEvents
from jupyter_assistants.protocol.answers import KeptAnswer
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import (
    InProgress,
    InvalidRequest,
    NotFound,
    StorageUnavailable,
)
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.runs.engine import Started
from jupyter_assistants.storage.base import Claim, LeaseHeld
from jupyter_assistants.storage.liveness import is_gone, mark
from jupyter_assistants.storage.renewal import held_lease
from jupyter_assistants.storage.unit_of_work import RECEIPT, Receipt, UnitOfWork

LONGEST_KEY = 255
PATIENCE_SECONDS = 30.0
LEASE_SECONDS = 30.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Repeated:
    """The answer to an earlier request with the same key."""

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


@dataclass(frozen=True)
class Idempotency:
    """Memory of the answers to requests with an ``Idempotency-Key``."""

    objects: Objects
    work: UnitOfWork
    events: RunEvents

    async def once(
        self,
        owner: str,
        key: str,
        path: str,
        request: Any,
        answers: AnswerKind,
        answered: type[WireObject] | None,
        operation: Callable[[], Awaitable[Any]],
    ) -> Any:
        """Await ``operation``, unless the same request was answered within the last day.

        Only successes are stored: a request that was refused may be corrected and sent again under
        the same key. If the process dies meanwhile, the next request starts it again.

        Parameters
        ----------
        path
            Operation and path: a key counts for one owner and one path.
        request
            What the key stands for, as JSON values: the query and the body.
        answers
            How the operation answers; with events, it has started a run.
        answered
            The class of the object that it saves and answers; None where it answers something else.

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
        acquire = partial(self._acquire, resource, fingerprint)
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            # Acquired at once or not at all: only the second of two requests waits, by polling.
            async with held_lease(self.objects.storage, acquire, seconds=LEASE_SECONDS) as lease:
                if lease is not None:
                    # Read under the lease: before it, another request may have been answered.
                    known = await self._stored_answer(owner, resource)
                    if known is None:
                        return await self._carry_out(
                            owner, lease.claim, answers, answered, operation
                        )
                    if known.fingerprint != fingerprint:
                        raise OtherRequest()
                    return await self._repeat(owner, known)
            if asyncio.get_running_loop().time() > deadline:
                raise InProgress("The first request with this Idempotency-Key is not over yet.")
            await asyncio.sleep(_POLL_SECONDS)

    async def _carry_out(
        self,
        owner: str,
        claim: Claim,
        answers: AnswerKind,
        answered: type[WireObject] | None,
        operation: Callable[[], Awaitable[Any]],
    ) -> Any:
        """Carry out a request, its answer stored with its change, and again when it is complete."""

        def record(answer: WireObject) -> KeptAnswer:
            if isinstance(answer, Run):
                return _record(claim, run=answer.stored())
            return _record(claim, answer=answer.wire())

        receipt = Receipt(answered, claim, record) if answered is not None else None
        token = RECEIPT.set(receipt)
        try:
            result = await operation()
        finally:
            RECEIPT.reset(token)
        try:
            await self._store(owner, claim, answers, result)
        except StorageUnavailable:
            # The change is made, and the record that came with it will do.
            if receipt is None or not receipt.is_saved:
                raise
        return result

    def _acquire(self, resource: str, fingerprint: str) -> Claim | None:
        """Lease a key; None if another request with it is being carried out. Blocking."""
        storage = self.objects.storage
        try:
            return storage.acquire(
                resource, fingerprint, kind="request", process=mark(), seconds=LEASE_SECONDS
            )
        except LeaseHeld as held:
            lease = held.lease
            if lease.subject != fingerprint:
                raise OtherRequest() from None
            if lease.process is not None and is_gone(lease.process):
                storage.release(lease.claim)
            return None

    async def _stored_answer(self, owner: str, resource: str) -> KeptAnswer | None:
        try:
            known = await self.objects.get(KeptAnswer, resource, owner)
        except NotFound:
            return None
        return known if known.done else None

    async def _store(self, owner: str, claim: Claim, answers: AnswerKind, result: Any) -> None:
        if AnswerKind.EVENTS in answers:
            record = _record(claim, run=result.run.stored(), start=result.start)
        else:
            record = _record(claim, answer=result.wire())
        # Under the claim: a process that slept through its lease must not overwrite the answer
        # of the one that took the key over.
        await self.work.commit(record, owner=owner, claim=claim)

    async def _repeat(self, owner: str, known: KeptAnswer) -> Repeated | Started:
        if known.run is None:
            return Repeated(known.answer)
        run = Run.model_validate(known.run)
        log = self.events.engine.logs.get(run.id)
        if log is not None and log.first <= known.start:
            return Started(run, log, known.start)
        log = await self.events.stored_log(owner, run)
        return Started(run, log, log.first)


def _record(claim: Claim, **answer: Any) -> KeptAnswer:
    return KeptAnswer(
        id=claim.resource, created_at=now(), fingerprint=claim.subject, done=True, **answer
    )


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
