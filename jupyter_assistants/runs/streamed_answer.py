"""One answer of the model while it streams in: written into a message and a step of tool calls."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionCall,
    ModelEvent,
    Reasoning,
    RefusalDelta,
    RetryDelay,
    StreamEnd,
    TextDelta,
    ThinkingDelta,
)
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.errors import ProviderError, ToolError
from jupyter_assistants.protocol.ids import ITEM, new_id, now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.runs import Usage
from jupyter_assistants.runs.context import RunContext
from jupyter_assistants.runs.steps import MessageWriter, ToolStepWriter

MAX_CALLS = 128
"""Calls of one answer. Each is stored before it is carried out, and a model may go wild."""
SMALLEST_PIECE = 16
"""Characters that a piece of a stream counts as at least: it stays in memory as an event."""
CHARACTERS_OF_A_TOKEN = 4
"""In reasoning, which is prose."""
LONGEST_BLANK = 1000
"""Characters of white space that are held back before words; an answer may have no end."""
LONGEST_PIECE = 64 * 1024
"""Characters of one delta; what an endpoint sends at once is published in several."""


@dataclass
class StreamedAnswer:
    """The writer of one answer.

    Parameters
    ----------
    end
        The model's last event: why it stopped, all its calls, and what they cost.
    ended
        Whether the last event has come.
    spoken
        Whether it has words. White space alone is no answer, and is held in ``blank`` until words
        follow.
    waits
        Whether nothing is asked of the endpoint at the moment, because it wants to be asked later.
    written
        All text and all arguments so far.
    thought
        Characters of its reasoning so far.
    reasoning
        Reasoning between calls, and the number of calls before it.
    """

    context: RunContext
    message: MessageWriter | None = None
    step: ToolStepWriter | None = None
    end: StreamEnd = field(default_factory=lambda: StreamEnd("stop"))
    ended: bool = False
    spoken: bool = False
    waits: bool = False
    blank: str = ""
    written: list[str] = field(default_factory=list)
    thought: int = 0
    begun_calls: int = 0
    size: int = 0
    reasoning: list[tuple[int, Item]] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        """Return whether anything of it was published."""
        return self.message is not None or self.step is not None

    @property
    def tokens(self) -> int:
        """Estimate the tokens of what the model has written so far."""
        return estimate("".join(self.written)) + self.thought // CHARACTERS_OF_A_TOKEN

    @property
    def empty(self) -> bool:
        """Return whether the model stopped without having said or called anything."""
        return self.end.reason == "stop" and not self.end.calls and not self.spoken

    @property
    def calls(self) -> list[FunctionCall]:
        """Return the calls to answer.

        Raises
        ------
        ProviderError
            If there are too many.
        """
        parallel = self.context.run.parallel_tool_calls
        calls = list(self.end.calls if parallel else self.end.calls[:1])
        if len(calls) > MAX_CALLS:
            raise _too_many_calls()
        return [self._accepted(call) for call in calls]

    def _accepted(self, call: FunctionCall) -> FunctionCall:
        """Return a call whose arguments are JSON, so that it is stored and sent again in this form."""
        tool = self.context.hosted.get(call.name)
        if tool is None:
            return call
        try:
            arguments = tool.accept(call.arguments, self.context.tool_context())
        except ToolError:
            # The answer to the call says so.
            return call
        return replace(call, arguments=arguments)

    async def write(self, event: ModelEvent) -> None:
        """Write what the model sent.

        Raises
        ------
        ProviderError
            If the answer is too long, or calls too many tools.
        """
        match event:
            case TextDelta() | RefusalDelta():
                await self._write_text(event)
            case CallDelta():
                self.written.append(event.arguments)
                async for piece in self._pieces(event.arguments):
                    await self._write_call(replace(event, arguments=piece))
            case ThinkingDelta():
                self.thought += event.characters
            case Reasoning():
                await self._write_reasoning(event)
            case RetryDelay():
                self.waits = event.seconds > 0
                await self._show_delay(event)
            case StreamEnd():
                self.end, self.ended = event, True

    async def _write_text(self, event: TextDelta | RefusalDelta) -> None:
        self.written.append(event.text)
        text, self.blank = self.blank + event.text, ""
        if self.message is None and not text.strip() and len(text) <= LONGEST_BLANK:
            self.blank = text
            return
        self.spoken = self.spoken or bool(text.strip())
        async for piece in self._pieces(text):
            message = await self._open_message()
            write = message.text if isinstance(event, TextDelta) else message.refusal
            await write(piece)

    async def _pieces(self, text: str) -> AsyncIterator[str]:
        """Yield a text in pieces between which other work goes on, as far as the answer may grow."""
        most = self.context.settings.max_answer_characters
        for start in range(0, len(text) or 1, LONGEST_PIECE):
            piece = text[start : start + LONGEST_PIECE]
            self.size += max(SMALLEST_PIECE, len(piece))
            if self.size > most:
                raise ProviderError(
                    f"The model's answer was stopped: it has more than {most:,} characters, the limit "
                    "of this server (max_answer_characters). Ask for less at once, or raise the limit."
                )
            yield piece
            if len(piece) == LONGEST_PIECE:
                await asyncio.sleep(0)

    async def _open_message(self) -> MessageWriter:
        if self.message is None:
            self.message = await MessageWriter.open(self.context)
        return self.message

    async def _write_call(self, event: CallDelta) -> None:
        if event.index >= MAX_CALLS:
            raise _too_many_calls()
        if self.step is None:
            await self.close_message()
            self.step = await ToolStepWriter.open(self.context)
        self.begun_calls = max(self.begun_calls, event.index + 1)
        self.step.delta(event)

    async def _write_reasoning(self, event: Reasoning) -> None:
        """Store reasoning in the history before the message or the call that it led to."""
        item = self._item("reasoning", extras=event.extras)
        if self.step is None:
            await self.context.recorder.save(item)
        else:
            self.reasoning.append((self.begun_calls, item))

    async def _show_delay(self, event: RetryDelay) -> None:
        """Show in the run that the endpoint is waited for; no event, which would confuse SDKs."""
        seconds = math.ceil(event.seconds)
        recorder = self.context.recorder
        recorder.note(waiting=f"waiting {seconds} s: {event.reason}" if seconds else None)
        await recorder.save(recorder.run)

    async def close_message(self, usage: Usage | None = None, reason: str | None = None) -> None:
        """Complete the message; its cost is known only once the whole answer is there."""
        if self.message is not None:
            await self.message.close(usage or Usage(), reason)
            self.message = None

    async def commit_calls(self) -> tuple[ToolStepWriter, list[FunctionCall]]:
        """Persist the calls, with the reasoning between them, before any of them is answered."""
        # In a thread: arguments may be long, and are parsed.
        calls = await asyncio.to_thread(lambda: self.calls)
        await self.close_message()
        step = self.step or await ToolStepWriter.open(self.context)
        changed = [call.arguments for call in calls] != [e.arguments for e in self.end.calls]
        await step.commit(calls, self._items(calls), self.end.usage, changed=changed)
        return step, calls

    def _items(self, calls: Sequence[FunctionCall]) -> list[Item]:
        items: list[Item] = []
        for index, call in enumerate(calls):
            items += [item for before, item in self.reasoning if before == index]
            items.append(
                self._item(
                    "function_call",
                    call_id=call.call_id,
                    name=call.name,
                    arguments=call.arguments,
                    extras=call.extras,
                )
            )
        return items

    def _item(self, type: Literal["function_call", "reasoning"], **fields: Any) -> Item:
        run = self.context.run
        return Item(
            id=new_id(ITEM),
            created_at=now(),
            thread_id=run.thread_id,
            run_id=run.id,
            type=type,
            **fields,
        )


def _too_many_calls() -> ProviderError:
    return ProviderError(f"The model called more than {MAX_CALLS} tools at once.")
