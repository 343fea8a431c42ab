"""Stream events, and the log of one run that any number of readers follow.

A log lives in memory on the engine's event loop. Objects are in the store before their event is
appended (docs/internals/protocol.md, "Events and streaming"), so a reader that comes too late loses deltas, never results.
"""

from __future__ import annotations

import asyncio
import contextlib
import marshal
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

L = TypeVar("L", bound=Hashable)

DONE = "done"


@dataclass(frozen=True)
class Event:
    """One server-sent event.

    Parameters
    ----------
    seq
        Position in the run's log, from 0.
    event
        The name, for example ``thread.run.created`` (docs/internals/protocol.md, "Events and streaming").
    data
        The JSON object of the event; the string ``[DONE]`` for ``done``.
    id
        What a reader names to go on behind this event, where that is not ``seq``.
    """

    seq: int
    event: str
    data: Any
    id: str = ""


@dataclass(frozen=True)
class Feed:
    """Events for a reader that came by itself; one request can have one."""

    events: AsyncIterator[Event]


class EventLog:
    """The events of one run, in order.

    Each is kept packed. An answer has thousands of pieces, and as dictionaries those of 200 runs are a
    million objects: the garbage collector, which stops the event loop, would scan them for seconds.

    Parameters
    ----------
    first
        The ``seq`` of the first event; above 0 when earlier ones were lost with their process.
    """

    def __init__(self, first: int = 0) -> None:
        self.first = first
        self._packed: list[bytes | Event] = []
        self._closed = False
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._packed)

    @property
    def next_seq(self) -> int:
        """Return the ``seq`` that the next event will have."""
        return self.first + len(self._packed)

    @property
    def closed(self) -> bool:
        """Whether the run is over and nothing more comes."""
        return self._closed

    def append(self, event: str, data: Any) -> Event:
        """Add one event and wake every reader."""
        entry = Event(self.next_seq, event, data)
        try:
            self._packed.append(marshal.dumps((event, data)))
        except ValueError:
            # No JSON: it fails its readers' streams, and not the run that goes on.
            self._packed.append(entry)
        self._wake()
        return entry

    def close(self) -> None:
        """Mark the log as complete and wake every reader."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _unpacked(self, at: int) -> Event:
        packed = self._packed[at]
        if isinstance(packed, Event):
            return packed
        return Event(self.first + at, *marshal.loads(packed))

    async def read(self, start: int = 0, *, until_done: bool = True) -> AsyncIterator[Event]:
        """Yield the events from ``start`` on, waiting for those to come.

        Parameters
        ----------
        start
            The first ``seq`` wanted.
        until_done
            Stop behind the first ``done`` event: one HTTP stream ends there although the run may
            go on after its tool outputs were submitted.
        """
        at = max(start - self.first, 0)
        while True:
            while at < len(self._packed):
                event = self._unpacked(at)
                at += 1
                yield event
                if until_done and event.event == DONE:
                    return
            if self._closed:
                return
            await self._changed.wait()


class Listeners(Generic[L]):
    """Present listeners, by the key that they listen to."""

    def __init__(self) -> None:
        self._found: dict[str, set[L]] = {}

    def of(self, key: str) -> Iterable[L]:
        """Return those who listen to this."""
        return self._found.get(key, ())

    @contextlib.contextmanager
    def joined(self, key: str, listener: L) -> Iterator[L]:
        """Register a listener until the end of the block."""
        listeners = self._found.setdefault(key, set())
        listeners.add(listener)
        try:
            yield listener
        finally:
            listeners.discard(listener)
            if not listeners:
                self._found.pop(key, None)


class Notices:
    """Announces changes of a thread beside its runs to whoever listens at that moment."""

    def __init__(self) -> None:
        self._listeners: Listeners[asyncio.Queue[Event | None]] = Listeners()

    def announce(self, thread_id: str, event: str, data: Any) -> None:
        """Send an event to the present listeners; it is not kept for later ones."""
        for queue in self._listeners.of(thread_id):
            queue.put_nowait(Event(-1, event, data))

    def listen(
        self, thread_id: str
    ) -> contextlib.AbstractContextManager[asyncio.Queue[Event | None]]:
        """Return a queue of the announced events; the listener may put events into it too."""
        return self._listeners.joined(thread_id, asyncio.Queue())


class EventLogs:
    """The logs of the runs in progress and of the latest finished ones.

    Parameters
    ----------
    keep
        How many finished logs stay readable.
    """

    def __init__(self, keep: int = 200) -> None:
        self._logs: OrderedDict[str, EventLog] = OrderedDict()
        self._keep = keep
        self._added = asyncio.Event()

    def begin(self, run_id: str) -> EventLog:
        """Return the log of a new run, made if there is none."""
        return self._logs.get(run_id) or self._make(run_id, 0)

    def open(self, run_id: str) -> EventLog:
        """Return the log of a run that is older than this process, made if there is none.

        Its numbers are the time in milliseconds, so that they are above all that were told of
        this run before.
        """
        return self._logs.get(run_id) or self._make(run_id, int(time.time() * 1000))

    def _make(self, run_id: str, first: int) -> EventLog:
        log = self._logs[run_id] = EventLog(first)
        self._drop_old()
        added, self._added = self._added, asyncio.Event()
        added.set()
        return log

    async def wait(self, seconds: float) -> None:
        """Wait until another run gets a log, or for so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._added.wait()

    def get(self, run_id: str) -> EventLog | None:
        """Return the run's log, or None if it is gone or was never here."""
        return self._logs.get(run_id)

    def _drop_old(self) -> None:
        finished = [run_id for run_id, log in self._logs.items() if log.closed]
        for run_id in finished[: max(0, len(finished) - self._keep)]:
            del self._logs[run_id]
