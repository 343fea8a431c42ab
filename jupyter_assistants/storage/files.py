"""Bytes in a folder, each file named by the hash of its content."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from jupyter_assistants.protocol.errors import StorageError, StorageUnavailable
from jupyter_assistants.storage.base import Blob

log = logging.getLogger(__name__)

Pin = Callable[[str], Callable[[], None]]
"""Protects a hash from garbage collection, and returns the function that ends the protection."""

_HASH = re.compile(r"[0-9a-f]{64}")
_DAY = 24 * 3600
VERIFIED_SECONDS = 3600.0
"""How long a file that was verified is taken for whole if nothing has touched it."""
_State = tuple[int, int, int, int]
"""Number, size and both times of change of a file."""


def private_folder(path: Path) -> Path:
    """Create a folder and its missing parents, readable by its owner alone.

    Raises
    ------
    StorageError
        If it cannot be created.
    """
    with folder_errors(path):
        missing = [each for each in (path, *path.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(mode=0o700, exist_ok=True)
        if not path.is_dir():
            raise NotADirectoryError(20, "it is not a folder")
    return path


@contextlib.contextmanager
def folder_errors(path: Path) -> Iterator[None]:
    """Turn errors of the operating system under ``path`` into a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(
            f"Cannot write in {path}: {error.strerror or error}. Make the folder writable and see "
            "that the disk has space, or set JupyterAssistantsApp.data_dir to another folder."
        ) from error


class FileDamaged(StorageError):
    """The bytes of a file are not those that were stored."""


class VerifiedFiles:
    """The files that were found to have the bytes of their names.

    Reading a file to hash it costs about as much as using it, so each state of a file is verified
    once within :data:`VERIFIED_SECONDS`.
    """

    def __init__(self) -> None:
        self._verified: dict[Path, tuple[_State, float]] = {}

    def add(self, path: Path, stream: BufferedReader) -> None:
        """Record that an open file was verified, or was just written."""
        if len(self._verified) >= 10_000:
            self._verified.clear()
        self._verified[path] = _state(stream), time.monotonic()

    def discard(self, path: Path) -> None:
        """Forget that a file was verified."""
        self._verified.pop(path, None)

    def verify(self, path: Path, stream: BufferedReader) -> None:
        """Check an open file, and leave it at its start.

        Raises
        ------
        FileDamaged
            If its bytes do not have the hash that is its name.
        """
        state, at = self._verified.get(path, (None, 0.0))
        if state == _state(stream) and time.monotonic() - at < VERIFIED_SECONDS:
            return
        if hashlib.file_digest(stream, "sha256").hexdigest() != path.name:
            self._verified.pop(path, None)
            raise FileDamaged(
                f"The file {path} is damaged: its {os.fstat(stream.fileno()).st_size} bytes are not "
                "those that were stored. Upload the same file again, which repairs it, or put it back "
                "from a backup."
            )
        stream.seek(0)
        self.add(path, stream)


def _state(stream: BufferedReader) -> _State:
    found = os.fstat(stream.fileno())
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


class FolderFiles:
    """Bytes in files named ``<folder>/ab/abcdef…``.

    Raises
    ------
    StorageError
        If the folder cannot be created or written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = private_folder(folder)
        self._incoming = private_folder(folder / "incoming")
        self._verified = VerifiedFiles()
        with folder_errors(self._incoming):
            self._sweep()

    def write(self, pin: Pin | None = None) -> FolderWriter:
        """Open a new file for writing; its bytes are pinned from commit until it is closed."""
        return FolderWriter(self._folder, self._incoming, pin, self._verified)

    def open(self, sha256: str) -> BinaryIO:
        """Open a file for reading, after its bytes were verified.

        Raises
        ------
        FileDamaged
            If they are not those that were stored.
        StorageError
            If it is not there, or the name is not a hash.
        """
        if not _HASH.fullmatch(sha256):
            raise StorageError(f"{sha256!r} is not a SHA-256 in hexadecimal, so it names no file.")
        path = self._folder / sha256[:2] / sha256
        with contextlib.ExitStack() as closing:
            try:
                stream = closing.enter_context(path.open("rb"))
                self._verified.verify(path, stream)
            except OSError as error:
                raise StorageError(
                    f"The file {path} cannot be read: {error.strerror}. It was removed or its "
                    "folder was moved; put it back from a backup, or upload the file again."
                ) from error
            closing.pop_all()
            return stream

    def check(self, sha256: str) -> None:
        """Read a whole file, whenever it was verified last.

        Raises
        ------
        StorageError
            If it is damaged or not there.
        """
        self._verified.discard(self._folder / sha256[:2] / sha256)
        self.open(sha256).close()

    def names(self) -> Iterator[str]:
        """Yield the hash of every file."""
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if _HASH.fullmatch(path.name):
                    yield path.name

    def remove(self, sha256: str) -> bool:
        """Remove a file, and return whether there was one."""
        try:
            (self._folder / sha256[:2] / sha256).unlink()
        except OSError:
            # Not there, or on Windows being read: the next collection tries again.
            return False
        return True

    def _sweep(self) -> None:
        """Delete files that killed processes left half-written; no upload takes a day."""
        for path in self._incoming.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - _DAY:
                    path.unlink()


class FolderWriter:
    """A writer to a temporary file of the same file system, which is renamed on commit."""

    def __init__(
        self, folder: Path, incoming: Path, pin: Pin | None, verified: VerifiedFiles
    ) -> None:
        self._folder = folder
        self._verified = verified
        self._pin = pin
        self._closing = contextlib.ExitStack()
        self._hash = hashlib.sha256()
        self._bytes = 0
        with folder_errors(folder):
            descriptor, name = tempfile.mkstemp(dir=incoming)
        self._path = Path(name)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes) -> None:
        """Add a piece."""
        with folder_errors(self._folder):
            self._file.write(data)
        self._hash.update(data)
        self._bytes += len(data)

    def commit(self) -> Blob:
        """Store the bytes under their hash."""
        blob = Blob(self._hash.hexdigest(), self._bytes)
        with folder_errors(self._folder):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            # Pinned before looking whether the content is there: nobody may remove it in between.
            if self._pin is not None:
                self._closing.callback(self._pin(blob.sha256))
            self._place(self._folder / blob.sha256[:2] / blob.sha256)
        return blob

    def _place(self, path: Path) -> None:
        if self._is_whole(path):
            # Not replaced, because Windows cannot replace a file that somebody reads.
            self._path.unlink()
            return
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.replace(self._path, path)
        _sync_folder(path.parent)
        _sync_folder(self._folder)
        with path.open("rb") as written:
            self._verified.add(path, written)

    def _is_whole(self, path: Path) -> bool:
        """Return whether the same bytes are there already; a damaged file is replaced."""
        try:
            with path.open("rb") as stream:
                self._verified.verify(path, stream)
        except FileDamaged:
            log.warning("the damaged file %s is replaced by an upload of the same bytes", path)
            return False
        except FileNotFoundError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)
        self._closing.close()


def _sync_folder(path: Path) -> None:
    """Make a rename in the folder survive a power cut, where folders can be opened for it."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
