"""Plain text, and what every reader of text needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Block, BlockKind, Unreadable
from jupyter_assistants.retrieval.encodings import decoded
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.base import Reader

MOST_BYTES = 64 * 1024 * 1024
_LARGEST_BLOCK = 200_000


def read_text(stream: BinaryIO) -> str:
    """Return a stream's text; whatever ends its lines becomes a newline.

    Raises
    ------
    Unreadable
        If it is too large, or no text.
    """
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        text = f"The text is larger than {MOST_BYTES // 1024 // 1024} MB."
        raise Unreadable("invalid_file", text)
    return decoded(raw).replace("\r\n", "\n").replace("\r", "\n")


class TextReader(Reader):
    """Plain text, line by line."""

    extensions = ("txt", "log", "rst", "tex")

    def read(self, stream: BinaryIO) -> Iterator[Block]:
        """See :meth:`.base.Reader.read`."""
        return lined(read_text(stream), 1)


def lined(
    whole: str, line: int, headings: tuple[str, ...] = (), *, kind: BlockKind = "text"
) -> Iterator[Block]:
    """Yield a text in blocks of at most some 100,000 characters, cut at ends of lines.

    Parameters
    ----------
    line
        The number of its first line.
    """
    at = 0
    while at < len(whole):
        end = len(whole)
        if end - at > _LARGEST_BLOCK:
            limit = at + _LARGEST_BLOCK
            end = whole.rfind("\n", at + _LARGEST_BLOCK // 2, limit)
            end = end if end > at else limit
        part = whole[at:end]
        lead = len(part) - len(part.lstrip("\n"))
        body = part[lead:].rstrip()
        first = line + lead
        if body:
            place = Location(headings=headings, lines=(first, first + body.count("\n")))
            yield Block(body, place, kind)
        line += part.count("\n")
        at = end
