"""One model call: streamed into steps and messages, its tool calls answered.

:func:`take_turn` is the only place that talks to a model. It says what comes next; the loop in
:mod:`.runs` acts on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from jupyter_assistants.kernels.base import Handout
from jupyter_assistants.models.base import (
    CallDelta,
    FunctionCall,
    Limits,
    ModelEvent,
    ModelRequest,
    Reasoning,
    RefusalDelta,
    RetryDelay,
    StreamEnd,
    TextDelta,
)
from jupyter_assistants.protocol.errors import ProviderError, ToolError
from jupyter_assistants.protocol.ids import ITEM, new_id, now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.runs import CalledFunction, RunToolCall, Usage
from jupyter_assistants.runs.context import Resolved, RunSession
from jupyter_assistants.runs.prompt.summary import longest, summarize, summary_request
from jupyter_assistants.runs.steps import MessageWriter, ToolStepWriter
from jupyter_assistants.tools.base import CallStopped, Tool, ToolResult

log = logging.getLogger(__name__)

MAX_ERRORS_IN_A_ROW = 3
MAX_CALLS = 128
"""Calls of one answer. Each is stored before it is carried out, and a model may go wild."""
TOO_MANY_CALLS = f"The model called more than {MAX_CALLS} tools at once."
OVERFLOW = "context_length_exceeded"
AFTER_OVERFLOW = 0.8
"""How much of a prompt that was too long is sent in the second try."""


@dataclass(frozen=True)
class Again:
    """The model is to be asked again: its calls are answered."""


@dataclass(frozen=True)
class Wait:
    """The client has to answer these calls first."""

    calls: Sequence[RunToolCall]


@dataclass(frozen=True)
class Done:
    """The run is over."""

    status: Literal["completed", "incomplete"]
    reason: Literal["max_completion_tokens", "max_prompt_tokens"] | None = None


Next = Again | Wait | Done
ItemType = Literal["function_call", "reasoning"]


@dataclass
class _Answer:
    """What one model call has streamed so far."""

    session: RunSession
    message: MessageWriter | None = None
    step: ToolStepWriter | None = None
    finished: StreamEnd = field(default_factory=lambda: StreamEnd("stop"))
    begun_calls: int = 0
    thoughts: list[tuple[int, Item]] = field(default_factory=list)
    """Reasoning between calls, and the number of calls before it."""

    async def take(self, event: ModelEvent) -> None:
        match event:
            case TextDelta():
                await (await self._message()).text(event.text)
            case RefusalDelta():
                await (await self._message()).refusal(event.text)
            case CallDelta():
                await self._call(event)
            case Reasoning():
                await self._thought(event)
            case RetryDelay():
                await self._wait(event)
            case StreamEnd():
                self.finished = event

    async def _thought(self, thought: Reasoning) -> None:
        """Keep reasoning in the history before the message or the call that it led to."""
        item = _item(self.session, "reasoning", extras=thought.extras)
        if self.step is None:
            await self.session.recorder.save(item)
        else:
            self.thoughts.append((self.begun_calls, item))

    async def _wait(self, event: RetryDelay) -> None:
        """Show by the run that the endpoint lets us wait; no event, which would confuse SDKs."""
        seconds = math.ceil(event.seconds)
        _show_waiting(self.session, f"waiting {seconds} s: {event.reason}" if seconds else None)
        await self.session.recorder.save(self.session.run)

    def items(self, calls: Sequence[FunctionCall]) -> list[Item]:
        """Return what the history keeps of the calls, with the reasoning between them."""
        kept: list[Item] = []
        for index, call in enumerate(calls):
            kept += [thought for before, thought in self.thoughts if before == index]
            kept.append(_call_item(self.session, call))
        return kept

    async def _message(self) -> MessageWriter:
        if self.message is None:
            self.message = await MessageWriter.open(self.session)
        return self.message

    async def _call(self, event: CallDelta) -> None:
        if event.index >= MAX_CALLS:
            raise ProviderError(TOO_MANY_CALLS)
        if self.step is None:
            await self.close_message()
            self.step = await ToolStepWriter.open(self.session)
        self.begun_calls = max(self.begun_calls, event.index + 1)
        self.step.delta(event)

    async def close_message(self, usage: Usage | None = None, reason: str | None = None) -> None:
        """Complete the message; what it cost is known only once the whole answer is there."""
        if self.message is not None:
            await self.message.close(usage or Usage(), reason)
            self.message = None


async def take_turn(session: RunSession) -> Next:
    """Ask the model once and answer what it calls.

    Raises
    ------
    ProviderError
        If the endpoint does not do its part, or the model calls wrongly again and again.
    ClaimLost
        If somebody else drives the run now.
    """
    run = session.run
    if run.max_prompt_tokens is not None and run.spent.prompt_tokens >= run.max_prompt_tokens:
        return Done("incomplete", "max_prompt_tokens")
    budget = run.max_completion_tokens
    if budget is not None and run.spent.completion_tokens >= budget:
        return Done("incomplete", "max_completion_tokens")
    if session.resolved is None:
        raise ProviderError("The run has no model yet.")
    answer = await _ask(session, session.resolved)
    finished = answer.finished
    session.learn(finished.usage)
    session.recorder.run = session.run.changed(spent=session.run.spent + finished.usage)
    calls = list(finished.calls) if session.run.parallel_tool_calls else list(finished.calls)[:1]
    if finished.reason == "length":
        await answer.close_message(finished.usage, "max_tokens")
        if answer.step is not None:
            await answer.step.close()
        return Done("incomplete", "max_completion_tokens")
    if finished.reason == "content_filter":
        await answer.close_message(finished.usage, "content_filter")
        raise ProviderError("The model's content filter stopped the answer.")
    if not calls:
        await answer.close_message(finished.usage)
        return Done("completed")
    if len(calls) > MAX_CALLS:
        raise ProviderError(TOO_MANY_CALLS)
    await answer.close_message()
    step = answer.step or await ToolStepWriter.open(session)
    await step.commit(calls, answer.items(calls), finished.usage)
    return await _answer_calls(session, step, calls)


def _show_waiting(session: RunSession, text: str | None) -> None:
    """Note in the run why nothing happens; whoever calls this saves it."""
    extension = session.run.jupyter.model_copy(update={"waiting": text})
    session.recorder.run = session.run.changed(jupyter=extension)


async def _ask(session: RunSession, resolved: Resolved) -> _Answer:
    answer = _Answer(session)
    try:
        await _stream(session, resolved, answer)
    except ProviderError as error:
        begun = answer.message is not None or answer.step is not None
        if error.code != OVERFLOW or begun or not session.shown_tokens:
            raise
        # The window was smaller than thought, or the count too low: once more, with less.
        session.most_tokens = int(session.shown_tokens * AFTER_OVERFLOW)
        session.recorder.run = session.run.changed(turns=session.run.turns - 1)
        await _stream(session, resolved, answer)
    finally:
        _show_waiting(session, None)
    return answer


async def _stream(session: RunSession, resolved: Resolved, answer: _Answer) -> None:
    client = resolved.client
    limits = await client.limits(resolved.model, asking=True)
    last = session.run.turns >= session.max_turns or session.repeats.too_many
    request = await session.request(resolved.model, limits, last=last)
    if session.summaries and session.dropped and session.run.max_prompt_tokens is None:
        request = await _summarized(session, resolved, limits, last, request)
    async with contextlib.aclosing(client.stream(request)) as stream:  # type: ignore[type-var]
        async for event in stream:
            await answer.take(event)
    if last and answer.finished.calls:
        raise ProviderError("The model goes on calling tools although it was told to stop.")


async def _summarized(
    session: RunSession, resolved: Resolved, limits: Limits, last: bool, request: ModelRequest
) -> ModelRequest:
    """Have the turns that are dropped summed up once; give the request with that."""
    _show_waiting(session, "writing down the beginning of a long thread")
    await session.recorder.save(session.run)
    asked = summary_request(resolved.model, session.dropped, session.summary, session.room)
    try:
        text, usage = await summarize(resolved.client, asked, longest(session.room))
    except ProviderError as error:
        # The answer matters more, and it can be had without.
        log.warning("a thread was truncated without a summary: %s", error.message)
        return request
    spent = session.run.spent + usage
    session.recorder.run = session.run.changed(spent=spent, turns=session.run.turns - 1)
    _show_waiting(session, None)
    await session.keep_summary(text)
    return await session.request(resolved.model, limits, last=last)


async def _answer_calls(
    session: RunSession, step: ToolStepWriter, calls: Sequence[FunctionCall]
) -> Next:
    waiting: list[RunToolCall] = []
    failed = 0
    for at, call in enumerate(calls):
        tool = session.hosted.get(call.name)
        if tool is None and call.name in session.functions:
            waiting.append(_ask_client(call.call_id, call.name, call.arguments))
            continue
        try:
            given = await _give(session, step, tool, call, at)
        except ToolError as error:
            failed += 1
            await step.answer_text(call.call_id, f"error: {error.message}")
            continue
        if isinstance(given, Handout):
            waiting.append(_hand_out(call.call_id, given))
        else:
            await step.answer(call.call_id, session.repeats.take(given))
    _count_errors(session, failed == len(calls))
    if waiting:
        return Wait(waiting)
    await step.close()
    return Again()


async def _give(
    session: RunSession, step: ToolStepWriter, tool: Tool | None, call: FunctionCall, at: int
) -> ToolResult | Handout:
    if tool is None:
        names = ", ".join([*session.hosted, *session.functions]) or "none"
        raise ToolError(f"there is no tool named '{call.name}'; the tools are: {names}")
    # A call id is executed at most once, whatever happens to this process in between.
    key = f"{session.run.id}/{call.call_id}"
    if not await asyncio.to_thread(session.storage.claim_once, key):
        raise ToolError(f"the call id '{call.call_id}' was used before in this run")
    progress = step.progress(call.call_id)
    context = replace(session.context, number=session.calls_before + at, room=session.output_room)
    try:
        return await tool.call(call.call_id, call.arguments, context, progress)
    except CallStopped as stopped:
        await step.answer(call.call_id, stopped.result)
        raise


def _count_errors(session: RunSession, all_failed: bool) -> None:
    session.errors_in_a_row = session.errors_in_a_row + 1 if all_failed else 0
    if session.errors_in_a_row >= MAX_ERRORS_IN_A_ROW:
        raise ProviderError(f"The model called tools wrongly {MAX_ERRORS_IN_A_ROW} times in a row.")


def _call_item(session: RunSession, call: FunctionCall) -> Item:
    return _item(
        session,
        "function_call",
        call_id=call.call_id,
        name=call.name,
        arguments=call.arguments,
        extras=call.extras,
    )


def _item(session: RunSession, type: ItemType, **fields: Any) -> Item:
    return Item(
        id=new_id(ITEM),
        created_at=now(),
        thread_id=session.run.thread_id,
        run_id=session.run.id,
        type=type,
        **fields,
    )


def _ask_client(call_id: str, name: str, arguments: str) -> RunToolCall:
    return RunToolCall(id=call_id, function=CalledFunction(name=name, arguments=arguments))


def _hand_out(call_id: str, handout: Handout) -> RunToolCall:
    return _ask_client(call_id, handout.name, handout.json)
