"""Makes images as small as a model needs them: a large one costs more and shows it no more."""

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
"""Pixels of the longer side of what code shows (models.md section 8.2)."""
MESSAGE_SIDE = 2048
"""Of what people send: vendors themselves shrink to this, and small print stays readable."""
MOST_PIXELS = 60_000_000
"""A few bytes can claim to be an image that fills the memory."""
UNREAD_BYTES = 4_000_000
"""Larger ones that cannot be read are not sent at all."""
_KEPT = 32
_SAME = {"image/png": "PNG", "image/jpeg": "JPEG"}

# The same images go along with every call of a thread.
_shrunk: OrderedDict[tuple[bytes, int], Image] = OrderedDict()
_lock = threading.Lock()


def shrunk(image: Image, side: int) -> Image | None:
    """Return an image of which no side is longer; itself if it is small. Blocking.

    None for one that is too large to be read. The same bytes always give the same bytes.
    """
    key = hashlib.sha256(image.data).digest(), side
    with _lock:
        if (known := _shrunk.get(key)) is not None:
            _shrunk.move_to_end(key)
            return known
    made = _made(image, side)
    if made is not None and made is not image:
        with _lock:
            _shrunk[key] = made
            while len(_shrunk) > _KEPT:
                _shrunk.popitem(last=False)
    return made


def _made(image: Image, side: int) -> Image | None:
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
