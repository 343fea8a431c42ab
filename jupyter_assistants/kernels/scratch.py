"""Folders for the life of a process, which are removed although the process was killed.

A process that is killed removes nothing. So each folder has a file that its process holds locked for as
long as it lives, and whoever makes the next folder removes those whose lock is free
(docs/internals/kernels.md, "Leftovers"). Standard library only, because kernels import this module.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: leftovers stay
    fcntl = None  # type: ignore[assignment]

OWNER = ".owner"
"""The file that is locked."""
_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

_held: dict[Path, int] = {}
"""The open files of this process' folders. Their locks end with the process, however it ends."""


def make_scratch_folder(prefix: str, parent: Path | None = None) -> Path:
    """Return a new folder that only this user can enter.

    Parameters
    ----------
    prefix
        How its name begins; leftovers are found by it.
    parent
        Where it is made; by default where temporary files are.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    hold_scratch_folder(folder)
    return folder


def hold_scratch_folder(folder: Path) -> None:
    """Keep others from removing a folder while this process lives; create it if it is gone."""
    if fcntl is None or folder in _held:
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    # Locked before it has its name: without that, another process could find it free in between.
    descriptor, name = tempfile.mkstemp(dir=folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.replace(name, folder / OWNER)
    except OSError:
        # A file system without locks: the folder stays when this process is killed.
        os.close(descriptor)
        Path(name).unlink(missing_ok=True)
        return
    _held[folder] = descriptor


def remove_scratch_folder(folder: Path) -> None:
    """Remove a folder of this process."""
    shutil.rmtree(folder, ignore_errors=True)
    descriptor = _held.pop(folder, None)
    if descriptor is not None:
        os.close(descriptor)


def remove_leftovers(prefix: str, parent: Path | None = None) -> list[Path]:
    """Remove folders of this user's processes that have ended, and return them."""
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    removed = []
    for folder in parent.glob(f"{prefix}*"):
        if folder not in _held and _is_ours(folder) and _is_free(folder / OWNER):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def _is_ours(folder: Path) -> bool:
    """Return whether this is a folder, no link, and of this user."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    user = os.getuid() if hasattr(os, "getuid") else found.st_uid
    return stat.S_ISDIR(found.st_mode) and found.st_uid == user


def _is_free(path: Path) -> bool:
    """Return whether the process that locked a file has ended; not where nobody can know."""
    if fcntl is None:
        return False
    with contextlib.ExitStack() as closing:
        try:
            # Code that works in the folder may have put a link or a pipe there.
            descriptor = os.open(path, _FLAGS)
            closing.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
