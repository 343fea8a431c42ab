"""Images among outputs: their bytes and their sizes."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Sequence
from typing import Any

from jupyter_assistants.kernels.outputs.select import Output, joined

IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
"""Image types, the most useful one first."""


def images(outputs: Sequence[Output]) -> list[tuple[str, bytes]]:
    """Return the displayed images as (mime type, bytes), one for each output that shows one."""
    found = [image_of(output.get("data") or {}) for output in outputs]
    return [image for image in found if image is not None]


def image_of(data: dict[str, Any]) -> tuple[str, bytes] | None:
    """Return the best image of a mime bundle, or None."""
    for mime in IMAGES:
        value = joined(data.get(mime))
        if not value:
            continue
        if mime == "image/svg+xml":
            return mime, value.encode()
        try:
            content = base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        if content:
            return mime, content
    return None


def placeholder(mime: str, content: bytes) -> str:
    """Return what stands for an image in text, as ``[image 640x480 png]``."""
    size = _size(mime, content)
    kind = mime.removeprefix("image/").removesuffix("+xml")
    return f"[image {size[0]}x{size[1]} {kind}]" if size else f"[image {kind}]"


def _size(mime: str, content: bytes) -> tuple[int, int] | None:
    try:
        if mime == "image/png" and content.startswith(b"\x89PNG"):
            width, height = struct.unpack(">II", content[16:24])
            return width, height
        if mime == "image/gif" and content.startswith(b"GIF8"):
            width, height = struct.unpack("<HH", content[6:10])
            return width, height
        if mime == "image/jpeg":
            return _jpeg_size(content)
    except struct.error:
        pass
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = struct.unpack(">BH", content[at + 1 : at + 4])
        # Start-of-frame segments hold the size; C4, C8 and CC are other things.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
