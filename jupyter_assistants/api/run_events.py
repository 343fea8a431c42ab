"""Following runs: their events from any place on, and waiting for their end.

Extensions beyond the hosted API. Events of a run that this process drives, or drove lately, come
from its log. Whoever asks later, or asks another process, gets the stored objects as events.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence

from jupyter_assistants.api.base import Operations
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound
from jupyter_assistants.protocol.event_queries import EventQuery
from jupyter_assistants.protocol.events import DONE, Event, EventLog, Feed
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import MessageCreationDetails
from jupyter_assistants.runs.states import is_over

LOOK_SECONDS = 0.5
_UNSETTLED = ("queued", "in_progress", "cancelling")
_STORED = -1
"""The number of an event that was made of a stored object: nobody can resume behind it."""


class FollowOperations(Operations):
    """Reads the events of runs."""

    async def run_events(self, owner: str, thread_id: str, run_id: str, query: EventQuery) -> Feed:
        """Stream the events of a run up to its end, also over waits for its client.

        Extension: the hosted API streamed to whoever started the run only.
        """
        after = None if query.after is None else _number(query.after)
        run = await self.get(Run, run_id, owner)
        return Feed(self._follow(owner, run, after))

    async def thread_events(self, owner: str, thread_id: str, query: EventQuery) -> Feed:
        """Stream the events of a thread's active run and of all that follow. Extension.

        Ids are ``<run id>:<number>``; there is no ``done``. Messages that this server adds, changes
        or deletes for a client are told as well, without an id: ``thread.message.created``,
        ``.modified`` and ``.deleted``. Who was not there reads the messages anew.
        """
        run_id, _, number = (query.after or "").partition(":")
        if not run_id:
            return Feed(self._with_notices(thread_id, self._runs(owner, thread_id, None, None)))
        run = await self.get(Run, run_id, owner)
        if run.thread_id != thread_id:
            raise NotFound.of(Run.kind, run_id)
        runs = self._runs(owner, thread_id, run, _number(number))
        return Feed(self._with_notices(thread_id, runs))

    async def settled(self, owner: str, run_id: str, wait: float) -> Run:
        """Return a run once it is over or waits for its client, or the time is up."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while True:
            log = self.engine.logs.get(run_id)
            seen = log.end if log is not None else 0
            run = await self.get(Run, run_id, owner)
            left = deadline - loop.time()
            if run.status not in _UNSETTLED or left <= 0:
                return run
            # Looked at now and then although there is a log: another process may end the run.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK_SECONDS)):
                    if log is None or log.closed:
                        await asyncio.sleep(LOOK_SECONDS)
                    else:
                        async for _ in log.read(seen):
                            pass

    async def stored_log(self, owner: str, run: Run) -> EventLog:
        """Return a closed log made of what is stored of a run."""
        log = EventLog()
        for event in _events(await asyncio.to_thread(self._objects, owner, run.id)):
            log.append(event.event, event.data)
        log.append(DONE, "[DONE]")
        log.close()
        return log

    # -- one run ---------------------------------------------------------------------------------

    async def _follow(self, owner: str, run: Run, after: int | None) -> AsyncIterator[Event]:
        told: dict[str, object] = {}
        while True:
            log = self.engine.logs.get(run.id)
            if log is not None:
                async for event in self._read(owner, run, log, after):
                    yield event
                return
            objects = await asyncio.to_thread(self._objects, owner, run.id)
            for event in _events(objects):
                if told.get(event.data["id"]) != event.data:
                    told[event.data["id"]] = event.data
                    yield event
            if any(isinstance(each, Run) and is_over(each) for each in objects):
                yield Event(_STORED, DONE, "[DONE]")
                return
            # It waits for its client, or another process drives it.
            await self.engine.logs.wait(LOOK_SECONDS)

    async def _read(
        self, owner: str, run: Run, log: EventLog, after: int | None
    ) -> AsyncIterator[Event]:
        """Read a log; what was before its begin comes from the storage."""
        start = log.first if after is None else after + 1
        if (after is None and log.first > 0) or not log.first <= start <= log.end:
            start = log.first
            objects = await asyncio.to_thread(self._objects, owner, run.id)
            for event in _events(objects):
                # What is unfinished is in the log, with everything that led to it.
                if event.data["object"] != Run.kind and event.data["status"] != "in_progress":
                    yield event
        async for event in log.read(start, until_done=False):
            if event.event != DONE:
                yield event
        yield Event(log.end - 1, DONE, "[DONE]")

    def _objects(self, owner: str, run_id: str) -> list[WireObject]:
        """Read a run's steps and messages in order, and the run itself. Blocking."""
        run = self.storage.get(Run, run_id, owner=owner)
        messages = {
            each.id: each
            for each in self.storage.list(
                Message, parent=run.thread_id, key=run.id, limit=1000
            ).data
        }
        found: list[WireObject] = []
        for step in self.steps_of(run.id):
            details = step.step_details
            if isinstance(details, MessageCreationDetails):
                message = messages.get(details.message_creation.message_id)
                found += [message] if message is not None else []
            found.append(step)
        return [*found, run]

    # -- a thread --------------------------------------------------------------------------------

    async def _with_notices(
        self, thread_id: str, runs: AsyncIterator[Event]
    ) -> AsyncIterator[Event]:
        """Return events of runs, and what is told of the thread's messages among them."""
        with self.notices.listen(thread_id) as queue:

            async def pass_on() -> None:
                try:
                    async for event in runs:
                        await queue.put(event)
                finally:
                    await queue.put(None)

            passing = asyncio.create_task(pass_on())
            try:
                while (event := await queue.get()) is not None:
                    yield event
                await passing
            finally:
                passing.cancel()
                await asyncio.wait({passing})

    async def _runs(
        self, owner: str, thread_id: str, run: Run | None, after: int | None
    ) -> AsyncIterator[Event]:
        """Return the events of a thread's runs until the thread is deleted."""
        last: str | None = None
        with contextlib.suppress(NotFound):  # the thread was deleted
            if run is None:
                run, last = await asyncio.to_thread(self._newest, owner, thread_id)
            while True:
                if run is not None:
                    async for event in self._follow(owner, run, after):
                        if event.event != DONE:
                            yield _of_run(event, run.id)
                    last, after = run.id, None
                run = await asyncio.to_thread(self._next, owner, thread_id, last)
                if run is None:
                    await self.engine.logs.wait(LOOK_SECONDS)

    def _newest(self, owner: str, thread_id: str) -> tuple[Run | None, str | None]:
        """Return the active run, else None and the id of the run behind which to look. Blocking."""
        newest = self.storage.list(Run, owner=owner, parent=thread_id, limit=1).data
        if newest and not is_over(newest[0]):
            return newest[0], None
        return None, newest[0].id if newest else None

    def _next(self, owner: str, thread_id: str, last: str | None) -> Run | None:
        if last is None:
            # Nothing to look behind: so that a thread without runs shows its first one.
            self.storage.owner_of(thread_id)
        page = self.storage.list(
            Run, owner=owner, parent=thread_id, order="asc", after=last, limit=1
        )
        return page.data[0] if page.data else None


def _events(objects: Sequence[WireObject]) -> Iterator[Event]:
    """Return stored objects as the events that end them, or that say where they are."""
    for each in objects:
        status = getattr(each, "status", "")
        yield Event(_STORED, f"{each.kind}.{status}", each.wire())


def _of_run(event: Event, run_id: str) -> Event:
    id = f"{run_id}:{event.seq}" if event.seq >= 0 else ""
    return Event(event.seq, event.event, event.data, id)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidRequest(
            f"'{text[:50]}' is no id of an event of this stream. Leave it out to read all events.",
            param="after",
        )
    return int(text)
