"""Models behind any endpoint that speaks Chat Completions.

The openai package sends the requests; what comes back is read and mended here. Its own helper
for streams fails on about a third of the endpoints in models.md section 3.1, and its retries
spend attempts on an empty quota.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_assistants.providers.accumulator import Accumulator
from jupyter_assistants.providers.base import (
    Answered,
    Called,
    Limits,
    ModelEvent,
    ModelRequest,
)
from jupyter_assistants.providers.chat_errors import (
    Address,
    Trouble,
    of_answer,
    of_connection,
)
from jupyter_assistants.providers.chat_history import tokens_of
from jupyter_assistants.providers.chat_request import Wire, repair
from jupyter_assistants.providers.chat_stream import Answer
from jupyter_assistants.providers.endpoints import family_of, host_of, is_address, limits_of

if TYPE_CHECKING:
    import openai

OPENAI = "https://api.openai.com/v1"
LISTED_FOR = 600.0
"""Seconds for which a list of models is good."""
UNLISTED_FOR = 10.0
"""Seconds after which an endpoint that gave no list is asked again."""

_PLAIN = "stream"


@dataclass
class _Effort:
    """What one request has cost so far, and what was changed in it."""

    repairs: set[str]
    attempts: int = 0
    waited: float = 0.0
    plain: bool = False
    body: dict[str, Any] = field(default_factory=dict)


class ChatCompletions:
    """A :class:`~jupyter_assistants.providers.base.ModelClient` for one endpoint.

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
    first_byte_seconds
        How long the endpoint may take to begin; local servers load the model in this time.
    idle_seconds
        How long it may be silent once it began.
    max_attempts
        Attempts per request; 1 turns retries off, which gateways that punish them need.
    first_wait
        Upper bound of the first wait between attempts, in seconds; it doubles each time.
    max_wait
        Seconds that all waits of one request may add up to.
    connect_seconds
        How long a connection may take.
    """

    def __init__(
        self,
        id: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        first_byte_seconds: float = 120.0,
        idle_seconds: float = 60.0,
        max_attempts: int = 4,
        first_wait: float = 1.0,
        max_wait: float = 90.0,
        connect_seconds: float = 5.0,
    ) -> None:
        self.id = id
        self.base_url = base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI
        self._key = (api_key or "").strip()
        self._first_byte_seconds = first_byte_seconds
        self._idle_seconds = idle_seconds
        self._max_attempts = max(1, max_attempts)
        self._first_wait = first_wait
        self._max_wait = max_wait
        self._connect_seconds = connect_seconds
        self._address = Address(id, host_of(self.base_url), self._key)
        self._wire = Wire(id, family_of(self.base_url))
        self._repairs: dict[str, set[str]] = {}
        self._client: openai.AsyncOpenAI | None = None
        self._listed: dict[str, dict[str, Any]] = {}
        self._listed_until = 0.0

    def __repr__(self) -> str:
        return f"ChatCompletions(id={self.id!r}, host={self._address.host!r})"

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Ask the model; see :meth:`.base.ModelClient.stream`."""
        effort = _Effort(set(self._repairs.get(request.model, ())))
        while True:
            begun = False
            try:
                async with aclosing(self._attempt(request, effort)) as events:
                    async for event in events:
                        begun = True
                        yield event
                self._repairs[request.model] = effort.repairs
                return
            except Trouble as trouble:
                if begun or not await self._try_again(trouble, effort):
                    raise self._address.error(trouble, request.model) from None

    async def limits(self, model: str) -> Limits:
        """Give what the model can take; a guess when the endpoint does not say or is down."""
        if time.monotonic() >= self._listed_until:
            await self.models()
        return limits_of(model, self.base_url, self._listed.get(model, {}))

    async def models(self) -> Sequence[str]:
        """Give the names that can be asked for, afresh; empty if the endpoint does not say."""
        listed = await self._list()
        found = {entry["id"]: entry for entry in listed}
        self._listed = found or self._listed
        self._listed_until = time.monotonic() + (LISTED_FOR if found else UNLISTED_FOR)
        return list(found)

    async def close(self) -> None:
        """End connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _attempt(
        self, request: ModelRequest, effort: _Effort
    ) -> AsyncGenerator[ModelEvent, None]:
        plain = effort.plain or _PLAIN in effort.repairs
        effort.attempts += 1
        effort.body = self._wire.body(request, effort.repairs - {_PLAIN}, stream=not plain)
        taken = {e.call_id for e in request.history if isinstance(e, Called | Answered)}
        keep = self._wire.keeps_reasoning(request.model)
        accumulator = Accumulator(self.id, taken, keep)
        answer = await self._send(effort.body)
        try:
            async with aclosing(answer.chunks()) as chunks:
                async for chunk in chunks:
                    for event in accumulator.feed(chunk):
                        yield event
                    if accumulator.begun:
                        answer.patience = self._idle_seconds
            finished = accumulator.finished(tokens_of(effort.body))
        finally:
            await answer.close()
        if plain:
            effort.repairs.add(_PLAIN)
        yield finished

    async def _try_again(self, trouble: Trouble, effort: _Effort) -> bool:
        """Make the next attempt possible, or say that there is no point in one."""
        if trouble.kind == "no_stream" and not effort.plain:
            effort.plain = True
            return True
        if fix := repair(trouble, effort.body, effort.repairs):
            effort.repairs.add(fix)
            effort.attempts -= 1
            return True
        if effort.attempts >= trouble.attempts(self._max_attempts):
            return False
        backoff = self._first_wait * 2 ** (effort.attempts - 1)
        wait = random.uniform(0, backoff) if trouble.wait is None else trouble.wait
        if effort.waited + wait > self._max_wait:
            return False
        effort.waited += wait
        await asyncio.sleep(wait)
        return True

    async def _send(self, body: dict[str, Any]) -> Answer:
        client: Any = await self._connected()
        import httpx2
        import openai

        try:
            async with asyncio.timeout(self._first_byte_seconds):
                answer = await client.chat.completions.with_raw_response.create(
                    **body, timeout=openai.Timeout(None, connect=self._connect_seconds)
                )
        except TimeoutError:
            raise Trouble("silent", seconds=self._first_byte_seconds) from None
        except openai.APIStatusError as error:
            response = error.response
            raise of_answer(response.status_code, response.text, response.headers) from None
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            raise of_connection(error) from None
        return Answer(answer.http_response, self._first_byte_seconds)

    async def _list(self) -> list[dict[str, Any]]:
        try:
            client: Any = await self._connected()
        except Trouble:
            return []
        import httpx2
        import openai

        try:
            async with asyncio.timeout(self._connect_seconds):
                answer = await client.models.with_raw_response.list()
            body = answer.http_response.json()
        except (TimeoutError, ValueError, openai.OpenAIError, httpx2.HTTPError):
            return []
        entries = body.get("data") if isinstance(body, dict) else body
        entries = entries if isinstance(entries, list) else []
        return [e for e in entries if isinstance(e, dict) and isinstance(e.get("id"), str)]

    async def _connected(self) -> openai.AsyncOpenAI:
        if not is_address(self.base_url):
            raise Trouble("bad_url")
        if not (self._key.isascii() and self._key.isprintable()):
            raise Trouble("auth", "it has characters that no key has")
        if self._client is None:
            # The import takes about a second, during which the event loop must go on.
            client = await asyncio.to_thread(self._new_client)
            self._client = self._client or client
        return self._client

    def _new_client(self) -> openai.AsyncOpenAI:
        import openai

        headers: Any = {}
        if self._wire.family != "openai":
            # The package takes these two from the environment and sends them to any host.
            headers = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
        return openai.AsyncOpenAI(
            base_url=self.base_url,
            api_key=self._key or "not-needed",
            default_headers=headers,
            max_retries=0,
        )
