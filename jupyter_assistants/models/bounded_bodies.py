"""Limits on what an endpoint may send in one response.

The openai package reads errors, lists and embeddings whole, and httpx2 unpacks a compressed piece at
once: a megabyte becomes a gigabyte. Both are bounded here, in a hook that every client of an endpoint
has. A transport of our own would do as well, but with one httpx2 ignores the proxies of the environment.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

LONGEST_STREAM = 256 * 1024 * 1024
"""Bytes of a stream in all. That is half a million tokens, each in an event of its own."""
LONGEST_BODY = 32 * 1024 * 1024
"""Bytes of any other response: an answer in one piece, embeddings of 64 texts."""
LONGEST_LIST = 8 * 1024 * 1024
"""Bytes of the response to a GET: lists of models have up to one megabyte."""
LONGEST_ERROR = 1024 * 1024
"""Bytes of an error that are read; its sentence stands at the beginning."""
ENCODINGS = "gzip, deflate"
"""What a response may be compressed with, as the request says."""
_PACKED = ("gzip", "x-gzip", "deflate")
_SLICE = 64 * 1024


class ResponseTooLarge(Exception):
    """A response that is larger than any that makes sense."""


class UnknownEncoding(Exception):
    """A response that is compressed in a way that the request did not allow."""


def limit_body(response: httpx2.Response) -> None:
    """Limit the size of a response whose body has not been read."""
    import httpx2

    assert isinstance(response.stream, httpx2.SyncByteStream)
    source: httpx2.SyncByteStream = response.stream
    bound = _Bound(response)

    class BoundedStream(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for piece in source:
                yield from bound.pieces(piece)
                if bound.is_cut:
                    return

        def close(self) -> None:
            source.close()

    response.stream = BoundedStream()


async def limit_body_async(response: httpx2.Response) -> None:
    """See :func:`limit_body`."""
    import httpx2

    assert isinstance(response.stream, httpx2.AsyncByteStream)
    source: httpx2.AsyncByteStream = response.stream
    bound = _Bound(response)

    class AsyncBoundedStream(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for piece in source:
                for part in bound.pieces(piece):
                    yield part
                    # A small piece may be a thousand large parts; others would not get a turn.
                    await asyncio.sleep(0)
                if bound.is_cut:
                    return

        async def aclose(self) -> None:
            await source.aclose()

    response.stream = AsyncBoundedStream()


class _Bound:
    """Unpacks and counts the body of one response."""

    def __init__(self, response: httpx2.Response) -> None:
        self.is_cut = False
        """Whether the rest is not read: that of a long error."""
        self._is_error = response.is_error
        self._left = self._limit = _limit_of(response)
        encoding = response.headers.get("content-encoding", "").strip().lower()
        self._encoding = encoding or "identity"
        if self._encoding in _PACKED:
            # The header would have httpx2 unpack it once more.
            del response.headers["content-encoding"]
        self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._begun = False

    def pieces(self, piece: bytes) -> Iterator[bytes]:
        """Yield the content of a piece of the body.

        Raises
        ------
        ResponseTooLarge
            If it is more than the response may have. Errors are cut instead.
        UnknownEncoding
            If it is compressed with something else.
        """
        for part in self._unpacked(piece):
            self._left -= len(part)
            if self._left < 0:
                if not self._is_error:
                    raise ResponseTooLarge(f"more than {self._limit // 1024**2} MB")
                self.is_cut = True
                yield part[: self._left]
                return
            yield part

    def _unpacked(self, piece: bytes) -> Iterator[bytes]:
        if self._encoding == "identity":
            yield piece
            return
        if self._encoding not in _PACKED:
            raise UnknownEncoding(f"compressed as {self._encoding[:40]}")
        while piece and not self._unpacker.eof:
            yield self._unpack(piece)
            piece = self._unpacker.unconsumed_tail

    def _unpack(self, piece: bytes) -> bytes:
        begun, self._begun = self._begun, True
        try:
            return self._unpacker.decompress(piece, _SLICE)
        except zlib.error as error:
            if begun or self._encoding != "deflate":
                raise UnknownEncoding(f"broken {self._encoding}") from error
            # Some servers send the bare format, without the header that the name stands for.
            self._unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._unpack(piece)


def _limit_of(response: httpx2.Response) -> int:
    if response.is_error or response.is_redirect:
        return LONGEST_ERROR
    if response.request.method == "GET":
        return LONGEST_LIST
    is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
    is_answer = response.request.url.path.endswith(("/chat/completions", "/responses"))
    return LONGEST_STREAM if is_stream and is_answer else LONGEST_BODY
