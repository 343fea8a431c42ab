"""Text, code and Markdown: the lines of a file as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Block, BlockKind, Unreadable
from jupyter_assistants.retrieval.encodings import decoded
from jupyter_assistants.retrieval.locations import Location

MOST_BYTES = 64 * 1024 * 1024
_LARGEST_BLOCK = 200_000
_HEADING = re.compile(r"(#{1,6})[ \t]")
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")


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


def text(stream: BinaryIO) -> Iterator[Block]:
    """Yield the lines of a text."""
    yield from lined(read_text(stream), 1)


def code(stream: BinaryIO) -> Iterator[Block]:
    """Yield the lines of a program or of data."""
    yield from lined(read_text(stream), 1, kind="code")


def markdown(stream: BinaryIO) -> Iterator[Block]:
    """Yield a block for each section, with the headings above it."""
    lines = read_text(stream).split("\n")
    path: list[tuple[int, str]] = []
    begin, fence = 0, ""
    for at, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark:
            # What is inside of a fence is code: a # there begins no section.
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        heading = None if fence else _HEADING.match(line)
        if heading is None:
            continue
        yield from lined("\n".join(lines[begin:at]), begin + 1, _names(path))
        begin = at
        level = len(heading[1])
        name = line[level:].strip().rstrip("#").strip()
        path = [each for each in path if each[0] < level] + [(level, name)]
    yield from lined("\n".join(lines[begin:]), begin + 1, _names(path))


def _names(path: list[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(name[:200] for _, name in path)


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
