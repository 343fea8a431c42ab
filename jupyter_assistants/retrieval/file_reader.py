"""Reading of files, each in a process of its own.

Readers meet broken and hostile files. In a process they can crash, hang or take all memory
without taking the server along.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import Any, BinaryIO

from jupyter_assistants.protocol.json_text import parse_untrusted
from jupyter_assistants.protocol.vector_stores import StaticChunking
from jupyter_assistants.redaction import Masker
from jupyter_assistants.retrieval.base import Chunk, FileText, Location, Progress
from jupyter_assistants.retrieval.blocks import Block, Unreadable
from jupyter_assistants.retrieval.chunking import chunks
from jupyter_assistants.retrieval.reader_process import CUTTING, MOST_MEMORY, Job
from jupyter_assistants.retrieval.reader_workers import Worker, WorkerExited, create_worker
from jupyter_assistants.retrieval.readers.base import references

LONGEST_READ_SECONDS = 120.0
SMALL_FILE_SECONDS = 20.0
SECONDS_PER_MEGABYTE = 10.0
"""The time that a file may take grows with its size: a slow page of a scan has a megabyte, and a file of
5 kB that takes minutes is an attack."""
MOST_CONCURRENT = 12
"""More than are ever ingested and shown at a time (``ingestion/queue.py``): nothing waits for a thread."""
PROGRESS_SECONDS = 0.2
LONG_TEXT = 200_000
"""From so many characters on a text is cut in a process: here it would take more than 50 ms, in turns
with the event loop for Python's lock."""


class FileReader:
    """Reads every type of file that file_search takes.

    Parameters
    ----------
    seconds
        How long a reader may take for one file; by default as its size allows.
    memory
        How many bytes it may take besides the file.
    """

    def __init__(
        self,
        seconds: float | None = None,
        *,
        memory: int = MOST_MEMORY,
        worker: Worker | None = None,
    ) -> None:
        self._seconds = seconds
        self._memory = memory
        self._worker = worker or create_worker()
        # Threads of its own: files that take long must not hold up what else waits for a thread.
        self._threads = ThreadPoolExecutor(MOST_CONCURRENT, thread_name_prefix="reading")

    def supports(self, filename: str) -> bool:
        """See :meth:`.base.DocumentReader.supports`."""
        return _extension(filename) in references()

    async def read(
        self, filename: str, content: BinaryIO, progress: Progress | None = None
    ) -> Sequence[Block]:
        """See :meth:`.base.DocumentReader.read`."""
        stop = threading.Event()
        loop = asyncio.get_running_loop()
        owned = _owned(content)

        def report(done: int, total: int) -> None:
            if progress is not None and not stop.is_set():
                loop.call_soon_threadsafe(progress, done, total)

        reading = self._threads.submit(self._read, filename, owned or content, stop, report)
        if owned is not None:
            # Also when it never began.
            reading.add_done_callback(lambda _: owned.close())
        try:
            return await asyncio.wrap_future(reading)
        finally:
            stop.set()

    async def cut(self, blocks: Sequence[Block], sizes: StaticChunking | None) -> Sequence[Chunk]:
        """See :meth:`.base.DocumentReader.cut`."""
        stop = threading.Event()
        try:
            return await asyncio.wrap_future(self._threads.submit(self._cut, blocks, sizes, stop))
        finally:
            stop.set()

    def close(self) -> None:
        """End the processes. They are started again when a file is read."""
        self._worker.close()

    def _read(
        self, filename: str, content: BinaryIO, stop: threading.Event, report: Progress
    ) -> list[Block]:
        extension = _extension(filename)
        seconds = self._seconds or read_seconds(_size(content))
        job = Job(references()[extension], seconds, self._memory)
        began = time.monotonic()
        try:
            blocks = list(_blocks(self._worker.run(job, content, stop), report))
        except (TimeoutError, WorkerExited, _Truncated):
            if time.monotonic() - began >= seconds:
                text = f"The file could not be read within {seconds:g} seconds."
            else:
                # The reader's process died: of the file's content, or of its limits.
                text = (
                    f"The file could not be read as {extension}: the parser gave up on it. It may "
                    f"be broken, or take more than {self._memory // 1024**2:,} MB of memory."
                )
            raise Unreadable("invalid_file", text) from None
        if not any(block.text.strip() for block in blocks):
            raise Unreadable("invalid_file", "The file is empty.")
        return blocks

    def _cut(
        self, blocks: Sequence[Block], sizes: StaticChunking | None, stop: threading.Event
    ) -> Sequence[Chunk]:
        length = sum(len(block.text) for block in blocks)
        if length < LONG_TEXT:
            return chunks(blocks, sizes)
        seconds = self._seconds or read_seconds(length)
        tokens = (sizes.max_chunk_size_tokens, sizes.chunk_overlap_tokens) if sizes else None
        job = Job(CUTTING, seconds, self._memory, tokens)
        text = FileText(blocks).text
        try:
            with _unnamed_file() as content:
                for block in blocks:
                    content.write(json.dumps(block.to_json()).encode() + b"\n")
                content.seek(0)
                found = map(_checked, self._worker.run(job, content, stop))
                return list(_chunks(found, text))
        except (TimeoutError, WorkerExited, _Truncated):
            message = f"The text could not be cut within {seconds:g} seconds and its memory."
            raise Unreadable("invalid_file", message) from None


def read_seconds(size: int) -> float:
    """Return how long a file of so many bytes may take."""
    grown = SMALL_FILE_SECONDS + SECONDS_PER_MEGABYTE * size / 1_000_000
    return min(LONGEST_READ_SECONDS, round(grown))


def _size(content: BinaryIO) -> int:
    begin = content.tell()
    size = content.seek(0, os.SEEK_END)
    content.seek(begin)
    return size


class _Truncated(Exception):
    """The answer has no end."""


def _owned(content: BinaryIO) -> BinaryIO | None:
    """Return the content as a file of our own; None if it is in memory only.

    Whoever is cancelled closes theirs while a thread still works with it. The number of a closed
    file is that of the next one that is opened: the parser would be sent another file, and read
    it to its end before the one that it belongs to.
    """
    try:
        number = content.fileno()
    except (OSError, AttributeError):
        return None
    return os.fdopen(os.dup(number), "rb")


def _extension(filename: str) -> str:
    return PurePath(filename).suffix.lower()


def _part(block: Block) -> int:
    place = block.location
    return place.page or place.slide or place.cell or 0


def _blocks(lines: Iterator[bytes], report: Progress) -> Iterator[Block]:
    total, reported = 0, float("-inf")
    # By value only, and here: what parses hostile files does not get to know the server's secrets.
    mask = functools.partial(Masker().values, keep_lines=True)
    for found in map(_checked, lines):
        if "end" in found:
            return
        if "total" in found:
            total = found["total"]
            continue
        block = None if "done" in found else Block.from_json(found)
        done = found["done"] if block is None else _part(block)
        if total and done and time.monotonic() - reported > PROGRESS_SECONDS:
            reported = time.monotonic()
            # What a file says of its size may be less than it holds.
            report(min(done, total), total)
        if block is not None:
            yield block.masked(mask, mask)
    raise _Truncated


def _unnamed_file() -> BinaryIO:
    """Return a file that is in memory where the system can: texts that users delete leave no trace."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("text"), "w+b")
    return tempfile.TemporaryFile()


def _chunks(lines: Iterator[dict[str, Any]], text: str) -> Iterator[Chunk]:
    for found in lines:
        if "end" in found:
            return
        id, start, end, head, place = found["cut"]
        yield Chunk(id, text[start:end], Location.from_json(place), start, end, head)
    raise _Truncated


def _checked(line: bytes) -> dict[str, Any]:
    """Return what a process wrote, unless it is an error."""
    try:
        found: dict[str, Any] = parse_untrusted(line)
    except ValueError:
        raise _Truncated from None
    if "error" in found:
        raise Unreadable(found["error"]["code"], found["error"]["message"])
    return found
