"""Streams of the events of runs and threads, from any event on, and waiting for a run's end.

Extensions beyond the hosted API. Events of a run that this process drives, or drove lately, come
from its log. Whoever asks later, or asks another process, gets the stored objects as events
(docs/internals/protocol.md, "Events and streaming").
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from jupyter_assistants.api.objects import Objects
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound
from jupyter_assistants.protocol.event_queries import EventQuery
from jupyter_assistants.protocol.events import DONE, Event, EventLog, Feed, Notices
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import MessageCreationDetails
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.runs.engine import Engine
from jupyter_assistants.runs.states import is_over

POLL_SECONDS = 0.5
"""Between two reads of storage for what another process does: only its own process has a log."""
_UNSETTLED = ("queued", "in_progress", "cancelling")
_STORED = -1
"""The number of an event that was built from a stored object: nobody can resume after it."""


@dataclass(frozen=True)
class RunEvents:
    """Operations that stream events."""

    objects: Objects
    engine: Engine
    notices: Notices

    async def of_run(self, owner: str, run: Run, query: EventQuery) -> Feed:
        """Stream the events of a run up to its end, also over waits for its client.

        Extension: the hosted API streamed to whoever started the run only.
        """
        after = None if query.after is None else _number(query.after)
        return Feed(self._follow(owner, run, after))

    async def of_thread(self, owner: str, thread: Thread, query: EventQuery) -> Feed:
        """Stream the events of a thread's active run and of all that follow. Extension.

        Ids are ``<run id>:<number>``; there is no ``done``. Messages that this server adds, changes
        or deletes for a client are sent as well, without an id: ``thread.message.created``,
        ``.modified`` and ``.deleted``. A client that was not connected reads the messages again.
        """
        run_id, _, number = (query.after or "").partition(":")
        if not run_id:
            # Looked up before the answer begins: a run that is created after it is never missed.
            active, newest = await asyncio.to_thread(self._newest, owner, thread.id)
            runs = self._runs(owner, thread.id, active, None, newest)
            return Feed(self._with_notices(thread.id, runs))
        run = await self.objects.get(Run, run_id, owner)
        if run.thread_id != thread.id:
            raise NotFound.of(Run.kind, run_id)
        runs = self._runs(owner, thread.id, run, _number(number))
        return Feed(self._with_notices(thread.id, runs))

    async def settled(self, owner: str, run: Run, wait: float) -> Run:
        """Return a run once it is over or waits for its client, or the time is up.

        Parameters
        ----------
        run
            As it was read a moment ago.
        wait
            Seconds; with 0 the run is returned as it is.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        if wait <= 0 or run.status not in _UNSETTLED:
            return run
        while True:
            log = self.engine.logs.get(run.id)
            # The end of the log before the run: an event between the two would be missed.
            seen = log.next_seq if log is not None else 0
            run = await self.objects.get(Run, run.id, owner)
            left = deadline - loop.time()
            if run.status not in _UNSETTLED or left <= 0:
                return run
            # Polled although there is a log: another process may end the run.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, POLL_SECONDS)):
                    if log is None or log.closed:
                        await asyncio.sleep(POLL_SECONDS)
                    else:
                        async for _ in log.read(seen):
                            pass

    async def stored_log(self, owner: str, run: Run) -> EventLog:
        """Return a closed log, built from what is stored of a run."""
        log = EventLog()
        for event in _events(await asyncio.to_thread(self._parts, owner, run.id)):
            log.append(event.event, event.data)
        log.append(DONE, "[DONE]")
        log.close()
        return log

    # -- one run ---------------------------------------------------------------------------------

    async def _follow(self, owner: str, run: Run, after: int | None) -> AsyncIterator[Event]:
        seen: dict[str, object] = {}
        while True:
            log = self.engine.logs.get(run.id)
            if log is not None:
                async for event in self._read(owner, run, log, after):
                    yield event
                return
            objects = await asyncio.to_thread(self._parts, owner, run.id)
            for event in _events(objects):
                if seen.get(event.data["id"]) != event.data:
                    seen[event.data["id"]] = event.data
                    yield event
            if any(isinstance(each, Run) and is_over(each) for each in objects):
                yield Event(_STORED, DONE, "[DONE]")
                return
            # It waits for its client, or another process drives it.
            await self.engine.logs.wait(POLL_SECONDS)

    async def _read(
        self, owner: str, run: Run, log: EventLog, after: int | None
    ) -> AsyncIterator[Event]:
        """Yield the events of a log; what came before its first one is read from storage."""
        start = log.first if after is None else after + 1
        if (after is None and log.first > 0) or not log.first <= start <= log.next_seq:
            start = log.first
            objects = await asyncio.to_thread(self._parts, owner, run.id)
            for event in _events(objects):
                # What is unfinished is in the log, with everything that led to it.
                if event.data["object"] != Run.kind and event.data["status"] != "in_progress":
                    yield event
        async for event in log.read(start, until_done=False):
            if event.event != DONE:
                yield event
        yield Event(log.next_seq - 1, DONE, "[DONE]")

    def _parts(self, owner: str, run_id: str) -> list[WireObject]:
        """Return a run's steps and messages in order, then the run itself. Blocking."""
        storage = self.objects.storage
        run = storage.get(Run, run_id, owner=owner)
        messages = {
            each.id: each
            for each in storage.list(Message, parent=run.thread_id, key=run.id, limit=1000).data
        }
        found: list[WireObject] = []
        for step in self.objects.steps_of(run.id):
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
        """Yield events of runs, and notices of the thread's messages among them."""
        with self.notices.listen(thread_id) as queue:

            async def forward() -> None:
                try:
                    async for event in runs:
                        await queue.put(event)
                finally:
                    await queue.put(None)

            forwarding = asyncio.create_task(forward())
            try:
                while (event := await queue.get()) is not None:
                    yield event
                await forwarding
            finally:
                forwarding.cancel()
                await asyncio.wait({forwarding})

    async def _runs(
        self,
        owner: str,
        thread_id: str,
        run: Run | None,
        after: int | None,
        last: str | None = None,
    ) -> AsyncIterator[Event]:
        """Yield the events of a thread's runs until the thread is deleted.

        Parameters
        ----------
        run, after
            The run to begin with, and the event after which its events are wanted.
        last
            Without a run to begin with, the id of the one after which to begin.
        """
        with contextlib.suppress(NotFound):  # the thread was deleted
            while True:
                if run is not None:
                    async for event in self._follow(owner, run, after):
                        if event.event != DONE:
                            yield _of_run(event, run.id)
                    last, after = run.id, None
                run = await asyncio.to_thread(self._next, owner, thread_id, last)
                if run is None:
                    await self.engine.logs.wait(POLL_SECONDS)

    def _newest(self, owner: str, thread_id: str) -> tuple[Run | None, str | None]:
        """Return the active run, else None and the id of the newest run. Blocking."""
        newest = self.objects.storage.list(Run, owner=owner, parent=thread_id, limit=1).data
        if newest and not is_over(newest[0]):
            return newest[0], None
        return None, newest[0].id if newest else None

    def _next(self, owner: str, thread_id: str, last: str | None) -> Run | None:
        # A list goes on behind a deleted run, so nothing below notices a deleted thread: this raises NotFound.
        self.objects.storage.owner_of(thread_id)
        page = self.objects.storage.list(
            Run, owner=owner, parent=thread_id, order="asc", after=last, limit=1
        )
        return page.data[0] if page.data else None


def _events(objects: Sequence[WireObject]) -> Iterator[Event]:
    """Yield stored objects as the events that name their status."""
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
