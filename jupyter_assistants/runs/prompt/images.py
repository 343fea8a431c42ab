"""Images that a model can be shown, recognised by their bytes.

Never by a name or a declared type: an endpoint refuses the whole request if one image is not an
image. Nothing is ever fetched from an address (docs/internals/runs.md, "Images").
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from jupyter_assistants.models.base import Image

MAX_IMAGE_BYTES = 20_000_000
"""Larger files are not even read; what is read is made smaller (:mod:`.image_size`)."""
_DATA_URL = re.compile(r"data:[^,;]*(?:;[^,;]*)*?(;base64)?,", re.IGNORECASE)
_SIGNS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def is_data_url(url: str) -> bool:
    """Return whether an address holds its bytes itself."""
    return url[:5].lower() == "data:"


def image_of(data: bytes) -> Image | None:
    """Return bytes as an image; None if they are not one that models take, or too large."""
    if len(data) > MAX_IMAGE_BYTES:
        return None
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Image(data, "image/webp")
    return next((Image(data, mime) for sign, mime in _SIGNS if data.startswith(sign)), None)


def from_data_url(url: str) -> Image | None:
    """Return the image that a ``data:`` URL holds, or None."""
    head = _DATA_URL.match(url)
    # Base64 takes four characters for three bytes, percent signs three for one.
    if head is None or len(url) > 3 * MAX_IMAGE_BYTES + 1000:
        return None
    raw = unquote_to_bytes(url[head.end() :])
    if not head.group(1):
        return image_of(raw)
    try:
        return image_of(base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True))
    except binascii.Error:
        return None
