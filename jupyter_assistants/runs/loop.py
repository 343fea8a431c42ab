"""Starts, drives and ends runs.

One loop serves streamed and polled runs alike. A run is driven by whoever holds the claim on its
thread; everything that a drive needs is read from the storage, so that a run which waits for its
client goes on after a restart.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.models.base import ModelRequest
from jupyter_assistants.protocol.errors import InvalidRequest, ThreadLocked
from jupyter_assistants.protocol.events import Event, EventLog, EventLogs
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import (
    Handed,
    IncompleteRun,
    LastError,
    RequiredAction,
    Run,
    RunToolCall,
    SubmitToolOutputs,
    ToolOutput,
)
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.runs.context import Resolved, RunSession
from jupyter_assistants.runs.endings import Ending, end, fail, finish, settle
from jupyter_assistants.runs.prompt.calibration import Calibration
from jupyter_assistants.runs.recorder import Recorder
from jupyter_assistants.runs.recovery import Recovery
from jupyter_assistants.runs.states import advance, is_over
from jupyter_assistants.runs.submissions import (
    check_outputs,
    does_not_wait,
    take_outputs,
    waiting_calls,
)
from jupyter_assistants.runs.turn import Again, Done, Wait, take_turn
from jupyter_assistants.storage import liveness
from jupyter_assistants.storage.base import Claim, LeaseHeld, Storage
from jupyter_assistants.storage.renewal import renew_until_lost
from jupyter_assistants.tools.base import Tool

log = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
CANCEL_GRACE_SECONDS = 8.0
PARKING_SECONDS = 2.0
PARKING_PAUSE = 0.02


@dataclass(frozen=True)
class Started:
    """A run that goes on, and where its stream begins.

    Parameters
    ----------
    log
        The run's events.
    start
        The first event of this request's stream.
    """

    run: Run
    log: EventLog
    start: int

    @property
    def events(self) -> AsyncIterator[Event]:
        """Return the events of this request's stream."""
        return self.log.read(self.start)

    def wire(self) -> dict[str, Any]:
        """Return the JSON object of the run."""
        return self.run.wire()


@dataclass
class _Drive:
    """A run that this process drives right now."""

    session: RunSession
    stop: asyncio.Event
    task: asyncio.Task[None] | None = None


class Engine:
    """Drives the runs of one process.

    Parameters
    ----------
    resolve
        Gives the model behind a run's model name; raises InvalidRequest for one that may not be
        used.
    tools
        The hosted tools by type.
    """

    def __init__(
        self,
        storage: Storage,
        resolve: Callable[[str], Awaitable[Resolved]],
        tools: Mapping[str, Tool],
        *,
        max_turns: int = 24,
        prompt_budget: int = 100_000,
        summaries: bool = False,
    ) -> None:
        self._storage = storage
        self._resolve = resolve
        self._tools = tools
        self._max_turns = max_turns
        self._prompt_budget = prompt_budget
        self._summaries = summaries
        self._calibration = Calibration()
        self._process = liveness.mark()
        self._drives: dict[str, _Drive] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._recovery = Recovery(storage, self.claim, self._take_over)
        self.logs = EventLogs()

    # -- starting ---------------------------------------------------------------------------

    async def claim(self, thread_id: str, run_id: str) -> Claim:
        """Lock a thread for a run.

        Raises
        ------
        ThreadLocked
            If it has an active run.
        """
        try:
            return await asyncio.to_thread(
                self._storage.acquire,
                thread_id,
                run_id,
                kind="thread",
                process=self._process,
                seconds=LEASE_SECONDS,
            )
        except LeaseHeld as held:
            raise ThreadLocked(thread_id, held.lease.subject) from None

    async def start(self, run: Run, thread: Thread, owner: str, claim: Claim) -> Started:
        """Publish a run that is stored and claimed, and begin to drive it."""
        run_log = self.logs.begin(run.id)
        recorder = Recorder(self._storage, run_log, claim, owner, run)
        recorder.publish(("thread.run.created", run), ("thread.run.queued", run))
        session = self._session(recorder, thread)
        self._drive(session, self._turns(session))
        return Started(run, run_log, 0)

    async def preview(
        self, run: Run, thread: Thread, owner: str, messages: Sequence[Message | Item]
    ) -> tuple[RunSession, ModelRequest]:
        """Return the first request of a run that is neither stored nor started.

        Parameters
        ----------
        messages
            Those that the run would add, and what it tells of the notebook.
        """
        recorder = Recorder(self._storage, EventLog(), Claim(thread.id, run.id, 0), owner, run)
        recorder.closed = True  # it writes nothing
        session = self._session(recorder, thread)
        session.added = messages
        await self._choose_model(session)
        assert session.resolved is not None
        model = session.resolved.model
        limits = await session.resolved.client.limits(model)
        return session, await session.request(model, limits, last=False)

    def _session(self, recorder: Recorder, thread: Thread) -> RunSession:
        return RunSession(
            recorder,
            self._tools,
            thread,
            self._max_turns,
            self._prompt_budget,
            self._summaries,
            calibration=self._calibration,
        )

    # -- the loop ---------------------------------------------------------------------------

    async def _turns(
        self, session: RunSession, outputs: Mapping[str, ToolOutput] | None = None
    ) -> None:
        """Drive a run until it is over or waits for its client.

        Parameters
        ----------
        outputs
            Verdicts of a person on code that runs first.
        """
        await session.recorder.run_event(advance(session.run, "in_progress"))
        await self._choose_model(session)
        for tool in session.hosted.values():
            await tool.prepare(session.context)
        if outputs:
            await take_outputs(session, outputs)
        while True:
            match await take_turn(session):
                case Again():
                    continue
                case Wait(calls):
                    return await self._wait(session, calls)
                case Done(status, reason):
                    details = IncompleteRun(reason=reason) if reason else None
                    return await end(session, status, incomplete_details=details)

    async def _choose_model(self, session: RunSession) -> None:
        resolved = session.resolved = await self._resolve(session.run.model)
        client, model = resolved.client.id, resolved.model
        name = model if model == client else f"{client}/{model}"
        extension = session.run.jupyter.model_copy(
            update={"resolved_model": name, "note": resolved.note}
        )
        session.recorder.run = session.run.changed(jupyter=extension)

    async def _wait(self, session: RunSession, calls: Sequence[RunToolCall]) -> None:
        action = RequiredAction(submit_tool_outputs=SubmitToolOutputs(tool_calls=list(calls)))
        handed = {call.id: Handed(call=call, at=now()) for call in calls}
        run = advance(session.run, "requires_action", required_action=action, handed=handed)
        recorder = session.recorder
        await recorder.save(run)
        # The lease goes back before anybody hears of the action: clients answer from inside the
        # event, while the first stream is still open (protocol.md section 8.7).
        await asyncio.to_thread(self._storage.suspend, recorder.claim)
        self._drives.pop(run.id, None)
        recorder.publish(("thread.run.requires_action", run))
        recorder.pause()
        self._spawn(self._recovery.expire_later(run))

    # -- supervision ------------------------------------------------------------------------

    def _drive(self, session: RunSession, work: Coroutine[Any, Any, None]) -> None:
        drive = _Drive(session, asyncio.Event())
        self._drives[session.run.id] = drive
        drive.task = self._spawn(self._supervise(drive, work))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def _supervise(self, drive: _Drive, work: Coroutine[Any, Any, None]) -> None:
        """Run the loop until it ends, is cancelled, or the run expires."""
        session = drive.session
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(drive.stop.wait())
        renewing = asyncio.create_task(
            renew_until_lost(self._storage, session.recorder.claim, seconds=LEASE_SECONDS)
        )
        expires = session.run.expires_at
        left = None if expires is None else max(0.0, expires - now())
        watched = {working, stopping, renewing}
        try:
            await asyncio.wait(watched, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            await self._conclude(drive, working, renewing)
        finally:
            for task in watched:
                task.cancel()
            if self._drives.get(session.run.id) is drive:
                del self._drives[session.run.id]

    async def _conclude(
        self, drive: _Drive, working: asyncio.Task[None], renewing: asyncio.Task[None]
    ) -> None:
        session = drive.session
        stopped = drive.stop.is_set()
        if working.done() and not (stopped and not session.recorder.closed):
            await settle(session, working)
            return
        await _end_task(working)
        if renewing.done():
            session.recorder.close()
        else:
            await finish(session, "cancelled" if stopped else "expired")

    # -- the client's part ------------------------------------------------------------------

    async def submit(
        self, run: Run, thread: Thread, owner: str, outputs: Sequence[ToolOutput]
    ) -> Started:
        """Take the outputs that a run waits for and go on with it.

        Raises
        ------
        InvalidRequest
            If the run does not wait.
        WrongToolOutputs
            If the outputs are not exactly those that it waits for.
        """
        calls = waiting_calls(run)
        check_outputs(calls, outputs)
        claim = await self._claim_waiting(run)
        run_log = self.logs.open(run.id)
        recorder = Recorder(self._storage, run_log, claim, owner, run)
        fresh = await asyncio.to_thread(self._storage.get, Run, run.id)
        if fresh.status != "requires_action":
            await asyncio.to_thread(self._storage.suspend, claim)
            raise does_not_wait(fresh)
        recorder.run = fresh
        session = self._session(recorder, thread)
        start = run_log.end
        posted = {output.tool_call_id: output for output in outputs}
        await asyncio.to_thread(session.restore)
        await asyncio.to_thread(session.load)
        deferred = any(call.function.name == "approve_code" for call in calls)
        if not deferred:
            await take_outputs(session, posted)
        await recorder.run_event(advance(recorder.run, "queued"))
        queued = recorder.run
        self._drive(session, self._turns(session, posted if deferred else None))
        return Started(queued, run_log, start)

    async def _claim_waiting(self, run: Run) -> Claim:
        """Claim a run that waits; whoever wrote that down may hold it for a moment more."""
        patience = PARKING_SECONDS
        while True:
            try:
                return await self.claim(run.thread_id, run.id)
            except ThreadLocked:
                fresh = await asyncio.to_thread(self._storage.get, Run, run.id)
            if fresh.status != "requires_action" or patience <= 0:
                raise does_not_wait(run.changed(status="queued"))
            await asyncio.sleep(PARKING_PAUSE)
            patience -= PARKING_PAUSE

    async def cancel(self, run: Run, thread: Thread, owner: str) -> Run:
        """Begin to cancel a run and give it with status ``cancelling``.

        Raises
        ------
        InvalidRequest
            If it has ended, or is being cancelled already.
        """
        if is_over(run) or run.status == "cancelling":
            raise InvalidRequest(f"Cannot cancel run with status '{run.status}'.")
        drive = self._drives.get(run.id)
        if drive is not None:
            return await self._stop(drive)
        claim = await self.claim(run.thread_id, run.id)
        session = self._session(
            Recorder(self._storage, self.logs.open(run.id), claim, owner, run), thread
        )
        cancelling = advance(run, "cancelling")
        await session.recorder.save(cancelling)
        self._spawn(finish(session, "cancelled"))
        return cancelling

    async def _stop(self, drive: _Drive) -> Run:
        recorder = drive.session.recorder
        if is_over(recorder.run) or recorder.cancelling:
            raise InvalidRequest(f"Cannot cancel run with status '{recorder.run.status}'.")
        recorder.cancelling = True
        await recorder.save(advance(recorder.run, "cancelling"))
        cancelling = recorder.run
        drive.stop.set()
        return cancelling

    def answer_input(self, run: Run, value: str) -> Run:
        """Return what a person typed to the code that asks for it.

        Raises
        ------
        InvalidRequest
            If no code of the run asks for anything here.
        """
        drive = self._drives.get(run.id)
        if drive is None:
            raise InvalidRequest("The run does not wait for input just now.")
        drive.session.asked.answer(value)
        return drive.session.run

    async def modify(self, run_id: str, owner: str, changes: Mapping[str, Any]) -> Run:
        """Change fields that the loop does not care for, driven or not."""
        drive = self._drives.get(run_id)
        if drive is not None:
            await drive.session.recorder.save(drive.session.run.changed(**changes))
            return drive.session.run
        run = await asyncio.to_thread(self._storage.get, Run, run_id, owner=owner)
        run = run.changed(**changes)
        await asyncio.to_thread(self._storage.save, run, owner=owner)
        return run

    async def drop(self, run_id: str) -> None:
        """Stop driving a run whose thread goes away."""
        drive = self._drives.get(run_id)
        if drive is not None and drive.task is not None:
            drive.stop.set()
            await asyncio.wait({drive.task}, timeout=CANCEL_GRACE_SECONDS)

    # -- time and restarts ------------------------------------------------------------------

    async def _take_over(self, run: Run, ending: Ending, error: LastError | None = None) -> None:
        claim = await self.claim(run.thread_id, run.id)
        owner = await asyncio.to_thread(self._storage.owner_of, run.id)
        thread = await asyncio.to_thread(self._storage.get, Thread, run.thread_id)
        recorder = Recorder(self._storage, self.logs.open(run.id), claim, owner, run)
        await finish(self._session(recorder, thread), ending, error)

    async def open(self) -> None:
        """Recover, and go on looking for runs that other processes left behind."""
        await self._recovery.sweep()
        self._spawn(self._recovery.go_on())

    async def close(self) -> None:
        """Stop: runs in progress end as failed, runs that wait go on waiting."""
        for drive in list(self._drives.values()):
            if drive.task is not None and not drive.session.recorder.closed:
                await _end_task(drive.task)
            if not drive.session.recorder.closed:
                text = "The run was cut off: the server stopped."
                await fail(drive.session, "server_error", text)
        for task in list(self._background):
            await _end_task(task)


async def _end_task(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for it, though not for ever."""
    task.cancel()
    await asyncio.wait({task}, timeout=CANCEL_GRACE_SECONDS)
    if task.done() and not task.cancelled() and task.exception() is not None:
        log.info("a cancelled task ended with %r", task.exception())
