"""What a thread's own kernel uses of the machine, all its processes together.

The numbers are those that docs/internals/sandbox.md, "Sockets and limits" speaks of. Everything that is
looked at here belongs to code that may work against it: no link is followed, and every loop is bounded.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

DEEPEST = 64
"""Folders within folders; each costs two open files here. Deeper ones count as too much."""
_SMALLEST = 4096
"""Bytes that a file counts at least: millions of empty ones fill a disk as well."""
_IN_MEMORY = ("tmp", "dev/shm")
"""Where a sandbox has files that lie in memory."""
_MOST_FILES_READ = 10_000
"""Open files that are looked at; each process may have thousands."""


@dataclass(frozen=True)
class ProcessUsage:
    """The processes of a kernel at one moment.

    Parameters
    ----------
    processes
        The one that was started comes first.
    count
        Processes and threads.
    memory
        Bytes. What processes share counts once, as far as the system tells.
    """

    processes: Sequence[psutil.Process]
    count: int
    memory: int


def measure_processes(pid: int, enough: int) -> ProcessUsage:
    """Return the processes that descend from one, and what they use. Blocking.

    Parameters
    ----------
    enough
        Bytes of memory; a use below it need not be exact, which is fast.

    Raises
    ------
    psutil.NoSuchProcess
        If it has ended.
    """
    first = psutil.Process(pid)
    processes = [first, *first.children(recursive=True)]
    count = memory = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            count += process.num_threads()
            memory += process.memory_info().rss
    if enough and memory > enough:
        # Forked processes share what they have not written to: the sum above counts it for each.
        memory = sum(map(_own_memory, processes))
    return ProcessUsage(processes, count, memory)


def _own_memory(process: psutil.Process) -> int:
    """Return the memory of a process, with its part of what it shares with others."""
    with contextlib.suppress(psutil.Error):
        with contextlib.suppress(psutil.AccessDenied, AttributeError):
            info = process.memory_full_info()
            return int(info.pss + info.swap)
        return int(process.memory_info().rss)
    return 0


def measure_memory_files(processes: Sequence[psutil.Process], *, sandboxed: bool) -> int:
    """Return the bytes of files that lie in memory: those of a sandbox, and those without a name."""
    if sys.platform != "linux":
        return 0
    size = sum(found.st_blocks * 512 for link, found in _nameless(processes) if _is_memory(link))
    return size + (_mounted_memory(processes) if sandboxed else 0)


def _mounted_memory(processes: Sequence[psutil.Process]) -> int:
    # The first process is outside of the sandbox; those behind it see its file systems.
    for process in reversed(processes[1:]):
        with contextlib.suppress(OSError):
            places = [os.statvfs(f"/proc/{process.pid}/root/{place}") for place in _IN_MEMORY]
            return sum((each.f_blocks - each.f_bfree) * each.f_frsize for each in places)
    return 0


def measure_folders(folders: Iterable[Path], processes: Sequence[psutil.Process]) -> int | None:
    """Return the bytes that folders hold on the disk; None where they are too deep. Blocking.

    Parameters
    ----------
    processes
        A deleted file that one of these has open counts where it is on the same disk.
    """
    size, devices = 0, set()
    for folder in folders:
        found = _folder_size(folder)
        if found is None:
            return None
        size += found
        with contextlib.suppress(OSError):
            devices.add(folder.stat().st_dev)
    if sys.platform == "linux":
        files = (found for link, found in _nameless(processes) if not _is_memory(link))
        size += sum(found.st_blocks * 512 for found in files if found.st_dev in devices)
    return size


def _folder_size(folder: Path) -> int | None:
    """Return the bytes of a folder, or None if it is too deep.

    By open folders and not by paths: code can nest folders until their path is too long to be opened,
    and put a link in the place of one.
    """
    size = 0
    seen: set[tuple[int, int]] = set()
    opened: list[tuple[int, Iterator[os.DirEntry[str]]]] = []
    try:
        _enter(folder, None, opened)
        while opened:
            descriptor, entries = opened[-1]
            entry = next(entries, None)
            if entry is None:
                os.close(opened.pop()[0])
                continue
            with contextlib.suppress(OSError):
                found = os.stat(entry.name, dir_fd=descriptor, follow_symlinks=False)
                is_folder = stat.S_ISDIR(found.st_mode)
                place = (found.st_dev, found.st_ino)
                if is_folder or found.st_nlink == 1 or place not in seen:
                    size += max(_SMALLEST, found.st_blocks * 512)
                if not is_folder and found.st_nlink > 1:
                    seen.add(place)
                if is_folder and len(opened) >= DEEPEST:
                    return None
                if is_folder:
                    _enter(entry.name, descriptor, opened)
    finally:
        for descriptor, _ in opened:
            os.close(descriptor)
    return size


def _enter(
    name: str | Path, at: int | None, opened: list[tuple[int, Iterator[os.DirEntry[str]]]]
) -> None:
    """Open a folder that is no link, as the last one of those that are open."""
    flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
    with contextlib.suppress(OSError):
        descriptor = os.open(name, flags, dir_fd=at)
        try:
            opened.append((descriptor, os.scandir(descriptor)))
        except OSError:
            os.close(descriptor)


def _nameless(processes: Sequence[psutil.Process]) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the open files that no folder shows, each once: deleted ones, and those of memfd_create."""
    seen: set[tuple[int, int]] = set()
    for number, path in enumerate(_open_files(processes)):
        if number >= _MOST_FILES_READ:
            return
        with contextlib.suppress(OSError):
            found = os.stat(path)
            place = (found.st_dev, found.st_ino)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 0 and place not in seen:
                seen.add(place)
                yield os.readlink(path), found


def _open_files(processes: Sequence[psutil.Process]) -> Iterator[str]:
    for process in processes:
        with contextlib.suppress(OSError), os.scandir(f"/proc/{process.pid}/fd") as entries:
            yield from (entry.path for entry in entries)


def _is_memory(link: str) -> bool:
    return link.startswith("/memfd:")
