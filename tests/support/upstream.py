"""A model endpoint on this machine that answers by script, byte for byte, over real HTTP.

Tests and benchmarks use it from any event loop::

    with Upstream(streamed({"content": "Hello"}, finish="stop")) as upstream:
        model = ModelEndpoint("mine", base_url=upstream.url, api_key="k")

Replies are sent in order, and the last one repeats; ``choose`` picks the reply by the request's body
instead. :func:`paced` is the benchmarks' reply: 20 ms to the first of 20 tokens, 5 ms
between them.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from support.local_server import LocalServer

CUT = object()
"""In a reply: the connection is reset here."""

_AS_IS = (bytes, float, threading.Event)


@dataclass(frozen=True)
class Reply:
    """Bytes to send, seconds to wait between them, an event to wait for, or CUT."""

    pieces: Sequence[Any] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    mime: str = "text/event-stream"


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


def event(data: Any) -> bytes:
    """Return one server-sent event; text is sent as it is."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return f"data: {text}\n\n".encode()


def chunk(delta: Any = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """Return one chunk of a chat completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "choices": [choice], **more}


def usage(prompt: int, completion: int) -> dict[str, int]:
    """Return the usage object."""
    total = prompt + completion
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}


def events(*chunks: Any, done: bool = True) -> Reply:
    """Return a stream of chunks, raw bytes, pauses and gates, then ``[DONE]``."""
    pieces = [c if isinstance(c, _AS_IS) or c is CUT else event(c) for c in chunks]
    return Reply([*pieces, *([event("[DONE]")] if done else [])])


def streamed(*deltas: Any, finish: str | None = "stop") -> Reply:
    """Return a stream of these deltas, a finish reason and a usage."""
    ends = chunk({}, finish), {"choices": [], "usage": usage(11, 7)}
    gates = [delta if isinstance(delta, threading.Event) else chunk(delta) for delta in deltas]
    return events(*gates, *ends)


def paced(tokens: int = 20, first: float = 0.02, gap: float = 0.005) -> Reply:
    """Return a stream paced like a model's: a wait, then token by token."""
    words: list[Any] = [first]
    for number in range(tokens):
        words += [chunk({"content": f"word{number} "}), gap]
    return events(*words, chunk({}, "stop"), {"choices": [], "usage": usage(11, tokens)})


def plain(body: Any, status: int = 200, **headers: str) -> Reply:
    """Return a JSON reply."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply([json.dumps(body).encode()], status, names, "application/json")


def page(text: str, status: int = 200) -> Reply:
    """Return a web page as the reply."""
    return Reply([text.encode()], status, mime="text/html")


def refused(status: int, message: str, code: Any = None, **more: Any) -> Reply:
    """Return an error in OpenAI's format."""
    error = {"message": message, "type": "some_error", "param": None, "code": code, **more}
    return plain({"error": error}, status)


class Upstream(LocalServer):
    """A scripted endpoint. ``received`` lists the requests, ``left`` is set when a client disconnects.

    ``native`` are replies by path, in the server's own words (``/api/ps``); ``asked`` those paths.
    """

    def __init__(
        self,
        *replies: Reply,
        models: Reply | None = None,
        choose: Callable[[dict[str, Any]], Reply] | None = None,
        native: dict[str, Reply] | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(port)
        self.replies = list(replies)
        self.choose = choose
        self.native = native or {}
        self.asked: list[str] = []
        self.models = models or plain({"data": []})
        self.received: list[Received] = []
        self.listings = 0
        self.listed_by: dict[str, str] = {}
        self.left = threading.Event()

    @property
    def url(self) -> str:
        return f"http://{self.host}/v1"

    @property
    def body(self) -> dict[str, Any]:
        """Return the body of the last chat request."""
        return self.received[-1].body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await self._read(reader)) is not None:
                await self._answer(self._reply(request), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.left.set()

    async def _read(self, reader: asyncio.StreamReader) -> Received | None:
        line = await reader.readline()
        if not line:
            return None
        method, path, _ = line.decode().split(" ", 2)
        headers: dict[str, str] = {}
        while (line := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        return Received(method, path, headers, json.loads(raw) if raw else {})

    def _reply(self, request: Received) -> Reply:
        if request.path in self.native:
            self.asked.append(request.path)
            return self.native[request.path]
        if request.path.endswith("/models"):
            self.listings += 1
            self.listed_by = request.headers
            return self.models
        if not request.path.endswith(("/chat/completions", "/responses")):
            self.asked.append(request.path)
            return plain({"error": "Not Found"}, 404)
        self.received.append(request)
        if self.choose is not None:
            return self.choose(request.body)
        return self.replies[min(len(self.received), len(self.replies)) - 1]

    async def _answer(
        self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        names = {"Content-Type": reply.mime, "Transfer-Encoding": "chunked", **reply.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in names.items())
        writer.write(f"HTTP/1.1 {reply.status} Scripted\r\n{head}\r\n".encode())
        for piece in reply.pieces:
            if piece is CUT:
                writer.transport.abort()
                raise ConnectionResetError
            if isinstance(piece, float):
                await self._wait(piece, reader)
            elif isinstance(piece, threading.Event):
                while not piece.is_set():
                    await self._wait(0.02, reader)
            else:
                writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async def _wait(self, seconds: float, reader: asyncio.StreamReader) -> None:
        """Wait, unless the client disconnects meanwhile."""
        waited = 0.0
        while waited < seconds:
            # A client that leaves bytes unread resets the connection, which is no end of file.
            if reader.at_eof() or reader.exception() is not None:
                raise ConnectionResetError
            await asyncio.sleep(step := min(0.01, seconds - waited))
            waited += step
