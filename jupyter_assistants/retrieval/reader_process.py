"""The reading process: ``python -m jupyter_assistants.retrieval.reader_process``.

It forks once for each file, so that a file costs milliseconds and yet meets a process that no
other file has touched. The child reads one stream, writes a line of JSON for each block, and ends.
It has limits on memory, computing time, time, files and what it may write; it opens no network
connection, starts no program, and follows no link in a file.

Long texts are cut here, too: that is Python code, which would take turns with the server's event loop.

Where processes cannot be forked (Windows), ``… reader_process JOB`` does one job with standard input.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from jupyter_assistants.redaction import DocumentMasker
from jupyter_assistants.retrieval.blocks import Block, PartCount, PartsRead, Unreadable
from jupyter_assistants.retrieval.readers.base import load

MOST_MEMORY = 1024**3
MOST_CHARACTERS = 64_000_000
READY = b"."
CUTTING = "jupyter_assistants.retrieval.chunking"
"""In place of a reader: cut the blocks that come in."""
_NEW_NETWORK = 0x40000000 | 0x10000000  # CLONE_NEWNET and, for who is not root, CLONE_NEWUSER
_FORBIDDEN = (
    *("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.kill"),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "shutil."),
    *("urllib.", "ftplib.", "http.", "smtplib.", "webbrowser.", "pty."),
)


@dataclass(frozen=True)
class Job:
    """The reading of one file, or the cutting of its text.

    Parameters
    ----------
    reader
        ``module:attribute`` of the format's reader; :data:`CUTTING` to cut blocks that were read.
    seconds
        How long it may take, of computing and in all.
    memory
        How many bytes it may take besides what the process has when it begins.
    sizes
        Tokens of a chunk and of its overlap; None to cut a text along its structure.
    """

    reader: str
    seconds: float
    memory: int = MOST_MEMORY
    sizes: Sequence[int] | None = None

    def to_json(self) -> bytes:
        """Return it as it is sent."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes | str) -> Job:
        """Return the job that :meth:`to_json` wrote."""
        return cls(**json.loads(text))


def parse(
    reader: str,
    stream: BinaryIO,
    on_progress: Callable[[PartCount | PartsRead], object] = lambda part: None,
) -> Iterator[Block]:
    """Yield the blocks that a reader yields without secrets, up to the limit of characters.

    Masked here, a megabyte of text holds up no server; and positions in citations are those of the
    text that views show.

    Parameters
    ----------
    on_progress
        Called with how many parts there are and how many are read, by readers that know.

    Raises
    ------
    Unreadable
        If the file is broken, protected, or holds too much.
    """
    characters = 0
    masker = DocumentMasker()
    for block in load(reader).read(stream):
        if isinstance(block, PartCount | PartsRead):
            on_progress(block)
            continue
        characters += len(block.text)
        if characters > MOST_CHARACTERS:
            message = f"The file holds more than {MOST_CHARACTERS:,} characters of text."
            raise Unreadable("invalid_file", message)
        yield block.masked(masker.text, masker.label)


def write(job: Job, source: BinaryIO, target: BinaryIO) -> None:
    """Read a file and write its blocks, then how it ended."""
    end: dict[str, Any] = {"end": True}

    def write_progress(part: PartCount | PartsRead) -> None:
        name = "total" if isinstance(part, PartCount) else "done"
        target.write(json.dumps({name: part.number}).encode() + b"\n")
        # Somebody watches: what is read already must not wait in the buffer for a slow next part.
        target.flush()

    try:
        for block in parse(job.reader, source, write_progress):
            target.write(json.dumps(block.to_json()).encode() + b"\n")
    except Unreadable as error:
        end = {"error": {"code": error.kind, "message": error.message}}
    except MemoryError:
        text = f"To read the file takes more than {job.memory // 1024**2:,} MB of memory."
        end = {"error": {"code": "invalid_file", "message": text}}
    _write_end(target, end)


def write_chunks(job: Job, source: BinaryIO, target: BinaryIO) -> None:
    """Cut blocks, one in each line, and write where the chunks are; then how it ended."""
    from jupyter_assistants.protocol.vector_stores import StaticChunking
    from jupyter_assistants.retrieval.chunking import chunks

    sizes = None
    if job.sizes is not None:
        size, overlap = job.sizes
        sizes = StaticChunking(max_chunk_size_tokens=size, chunk_overlap_tokens=overlap)
    end: dict[str, Any] = {"end": True}
    try:
        for chunk in chunks([Block.from_json(json.loads(line)) for line in source], sizes):
            place = chunk.location.to_json()
            cut = [chunk.id, chunk.start, chunk.end, chunk.head, place]
            target.write(json.dumps({"cut": cut}).encode() + b"\n")
    except Unreadable as error:
        end = {"error": {"code": error.kind, "message": error.message}}
    except MemoryError:
        text = f"To cut the text takes more than {job.memory // 1024**2:,} MB of memory."
        end = {"error": {"code": "invalid_file", "message": text}}
    _write_end(target, end)


def _write_end(target: BinaryIO, end: dict[str, Any]) -> None:
    target.write(json.dumps(end).encode() + b"\n")
    target.flush()


# -- limits -------------------------------------------------------------------------------------


def limit(job: Job) -> None:
    """Limit what this process may use. Limits that the system does not have are left out."""
    try:
        import resource
    except ImportError:  # Windows; the time limit of the caller stays.
        return
    seconds = max(1, round(job.seconds))
    for name, most in (
        ("RLIMIT_AS", _mapped() + job.memory),
        ("RLIMIT_CPU", seconds),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_NOFILE", 64),
        ("RLIMIT_CORE", 0),
    ):
        if hasattr(resource, name):
            _, hard = resource.getrlimit(getattr(resource, name))
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(getattr(resource, name), (most, most))
    signal.setitimer(signal.ITIMER_REAL, job.seconds)


def _open_nothing_more() -> None:
    """Forbid opening files and sockets from now on, in code of C too; open ones stay."""
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _mapped() -> int:
    """Return how much memory this process has mapped; libraries map more than they take."""
    try:
        with open("/proc/self/statm") as numbers:
            return int(numbers.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 4 * 1024**3


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
    if writes or event.startswith(_FORBIDDEN):
        raise PermissionError(f"a reader tried {event}")


_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _leave_network() -> None:
    """Move into a namespace without a network, where the system allows it."""
    try:
        unshare = ctypes.CDLL(None).unshare
    except (OSError, AttributeError):
        return
    if unshare(_NEW_NETWORK & ~0x10000000) != 0:
        unshare(_NEW_NETWORK)


def _end_with(life: int) -> None:
    """Exit when the other side of a pipe is closed: nobody waits for the file any more."""

    def watch() -> None:
        os.read(life, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


# -- one process, or one for each file ----------------------------------------------------------


def _child(job: Job, source: int, target: int, life: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _end_with(life)
    limit(job)
    with os.fdopen(source, "rb") as stream, os.fdopen(target, "wb") as answer:
        sys.addaudithook(_refuse)
        if job.reader == CUTTING:
            _open_nothing_more()
            write_chunks(job, stream, answer)
            return
        if not getattr(load(job.reader), "opens_files", True):
            _open_nothing_more()
        write(job, stream, answer)


def serve(control: socket.socket) -> None:
    """Fork for each file that is sent, until the other side is gone."""
    _leave_network()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.sendall(READY)
    while True:
        message, files, _, _ = socket.recv_fds(control, 65536, 3)
        if not message:
            return
        job = Job.from_json(message)
        # Imported here, it is there for all files to come. What fails here fails in the child
        # again, which ends then; the reader says what that means.
        with contextlib.suppress(ImportError, AttributeError, TypeError):
            libraries = [CUTTING] if job.reader == CUTTING else load(job.reader).libraries
            for library in libraries:
                importlib.import_module(library)
        if os.fork() == 0:
            control.close()
            try:
                _child(job, *files)
            finally:
                os._exit(1)
        for each in files:
            os.close(each)
        control.sendall(READY)


def main(arguments: list[str]) -> None:
    """Serve on the socket of this number, or do this job with standard input."""
    if arguments[0].isdigit():
        serve(socket.socket(fileno=int(arguments[0])))
        return
    job = Job.from_json(arguments[0])
    limit(job)
    work = write_chunks if job.reader == CUTTING else write
    work(job, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1:])
