"""Models behind any endpoint that has Chat Completions or Responses."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Self

from jupyter_assistants.models.addresses import host_of, is_local
from jupyter_assistants.models.base import (
    Limits,
    ModelEvent,
    ModelProvider,
    ModelRequest,
    ProviderOptions,
    RetryDelay,
    ThinkingDelta,
)
from jupyter_assistants.models.chat.request import ChatWire
from jupyter_assistants.models.connection import EndpointConnection, Timeouts
from jupyter_assistants.models.context_windows import ContextWindows
from jupyter_assistants.models.dialects import (
    OPENAI_URL,
    WireName,
    dialect_named,
    dialect_of,
    dialect_of_owner,
)
from jupyter_assistants.models.endpoint_errors import EndpointError, ErrorFormatter
from jupyter_assistants.models.history import TOOL_TYPES
from jupyter_assistants.models.model_names import generates_text, limits_of, opens_reasoning
from jupyter_assistants.models.reasoning_tags import HiddenOpening
from jupyter_assistants.models.responses.request import ResponsesWire
from jupyter_assistants.models.retries import Retries, RetryBudget
from jupyter_assistants.models.wire import Wire
from jupyter_assistants.models.workarounds import (
    FOR_ONE_REQUEST,
    NO_EFFORT,
    NO_STREAM,
    other_wire,
)
from jupyter_assistants.protocol.errors import ProviderError

LISTED_FOR = 600.0
"""Seconds for which a list of models is believed."""
UNLISTED_FOR = 10.0
"""Seconds after which an endpoint that sent no list is asked again."""
LOCAL_FIRST_BYTE = 600.0
"""Seconds until the first byte on this machine: the server may have to load the model first."""
LOADING_LOOK = 1.0
"""Seconds after which a server that loads its model is asked again."""
HARD_REASONING = frozenset({"high", "xhigh", "max"})
HARD_REASONING_FACTOR = 5
"""How much longer a model that reasons hard may take until its first byte."""
_NO_LIST = ("no_path", "no_model", "no_stream", "refused")


@dataclass
class _RequestState:
    """One request over all its attempts: how it is sent, and what was changed in it."""

    wire: Wire
    budget: RetryBudget
    workarounds: set[str] = field(default_factory=set)
    tried_wires: set[str] = field(default_factory=set)
    body: dict[str, Any] = field(default_factory=dict)


class ModelEndpoint(ModelProvider):
    """The models of one endpoint.

    Parameters
    ----------
    id
        Names the backend in messages and in stored extras.
    base_url
        The address up to and without ``/chat/completions``. None takes ``OPENAI_BASE_URL`` from
        the environment, or else OpenAI's.
    api_key
        The endpoint's key; empty for servers that need none. It is never read from the
        environment, so that no endpoint gets another one's key.
    wire
        ``auto`` begins with the API that the dialect prefers and learns from refusals, per model.
    dialect
        The name of the endpoint's dialect; None to go by its address.
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
        dialect: str | None = None,
        timeouts: Timeouts | None = None,
        retries: Retries | None = None,
        windows: Mapping[str, int] | None = None,
    ) -> None:
        self.id = id
        self.base_url = base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
        self._timeouts = timeouts or Timeouts()
        self._retries = retries or Retries()
        key = (api_key or "").strip()
        self._dialect = dialect_named(dialect) if dialect else dialect_of(self.base_url)
        self._errors = ErrorFormatter(id, host_of(self.base_url), key)
        self._local = is_local(self.base_url)
        self._connection = EndpointConnection(self.base_url, key, self._timeouts)
        self._wires: dict[str, Wire] = {
            "chat": ChatWire(id, self._dialect),
            "responses": ResponsesWire(id, self._dialect),
        }
        self._windows = ContextWindows(id, self._dialect, windows or {}, self._ask)
        self._fixed_wire = wire != "auto"
        self._first_wire = wire if wire != "auto" else self._dialect.first_wire
        self._wire_of_model: dict[str, str] = {}
        self._known_workarounds: dict[tuple[str, str], set[str]] = {}
        self._hidden_openings: dict[str, bool] = {}
        self._listed: dict[str, dict[str, Any]] = {}
        self._listed_until = 0.0
        self._list_error: EndpointError | None = None

    @classmethod
    def connect(cls, options: ProviderOptions) -> Self:
        """Return a client for the models of one endpoint."""
        local = bool(options.base_url) and is_local(options.base_url or "")
        first_byte = LOCAL_FIRST_BYTE if local else Timeouts.first_byte
        return cls(
            options.name,
            base_url=options.base_url,
            api_key=options.key,
            wire=options.wire,
            dialect=options.dialect,
            timeouts=Timeouts(options.first_byte_seconds or first_byte, options.idle_seconds),
            retries=Retries(options.max_attempts),
            windows=options.windows,
        )

    def __repr__(self) -> str:
        return f"ModelEndpoint(id={self.id!r}, host={self._errors.host!r})"

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Ask the model; see :meth:`.base.ModelClient.stream`."""
        state = self._new_state(request.model)
        while True:
            begun = False
            try:
                async with aclosing(self._attempt(request, state)) as events:
                    async for event in events:
                        # Reasoning is published nowhere, so that another attempt repeats nothing.
                        begun = begun or not isinstance(event, ThinkingDelta)
                        yield event
                self._remember(request.model, state)
                return
            except EndpointError as error:
                if error.kind == "too_long":
                    self._windows.learn(request.model, error.detail)
                # Never again after the first event: its text or call has been published.
                wait = None if begun else self._prepare_next(error, state)
                if wait is None:
                    raise await self._error(error, request) from None
                reason = self._errors.reason(error)
            if wait:
                yield RetryDelay(wait, reason)
                await asyncio.sleep(wait)
                yield RetryDelay(0.0)

    async def limits(self, model: str, *, asking: bool = False) -> Limits:
        """Return a model's limits; a guess where the endpoint does not say or is down."""
        # A server on this machine costs nothing to ask, and may have been restarted with another window.
        fresh = asking and self._local
        if fresh or time.monotonic() >= self._listed_until:
            await self.models()
        loaded_by = time.monotonic() + self._timeouts.first_byte
        while True:
            entry = self._entry(model)
            listed = limits_of(model, self.base_url, entry, dialect=self._dialect)
            limits = await self._windows.limits(model, listed, entry, asking=asking, fresh=fresh)
            if not (fresh and self._loads()) or time.monotonic() > loaded_by:
                return limits
            # A prompt that is built now would be cut to a guess, and stay cut.
            await asyncio.sleep(LOADING_LOOK)
            await self.models()

    def _entry(self, model: str) -> Mapping[str, Any]:
        """Return a model's entry in the list; of a server for one model, that of its model."""
        entry = self._listed.get(model)
        if entry is None and len(self._listed) == 1:
            # It lists the path of a file, and answers to any name.
            (only,) = self._listed.values()
            entry = only if dialect_of_owner(str(only.get("owned_by") or "")) else None
        return entry or {}

    def _loads(self) -> bool:
        """Return whether the server said that it loads its model."""
        error = self._list_error
        return self._connection.loading or (error is not None and error.status == 503)

    async def models(self) -> Sequence[str]:
        """Return the names in a fresh list of models; empty if the endpoint sends none."""
        self._list_error = None
        try:
            entries = await self._connection.models()
        except EndpointError as error:
            entries, self._list_error = [], error
        listed = {entry["id"]: entry for entry in entries}
        self._listed = listed or self._listed
        self._listed_until = time.monotonic() + (LISTED_FOR if listed else UNLISTED_FOR)
        return list(listed)

    def problem(self) -> str | None:
        """Return why the last list of models failed; None for an endpoint that has no list."""
        error = self._list_error
        if error is None or error.kind in _NO_LIST:
            return None
        return self._errors.error(error, "its models").message

    async def close(self) -> None:
        """Close connections."""
        await self._connection.close()

    async def _error(self, error: EndpointError, request: ModelRequest) -> ProviderError:
        if error.kind == "no_model" and not self._listed:
            await self.models()
        listed = [name for name in self._listed if generates_text(name)]
        tools = [TOOL_TYPES.get(tool.name, tool.name) for tool in request.tools]
        return self._errors.error(error, request.model, listed=listed, tools=tools)

    async def _ask(self, path: str, body: Mapping[str, Any] | None, *, loads: bool = False) -> Any:
        # Loading a model takes as long as a first byte; anything else is there soon or not at all.
        patience = self._timeouts.first_byte if loads else self._timeouts.connect
        return await self._connection.ask(path, body, patience)

    def _new_state(self, model: str) -> _RequestState:
        state = _RequestState(self._wires[self._first_wire], RetryBudget(self._retries))
        self._switch_wire(state, model, self._wire_of_model.get(model, self._first_wire))
        return state

    def _switch_wire(self, state: _RequestState, model: str, name: str) -> None:
        state.wire = self._wires[name]
        state.tried_wires.add(name)
        state.workarounds = set(self._known_workarounds.get((model, name), ()))

    def _remember(self, model: str, state: _RequestState) -> None:
        """Begin the model's next request as the one that worked."""
        name = state.wire.name
        self._wire_of_model[model] = name
        self._known_workarounds[model, name] = state.workarounds - FOR_ONE_REQUEST

    async def _attempt(
        self, request: ModelRequest, state: _RequestState
    ) -> AsyncGenerator[ModelEvent, None]:
        wire = state.wire
        state.budget.count_attempt()
        stream = NO_STREAM not in state.workarounds
        state.body = wire.body(request, state.workarounds - {NO_STREAM}, stream=stream)
        patience = self._timeouts.first_byte
        if request.reasoning_effort in HARD_REASONING:
            patience *= HARD_REASONING_FACTOR
        accumulator = wire.accumulator(request, self._hidden_opening(request.model))
        result = await self._connection.send(wire.name, state.body, patience)
        try:
            async with aclosing(result.chunks()) as chunks:
                async for chunk in chunks:
                    for event in accumulator.feed(chunk):
                        yield event
                    result.patience = self._timeouts.idle if accumulator.begun else patience
            for event in accumulator.flush():
                yield event
            # In a thread: the tokens of a long answer are counted where the endpoint does not.
            end = await asyncio.to_thread(
                lambda: accumulator.finished(wire.prompt_tokens(state.body))
            )
        finally:
            await result.close()
        if accumulator.found_hidden is not None:
            self._hidden_openings[request.model] = accumulator.found_hidden
        yield end

    def _hidden_opening(self, model: str) -> HiddenOpening:
        """Return whether the model's answers may begin inside of reasoning; learned from answers."""
        known = self._hidden_openings.get(model)
        if known is None:
            return "maybe" if opens_reasoning(model) else "no"
        return "sure" if known else "no"

    def _prepare_next(self, error: EndpointError, state: _RequestState) -> float | None:
        """Prepare the next attempt; return the seconds before it, or None if there is none."""
        if error.status == 503 and (error.kind == "loading" or self._local):
            error.kind = "loading"
            return state.budget.wait_for_loading(error, self._timeouts.first_byte)
        if error.kind == "no_stream" and NO_STREAM not in state.workarounds:
            state.workarounds.add(NO_STREAM)
            return 0.0
        other = None if self._fixed_wire else other_wire(state.wire.name, error)
        if other and (other not in state.tried_wires or other == "chat"):
            both_refused = other in state.tried_wires
            self._switch_wire(state, state.body["model"], other)
            # Chat points to Responses and there are none: chat works once reasoning is off.
            state.workarounds |= {NO_EFFORT} if both_refused else set()
            state.budget.refund_attempt()
            return 0.0
        if workaround := state.wire.workarounds.find(error, state.body, state.workarounds):
            state.workarounds.add(workaround)
            state.budget.refund_attempt()
            return 0.0
        return state.budget.wait_after(error)
