"""Takes request bodies as they arrive, each in memory that does not grow with the body.

A handler that streams its body can refuse a request before a byte of it is read, and keeps a
large upload out of memory (tornado would hold all of it, three times).
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from jupyter_assistants.protocol.errors import InvalidRequest, TooLarge
from jupyter_assistants.protocol.validation import parse_json

MAX_JSON_BYTES = 64 * 1024 * 1024
_LONG = 256 * 1024


class Body(Protocol):
    """Where the bytes of one request go."""

    async def take(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises
        ------
        AssistantsError
            If the request cannot succeed any more.
        """

    async def close(self) -> None:
        """Let go of everything; may be called more than once, and while ``take`` still runs."""


class NoBody:
    """Drops what comes."""

    async def take(self, chunk: bytes) -> None:
        """Drop it."""

    async def close(self) -> None:
        """Do nothing."""


class JsonBody:
    """Collects a JSON object."""

    def __init__(self, limit: int = MAX_JSON_BYTES) -> None:
        self._raw = bytearray()
        self._limit = limit

    async def take(self, chunk: bytes) -> None:
        """Add bytes, up to the limit."""
        if len(self._raw) + len(chunk) > self._limit:
            raise TooLarge(f"The JSON body of your request has more than {self._limit} bytes.")
        self._raw += chunk

    async def close(self) -> None:
        """Keep the bytes: a request that is whole is carried out although its client has left."""

    async def value(self) -> dict[str, Any]:
        """Return the object; nothing at all counts as an empty one.

        Raises
        ------
        InvalidRequest
            If it is not a JSON object.
        """
        raw = bytes(self._raw)
        try:
            # The event loop serves everybody: what takes it longer than a moment goes elsewhere.
            if len(raw) > _LONG:
                return await asyncio.to_thread(parse_json, raw)
            return parse_json(raw)
        except RecursionError:
            raise InvalidRequest("We could not parse the JSON body of your request.") from None
