"""The demo model as a :class:`~jupyter_assistants.models.base.ModelClient`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    Limits,
    ModelEvent,
    ModelRequest,
    Reasoning,
    StreamEnd,
    TextDelta,
)
from jupyter_assistants.models.demo.steps import FinalAnswer, NextCall, next_step
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.runs import Usage

_NAME = "demo"
_WINDOW = 1_000_000
_PIECE = 40


class Demo:
    """Rules that answer questions about tables by running pandas; not an AI.

    It is there without a key and without a network, and goes through the same loop as every
    model, so that a first run shows what happens.
    """

    id = _NAME

    async def stream(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Return a call of ``run_python`` or the final text, as the history demands."""
        step = next_step(request)
        prompt = _prompt_tokens(request)
        if isinstance(step, NextCall):
            async for event in self._stream_call(step, request, prompt):
                yield event
            return
        async for event in self._stream_text(step, request, prompt):
            yield event

    async def limits(self, model: str, *, asking: bool = False) -> Limits:
        """Return a window that no thread fills."""
        return Limits(window=_WINDOW, vision=False, source=_NAME, tools=True)

    async def models(self) -> Sequence[str]:
        """Return the one name."""
        return [_NAME]

    def problem(self) -> str | None:
        """Return None: it is always there."""
        return None

    async def close(self) -> None:
        """Close nothing: there are no connections."""

    async def _stream_call(
        self, step: NextCall, request: ModelRequest, prompt: int
    ) -> AsyncIterator[ModelEvent]:
        arguments = json.dumps(step.arguments, ensure_ascii=False)
        spent = estimate(arguments)
        if request.max_output_tokens is not None and spent > request.max_output_tokens:
            yield StreamEnd("length", usage=Usage.of(prompt, request.max_output_tokens))
            return
        call = FunctionCall(_call_id(request, arguments), step.name, arguments)
        yield CallDelta(0, call_id=call.call_id, name=call.name)
        for start in range(0, len(arguments), _PIECE):
            yield CallDelta(0, arguments[start : start + _PIECE])
            await asyncio.sleep(0)
        yield StreamEnd("tool_calls", [call], Usage.of(prompt, spent))

    async def _stream_text(
        self, step: FinalAnswer, request: ModelRequest, prompt: int
    ) -> AsyncIterator[ModelEvent]:
        said = ""
        for word in filter(None, re.split(r"(?<=\S)(?=\s)", step.text.rstrip())):
            longer = said + word
            most = request.max_output_tokens
            if most is not None and estimate(longer) > most:
                yield StreamEnd("length", usage=Usage.of(prompt, estimate(said)))
                return
            said = longer
            yield TextDelta(word)
            await asyncio.sleep(0)
        yield StreamEnd("stop", usage=Usage.of(prompt, estimate(said)))


def _prompt_tokens(request: ModelRequest) -> int:
    tools = [json.dumps(asdict(tool)) for tool in request.tools]
    return sum(map(estimate, [request.instructions, *tools, *map(_text, request.history)]))


def _text(entry: HistoryEntry) -> str:
    if isinstance(entry, FunctionCall):
        return f"{entry.name} {entry.arguments}"
    if isinstance(entry, Reasoning):
        return ""
    return entry.output if isinstance(entry, FunctionOutput) else entry.text


def _call_id(request: ModelRequest, arguments: str) -> str:
    """Return an id that is the same for the same request and differs within a thread."""
    digest = hashlib.sha256(arguments.encode())
    for entry in request.history:
        known = entry.call_id if isinstance(entry, (FunctionCall, FunctionOutput)) else ""
        digest.update(f"{known}\0{_text(entry)}\0".encode())
    return f"call_{digest.hexdigest()[:24]}"
