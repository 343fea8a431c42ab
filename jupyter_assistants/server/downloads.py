"""Sends the bytes of a file so that a browser can do nothing with them but save them."""

from __future__ import annotations

import asyncio
from pathlib import PurePath
from typing import BinaryIO, Protocol
from urllib.parse import quote

from tornado.iostream import StreamClosedError

from jupyter_assistants.protocol.files import File

_PIECE = 256 * 1024

# What a browser shows inline when asked to (an <img> of the panel) and nothing that can hold a
# script: no HTML, no SVG, no PDF.
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".tsv": "text/tab-separated-values; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


class Response(Protocol):
    """What is needed of a tornado handler."""

    def set_header(self, name: str, value: str) -> None:
        """Set a header."""

    def write(self, chunk: bytes) -> None:
        """Take bytes for the client."""

    async def flush(self) -> None:
        """Send them; waits while the client does not read."""


def content_type(filename: str) -> str:
    """Return the type of a file by its name; that of unknown bytes unless it is known to be safe."""
    return _TYPES.get(PurePath(filename).suffix.lower(), "application/octet-stream")


def name(response: Response, filename: str, mime: str) -> None:
    """Set the headers of a download."""
    response.set_header("Content-Type", mime)
    response.set_header(
        "Content-Disposition", f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    )
    response.set_header("X-Content-Type-Options", "nosniff")
    response.set_header("Content-Security-Policy", SANDBOX)


async def send(response: Response, file: File, content: BinaryIO) -> None:
    """Send a file and close it."""
    name(response, file.filename, content_type(file.filename))
    response.set_header("Content-Length", str(file.bytes))
    try:
        while piece := await asyncio.to_thread(content.read, _PIECE):
            response.write(piece)
            await response.flush()
    except StreamClosedError:
        return
    finally:
        await asyncio.to_thread(content.close)
