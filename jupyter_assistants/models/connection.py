"""The HTTP connection to one endpoint: it sends requests and lists models.

The openai package sends the requests; :mod:`.stream_result` reads the responses. The package's own
retries are off; :mod:`.retries` says why.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_assistants.models.addresses import is_address
from jupyter_assistants.models.bounded_bodies import (
    ENCODINGS,
    ResponseTooLarge,
    UnknownEncoding,
    limit_body_async,
)
from jupyter_assistants.models.dialects import dialect_of
from jupyter_assistants.models.endpoint_errors import EndpointError
from jupyter_assistants.models.error_rules import error_of_connection, error_of_response
from jupyter_assistants.models.loose_json import as_objects
from jupyter_assistants.models.redirects import ForeignRedirect, check_redirect_async
from jupyter_assistants.models.stream_result import StreamResult
from jupyter_assistants.protocol.json_text import parse_untrusted

if TYPE_CHECKING:
    import openai

MOST_MODELS = 10_000


@dataclass(frozen=True)
class Timeouts:
    """How long an endpoint may take, in seconds.

    Parameters
    ----------
    first_byte
        Until an answer begins; local servers load the model in this time.
    idle
        Silence in the middle of an answer.
    connect
        Until a connection is established, and for a whole list of models.
    """

    first_byte: float = 120.0
    idle: float = 60.0
    connect: float = 5.0


class EndpointConnection:
    """One endpoint as an HTTP client sees it. The key is held here and shown nowhere."""

    def __init__(self, base_url: str, key: str, timeouts: Timeouts) -> None:
        self.base_url = base_url
        self._key = key
        self._timeouts = timeouts
        self._client: openai.AsyncOpenAI | None = None
        self.loading = False
        """Whether the server said, when it was asked last, that it loads its model."""

    async def send(self, wire: str, body: dict[str, Any], patience: float) -> StreamResult:
        """Send a request and return the response, its body unread.

        Parameters
        ----------
        wire
            ``chat`` or ``responses``.
        patience
            Seconds until the first byte.

        Raises
        ------
        EndpointError
            If there is no response, or one with an error status.
        """
        client: Any = await self._connected_client()
        resource = client.responses if wire == "responses" else client.chat.completions
        async with _translated_errors(patience):
            response = await resource.with_raw_response.create(**body, timeout=self._no_limit())
        return StreamResult(response.http_response, patience)

    async def models(self) -> list[dict[str, Any]]:
        """Return the entries of the endpoint's list of models.

        Raises
        ------
        EndpointError
            If there is no list.
        """
        client: Any = await self._connected_client()
        async with _translated_errors(self._timeouts.connect):
            response = await client.models.with_raw_response.list()
        # In a thread, because a list may have megabytes.
        return await asyncio.to_thread(_listed, response.http_response.content)

    async def ask(self, path: str, body: Mapping[str, Any] | None, patience: float) -> Any:
        """Return the JSON at a path below the server's root; None for any other response.

        Parameters
        ----------
        body
            The body to post; None for a GET.
        patience
            Seconds for the whole response.
        """
        address = self.base_url.rstrip("/").removesuffix("/v1") + path
        try:
            client: Any = await self._connected_client()
            import httpx2

            options: dict[str, Any] = {
                "cast_to": httpx2.Response,
                "options": {"timeout": self._no_limit()},
            }
            async with _translated_errors(patience):
                if body is None:
                    response = await client.get(address, **options)
                else:
                    response = await client.post(address, body=dict(body), **options)
            self.loading = False
            return await asyncio.to_thread(parse_untrusted, response.content)
        except EndpointError as error:
            self.loading = error.status == 503
            return None
        except ValueError:
            return None

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _no_limit(self) -> Any:
        """Return the package's timeouts: only connecting is limited there, the rest is here."""
        import openai

        return openai.Timeout(None, connect=self._timeouts.connect)

    async def _connected_client(self) -> openai.AsyncOpenAI:
        check_endpoint(self.base_url, self._key)
        if self._client is None:
            # The import takes about a second, during which the event loop must go on.
            client = await asyncio.to_thread(self._new_client)
            # Another request may have created one meanwhile: the first one stays.
            self._client = self._client or client
        return self._client

    def _new_client(self) -> openai.AsyncOpenAI:
        import openai

        hooks = {"response": [check_redirect_async, limit_body_async]}
        headers = {"Accept-Encoding": ENCODINGS}
        return openai.AsyncOpenAI(
            **client_options(self.base_url, self._key),
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(event_hooks=hooks, headers=headers),
        )


def _listed(content: bytes) -> list[dict[str, Any]]:
    """Return the entries of a list of models that have a name; those behind the 10,000th are left out."""
    try:
        body = parse_untrusted(content)
    except ValueError:
        raise EndpointError("no_stream") from None
    listed = as_objects(body.get("data") if isinstance(body, dict) else body)
    return [entry for entry in listed if isinstance(entry.get("id"), str)][:MOST_MODELS]


@asynccontextmanager
async def _translated_errors(seconds: float) -> AsyncIterator[None]:
    """Limit a request to so many seconds, and raise an ``EndpointError`` whatever fails in it."""
    import httpx2
    import openai

    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise EndpointError("silent", seconds=seconds) from None
    except openai.APIStatusError as error:
        response = error.response
        raise error_of_response(response.status_code, response.text, response.headers) from None
    except (
        *(openai.OpenAIError, httpx2.HTTPError),
        *(ForeignRedirect, ResponseTooLarge, UnknownEncoding),
    ) as error:
        raise error_of_connection(error) from None


def check_endpoint(base_url: str, key: str) -> None:
    """Check that requests can be made with this address and key.

    Raises
    ------
    EndpointError
        If one of them is malformed.
    """
    if not is_address(base_url):
        raise EndpointError("bad_url")
    if not (key.isascii() and key.isprintable()):
        raise EndpointError("auth", "it has characters that no key has")


def client_options(base_url: str, key: str) -> dict[str, Any]:
    """Return the options of an ``openai`` client that sends nothing but the key to this address."""
    import openai

    headers: Any = {}
    if not dialect_of(base_url).openai_headers:
        # The package takes these two from the environment and sends them to any host.
        headers = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
    return {"base_url": base_url, "api_key": key or "not-needed", "default_headers": headers}
