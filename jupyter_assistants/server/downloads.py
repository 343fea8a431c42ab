"""Files sent so that a browser can only save them."""

from __future__ import annotations

import asyncio
from pathlib import PurePath
from urllib.parse import quote

from tornado.iostream import StreamClosedError

from jupyter_assistants.api.answers import Download
from jupyter_assistants.server.responses import Response

_PIECE = 256 * 1024

# Types that a browser shows inline when asked to (an <img> of the panel), and none that can contain
# a script: no HTML, no SVG, no PDF.
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


def content_type(filename: str) -> str:
    """Return the type of a file by its name, if a browser cannot run anything of that type."""
    return _TYPES.get(PurePath(filename).suffix.lower(), "application/octet-stream")


async def send(response: Response, download: Download) -> None:
    """Send a file and close it."""
    filename = download.filename
    response.set_header("Content-Type", download.media_type or content_type(filename))
    response.set_header(
        "Content-Disposition", f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    )
    # Anybody may have written the file, and it is served from the origin of JupyterLab: the
    # browser must neither guess another type nor run what is in it.
    response.set_header("X-Content-Type-Options", "nosniff")
    response.set_header("Content-Security-Policy", SANDBOX)
    response.set_header("Content-Length", str(download.size))
    try:
        while piece := await asyncio.to_thread(download.stream.read, _PIECE):
            response.write(piece)
            await response.flush()
    except StreamClosedError:
        return
    finally:
        await asyncio.to_thread(download.stream.close)
