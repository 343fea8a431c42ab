"""Request bodies, received as they arrive, each in memory that does not grow with the body.

A handler that streams its body can refuse a request before a byte of it is read, and keeps a
large upload out of memory (tornado would hold all of it, three times).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from jupyter_assistants.api.forms import ReceivedFile
from jupyter_assistants.protocol.errors import TooLarge
from jupyter_assistants.protocol.validation import parse_json

MAX_JSON_BYTES = 64 * 1024 * 1024
_LONG = 64 * 1024


@dataclass(frozen=True)
class BodyContent:
    """The content of a whole body.

    Parameters
    ----------
    json
        The JSON object; empty where there is none.
    file
        The bytes and fields of a form.
    """

    json: Mapping[str, Any] = field(default_factory=dict)
    file: ReceivedFile | None = None


class BodyReceiver(Protocol):
    """The destination of one request's body."""

    async def receive(self, chunk: bytes) -> None:
        """Add the next bytes.

        Raises
        ------
        AssistantsError
            If the request cannot succeed any more.
        """

    async def finish(self) -> BodyContent:
        """Return the content, once the whole body has arrived.

        Raises
        ------
        InvalidRequest
            If it is not what the operation expects.
        """
        ...

    async def close(self) -> None:
        """Release everything; may be called more than once, and while ``receive`` still runs."""


class IgnoredBody:
    """A body that nothing reads."""

    async def receive(self, chunk: bytes) -> None:
        """Ignore the bytes."""

    async def finish(self) -> BodyContent:
        """Return empty content."""
        return BodyContent()

    async def close(self) -> None:
        """Release nothing."""


class JsonBody:
    """A body that is one JSON object."""

    def __init__(self, limit: int = MAX_JSON_BYTES) -> None:
        self._raw = bytearray()
        self._limit = limit

    async def receive(self, chunk: bytes) -> None:
        """Add bytes, up to the limit."""
        if len(self._raw) + len(chunk) > self._limit:
            raise TooLarge(f"The JSON body of your request has more than {self._limit} bytes.")
        self._raw += chunk

    async def finish(self) -> BodyContent:
        """Return the object; an empty body counts as an empty object."""
        raw = bytes(self._raw)
        # The event loop serves everybody: a long text is parsed in a thread.
        if len(raw) > _LONG:
            return BodyContent(await asyncio.to_thread(parse_json, raw))
        return BodyContent(parse_json(raw))

    async def close(self) -> None:
        """Keep the bytes: a request that is whole is carried out although its client has left."""
