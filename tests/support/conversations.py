"""Shared by the tests of models: a sample request, a client, and the collected answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionCall,
    HistoryMessage,
    ModelClient,
    ModelEvent,
    ModelRequest,
    StreamEnd,
    TextDelta,
    ToolSpec,
)
from jupyter_assistants.models.connection import Timeouts
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.models.retries import Retries

T = TypeVar("T")

CODE = ToolSpec(
    "run_python",
    "Runs code.",
    {"type": "object", "properties": {"code": {"type": "string"}}},
    strict=True,
)
LOOK = ToolSpec("look", "Looks.", {"type": "object", "properties": {}})


@dataclass(frozen=True)
class CollectedAnswer:
    """The events of one answer, collected."""

    events: Sequence[ModelEvent]

    @property
    def text(self) -> str:
        return "".join(e.text for e in self.events if isinstance(e, TextDelta))

    @property
    def finished(self) -> StreamEnd:
        assert isinstance(self.events[-1], StreamEnd)
        return self.events[-1]

    @property
    def calls(self) -> list[tuple[str, str]]:
        return [(call.name, call.arguments) for call in self.finished.calls]

    @property
    def streamed_calls(self) -> list[FunctionCall]:
        """The calls as the deltas alone describe them."""
        calls: list[FunctionCall] = []
        for delta in self.events:
            if not isinstance(delta, CallDelta):
                continue
            if delta.index == len(calls):
                calls.append(FunctionCall(delta.call_id, delta.name, ""))
            made = calls[delta.index]
            calls[delta.index] = FunctionCall(
                made.call_id, made.name, made.arguments + delta.arguments
            )
        return calls


def sample_request(text: str = "Hello", **more: Any) -> ModelRequest:
    """Return a small request with two tools."""
    given: dict[str, Any] = {
        "model": "some-model",
        "instructions": "Be brief.",
        "history": [HistoryMessage("user", text)],
        "tools": [CODE, LOOK],
    }
    return ModelRequest(**{**given, **more})


def client(url: str, **more: Any) -> ModelEndpoint:
    """Return a client for Chat Completions, with waits short enough for a test."""
    given: dict[str, Any] = {"api_key": "sk-very-secret", "wire": "chat"}
    waits = {"max_attempts": 4, "first_wait": 0.01, "max_wait": 90.0}
    waits |= {name: more.pop(name) for name in waits if name in more}
    times = {f"{name}_seconds": name for name in ("first_byte", "idle", "connect")}
    timeouts = {short: more.pop(name) for name, short in times.items() if name in more}
    given |= {"retries": Retries(**waits), "timeouts": Timeouts(**timeouts)}  # type: ignore[arg-type]
    return ModelEndpoint("mine", base_url=url, **{**given, **more})


async def collect(stream: AsyncIterator[ModelEvent]) -> CollectedAnswer:
    return CollectedAnswer([event async for event in stream])


def run_with(model: T, act: Callable[[T], Coroutine[Any, Any, Any]]) -> Any:
    """Run ``act`` with the model, close the model in the same event loop, and return the result."""

    async def run() -> Any:
        try:
            return await act(model)
        finally:
            await model.close()  # type: ignore[attr-defined]

    return asyncio.run(run())


def answer_of(model: ModelClient, *requests: ModelRequest) -> CollectedAnswer:
    """Send the requests to the model in turn, and return the last answer."""

    async def act(model: ModelClient) -> CollectedAnswer:
        for request in requests or [sample_request()]:
            last = await collect(model.stream(request))
        return last

    answer: CollectedAnswer = run_with(model, act)
    return answer
