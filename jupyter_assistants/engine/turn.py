"""One model call: streamed into steps and messages, its tool calls answered.

:func:`take_turn` is the only place that talks to a model. It says what comes next; the loop in
:mod:`.runs` acts on it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from jupyter_assistants.engine.session import Resolved, RunSession
from jupyter_assistants.engine.writing import MessageWriter, ToolStepWriter
from jupyter_assistants.errors import ProviderError, ToolError
from jupyter_assistants.interpreters.base import Handout
from jupyter_assistants.providers.base import (
    CallDelta,
    Called,
    Finished,
    RefusalDelta,
    TextDelta,
)
from jupyter_assistants.schema.ids import ITEM, new_id, now
from jupyter_assistants.schema.items import Item
from jupyter_assistants.schema.runs import CalledFunction, RunToolCall, Usage
from jupyter_assistants.tools.base import Tool, ToolResult

MAX_ERRORS_IN_A_ROW = 3


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


@dataclass
class _Answer:
    """What one model call has streamed so far."""

    session: RunSession
    message: MessageWriter | None = None
    step: ToolStepWriter | None = None
    finished: Finished = field(default_factory=lambda: Finished("stop"))

    async def take(self, event: TextDelta | RefusalDelta | CallDelta | Finished) -> None:
        match event:
            case TextDelta():
                await (await self._message()).text(event.text)
            case RefusalDelta():
                await (await self._message()).refusal(event.text)
            case CallDelta():
                await self._call(event)
            case Finished():
                self.finished = event

    async def _message(self) -> MessageWriter:
        if self.message is None:
            self.message = await MessageWriter.open(self.session)
        return self.message

    async def _call(self, event: CallDelta) -> None:
        if self.step is None:
            await self.close_message()
            self.step = await ToolStepWriter.open(self.session)
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
    session.recorder.run = session.run.changed(spent=session.run.spent + finished.usage)
    calls = list(finished.calls) if session.run.parallel_tool_calls else list(finished.calls)[:1]
    if finished.reason == "length":
        await answer.close_message(finished.usage, "max_tokens")
        return Done("incomplete", "max_completion_tokens")
    if finished.reason == "content_filter":
        await answer.close_message(finished.usage, "content_filter")
        raise ProviderError("The model's content filter stopped the answer.")
    if not calls:
        await answer.close_message(finished.usage)
        return Done("completed")
    await answer.close_message()
    step = answer.step or await ToolStepWriter.open(session)
    return await _answer_calls(session, step, calls, finished.usage)


async def _ask(session: RunSession, resolved: Resolved) -> _Answer:
    client = resolved.client
    limits = await client.limits(resolved.model)
    last = session.run.turns >= session.max_turns
    request = await session.request(resolved.model, limits, last=last)
    answer = _Answer(session)
    async with contextlib.aclosing(client.stream(request)) as stream:  # type: ignore[type-var]
        async for event in stream:
            await answer.take(event)
    if last and answer.finished.calls:
        raise ProviderError("The model goes on calling tools although the step limit is reached.")
    return answer


async def _answer_calls(
    session: RunSession, step: ToolStepWriter, calls: Sequence[Called], usage: Usage
) -> Next:
    items = [_call_item(session, call) for call in calls]
    await step.commit(calls, items, usage)
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
            await step.answer(call.call_id, given)
    _count_errors(session, failed == len(calls))
    if waiting:
        return Wait(waiting)
    await step.close()
    return Again()


async def _give(
    session: RunSession, step: ToolStepWriter, tool: Tool | None, call: Called, at: int
) -> ToolResult | Handout:
    if tool is None:
        names = ", ".join([*session.hosted, *session.functions]) or "none"
        raise ToolError(f"there is no tool named '{call.name}'; the tools are: {names}")
    # A call id is executed at most once, whatever happens to this process in between.
    key = f"{session.run.id}/{call.call_id}"
    if not await asyncio.to_thread(session.store.first_time, key):
        raise ToolError(f"the call id '{call.call_id}' was used before in this run")
    progress = step.progress(call.call_id)
    context = replace(session.context, number=session.calls_before + at)
    return await tool.call(call.call_id, call.arguments, context, progress)


def _count_errors(session: RunSession, all_failed: bool) -> None:
    session.errors_in_a_row = session.errors_in_a_row + 1 if all_failed else 0
    if session.errors_in_a_row >= MAX_ERRORS_IN_A_ROW:
        raise ProviderError(f"The model called tools wrongly {MAX_ERRORS_IN_A_ROW} times in a row.")


def _call_item(session: RunSession, call: Called) -> Item:
    return Item(
        id=new_id(ITEM),
        created_at=now(),
        thread_id=session.run.thread_id,
        run_id=session.run.id,
        type="function_call",
        call_id=call.call_id,
        name=call.name,
        arguments=call.arguments,
        extras=call.extras,
    )


def _ask_client(call_id: str, name: str, arguments: str) -> RunToolCall:
    return RunToolCall(id=call_id, function=CalledFunction(name=name, arguments=arguments))


def _hand_out(call_id: str, handout: Handout) -> RunToolCall:
    return _ask_client(call_id, handout.name, handout.json)
