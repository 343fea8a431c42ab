"""Images scaled down to what models look at: more pixels cost more and show no more."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from jupyter_assistants.models.base import Image

if TYPE_CHECKING:
    from PIL.Image import Image as PILImage

OUTPUT_SIDE = 768
"""Pixels of the longer side of an output's image (docs/internals/runs.md, "Images")."""
MESSAGE_SIDE = 2048
"""Of an image in a message: vendors scale to this themselves, and small print stays readable."""
MOST_PIXELS = 60_000_000
"""A small file can decode to an image that fills the memory."""
UNREAD_BYTES = 4_000_000
"""Larger files that cannot be decoded are not sent at all."""
_KEPT = 32
_SAME = {"image/png": "PNG", "image/jpeg": "JPEG"}

# The same images go along with every call of a thread.
_shrunk: OrderedDict[tuple[bytes, int], Image] = OrderedDict()
_lock = threading.Lock()


def shrunk(image: Image, side: int) -> Image | None:
    """Return an image with no side longer than ``side``: itself if it is small enough. Blocking.

    None for an image that is too large to decode. Equal bytes give equal bytes: prompts have to
    begin alike (docs/internals/runs.md, "Truncation").
    """
    key = hashlib.sha256(image.data).digest(), side
    with _lock:
        if (known := _shrunk.get(key)) is not None:
            _shrunk.move_to_end(key)
            return known
    scaled = _scaled(image, side)
    if scaled is not None and scaled is not image:
        with _lock:
            _shrunk[key] = scaled
            while len(_shrunk) > _KEPT:
                _shrunk.popitem(last=False)
    return scaled


def _scaled(image: Image, side: int) -> Image | None:
    import PIL
    from PIL import Image as Picture

    try:
        with Picture.open(io.BytesIO(image.data)) as picture:
            width, height = picture.size
            if max(width, height) <= side:
                return image
            if width * height > MOST_PIXELS:
                return None
            return _smaller(picture, image.mime, side)
    except Picture.DecompressionBombError:
        return None
    except (PIL.UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        # The endpoint may know a kind that is not known here.
        return image if len(image.data) <= UNREAD_BYTES else None


def _smaller(picture: PILImage, mime: str, side: int) -> Image:
    kind = _SAME.get(mime, "PNG")
    plain = picture if kind == "PNG" and picture.mode in ("RGB", "RGBA", "L") else None
    smaller = plain or picture.convert("RGB" if kind == "JPEG" else "RGBA")
    smaller = smaller.copy()
    smaller.thumbnail((side, side))
    out = io.BytesIO()
    smaller.save(out, kind)
    return Image(out.getvalue(), f"image/{kind.lower()}")
