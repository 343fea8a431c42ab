"""The engine: starts runs, goes on with them, cancels them.

A run is driven by whoever has the claim on its thread. Everything that a drive needs is read from
storage, so that a run which waits for its client goes on after a restart
(docs/internals/runs.md, "The life of a run").
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from jupyter_assistants.models.base import ModelRequest
from jupyter_assistants.protocol.errors import InvalidRequest, ThreadLocked
from jupyter_assistants.protocol.events import Event, EventLog, EventLogs
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import (
    Handed,
    LastError,
    RequiredAction,
    Run,
    RunToolCall,
    SubmitToolOutputs,
    ToolOutput,
)
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.runs.context import ResolvedModel, RunContext, RunSettings
from jupyter_assistants.runs.drives import LEASE_SECONDS, Drive, Drives
from jupyter_assistants.runs.endings import Ending, end_early
from jupyter_assistants.runs.loop import run_loop
from jupyter_assistants.runs.prompt.builder import PromptBuilder
from jupyter_assistants.runs.prompt.calibration import Calibration
from jupyter_assistants.runs.recorder import Recorder
from jupyter_assistants.runs.recovery import Recovery
from jupyter_assistants.runs.states import advance, is_over
from jupyter_assistants.runs.submissions import (
    check_outputs,
    does_not_wait,
    record_outputs,
    waiting_calls,
)
from jupyter_assistants.storage.base import Claim, LeaseHeld, Storage
from jupyter_assistants.storage.liveness import mark
from jupyter_assistants.tools.base import Tool

CANCEL_LOOKS = 50
CANCEL_LOOK_SECONDS = 0.1


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


@dataclass(frozen=True)
class Preview:
    """A run that was not started, and what it would send to its model first."""

    run: Run
    request: ModelRequest
    estimated_tokens: int


class Engine:
    """The runs of one process.

    Parameters
    ----------
    resolve
        Returns the model behind a run's model name; raises InvalidRequest for one that may not be
        used.
    tools
        The hosted tools by type.
    """

    def __init__(
        self,
        storage: Storage,
        resolve: Callable[[str], Awaitable[ResolvedModel]],
        tools: Mapping[str, Tool],
        settings: RunSettings,
    ) -> None:
        self._storage = storage
        self._resolve = resolve
        self._tools = tools
        self._settings = settings
        self._calibration = Calibration()
        self._drives = Drives(storage)
        self._recovery = Recovery(
            storage,
            self.claim,
            self._take_over,
            driven_here=lambda run_id: self._drives.of(run_id) is not None,
            cancel_here=self._cancel_for_another,
            lease_seconds=LEASE_SECONDS,
        )
        self.logs = EventLogs()

    @property
    def tools(self) -> Mapping[str, Tool]:
        """Return the hosted tools by type."""
        return self._tools

    # -- starting ---------------------------------------------------------------------------

    async def claim(self, thread_id: str, run_id: str) -> Claim:
        """Lease a thread to a run.

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
                process=mark(),
                seconds=LEASE_SECONDS,
            )
        except LeaseHeld as held:
            raise ThreadLocked(thread_id, held.lease.subject) from None

    async def start(
        self, run: Run, thread: Thread, owner: str, claim: Claim, model: ResolvedModel
    ) -> Started:
        """Publish a run that is stored and claimed, and begin to drive it."""
        run_log = self.logs.begin(run.id)
        recorder = Recorder(self._storage, run_log, claim, owner, run)
        recorder.publish(("thread.run.created", run), ("thread.run.queued", run))
        context = self._context(recorder, thread)
        self._drives.begin(context, self._work(context, model))
        return Started(run, run_log, 0)

    async def preview(
        self,
        run: Run,
        thread: Thread,
        owner: str,
        model: ResolvedModel,
        additions: Sequence[Message | Item],
    ) -> Preview:
        """Return the first request of a run that is neither stored nor started.

        Parameters
        ----------
        additions
            The messages that the run would add, and what it tells of the notebook.
        """
        recorder = Recorder(self._storage, EventLog(), Claim(thread.id, run.id, 0), owner, run)
        recorder.closed = True  # it writes nothing
        _note_model(recorder, model)
        context = self._context(recorder, thread)
        prompt = PromptBuilder(context, model, self._calibration, additions)
        request = await prompt.build(await model.client.limits(model.model), last=False)
        return Preview(context.run, request, prompt.estimated_tokens)

    def _context(self, recorder: Recorder, thread: Thread) -> RunContext:
        return RunContext.of(recorder, thread, self._tools, self._settings)

    async def _work(
        self,
        context: RunContext,
        model: ResolvedModel | None = None,
        outputs: Mapping[str, ToolOutput] | None = None,
    ) -> None:
        """Drive a run until it is over or waits for its client.

        Parameters
        ----------
        model
            None where the run goes on: it may have begun in another process.
        """
        await context.recorder.run_event(advance(context.run, "in_progress"))
        model = model or await self._resolve(context.run.model)
        _note_model(context.recorder, model)
        prompt = PromptBuilder(context, model, self._calibration)
        await run_loop(context, prompt, partial(self._hand_over, context.recorder), outputs)

    async def _hand_over(self, recorder: Recorder, calls: Sequence[RunToolCall]) -> None:
        action = RequiredAction(submit_tool_outputs=SubmitToolOutputs(tool_calls=list(calls)))
        handed = {call.id: Handed(call=call, at=now()) for call in calls}
        run = advance(recorder.run, "requires_action", required_action=action, handed=handed)
        # State and lease in one transaction: who sees that the run waits can submit at once. The
        # event comes after it, because clients answer from inside the event, while the first stream
        # is still open (docs/internals/protocol.md, "Required actions").
        await recorder.save(run, suspend=True)
        self._drives.forget(recorder)
        recorder.publish(("thread.run.requires_action", run))
        recorder.pause()
        self._drives.spawn(self._recovery.expire_later(run))

    # -- the client's part ------------------------------------------------------------------

    async def submit(
        self, run: Run, thread: Thread, owner: str, outputs: Sequence[ToolOutput]
    ) -> Started:
        """Record the outputs that a run waits for, and go on with it.

        Raises
        ------
        InvalidRequest
            If the run does not wait.
        WrongToolOutputs
            If the outputs are not exactly those that it waits for.
        """
        calls = waiting_calls(run)
        check_outputs(calls, outputs)
        # A client that polls can be quicker than the event that it need not wait for.
        await self._drives.wait_until_left(run.id)
        claim = await self._claim_waiting(run)
        # Read again under the claim: of two submissions at once the second finds it queued.
        fresh = await asyncio.to_thread(self._storage.get, Run, run.id)
        if fresh.status != "requires_action":
            await asyncio.to_thread(self._storage.suspend, claim)
            raise does_not_wait(fresh)
        run_log = self.logs.open(run.id)
        recorder = Recorder(self._storage, run_log, claim, owner, fresh)
        context = self._context(recorder, thread)
        start = run_log.next_seq
        posted = {output.tool_call_id: output for output in outputs}
        await asyncio.to_thread(context.restore)
        # Code that a person has approved may run for long: the loop runs it, not this request.
        deferred = any(call.function.name == "approve_code" for call in calls)
        if not deferred:
            await record_outputs(context, posted)
        await recorder.run_event(advance(recorder.run, "queued"))
        queued = recorder.run
        work = self._work(context, outputs=posted if deferred else None)
        self._drives.begin(context, work)
        return Started(queued, run_log, start)

    async def _claim_waiting(self, run: Run) -> Claim:
        """Claim a run that waits for outputs."""
        try:
            return await self.claim(run.thread_id, run.id)
        except ThreadLocked:
            # Another submission came first.
            raise does_not_wait(run.changed(status="queued")) from None

    async def cancel(self, run: Run, owner: str) -> Run:
        """Begin to cancel a run, and return it with the status ``cancelling``.

        Raises
        ------
        InvalidRequest
            If it has ended, or is being cancelled already.
        """
        if is_over(run) or run.status == "cancelling":
            raise InvalidRequest(f"Cannot cancel run with status '{run.status}'.")
        drive = self._drives.of(run.id)
        if drive is not None:
            return await self._stop(drive)
        if await asyncio.to_thread(self._storage.request_stop, run.thread_id, run.id):
            return await self._cancel_elsewhere(run, owner)
        claim = await self.claim(run.thread_id, run.id)
        recorder = Recorder(self._storage, self.logs.open(run.id), claim, owner, run)
        cancelling = advance(run, "cancelling")
        await recorder.save(cancelling)
        self._drives.spawn(end_early(recorder, "cancelled"))
        return cancelling

    async def _cancel_elsewhere(self, run: Run, owner: str) -> Run:
        """Return a run whose driver, in another process, was asked to cancel it, once it does so."""
        for _ in range(CANCEL_LOOKS):
            run = await asyncio.to_thread(self._storage.get, Run, run.id)
            if run.status in ("cancelling", "cancelled"):
                return run
            if is_over(run):
                raise InvalidRequest(f"Cannot cancel run with status '{run.status}'.")
            # Asked again: if it waits for its client by now, nobody drives it.
            if not await asyncio.to_thread(self._storage.request_stop, run.thread_id, run.id):
                return await self.cancel(run, owner)
            await asyncio.sleep(CANCEL_LOOK_SECONDS)
        # Its process is very busy or dead. The request stays in the lease, and recovery obeys it.
        return advance(run, "cancelling")

    async def _cancel_for_another(self, run_id: str) -> None:
        drive = self._drives.of(run_id)
        # Asked again with every sweep, until the run has ended.
        if drive is not None and not drive.stop.is_set():
            with contextlib.suppress(InvalidRequest):
                await self._stop(drive)

    async def _stop(self, drive: Drive) -> Run:
        recorder = drive.context.recorder
        if is_over(recorder.run) or recorder.cancelling:
            raise InvalidRequest(f"Cannot cancel run with status '{recorder.run.status}'.")
        recorder.cancelling = True
        await recorder.save(advance(recorder.run, "cancelling"))
        cancelling = recorder.run
        drive.stop.set()
        return cancelling

    def answer_input(self, run: Run, value: str) -> Run:
        """Pass what a person typed to the code that asks for it.

        Raises
        ------
        InvalidRequest
            If no code of the run asks for anything here.
        """
        drive = self._drives.of(run.id)
        if drive is None:
            raise InvalidRequest("The run does not wait for input just now.")
        drive.context.inputs.reply(value)
        return drive.context.run

    async def modify(self, run_id: str, owner: str, changes: Mapping[str, Any]) -> Run:
        """Change fields that the loop never writes, whether the run is driven or not."""
        drive = self._drives.of(run_id)
        if drive is not None:
            await drive.context.recorder.save(drive.context.run.changed(**changes))
            return drive.context.run
        run = await asyncio.to_thread(self._storage.get, Run, run_id, owner=owner)
        run = run.changed(**changes)
        await asyncio.to_thread(self._storage.save, run, owner=owner)
        return run

    async def drop(self, run_id: str) -> None:
        """Stop driving a run whose thread is deleted."""
        await self._drives.drop(run_id)

    # -- time and restarts ------------------------------------------------------------------

    async def _take_over(self, run: Run, ending: Ending, error: LastError | None = None) -> None:
        claim = await self.claim(run.thread_id, run.id)
        owner = await asyncio.to_thread(self._storage.owner_of, run.id)
        recorder = Recorder(self._storage, self.logs.open(run.id), claim, owner, run)
        await end_early(recorder, ending, error)

    async def open(self) -> None:
        """Recover, and go on looking for runs that other processes left behind."""
        await self._recovery.sweep()
        self._recovery.start()

    async def close(self) -> None:
        """Stop: runs in progress end as failed, runs that wait go on waiting."""
        await self._recovery.close()
        await self._drives.close()


def _note_model(recorder: Recorder, model: ResolvedModel) -> None:
    recorder.note(resolved_model=model.name, note=model.note)
