"""The runs that this process drives: their tasks, their leases, and what stops them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.protocol.ids import now
from jupyter_assistants.runs.context import RunContext
from jupyter_assistants.runs.endings import end_early, fail_run, settle_run
from jupyter_assistants.runs.recorder import Recorder
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.renewal import renew_until_lost

log = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
"""How long a run stays locked to a process on another machine that died."""
CANCEL_GRACE_SECONDS = 8.0
"""How long code that was interrupted may take to end."""


@dataclass
class Drive:
    """A run that this process drives right now."""

    context: RunContext
    stop: asyncio.Event
    task: asyncio.Task[None] | None = None
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the run is no longer driven here: it has ended, or waits for its client."""


class Drives:
    """Drives by run, each supervised until its run ends or waits for its client."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._drives: dict[str, Drive] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, run_id: str) -> Drive | None:
        """Return the drive of a run, or None if this process does not drive it."""
        return self._drives.get(run_id)

    def begin(self, context: RunContext, work: Coroutine[Any, Any, None]) -> None:
        """Start to drive a run."""
        drive = Drive(context, asyncio.Event())
        self._drives[context.run.id] = drive
        drive.task = self.spawn(self._supervise(drive, work))

    def forget(self, recorder: Recorder) -> None:
        """Remove a run whose lease was given back, although its task has not ended yet."""
        drive = self._drives.get(recorder.run.id)
        # A quick client may have submitted already: the next drive of the run stays.
        if drive is not None and drive.context.recorder is recorder:
            self._leave(drive)

    async def wait_until_left(self, run_id: str) -> None:
        """Wait until a run that is being handed to its client is no longer driven here."""
        drive = self._drives.get(run_id)
        # The drive of another submission works on: who comes second is refused at once.
        if drive is not None and drive.context.run.status == "requires_action":
            await drive.left.wait()

    def _leave(self, drive: Drive) -> None:
        drive.left.set()
        del self._drives[drive.context.run.id]

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a background task, which :meth:`close` ends."""
        task = asyncio.create_task(work)
        # The event loop itself has only weak references to tasks.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _supervise(self, drive: Drive, work: Coroutine[Any, Any, None]) -> None:
        """Run the loop until it ends, is cancelled, loses its lease, or the run expires."""
        recorder = drive.context.recorder
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(drive.stop.wait())
        renewing = asyncio.create_task(
            renew_until_lost(self._storage, recorder.claim, seconds=LEASE_SECONDS)
        )
        expires = recorder.run.expires_at
        left = None if expires is None else max(0.0, expires - now())
        watched = {working, stopping, renewing}
        try:
            await asyncio.wait(watched, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            await _conclude(drive, working, renewing)
        finally:
            for task in watched:
                task.cancel()
            # Not if the run goes on already, in a drive of its own.
            if self._drives.get(recorder.run.id) is drive:
                self._leave(drive)

    async def drop(self, run_id: str) -> None:
        """Stop driving a run whose thread is deleted."""
        drive = self._drives.get(run_id)
        if drive is not None and drive.task is not None:
            drive.stop.set()
            await asyncio.wait({drive.task}, timeout=CANCEL_GRACE_SECONDS)

    async def close(self) -> None:
        """Stop: runs in progress end as failed, runs that wait go on waiting."""
        for drive in list(self._drives.values()):
            recorder = drive.context.recorder
            if drive.task is not None and not recorder.closed:
                await _end_task(drive.task)
            if not recorder.closed:
                await _fail_stopped(recorder)
        for task in list(self._tasks):
            await _end_task(task)


async def _fail_stopped(recorder: Recorder) -> None:
    """End a run because the server stops; without the database, the next start does it."""
    try:
        async with asyncio.timeout(CANCEL_GRACE_SECONDS):
            await fail_run(recorder, "server_error", "The run was cut off: the server stopped.")
    except TimeoutError:
        log.warning("run %s is left to the next start: the database is away", recorder.run.id)


async def _conclude(
    drive: Drive, working: asyncio.Task[None], renewing: asyncio.Task[None]
) -> None:
    recorder = drive.context.recorder
    stopped = drive.stop.is_set()
    if working.done() and not (stopped and not recorder.closed):
        await settle_run(recorder, working)
        return
    await _end_task(working)
    if renewing.done():
        # The lease is lost: whoever has it writes how the run ends.
        recorder.close()
    else:
        await end_early(recorder, "cancelled" if stopped else "expired")


async def _end_task(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for it, but not for ever."""
    task.cancel()
    await asyncio.wait({task}, timeout=CANCEL_GRACE_SECONDS)
    if task.done() and not task.cancelled() and task.exception() is not None:
        log.info("a cancelled task ended with %r", task.exception())
