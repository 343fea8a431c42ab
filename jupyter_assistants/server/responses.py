"""The part of a tornado handler that responders use."""

from __future__ import annotations

import asyncio
from typing import Protocol


class ResponseStream(Protocol):
    """A response that is written piece by piece."""

    def write(self, chunk: bytes) -> None:
        """Add bytes for the client."""

    async def flush(self) -> None:
        """Send them; waits while the client does not read."""


class Response(ResponseStream, Protocol):
    """A response whose headers are still to be set."""

    @property
    def gone(self) -> asyncio.Event:
        """Return the event that is set when the client closes the connection."""
        ...

    def set_header(self, name: str, value: str) -> None:
        """Set a header."""

    def start_stream(self) -> None:
        """Prepare the connection for events."""

    def finish(self, chunk: bytes, *, set_content_type: str | None = None) -> object:
        """Send the whole body; as JSON unless another type is named."""
