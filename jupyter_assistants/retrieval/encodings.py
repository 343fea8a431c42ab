"""Text from bytes, in the encodings that file_search takes."""

from __future__ import annotations

import codecs

from jupyter_assistants.retrieval.blocks import Unreadable


def decoded(raw: bytes) -> str:
    """Return the text of bytes in UTF-8, UTF-16 or ASCII.

    Raises
    ------
    Unreadable
        If they are none of these.
    """
    for encoding in (_utf16(raw), "utf-8-sig"):
        if encoding is None:
            continue
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("invalid_file", "The file is no text in UTF-8, UTF-16 or ASCII.")


def _utf16(raw: bytes) -> str | None:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Without a mark: every other byte of mostly Latin text is zero.
    sample = raw[:2000]
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = sample[start::2].count(0)
        if zeros and zeros * 2 >= len(sample[start::2]) and not sample[1 - start :: 2].count(0):
            return encoding
    return None
