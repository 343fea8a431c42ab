"""Requests that may be sent twice: the second one gets the first one's answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.api.run_events import FollowOperations
from jupyter_assistants.protocol.answers import KeptAnswer
from jupyter_assistants.protocol.errors import InProgress, InvalidRequest, NotFound
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.runs.loop import Started
from jupyter_assistants.storage.liveness import is_gone, mark

LONGEST_KEY = 255
PATIENCE_SECONDS = 30.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Repeated:
    """An answer that was given before."""

    answer: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.answer


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
        record = KeptAnswer(
            id="answer_" + _hash([owner, path, key]),
            created_at=now(),
            fingerprint=_hash(request),
            holder=mark(),
        )
        known = await self._begin(owner, record)
        if known is not None:
            return await self._repeat(owner, known)
        try:
            result = await work()
            await self.put(_filled(record, result), owner=owner)
        except BaseException:
            await asyncio.to_thread(self.storage.delete, record.id)
            raise
        return result

    async def _begin(self, owner: str, record: KeptAnswer) -> KeptAnswer | None:
        """Take the key, or give the answer of whoever has it, once there is one."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while not await asyncio.to_thread(self.storage.add, record, owner=owner):
            try:
                known = await self.get(KeptAnswer, record.id, owner)
            except NotFound:
                continue  # it has just failed, or its day is over
            if known.fingerprint != record.fingerprint:
                raise InvalidRequest(
                    "This Idempotency-Key came with another request before. Use a new key for "
                    "each new request."
                )
            if known.done:
                return known
            if is_gone(known.holder):
                await asyncio.to_thread(self.storage.delete, known.id)
            elif asyncio.get_running_loop().time() > deadline:
                raise InProgress("The first request with this Idempotency-Key is not over yet.")
            await asyncio.sleep(_LOOK_SECONDS)
        return None

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
