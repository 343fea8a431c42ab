"""Raw requests to a server with our extension."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from support.live_server import LiveServer
from tornado.httpclient import AsyncHTTPClient
from tornado.httputil import HTTPHeaders


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: HTTPHeaders
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """The error, once its shape is seen to be the protocol's."""
        assert self.headers["Content-Type"].startswith("application/json"), self.body
        error: dict[str, Any] = self.json["error"]
        assert set(self.json) == {"error"}
        assert set(error) == {"message", "type", "param", "code"}
        return error


Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
def token(jp_serverapp: Any) -> str:
    """The server's token."""
    return str(jp_serverapp.identity_provider.token)


@pytest.fixture
def ask_own(http_server_client: AsyncHTTPClient, jp_base_url: str, token: str) -> Ask:
    """Ask the test's own server, which runs in this process."""
    return asking(http_server_client, f"{jp_base_url}assistants/v1", token)


@pytest.fixture
def ask_shared(
    assistants_server: LiveServer, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Ask]:
    """Ask the server that all tests share, for tests that change nothing that others see."""

    async def connect() -> AsyncHTTPClient:
        return AsyncHTTPClient(force_instance=True)

    client = jp_asyncio_loop.run_until_complete(connect())
    yield asking(client, assistants_server.url, assistants_server.token)
    client.close()


@pytest.fixture
def ask(ask_own: Ask) -> Ask:
    """Ask a server; modules choose which."""
    return ask_own


def asking(client: AsyncHTTPClient, url: str, token: str) -> Ask:
    """Return what asks for a path below ``url``, with the server's token unless told otherwise."""

    async def ask(
        verb: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = token,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        sent = dict(headers or {})
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        data = json.dumps(body).encode() if body is not None else raw
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        response = await client.fetch(
            f"{url}{path}",
            method=verb,
            headers=sent,
            body=data,
            allow_nonstandard_methods=True,
            raise_error=False,
            follow_redirects=False,
            request_timeout=20,
        )
        return Answer(response.code, response.headers, response.body)

    return ask


@pytest.fixture
def made(ask: Ask) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Ask for something that succeeds, and give its JSON."""

    async def made(verb: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = await ask(verb, path, body)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json
        return found

    return made
