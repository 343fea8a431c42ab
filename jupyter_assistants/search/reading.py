"""Reads files: text by itself, everything else by a parser in a process of its own.

Parsers meet broken and hostile files. In a process they can crash, hang or take all memory
without taking the server along.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, BinaryIO

from jupyter_assistants.search.blocks import Block, Unreadable
from jupyter_assistants.search.encodings import decoded

_TEXT = (
    ".c .cpp .cs .css .go .h .hpp .ini .ipynb .java .jl .js .json .jsx .log .markdown .md .php .py "
    ".r .rb .rs .rst .scala .sh .sql .tex .toml .ts .tsx .txt .xml .yaml .yml"
)
TEXT = frozenset(_TEXT.split())
PARSED = {".docx": "docx", ".htm": "html", ".html": "html", ".pdf": "pdf", ".pptx": "pptx"}
PARSE_SECONDS = 120.0
MOST_TEXT_BYTES = 64 * 1024 * 1024


class FileReader:
    """Reads every type of file that file_search takes.

    Parameters
    ----------
    seconds
        How long a parser may take for one file.
    """

    def __init__(self, seconds: float = PARSE_SECONDS) -> None:
        self._seconds = seconds

    def supports(self, filename: str) -> bool:
        """See :meth:`.base.Reader.supports`."""
        return _extension(filename) in TEXT or _extension(filename) in PARSED

    async def read(self, filename: str, content: BinaryIO) -> Sequence[Block]:
        """See :meth:`.base.Reader.read`."""
        kind = PARSED.get(_extension(filename))
        if kind is None:
            blocks = [Block(await asyncio.to_thread(_text, content))]
        else:
            blocks = await self._parse(kind, content)
        if not any(block.text.strip() for block in blocks):
            raise Unreadable("invalid_file", "The file is empty.")
        return blocks

    async def _parse(self, kind: str, content: BinaryIO) -> list[Block]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            # -P: a docx.py in the folder where the server was started is not a parser.
            *("-P", "-m", "jupyter_assistants.search.parsers", kind),
            stdin=content,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(self._seconds):
                raw, _ = await process.communicate()
        except TimeoutError:
            text = f"The file could not be read within {self._seconds:.0f} seconds."
            raise Unreadable("invalid_file", text) from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return await asyncio.to_thread(_blocks, kind, raw)


def _extension(filename: str) -> str:
    return PurePath(filename).suffix.lower()


def _blocks(kind: str, raw: bytes) -> list[Block]:
    try:
        answer: dict[str, Any] = json.loads(raw)
    except ValueError:
        # The parser's process died: of the file's content, or of its limits.
        text = f"The file could not be read as {kind}: the parser gave up on it."
        raise Unreadable("invalid_file", text) from None
    if "error" in answer:
        raise Unreadable(answer["error"]["code"], answer["error"]["message"])
    return [Block.read(block) for block in answer["blocks"]]


def _text(content: BinaryIO) -> str:
    raw = content.read(MOST_TEXT_BYTES + 1)
    if len(raw) > MOST_TEXT_BYTES:
        text = f"The text is larger than {MOST_TEXT_BYTES // 1024 // 1024} MB."
        raise Unreadable("invalid_file", text)
    return decoded(raw)
