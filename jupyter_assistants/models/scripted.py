"""A scripted model, for our tests and for those of programs that use this package.

>>> model = Scripted([[call("run_python", {"code": "1 + 1"})], ["The answer is 2."]])

Each turn answers one request. The requests are recorded in ``requests``.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionCall,
    Limits,
    ModelEvent,
    ModelProvider,
    ModelRequest,
    StreamEnd,
    TextDelta,
)
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.runs import Usage


@dataclass(frozen=True)
class ScriptedCall:
    """A call in a turn; created by :func:`call`."""

    name: str
    arguments: str
    call_id: str = ""


Line = str | ScriptedCall | ModelEvent | BaseException
"""Text to stream word by word, a call, an event to pass on, or an exception to raise."""

Turn = str | Sequence[Line]
Script = Turn | Callable[[ModelRequest], Turn]
"""The answer to one request, or a function that returns it for the request."""


def call(name: str, arguments: dict[str, Any] | str = "", *, call_id: str = "") -> ScriptedCall:
    """Return a call for a turn.

    Parameters
    ----------
    arguments
        The arguments, or text to send in their place, JSON or not.
    call_id
        Its id; by default ``call_1``, ``call_2`` and so on over the life of the model.
    """
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ScriptedCall(name, text or "{}", call_id)


@dataclass
class _Playback:
    """One turn while it is streamed."""

    prompt_tokens: int
    calls: list[FunctionCall] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def finished(self) -> StreamEnd:
        usage = Usage.of(self.prompt_tokens, estimate("".join(self.written)))
        return StreamEnd("tool_calls" if self.calls else "stop", self.calls, usage)


class Scripted(ModelProvider):
    """A model that answers by script.

    Parameters
    ----------
    turns
        One for each request, in order; asking for more is a
        :class:`~jupyter_assistants.protocol.errors.ProviderError`.
    id
        The backend's id.
    delay
        Seconds before each event.
    limits
        The limits of every model.
    """

    def __init__(
        self,
        turns: Iterable[Script],
        *,
        id: str = "scripted",
        delay: float = 0.0,
        limits: Limits | None = None,
    ) -> None:
        self.id = id
        self.requests: list[ModelRequest] = []
        self._turns = list(turns)
        self._delay = delay
        self._limits = limits or Limits(128_000, vision=True, source="the script")
        self._call_count = 0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Stream the next turn."""
        self.requests.append(request)
        if len(self.requests) > len(self._turns):
            raise ProviderError(
                f"The scripted model has {len(self._turns)} turns and was asked "
                f"{len(self.requests)} times: add a turn to the script, or find out why the run went on."
            )
        script = self._turns[len(self.requests) - 1]
        turn = script(request) if callable(script) else script
        playback = _Playback(_prompt_tokens(request))
        for line in [turn] if isinstance(turn, str) else turn:
            for event in self._events(line, playback):
                await asyncio.sleep(self._delay)
                yield event
                if isinstance(event, StreamEnd):
                    return
        await asyncio.sleep(self._delay)
        yield playback.finished()

    async def limits(self, model: str, *, asking: bool = False) -> Limits:
        """Return the limits of the script, whatever the model is called."""
        return self._limits

    async def models(self) -> Sequence[str]:
        """Return the one name: the id."""
        return [self.id]

    def _events(self, line: Line, playback: _Playback) -> Iterator[ModelEvent]:
        if isinstance(line, BaseException):
            raise line
        if isinstance(line, str):
            playback.written.append(line)
            yield from (TextDelta(word) for word in re.findall(r"\s*\S+|\s+", line))
        elif isinstance(line, ScriptedCall):
            yield from self._call(line, playback)
        else:
            yield line

    def _call(self, line: ScriptedCall, playback: _Playback) -> Iterator[ModelEvent]:
        self._call_count += 1
        call = FunctionCall(line.call_id or f"call_{self._call_count}", line.name, line.arguments)
        slot = len(playback.calls)
        playback.calls.append(call)
        playback.written.append(line.arguments)
        half = len(line.arguments) // 2
        yield CallDelta(slot, line.arguments[:half], call.call_id, call.name)
        yield CallDelta(slot, line.arguments[half:])


def _prompt_tokens(request: ModelRequest) -> int:
    texts = [request.instructions]
    for entry in request.history:
        texts += [str(getattr(entry, name, "")) for name in ("text", "arguments", "output")]
    return estimate("\n".join(texts))
