"""Operations on runs and their steps (protocol.md sections 4.4, 4.5 and 7.1 to 7.6)."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_assistants.api.base import merged
from jupyter_assistants.api.idempotency import IdempotentOperations
from jupyter_assistants.api.notebook_context import ContextOperations
from jupyter_assistants.api.threads import ThreadOperations
from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.base import MAX_PAIRS, MAX_VALUE
from jupyter_assistants.protocol.errors import Forbidden, NotFound, ThreadLocked
from jupyter_assistants.protocol.event_queries import RunQuery
from jupyter_assistants.protocol.ids import RUN, new_id, now
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.pages import IncludeQuery, Page, PageQuery, StepPageQuery
from jupyter_assistants.protocol.runs import (
    CreateRun,
    CreateThreadAndRun,
    InputReply,
    ModifyRun,
    Run,
    RunExtension,
    RunOptions,
    SubmitOutputs,
)
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tools import TruncationStrategy
from jupyter_assistants.runs.loop import Started

_TAKEN_OVER = (
    "model",
    "instructions",
    "tools",
    "temperature",
    "top_p",
    "response_format",
    "reasoning_effort",
)


class RunOperations(IdempotentOperations, ThreadOperations, ContextOperations):
    """Create, list, get, modify, cancel and go on with runs."""

    async def create_run(
        self, owner: str, thread_id: str, query: IncludeQuery, body: CreateRun
    ) -> Started:
        """Start a run.

        Raises
        ------
        ThreadLocked
            If another run is active; the additional messages are not added then.
        """
        thread = await self.get(Thread, thread_id, owner)
        assistant = await self.assistant_of(owner, body.assistant_id)
        messages = await self.new_messages(owner, thread_id, body.additional_messages)
        run = await self.new_run(body, assistant, thread)
        run = run.changed(shows_passages=bool(query.include))
        told = await self.context_of(run, thread, messages)
        thread, more = await self.with_attachments(owner, thread, messages)
        return await self._start(owner, run, thread, [*messages, *told, *more])

    async def create_thread_and_run(self, owner: str, body: CreateThreadAndRun) -> Started:
        """Create a thread and start a run on it."""
        assistant = await self.assistant_of(owner, body.assistant_id)
        await self.check_resources(owner, body.tool_resources)
        thread, objects = await self.new_thread(owner, body.thread)
        messages = await self.new_messages(owner, thread.id, body.additional_messages)
        thread, more = await self.with_attachments(owner, thread, messages)
        run = await self.new_run(body, assistant, thread)
        if body.tool_resources is not None:
            run = run.changed(tool_resources=merged(run.tool_resources, body.tool_resources))
        self.engine.logs.begin(run.id).append("thread.created", thread.wire())
        said = [each for each in objects if isinstance(each, Message)]
        told = await self.context_of(run, thread, [*said, *messages])
        return await self._start(owner, run, thread, [*objects, *messages, *told, *more])

    async def assistant_of(self, owner: str, assistant_id: str) -> Assistant:
        """Return the assistant that a body names."""
        try:
            return await self.get(Assistant, assistant_id, owner)
        except NotFound as error:
            raise NotFound(error.message, param="assistant_id") from None

    async def new_run(self, body: RunOptions, assistant: Assistant, thread: Thread) -> Run:
        """Check and build a run without persisting it."""
        given = body.given()
        fields: dict[str, Any] = {}
        for name in _TAKEN_OVER:
            value = given.get(name, getattr(assistant, name))
            if value is not None:
                fields[name] = value
        instructions = fields.get("instructions", "")
        if body.additional_instructions:
            joint = "\n\n" if instructions else ""
            instructions += joint + body.additional_instructions
        run = Run(
            id=new_id(RUN),
            created_at=now(),
            thread_id=thread.id,
            assistant_id=assistant.id,
            expires_at=now() + self.settings.run_expiry,
            tool_resources=assistant.tool_resources,
            metadata=body.metadata,
            max_prompt_tokens=body.max_prompt_tokens,
            max_completion_tokens=body.max_completion_tokens,
            truncation_strategy=body.truncation_strategy or TruncationStrategy(),
            tool_choice=body.tool_choice or "auto",
            parallel_tool_calls=body.parallel_tool_calls,
            jupyter=RunExtension.model_validate(body.jupyter.model_dump()),
            context=body.jupyter.context,
            **fields | {"instructions": instructions},
        )
        self._check_approval(run)
        resolved = await self.models.resolve(run.model)
        return run.changed(metadata=_noted(run.metadata, resolved.note))

    def _check_approval(self, run: Run) -> None:
        most = self.settings.max_approval
        if run.jupyter.approval == "auto" and most != "auto":
            raise Forbidden(
                "Running code unasked is switched off here (c.JupyterAssistantsApp.max_approval "
                f"is '{most}'). Leave the approval at 'ask' and approve each piece of code.",
                param="jupyter.approval",
            )

    async def _start(self, owner: str, run: Run, thread: Thread, objects: list[Any]) -> Started:
        claim = await self.engine.claim(thread.id, run.id)
        try:
            await self.work.commit(thread, *objects, run, owner=owner, claim=claim)
        except BaseException:
            await asyncio.to_thread(self.storage.release, claim)
            raise
        return await self.engine.start(run, thread, owner, claim)

    async def list_runs(self, owner: str, thread_id: str, query: PageQuery) -> Page[Run]:
        """Return a page of runs."""
        return await self.page(Run, owner, query, parent=thread_id)

    async def get_run(self, owner: str, thread_id: str, run_id: str, query: RunQuery) -> Run:
        """Return one run. With ``wait`` (an extension) as soon as it is over or waits, if it can."""
        if query.wait <= 0:
            return await self.get(Run, run_id, owner)
        return await self.settled(owner, run_id, query.wait)

    async def modify_run(self, owner: str, thread_id: str, run_id: str, body: ModifyRun) -> Run:
        """Change a run's metadata."""
        return await self.engine.modify(run_id, owner, body.given())

    async def cancel_run(self, owner: str, thread_id: str, run_id: str) -> Run:
        """Begin to cancel a run; running code is interrupted."""
        run = await self.get(Run, run_id, owner)
        thread = await self.get(Thread, thread_id, owner)
        try:
            return await self.engine.cancel(run, thread, owner)
        except ThreadLocked:
            # Another process drives it, or it has just ended: the storage knows which.
            run = await self.get(Run, run_id, owner)
            return await self.engine.cancel(run, thread, owner)

    async def submit_tool_outputs(
        self, owner: str, thread_id: str, run_id: str, body: SubmitOutputs
    ) -> Started:
        """Take the outputs that a run waits for."""
        run = await self.get(Run, run_id, owner)
        thread = await self.get(Thread, thread_id, owner)
        return await self.engine.submit(run, thread, owner, body.tool_outputs)

    async def input_reply(self, owner: str, thread_id: str, run_id: str, body: InputReply) -> Run:
        """Answer code that asks for ``input()``. Extension; see ``jupyter.allow_stdin``.

        Raises
        ------
        InvalidRequest
            If no code asks for anything now.
        """
        run = await self.get(Run, run_id, owner)
        return self.engine.answer_input(run, body.value)

    async def list_steps(
        self, owner: str, thread_id: str, run_id: str, query: StepPageQuery
    ) -> Page[RunStep]:
        """Return a page of a run's steps."""
        page = await self.page(RunStep, owner, query, parent=run_id)
        if query.include:
            return page
        return Page(data=[each.without_passages() for each in page.data], has_more=page.has_more)

    async def get_step(
        self, owner: str, thread_id: str, run_id: str, step_id: str, query: IncludeQuery
    ) -> RunStep:
        """Return one step."""
        step = await self.get(RunStep, step_id, owner)
        return step if query.include else step.without_passages()


def _noted(metadata: dict[str, str], note: str | None) -> dict[str, str]:
    """Return metadata that say which model answers, when it is not the one that was asked for.

    Programs of the hosted API know metadata and not our extension field. What the user put there
    stays, and comes first where there is no room.
    """
    if not note or "model_note" in metadata or len(metadata) >= MAX_PAIRS:
        return metadata
    return {**metadata, "model_note": note[:MAX_VALUE]}
