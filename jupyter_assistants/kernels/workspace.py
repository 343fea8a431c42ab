"""The folder that code works in: its files, their names, and its name ``/mnt/data``.

Both the server and the kernel side import this, so it needs the standard library only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import BinaryIO

from jupyter_assistants.kernels.surrogates import escaped
from jupyter_assistants.protocol.own_paths import MOUNT as MOUNT

OUTPUTS = ".jupyter_assistants/outputs"
"""Where models find long outputs in it. They lie beside the folder (:mod:`.service_folder`)."""

MAX_ENTRIES = 10_000
MAX_DEPTH = 4
MAX_NAME_BYTES = 200

_MOUNT = re.compile(
    r"(?<![\w.~-])(?<!sandbox:)(?<!sandbox://)/mnt/data(?=/|[^\w.-]|$)"
    # A name that may stand for something elsewhere. What follows must not make another name of it.
    r"(?:/(\.jupyter_assistants/outputs|[\w-]{1,100})(?![\w-]|\.\w))?"
)
# These end a string literal, or mean something in an f-string, a %-format or a shell line.
_UNQUOTABLE = re.compile(r"""["'\\{}\n\r$`%]""")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RESERVED_CHARACTERS = re.compile(r'[<>:"|?*]')
_RESERVED_NAMES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def localize(code: str, folder: Path, paths: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the code with ``/mnt/data`` replaced by this folder; ``sandbox:`` links stay.

    Parameters
    ----------
    paths
        What names below it mean that are not in the folder: ids of files, for example.
    """
    here = _written(folder.absolute().as_posix()) or "."

    def replace(match: re.Match[str]) -> str:
        below: str | None = match[1]
        if below is None:
            return here
        return _written(paths.get(below, "")) or f"{here}/{below}"

    # A program cannot hold half a surrogate pair, but its strings can, written like this.
    return escaped(_MOUNT.sub(replace, code))


def _written(path: str) -> str:
    """Return a path if it can stand wherever a path stands in code, else an empty text."""
    return "" if _UNQUOTABLE.search(path) else path


# What looks like files there are kernels and devices: to read some of them takes for ever.
_DEVICES = frozenset({"/proc", "/sys", "/dev", "/run"})


@dataclass(frozen=True)
class Snapshot:
    """The files of a folder at one moment.

    Parameters
    ----------
    files
        (size, mtime in ns) by relative name.
    cut
        Whether the folder has more than was looked at.
    taken_ns
        When it was taken.
    """

    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    cut: bool = False
    taken_ns: int = 0


def snapshot(folder: Path) -> Snapshot:
    """Return the visible regular files of a folder, at most 10,000 entries, four levels deep."""
    taken_ns = time.time_ns()
    if _DEVICES.intersection(map(str, (folder, *folder.parents))):
        return Snapshot(cut=True, taken_ns=taken_ns)
    files: dict[str, tuple[int, int]] = {}
    seen = 0
    # Level by level, so that what is left out is what lies deepest.
    level = [(str(folder), "")]
    for _ in range(MAX_DEPTH):
        below: list[tuple[str, str]] = []
        for path, prefix in level:
            for entry in _visible(path):
                seen += 1
                if seen > MAX_ENTRIES:
                    return Snapshot(files, True, taken_ns)
                name = prefix + entry.name
                # Files may vanish while we look.
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        below.append((entry.path, name + "/"))
                    elif entry.is_file(follow_symlinks=False):
                        found = entry.stat(follow_symlinks=False)
                        files[name] = (found.st_size, found.st_mtime_ns)
        level = below
    return Snapshot(files, bool(level), taken_ns)


def _visible(path: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                hidden = entry.name.startswith(".") or entry.name == "__pycache__"
                if not hidden and entry.path not in _DEVICES:
                    yield entry
    except OSError:
        return


def changed_files(before: Snapshot, folder: Path) -> list[str]:
    """Return the names of the files that are new or changed since then, sorted."""
    after = snapshot(folder)
    changed = []
    for name, (size, mtime) in after.files.items():
        known = before.files.get(name)
        if known is None:
            # Of a folder that was not seen whole, only a fresh file is surely new.
            if not before.cut or mtime >= before.taken_ns:
                changed.append(name)
        elif known != (size, mtime):
            changed.append(name)
    return sorted(changed)


def safe_name(filename: str) -> str:
    """Return a plain, visible file name for one that a client or a model chose."""
    name = re.split(r"[/\\]", filename.rstrip("/\\ ."))[-1]
    name = name.encode("utf-8", "ignore").decode()
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Zl", "Zp"))
    name = unicodedata.normalize("NFC", _BIDI.sub("", name))
    name = _RESERVED_CHARACTERS.sub("_", name).lstrip(". ").rstrip(". ")
    if _RESERVED_NAMES.match(name):
        name = "_" + name
    return _shortened(name) or "file"


def _shortened(name: str) -> str:
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, suffix = os.path.splitext(name)
    if len(suffix.encode()) > 20:
        stem, suffix = name, ""
    room = MAX_NAME_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + suffix


def mount_names(files: Iterable[tuple[str, str, str | None]]) -> dict[str, str]:
    """Return the name that each file takes in an empty folder.

    Parameters
    ----------
    files
        (id, file name, SHA-256 in hexadecimal). Of two with one name, the later takes another
        name, unless their contents are the same.
    """
    names: dict[str, str] = {}
    taken: dict[str, str] = {}
    for file_id, filename, sha256 in files:
        content = sha256 or file_id
        free = (n for n in _candidates(filename, content) if taken.get(n, content) == content)
        names[file_id] = next(free, file_id)
        taken[names[file_id]] = content
    return names


def _candidates(filename: str, content: str) -> Iterator[str]:
    name = safe_name(filename)
    stem, suffix = os.path.splitext(name)
    short = safe_name(content.rpartition("-")[2][:8])
    yield name
    yield f"{stem}-{short}{suffix}"
    yield from (f"{stem}-{short}-{number}{suffix}" for number in range(2, 100))


def place(
    folder: Path, name: str, open: Callable[[], BinaryIO], sha256: str, *, below: str = ""
) -> str:
    """Put a file into a folder and give the name it has there.

    A file with the same content is left alone, and so is one with other content: then the new one
    takes ``<stem>-<start of the hash><suffix>``. Nothing that is there is ever overwritten.

    Parameters
    ----------
    name
        The wanted name; it may come from a client.
    open
        Gives a new readable binary file object.
    sha256
        The content's hash in hexadecimal.
    below
        A subfolder to put it into, which is a part of the returned name. Code may have put a link in
        its place, which is not followed.
    """
    parents = below.split("/") if below else []
    with _folder_inside(folder, parents, create=bool(below)) as at:
        for candidate in _candidates(name, sha256):
            placed = "/".join([*parents, candidate])
            if _is_free(_at(at, folder / placed), at):
                if _write(at, folder / placed, open):
                    return placed
            elif _hash_of(folder, placed) == sha256:
                return placed
    raise FileExistsError(f"No free name for {name!r} in {folder}. Remove old copies of it.")


def _at(at: int | None, path: Path) -> Path:
    """Return how a file is named from an open folder; its path where folders cannot be opened."""
    return path if at is None else Path(path.name)


def _is_free(path: Path, at: int | None = None) -> bool:
    try:
        os.stat(path, dir_fd=at, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return True
    return False


def _hash_of(folder: Path, name: str) -> str | None:
    """Return a regular file's hash; a link, a folder or a device has none."""
    # Code may put a pipe in its place at any moment, and reading that would block for ever.
    with contextlib.suppress(OSError), open_inside(folder, name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    return None


def _write(at: int | None, path: Path, open: Callable[[], BinaryIO]) -> bool:
    """Write a new file whole or not at all; False when the name was taken meanwhile."""
    part = _at(at, path.parent / f".{os.urandom(8).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BINARY
    target = _at(at, path)
    # In a private folder the file is private as well, whatever the umask.
    descriptor = _open_at(at, path.parent, part.name, flags)
    try:
        with os.fdopen(descriptor, "wb") as file, open() as source:
            shutil.copyfileobj(source, file, 1 << 20)
        if not _is_free(target, at):
            return False
        os.replace(part, target, src_dir_fd=at, dst_dir_fd=at)
        return True
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part, dir_fd=at)


def is_placed_name(name: str) -> bool:
    """Return whether a name is plain, or plain in a subfolder."""
    parts = name.split("/")
    return len(parts) <= 2 and all(safe_name(part) == part for part in parts)


def open_inside(folder: Path, name: str) -> BinaryIO:
    """Open a regular file below a folder that code can write to.

    No link is followed on the way, and what was opened is checked, not what was seen before: code
    that still runs could put a link to the user's secrets, or a pipe, in the file's place.

    Raises
    ------
    OSError
        If there is no regular file of this name.
    """
    *parents, last = _parts(name)
    # A pipe must not block the server until somebody writes into it.
    flags = os.O_RDONLY | _NO_FOLLOW | _BINARY | getattr(os, "O_NONBLOCK", 0)
    with _folder_inside(folder, parents) as at:
        descriptor = _open_at(at, folder.joinpath(*parents), last, flags)
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise OSError(f"{name} is not a regular file")
    return file


def create_inside(folder: Path, name: str, data: bytes) -> None:
    """Write a new file below a folder that code can write to; create its parents, follow no link.

    Raises
    ------
    OSError
        If something of this name is there already, or a parent is not a folder.
    """
    *parents, last = _parts(name)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BINARY
    with _folder_inside(folder, parents, create=True) as at:
        descriptor = _open_at(at, folder.joinpath(*parents), last, flags)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _parts(name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    # A path may also begin with two slashes, which pathlib keeps as a root of its own.
    if not parts or ".." in parts or parts[0].startswith("/"):
        raise OSError(f"{name!r} does not name a file in the folder")
    return parts


@contextlib.contextmanager
def _folder_inside(
    folder: Path, parents: list[str], *, create: bool = False
) -> Iterator[int | None]:
    """Yield a descriptor of a folder below a folder; None on systems without such calls."""
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    if os.open not in os.supports_dir_fd:
        if create:
            folder.joinpath(*parents).mkdir(parents=True, exist_ok=True)
        yield None
        return
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parents:
            if create:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=at)
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | _NO_FOLLOW, dir_fd=at)
            os.close(at)
            at = below
        yield at
    finally:
        os.close(at)


def _open_at(at: int | None, folder: Path, name: str, flags: int) -> int:
    mode = 0o666 & (os.stat(folder) if at is None else os.fstat(at)).st_mode
    return os.open(folder / name if at is None else name, flags, mode, dir_fd=at)
