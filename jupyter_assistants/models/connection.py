"""The HTTP connection to one endpoint: it sends bodies, and lists models.

The openai package sends the requests; what comes back is read in :mod:`.answer`. The package's
own retries spend attempts on an empty quota, so they are off; see :mod:`.retries` for ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_assistants.models.dialects import family_of, is_address
from jupyter_assistants.models.endpoint_errors import (
    EndpointError,
    error_of_connection,
    error_of_response,
)
from jupyter_assistants.models.stream_result import StreamResult
from jupyter_assistants.models.workarounds import entries

if TYPE_CHECKING:
    import openai


@dataclass(frozen=True)
class Timeouts:
    """How long an endpoint may take.

    Parameters
    ----------
    first_byte
        Seconds until it begins; local servers load the model in this time.
    idle
        Seconds of silence once it talks.
    connect
        Seconds until a connection is there, and for a list of models.
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

    async def send(self, wire: str, body: dict[str, Any], patience: float) -> StreamResult:
        """Send a request and give the answer, unread.

        Parameters
        ----------
        wire
            ``chat`` or ``responses``.
        patience
            Seconds until the first byte.

        Raises
        ------
        Trouble
            If there is no answer, or one with an error status.
        """
        client: Any = await self._connected()
        import httpx2
        import openai

        resource = client.responses if wire == "responses" else client.chat.completions
        try:
            async with asyncio.timeout(patience):
                answer = await resource.with_raw_response.create(
                    **body, timeout=openai.Timeout(None, connect=self._timeouts.connect)
                )
        except TimeoutError:
            raise EndpointError("silent", seconds=patience) from None
        except openai.APIStatusError as error:
            response = error.response
            raise error_of_response(response.status_code, response.text, response.headers) from None
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            raise error_of_connection(error) from None
        return StreamResult(answer.http_response, patience)

    async def models(self) -> list[dict[str, Any]]:
        """Return the entries of the endpoint's list of models.

        Raises
        ------
        Trouble
            If it has none.
        """
        client: Any = await self._connected()
        import httpx2
        import openai

        seconds = self._timeouts.connect
        try:
            async with asyncio.timeout(seconds):
                answer = await client.models.with_raw_response.list()
            body = answer.http_response.json()
        except TimeoutError:
            raise EndpointError("silent", seconds=seconds) from None
        except openai.APIStatusError as error:
            response = error.response
            raise error_of_response(response.status_code, response.text, response.headers) from None
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            raise error_of_connection(error) from None
        except ValueError:
            raise EndpointError("no_stream") from None
        listed = entries(body.get("data") if isinstance(body, dict) else body)
        return [entry for entry in listed if isinstance(entry.get("id"), str)]

    async def ask(self, path: str, body: Mapping[str, Any] | None, patience: float) -> Any:
        """Return the JSON of a path below the server's root; None for any other answer.

        Parameters
        ----------
        body
            What is posted; None to get.
        """
        try:
            client: Any = await self._connected()
        except EndpointError:
            return None
        import httpx2
        import openai

        address = self.base_url.rstrip("/").removesuffix("/v1") + path
        options = {"timeout": openai.Timeout(None, connect=self._timeouts.connect)}
        try:
            async with asyncio.timeout(patience):
                if body is None:
                    answer = await client.get(address, cast_to=httpx2.Response, options=options)
                else:
                    answer = await client.post(
                        address, cast_to=httpx2.Response, body=dict(body), options=options
                    )
            return answer.json()
        except (TimeoutError, openai.OpenAIError, httpx2.HTTPError, ValueError):
            return None

    async def close(self) -> None:
        """End the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _connected(self) -> openai.AsyncOpenAI:
        check(self.base_url, self._key)
        if self._client is None:
            # The import takes about a second, during which the event loop must go on.
            client = await asyncio.to_thread(self._new_client)
            self._client = self._client or client
        return self._client

    def _new_client(self) -> openai.AsyncOpenAI:
        import openai

        return openai.AsyncOpenAI(**client_options(self.base_url, self._key), max_retries=0)


def check(base_url: str, key: str) -> None:
    """Refuse an address or a key with which no request can be made.

    Raises
    ------
    Trouble
        If it is one.
    """
    if not is_address(base_url):
        raise EndpointError("bad_url")
    if not (key.isascii() and key.isprintable()):
        raise EndpointError("auth", "it has characters that no key has")


def client_options(base_url: str, key: str) -> dict[str, Any]:
    """Return the options of an ``openai`` client that sends to this address and no more than it should."""
    import openai

    headers: Any = {}
    if family_of(base_url) != "openai":
        # The package takes these two from the environment and sends them to any host.
        headers = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
    return {"base_url": base_url, "api_key": key or "not-needed", "default_headers": headers}
