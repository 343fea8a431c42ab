"""Markdown, section by section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.text import lined, read_text

_HEADING = re.compile(r"(#{1,6})[ \t]")
_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")


class MarkdownReader(Reader):
    """Markdown: a block for each section, with the headings above it."""

    extensions = ("md", "markdown")

    def read(self, stream: BinaryIO) -> Iterator[Block]:
        """See :meth:`.base.Reader.read`."""
        lines = read_text(stream).split("\n")
        path: list[tuple[int, str]] = []
        begin, fence = 0, ""
        for at, line in enumerate(lines):
            mark = _FENCE.match(line)
            if mark:
                # Inside a fence is code: a # there begins no section.
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
