"""Models behind any endpoint that speaks Chat Completions or Responses."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.models.api_choice import Wire, WireName, first_wire, other_wire
from jupyter_assistants.models.base import Limits, ModelEvent, ModelRequest, RetryDelay
from jupyter_assistants.models.chat.request import NO_EFFORT, ChatWire
from jupyter_assistants.models.connection import EndpointConnection, Timeouts
from jupyter_assistants.models.dialects import family_of, host_of, limits_of
from jupyter_assistants.models.endpoint_errors import EndpointError, ErrorFormatter
from jupyter_assistants.models.probes import LOAD_PATH
from jupyter_assistants.models.responses.request import NO_THOUGHTS, ResponsesWire
from jupyter_assistants.models.retries import Retries, RetryBudget
from jupyter_assistants.models.windows import Windows

OPENAI = "https://api.openai.com/v1"
LISTED_FOR = 600.0
"""Seconds for which a list of models is good."""
UNLISTED_FOR = 10.0
"""Seconds after which an endpoint that gave no list is asked again."""
HARD_THINKING = frozenset({"high", "xhigh", "max"})
LONGER = 5
"""How much more time an endpoint has to begin when its model is to think hard."""

_PLAIN = "stream"
_FORGOTTEN = frozenset({NO_THOUGHTS})


@dataclass
class _Effort:
    """One request: how it is sent, and what was changed in it."""

    wire: Wire
    repairs: set[str]
    patience: RetryBudget
    plain: bool = False
    tried: set[str] = field(default_factory=set)
    body: dict[str, Any] = field(default_factory=dict)


class ModelEndpoint:
    """A :class:`~jupyter_assistants.models.base.ModelClient` for one endpoint.

    Parameters
    ----------
    id
        Names the backend in messages and in stored extras.
    base_url
        The address up to and without ``/chat/completions``. None takes ``OPENAI_BASE_URL`` from
        the environment, or else OpenAI's.
    api_key
        The endpoint's key; empty for servers that want none. It is never read from the
        environment, so that no endpoint gets another one's key.
    wire
        ``auto`` takes the one that the host is known for and learns from its refusals, per model.
    kind
        Whose ways the endpoint has; None to tell by its address.
    windows
        The user's own figures of windows, by patterns of models.
    """

    def __init__(
        self,
        id: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        wire: WireName = "auto",
        kind: str | None = None,
        timeouts: Timeouts | None = None,
        retries: Retries | None = None,
        windows: Mapping[str, int] | None = None,
    ) -> None:
        self.id = id
        self.base_url = base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI
        self._timeouts = timeouts or Timeouts()
        self._retries = retries or Retries()
        key = (api_key or "").strip()
        self._family = family = kind or family_of(self.base_url)
        self._errors = ErrorFormatter(id, host_of(self.base_url), key)
        self._connection = EndpointConnection(self.base_url, key, self._timeouts)
        self._wires: dict[str, Wire] = {
            "chat": ChatWire(id, family),
            "responses": ResponsesWire(id, family),
        }
        self._windows = Windows(id, family, windows or {}, self._ask)
        self._fixed = wire != "auto"
        self._first = wire if wire != "auto" else first_wire(family)
        self._learnt: dict[str, str] = {}
        self._repairs: dict[tuple[str, str], set[str]] = {}
        self._listed: dict[str, dict[str, Any]] = {}
        self._listed_until = 0.0
        self._list_error: EndpointError | None = None

    def __repr__(self) -> str:
        return f"ModelEndpoint(id={self.id!r}, host={self._errors.host!r})"

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Ask the model; see :meth:`.base.ModelClient.stream`."""
        effort = self._effort(request.model)
        while True:
            begun = False
            try:
                async with aclosing(self._attempt(request, effort)) as events:
                    async for event in events:
                        begun = True
                        yield event
                self._learn(request.model, effort)
                return
            except EndpointError as error:
                if error.kind == "too_long":
                    self._windows.learn(request.model, error.detail)
                wait = None if begun else self._next(error, effort)
                if wait is None:
                    raise self._errors.error(error, request.model) from None
                reason = self._errors.reason(error)
            if wait:
                yield RetryDelay(wait, reason)
                await asyncio.sleep(wait)
                yield RetryDelay(0.0)

    async def limits(self, model: str, *, asking: bool = False) -> Limits:
        """Return what the model can take; a guess when the endpoint does not say or is down."""
        if time.monotonic() >= self._listed_until:
            await self.models()
        entry = self._listed.get(model, {})
        listed = limits_of(model, self.base_url, entry, family=self._family)
        return await self._windows.of(model, listed, entry, asking=asking)

    async def models(self) -> Sequence[str]:
        """Return the names that can be asked for, afresh; empty if the endpoint does not say."""
        self._list_error = None
        try:
            listed = await self._connection.models()
        except EndpointError as error:
            listed, self._list_error = [], error
        found = {entry["id"]: entry for entry in listed}
        self._listed = found or self._listed
        self._listed_until = time.monotonic() + (LISTED_FOR if found else UNLISTED_FOR)
        return list(found)

    def problem(self) -> str | None:
        """Return what was wrong when the models were asked for; None for an endpoint without a list."""
        error = self._list_error
        if error is None or error.kind in ("no_path", "no_model", "no_stream", "refused"):
            return None
        return self._errors.error(error, "its models").message

    async def _ask(self, path: str, body: Mapping[str, Any] | None) -> Any:
        # A load takes as long as a first word; anything else is there at once or not at all.
        loads = path == LOAD_PATH
        patience = self._timeouts.first_byte if loads else self._timeouts.connect
        return await self._connection.ask(path, body, patience)

    async def close(self) -> None:
        """End connections."""
        await self._connection.close()

    def _effort(self, model: str) -> _Effort:
        effort = _Effort(self._wires[self._first], set(), RetryBudget(self._retries))
        self._take_wire(effort, model, self._learnt.get(model, self._first))
        return effort

    def _take_wire(self, effort: _Effort, model: str, name: str) -> None:
        effort.wire = self._wires[name]
        effort.tried.add(name)
        effort.repairs = set(self._repairs.get((model, name), ()))

    def _learn(self, model: str, effort: _Effort) -> None:
        name = effort.wire.name
        self._learnt[model] = name
        self._repairs[model, name] = effort.repairs - _FORGOTTEN

    async def _attempt(
        self, request: ModelRequest, effort: _Effort
    ) -> AsyncGenerator[ModelEvent, None]:
        wire = effort.wire
        plain = effort.plain or _PLAIN in effort.repairs
        effort.patience.count()
        effort.body = wire.body(request, effort.repairs - {_PLAIN}, stream=not plain)
        patience = self._timeouts.first_byte
        if request.reasoning_effort in HARD_THINKING:
            patience *= LONGER
        accumulator = wire.accumulator(request)
        answer = await self._connection.send(wire.name, effort.body, patience)
        try:
            async with aclosing(answer.chunks()) as chunks:
                async for chunk in chunks:
                    for event in accumulator.feed(chunk):
                        yield event
                    answer.patience = self._timeouts.idle if accumulator.begun else patience
            finished = accumulator.finished(wire.prompt_tokens(effort.body))
        finally:
            await answer.close()
        if plain:
            effort.repairs.add(_PLAIN)
        yield finished

    def _next(self, error: EndpointError, effort: _Effort) -> float | None:
        """Make the next attempt possible and give the wait before it; None if there is no point."""
        if error.kind == "no_stream" and not effort.plain:
            effort.plain = True
            return 0.0
        other = None if self._fixed else other_wire(effort.wire.name, error)
        if other and (other not in effort.tried or other == "chat"):
            back = other in effort.tried
            self._take_wire(effort, effort.body["model"], other)
            # Sent here from there, and there is nothing here: what is left is no reasoning.
            effort.repairs |= {NO_EFFORT} if back else set()
            effort.patience.forgive()
            return 0.0
        if fix := effort.wire.repair(error, effort.body, effort.repairs):
            effort.repairs.add(fix)
            effort.patience.forgive()
            return 0.0
        return effort.patience.wait_after(error)
