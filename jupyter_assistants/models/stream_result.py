"""The body of a streamed response, as JSON chunks.

The bytes are read here, and not by the openai package or httpx-sse, for three reasons: a comment
counts as a sign of life (OpenRouter sends nothing else while it waits), a plain JSON answer to a
request for a stream is used instead of lost, and a login page differs from an empty stream. Besides,
httpx-sse reads httpx, and the openai package sends through httpx2.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio

from jupyter_assistants.models.bounded_bodies import ResponseTooLarge, UnknownEncoding
from jupyter_assistants.models.endpoint_errors import EndpointError
from jupyter_assistants.models.error_rules import error_of_connection, error_of_event, find_message
from jupyter_assistants.protocol.json_text import parse_untrusted

if TYPE_CHECKING:
    import httpx2

LONGEST = 32 * 1024 * 1024
"""Bytes of one line, or of an answer that is not a stream, that are kept in memory."""
SLICE = 8 * 1024
"""Bytes after which other work gets its turn: they may be 8,000 lines."""
LONG_CHUNK = 64 * 1024
"""Bytes of a chunk that is parsed in a thread."""
DRAIN_SECONDS = 0.1
"""Seconds of silence after ``[DONE]`` until the connection is given up instead of reused."""

_FIELDS = (b"data", b"event", b"id", b"retry")


@dataclass(frozen=True)
class RawChunk:
    """The data and the name of one server-sent event."""

    data: bytes
    event: bytes = b""

    async def parse(self) -> dict[str, Any]:
        """Return the JSON object.

        Raises
        ------
        EndpointError
            If the data is no JSON, or holds an error.
        """
        if len(self.data) > LONG_CHUNK:
            chunk = await asyncio.to_thread(parse_chunk, self.data)
        else:
            chunk = parse_chunk(self.data)
        if self.event == b"error" and "error" not in chunk:
            raise error_of_event(chunk)
        return chunk


class EventLines:
    r"""Splits bytes into server-sent events as they come.

    Only ``\n`` and ``\r\n`` end a line: other separators occur inside JSON strings.
    """

    def __init__(self) -> None:
        self.stray = bytearray()
        """Lines that are no event: the whole of an answer that is not a stream."""
        self.done = False
        self._unfinished = bytearray()
        self._data: list[bytes] = []
        self._size = 0
        self._event = b""

    def feed(self, piece: bytes) -> Iterator[RawChunk]:
        """Yield the chunks that these bytes complete.

        Raises
        ------
        EndpointError
            If a line never ends.
        """
        self._unfinished += piece
        if len(self._unfinished) + len(self.stray) > LONGEST:
            raise EndpointError("garbled", "the answer has no end")
        if b"\n" not in piece:
            # Without this, a line in many pieces would be copied with each of them.
            return
        *lines, unfinished = self._unfinished.split(b"\n")
        self._unfinished = bytearray(unfinished)
        for line in lines:
            yield from self._line(bytes(line).removesuffix(b"\r"))

    def finish(self) -> Iterator[RawChunk]:
        """Yield the last chunk, for servers that leave out the empty line after it."""
        yield from self._line(bytes(self._unfinished))
        yield from self._line(b"")

    def _line(self, line: bytes) -> Iterator[RawChunk]:
        name, _, value = line.partition(b":")
        if not line:
            data, event = b"\n".join(self._data).strip(), self._event
            self._data, self._event, self._size = [], b"", 0
            if data.startswith(b"[DONE]"):
                self.done = True
            elif data and not self.done:
                yield RawChunk(data, event)
        elif name == b"data":
            self._size += len(value) + 1
            if self._size > LONGEST:
                raise EndpointError("garbled", "the answer has no end")
            self._data.append(value)
        elif name == b"event":
            self._event = value.strip()
        elif name and name not in _FIELDS:
            self.stray += line + b"\n"


def parse_chunk(data: bytes) -> dict[str, Any]:
    """Return the JSON object in these bytes; JSON of any other type counts as an empty one.

    Raises
    ------
    EndpointError
        If the bytes are no JSON, or hold an error.
    """
    try:
        chunk = parse_untrusted(data)
    except ValueError:
        raise EndpointError("garbled", data[:500].decode("utf-8", "replace")) from None
    if isinstance(chunk, list) and chunk:
        chunk = chunk[0]
    if not isinstance(chunk, dict):
        return {}
    if chunk.get("error"):
        raise error_of_event(chunk["error"])
    return chunk


class StreamResult:
    """The body of one HTTP response, read with a limit on silence.

    Parameters
    ----------
    response
        A response whose body has not been read.
    patience
        Seconds without a byte before the endpoint counts as silent; may be changed meanwhile.
    """

    def __init__(self, response: httpx2.Response, patience: float) -> None:
        self.patience = patience
        self._response = response

    async def chunks(self) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the chunks; an answer that is one plain JSON object is one chunk.

        Raises
        ------
        EndpointError
            If the endpoint falls silent, breaks off, or sends an error or something else.
        """
        lines = EventLines()
        chunks = 0
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                for chunk in lines.feed(piece):
                    chunks += 1
                    yield await chunk.parse()
                if lines.done:
                    await self._drain(pieces)
                    return
        for chunk in lines.finish():
            chunks += 1
            yield await chunk.parse()
        if not chunks and not lines.done:
            yield await asyncio.to_thread(_whole_answer, bytes(lines.stray))

    async def close(self) -> None:
        """Close the response, whether its body was read or not."""
        await self._response.aclose()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        import httpx2

        source = self._response.aiter_bytes()
        try:
            while True:
                async with asyncio.timeout(self.patience):
                    piece = await anext(source, None)
                if piece is None:
                    return
                for start in range(0, len(piece), SLICE):
                    yield piece[start : start + SLICE]
                    # What has arrived is read without waiting; others would not get a turn.
                    await asyncio.sleep(0)
        except TimeoutError:
            raise EndpointError("silent", seconds=self.patience) from None
        except (
            *(httpx2.HTTPError, ssl.SSLError, anyio.EndOfStream),
            *(ResponseTooLarge, UnknownEncoding),
        ) as error:
            raise error_of_connection(error) from None

    async def _drain(self, pieces: AsyncGenerator[bytes, None]) -> None:
        """Read past ``[DONE]``, so that the connection can serve the next request."""
        self.patience = DRAIN_SECONDS
        try:
            async for _ in pieces:
                pass
        except EndpointError:
            return


def _whole_answer(body: bytes) -> dict[str, Any]:
    text = body.strip()
    if text.startswith((b"{", b"[")):
        chunk = parse_chunk(text)
        if chunk.get("choices") or chunk.get("object") == "response":
            return chunk
    raise EndpointError("no_stream", find_message(text[:20_000].decode("utf-8", "replace")))
