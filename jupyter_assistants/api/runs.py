"""Runs (docs/internals/protocol.md, "Runs and their states")."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.api.attachments import Attachments
from jupyter_assistants.api.messages import Messages
from jupyter_assistants.api.notebook_context import NotebookContext
from jupyter_assistants.api.objects import Objects, merged
from jupyter_assistants.api.run_builder import RunBuilder
from jupyter_assistants.api.run_events import RunEvents
from jupyter_assistants.api.threads import Threads
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import ThreadLocked
from jupyter_assistants.protocol.event_queries import RunQuery
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.pages import IncludeQuery, Page, PageQuery
from jupyter_assistants.protocol.runs import (
    CallerContext,
    CreateRun,
    CreateThreadAndRun,
    InputReply,
    ModifyRun,
    Run,
    SubmitOutputs,
)
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.runs.context import ResolvedModel
from jupyter_assistants.runs.engine import Engine, Started
from jupyter_assistants.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Runs:
    """Operations on runs."""

    objects: Objects
    attachments: Attachments
    work: UnitOfWork
    messages: Messages
    threads: Threads
    builder: RunBuilder
    context: NotebookContext
    events: RunEvents
    engine: Engine

    async def create(
        self, owner: str, thread: Thread, query: IncludeQuery, body: CreateRun
    ) -> Started:
        """Start a run.

        Raises
        ------
        ThreadLocked
            If another run is active; the additional messages are not added then.
        """
        assistant = await self.builder.assistant_of(owner, body.assistant_id)
        messages = await self.messages.build(owner, thread.id, body.additional_messages)
        run, model = await self.builder.build(body, assistant, thread)
        run = run.changed(shows_passages=bool(query.include))
        context = await self.context.items(run, thread, messages)
        thread, more = await self.attachments.with_attachments(owner, thread, messages)
        return await self._start(owner, run, model, thread, [*messages, *context, *more])

    async def create_with_thread(self, owner: str, body: CreateThreadAndRun) -> Started:
        """Create a thread and start a run on it."""
        assistant = await self.builder.assistant_of(owner, body.assistant_id)
        await self.objects.check_resources(owner, body.tool_resources)
        thread, objects = await self.threads.build(owner, body.thread)
        messages = await self.messages.build(owner, thread.id, body.additional_messages)
        thread, more = await self.attachments.with_attachments(owner, thread, messages)
        run, model = await self.builder.build(body, assistant, thread)
        if body.tool_resources is not None:
            resources = merged(run.tool_resources, body.tool_resources, may_lift_sandbox=False)
            run = run.changed(tool_resources=resources)
        self.engine.logs.begin(run.id).append("thread.created", thread.wire())
        first = [each for each in objects if isinstance(each, Message)]
        context = await self.context.items(run, thread, [*first, *messages])
        return await self._start(owner, run, model, thread, [*objects, *messages, *context, *more])

    async def _start(
        self,
        owner: str,
        run: Run,
        model: ResolvedModel,
        thread: Thread,
        objects: Sequence[WireObject],
    ) -> Started:
        if run.context is not None:
            # What models may see of it is among the objects; the rest, with whatever secrets are in it,
            # is not stored.
            run = run.changed(
                context=CallerContext(kernel=run.context.kernel, files=run.context.files)
            )
        # Claimed before anything is stored: of two requests at once, the second must leave no
        # messages behind.
        claim = await self.engine.claim(thread.id, run.id)
        try:
            await self.work.commit(thread, *objects, run, owner=owner, claim=claim)
        except BaseException:
            await asyncio.to_thread(self.objects.storage.release, claim)
            raise
        return await self.engine.start(run, thread, owner, claim, model)

    async def list(self, owner: str, thread_id: str, query: PageQuery) -> Page[Run]:
        """Return a page of runs."""
        return await self.objects.page(Run, owner, query, parent=thread_id)

    async def get(self, owner: str, run: Run, query: RunQuery) -> Run:
        """Return a run. With ``wait`` (an extension), wait until it ends or requires action."""
        return await self.events.settled(owner, run, query.wait)

    async def modify(self, owner: str, run_id: str, body: ModifyRun) -> Run:
        """Change a run's metadata."""
        return await self.engine.modify(run_id, owner, body.provided_fields())

    async def cancel(self, owner: str, thread: Thread, run: Run) -> Run:
        """Begin to cancel a run; running code is interrupted."""
        try:
            return await self.engine.cancel(run, owner)
        except ThreadLocked:
            # Another process drives it, or it has just ended: storage knows which.
            run = await self.objects.get(Run, run.id, owner)
            return await self.engine.cancel(run, owner)

    async def submit_tool_outputs(
        self, owner: str, thread: Thread, run: Run, body: SubmitOutputs
    ) -> Started:
        """Submit the outputs that a run waits for."""
        return await self.engine.submit(run, thread, owner, body.tool_outputs)

    async def reply_to_input(self, run: Run, body: InputReply) -> Run:
        """Answer code that asks for ``input()``. Extension; see ``jupyter.allow_stdin``.

        Raises
        ------
        InvalidRequest
            If no code is waiting for input.
        """
        return self.engine.answer_input(run, body.value)
