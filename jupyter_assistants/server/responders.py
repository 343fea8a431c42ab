"""One responder for each kind of answer: JSON, events, a file, a page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from jupyter_assistants.api.answers import AnswerKind, Download, EventAnswer, WireAnswer
from jupyter_assistants.protocol.documents import DocumentText
from jupyter_assistants.server import document_page, downloads, streams
from jupyter_assistants.server.responses import Response


async def send_json(response: Response, result: WireAnswer) -> None:
    """Send an object, a page of objects or a list."""

    def encode() -> bytes:
        return json.dumps(result.wire(), separators=(",", ":")).encode()

    # A list or a text can be long, and the event loop serves everybody.
    response.finish(await asyncio.to_thread(encode))


async def send_events(response: Response, result: EventAnswer) -> None:
    """Send events as they come."""
    response.start_stream()
    response.set_header("Content-Type", "text/event-stream; charset=utf-8")
    response.set_header("Cache-Control", "no-cache")
    # nginx would hold events back until its buffer is full.
    response.set_header("X-Accel-Buffering", "no")
    await streams.send(response, result.events, response.gone)


async def send_download(response: Response, result: Download) -> None:
    """Send a file to save."""
    await downloads.send(response, result)


async def send_page(response: Response, result: DocumentText) -> None:
    """Send a file's text as a page of HTML."""
    page = await asyncio.to_thread(document_page.render, result)
    document_page.set_headers(response)
    response.finish(page, set_content_type=document_page.MEDIA_TYPE)


Responder = Callable[[Response, Any], Awaitable[None]]

RESPONDERS: Mapping[AnswerKind, Responder] = {
    AnswerKind.JSON: send_json,
    AnswerKind.EVENTS: send_events,
    AnswerKind.BYTES: send_download,
    AnswerKind.PAGE: send_page,
}
