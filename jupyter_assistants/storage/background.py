"""Work in the background, and calls of the database, that outlast a fault.

Every periodic task of the package is a :class:`BackgroundLoop` or a :func:`repeat`, so that none can
end for good because the database was away for a minute (docs/internals/runs.md, "Background loops").
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from jupyter_assistants.protocol.errors import AssistantsError, StorageUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_RETRY_SECONDS = 0.25
LONGEST_RETRY_SECONDS = 10.0
LONGEST_OUTAGE_POLL_SECONDS = 2.0
"""How late a call may notice that the database is back; a person waits for the end of the run."""

Work = Callable[[], Awaitable[float | None]]
"""One round; it returns the seconds until the next one, or None for the usual ones."""


class LoopFaults:
    """The failures of this process' background loops, by the loop's name, for the server's metrics."""

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()
        self.failing: dict[str, str] = {}

    def record(self, name: str, error: Exception) -> None:
        """Count a failure; log it if its cause is a new one."""
        self.failures[name] += 1
        cause = error.message if isinstance(error, AssistantsError) else repr(error)
        if self.failing.get(name) == cause:
            return
        self.failing[name] = cause
        if isinstance(error, AssistantsError):
            log.warning("%s: %s It is tried again until it works.", name, cause)
        else:
            log.error("%s failed; it is tried again until it works", name, exc_info=error)

    def clear(self, name: str) -> None:
        """Log once that a loop works again."""
        if self.failing.pop(name, None) is not None:
            log.warning("%s: it works again", name)


FAULTS = LoopFaults()
"""One for the process, as its metrics are."""


def retry_seconds(failures: int, longest: float) -> float:
    """Return how long to wait after so many failures in a row."""
    return min(longest, FIRST_RETRY_SECONDS * 2.0 ** min(failures - 1, 16))


async def repeat(
    name: str,
    work: Work,
    *,
    seconds: float,
    delay: float | None = None,
    longest_retry: float = LONGEST_RETRY_SECONDS,
    ends_with: tuple[type[Exception], ...] = (),
) -> None:
    """Repeat some work for ever, whatever fails in it.

    Parameters
    ----------
    name
        What it is called in the log and the metrics.
    seconds
        Between two rounds.
    delay
        Before the first one; as long as between two where it is None.
    longest_retry
        The most seconds between two rounds while they fail.
    ends_with
        Errors that mean that there is nothing left to do.
    """
    wait = seconds if delay is None else delay
    failures = 0
    while True:
        await asyncio.sleep(wait)
        try:
            asked = await work()
        except ends_with:
            return
        except Exception as error:
            # Any error at all: a loop that ended here would be missed only when it is needed.
            failures += 1
            FAULTS.record(name, error)
            wait = retry_seconds(failures, longest_retry)
            continue
        if failures:
            failures = 0
            FAULTS.clear(name)
        wait = seconds if asked is None else asked


class BackgroundLoop:
    """A task that repeats some work from :meth:`start` to :meth:`close`; see :func:`repeat`."""

    def __init__(
        self,
        name: str,
        work: Work,
        *,
        seconds: float,
        delay: float | None = None,
        longest_retry: float = LONGEST_RETRY_SECONDS,
    ) -> None:
        self._name = name
        self._repeat = partial(
            repeat, name, work, seconds=seconds, delay=delay, longest_retry=longest_retry
        )
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start, unless it runs."""
        if self._task is None:
            self._task = asyncio.create_task(self._repeat(), name=self._name)

    async def close(self) -> None:
        """Stop, in the middle of a round if need be."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None


async def outlast(call: Callable[[], T]) -> T:
    """Return what a blocking call returns, tried again for as long as the database is away.

    Only for what may be done twice: a commit whose answer got lost is done once more. Whoever calls
    this is cancelled where its own time is limited.
    """
    failures = 0
    while True:
        try:
            result = await asyncio.to_thread(call)
        except StorageUnavailable as error:
            failures += 1
            FAULTS.record("a write of a run", error)
        else:
            if failures:
                FAULTS.clear("a write of a run")
            return result
        await asyncio.sleep(retry_seconds(failures, LONGEST_OUTAGE_POLL_SECONDS))
