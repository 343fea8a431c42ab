"""The processes that read files, and what is said to them (:mod:`.reader_process` is the other side)."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from jupyter_assistants.kernels.environment import without_secrets
from jupyter_assistants.retrieval.reader_process import Job

_MODULE = "jupyter_assistants.retrieval.reader_process"
# -P: a docx.py in the folder where the server was started is not a reader.
_COMMAND = (sys.executable, "-P", "-m", _MODULE)
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_GRACE = 5.0
_CHUNK = 1024 * 1024


def _variables() -> dict[str, str]:
    # What parses files of strangers sees no key of the server. The rest stays, since a reader that
    # somebody installed may be set up by variables of its own.
    return without_secrets(os.environ) | _ENVIRONMENT


class WorkerExited(Exception):
    """The process ended, or was not there."""


class Worker(Protocol):
    """Reads files in other processes. It blocks, and may be called from several threads."""

    def run(self, job: Job, content: BinaryIO, stop: threading.Event) -> Iterator[bytes]:
        """Yield the lines that the reader's process writes.

        Parameters
        ----------
        stop
            Set by whoever does not want the file any more.

        Raises
        ------
        WorkerExited
            If no process could be had.
        TimeoutError
            If it took longer than the job allows.
        """

    def close(self) -> None:
        """End the processes."""


class ForkingWorker:
    """One process that forks for each file; it is started with the first one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def run(self, job: Job, content: BinaryIO, stop: threading.Event) -> Iterator[bytes]:
        """See :meth:`Worker.run`."""
        with contextlib.ExitStack() as stack:
            source = stack.enter_context(_on_disk(content))
            read, write = os.pipe()
            answer = stack.enter_context(os.fdopen(read, "rb", buffering=0))
            watched, life = os.pipe()
            # Closed on every way out: the process that reads the file ends with it.
            stack.callback(os.close, life)
            try:
                self._send(job, source.fileno(), write, watched)
            finally:
                os.close(write)
                os.close(watched)
            yield from _lines(answer, job.seconds + _GRACE, stop)

    def _send(self, job: Job, *files: int) -> None:
        with self._lock:
            for fresh in (False, True):
                if fresh or self._control is None:
                    self._start()
                assert self._control is not None
                try:
                    socket.send_fds(self._control, [job.to_json()], list(files))
                    if self._control.recv(1):
                        return
                except OSError:
                    pass
            self._stop()
        raise WorkerExited

    def _start(self) -> None:
        self._stop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*_COMMAND, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_variables(),
                # Ctrl-C in the terminal is for the server, which ends its processes by itself.
                start_new_session=True,
            )
        ours.settimeout(60.0)
        self._control = ours
        with contextlib.suppress(OSError):
            ours.recv(1)

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._control = None

    def close(self) -> None:
        """See :meth:`Worker.close`."""
        with self._lock:
            self._stop()


class SpawningWorker:
    """A new process for each file, for systems that cannot fork."""

    def run(self, job: Job, content: BinaryIO, stop: threading.Event) -> Iterator[bytes]:
        """See :meth:`Worker.run`."""
        with _on_disk(content) as source:
            process = subprocess.Popen(
                [*_COMMAND, job.to_json().decode()],
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_variables(),
                bufsize=0,
            )
            assert process.stdout is not None
            timer = threading.Timer(job.seconds + _GRACE, process.kill)
            timer.start()
            try:
                buffered = io.BufferedReader(process.stdout)  # type: ignore[type-var]
                for line in buffered:
                    if stop.is_set():
                        return
                    yield line
            finally:
                timer.cancel()
                process.kill()
                process.wait()
                process.stdout.close()

    def close(self) -> None:
        """See :meth:`Worker.close`."""


def create_worker() -> Worker:
    """Return the kind of worker that this system has."""
    return (
        ForkingWorker() if hasattr(os, "fork") and hasattr(socket, "send_fds") else SpawningWorker()
    )


def _lines(answer: io.RawIOBase, seconds: float, stop: threading.Event) -> Iterator[bytes]:
    import selectors

    until = time.monotonic() + seconds
    rest = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(answer, selectors.EVENT_READ)
        while not stop.is_set():
            if time.monotonic() > until:
                raise TimeoutError
            if not selector.select(0.25):
                continue
            found = answer.read(_CHUNK)
            if not found:
                return
            rest += found
            *whole, tail = rest.split(b"\n") if b"\n" in found else (rest,)
            yield from map(bytes, whole)
            rest = bytearray(tail)


@contextlib.contextmanager
def _on_disk(content: BinaryIO) -> Iterator[BinaryIO]:
    """Return the content as a file that another process can read."""
    try:
        content.fileno()
    except (OSError, AttributeError):
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(content, copy)
            copy.flush()
            copy.seek(0)
            yield copy
        return
    yield content
