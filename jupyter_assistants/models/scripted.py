"""A model that says what it is told to: for our tests, and for those of programs that use us.

>>> model = Scripted([[call("run_python", {"code": "1 + 1"})], ["The answer is 2."]])

Each turn answers one request. What the model was asked is kept in ``requests``.
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
    ModelRequest,
    StreamEnd,
    TextDelta,
)
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.runs import Usage


@dataclass(frozen=True)
class ScriptedCall:
    """A call in a turn; made by :func:`call`."""

    name: str
    arguments: str
    call_id: str = ""


Line = str | ScriptedCall | ModelEvent | BaseException
"""Text that is streamed word by word, a call, an event as it is, or an exception to raise."""

Turn = str | Sequence[Line]
Script = Turn | Callable[[ModelRequest], Turn]
"""What answers one request, or a function of the request that gives it."""


def call(name: str, arguments: dict[str, Any] | str = "", *, call_id: str = "") -> ScriptedCall:
    """Return a call of a turn.

    Parameters
    ----------
    arguments
        The arguments, or text to be sent in their place as it is, JSON or not.
    call_id
        Its id; by default ``call_1``, ``call_2`` and so on over the life of the model.
    """
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ScriptedCall(name, text or "{}", call_id)


@dataclass
class _Telling:
    """One turn while it is told."""

    prompt_tokens: int
    calls: list[FunctionCall] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def finished(self) -> StreamEnd:
        usage = Usage.of(self.prompt_tokens, estimate("".join(self.written)))
        return StreamEnd("tool_calls" if self.calls else "stop", self.calls, usage)


class Scripted:
    """A deterministic :class:`~jupyter_assistants.models.base.ModelClient`.

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
        What :meth:`limits` answers.
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
        self._made = 0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Tell the next turn."""
        self.requests.append(request)
        if len(self.requests) > len(self._turns):
            raise ProviderError(
                f"The scripted model has {len(self._turns)} turns and was asked "
                f"{len(self.requests)} times: add a turn to the script, or look why the run went on."
            )
        script = self._turns[len(self.requests) - 1]
        turn = script(request) if callable(script) else script
        telling = _Telling(_prompt_tokens(request))
        for line in [turn] if isinstance(turn, str) else turn:
            for event in self._events(line, telling):
                await asyncio.sleep(self._delay)
                yield event
                if isinstance(event, StreamEnd):
                    return
        await asyncio.sleep(self._delay)
        yield telling.finished()

    async def limits(self, model: str, *, asking: bool = False) -> Limits:
        """Return the limits of the script, whatever the model is called."""
        return self._limits

    async def models(self) -> Sequence[str]:
        """Return the one name."""
        return [self.id]

    def problem(self) -> str | None:
        """Return None: it is always there."""
        return None

    async def close(self) -> None:
        """Do nothing: there is no connection."""

    def _events(self, line: Line, telling: _Telling) -> Iterator[ModelEvent]:
        if isinstance(line, BaseException):
            raise line
        if isinstance(line, str):
            telling.written.append(line)
            yield from (TextDelta(word) for word in re.findall(r"\s*\S+|\s+", line))
        elif isinstance(line, ScriptedCall):
            yield from self._call(line, telling)
        else:
            yield line

    def _call(self, line: ScriptedCall, telling: _Telling) -> Iterator[ModelEvent]:
        self._made += 1
        made = FunctionCall(line.call_id or f"call_{self._made}", line.name, line.arguments)
        slot = len(telling.calls)
        telling.calls.append(made)
        telling.written.append(line.arguments)
        half = len(line.arguments) // 2
        yield CallDelta(slot, line.arguments[:half], made.call_id, made.name)
        yield CallDelta(slot, line.arguments[half:])


def _prompt_tokens(request: ModelRequest) -> int:
    texts = [request.instructions]
    for entry in request.history:
        texts += [str(getattr(entry, name, "")) for name in ("text", "arguments", "output")]
    return estimate("\n".join(texts))
