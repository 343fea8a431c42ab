"""Cgroups for threads' own kernels, where this server may make some.

A cgroup limits the memory and the processes of a kernel all together and at every moment, which neither
limits of a process nor the watchdog do. It has to be delegated to the server (docs/internals/sandbox.md,
"Cgroups"); hardly any server has one, so nothing relies on it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import psutil

from jupyter_assistants.kernels.limits import KernelLimits, size_text

PREFIX = "jupyter-assistants-"
"""How the names of our cgroups begin."""
CONTROLLERS = frozenset({"memory", "pids"})
_SECONDS = 10.0
_REMOVALS = 20
_REMOVAL_SECONDS = 0.05
# The process joins before it becomes the command, so that nothing of it is outside.
_LAUNCHER = """
import os, sys
with open(os.path.join(sys.argv[1], "cgroup.procs"), "w") as file:
    file.write("0")
os.execvp(sys.argv[2], sys.argv[2:])
"""


class Cgroup:
    """The cgroup of one kernel.

    Parameters
    ----------
    folder
        Where the system shows it.
    limits
        What its processes may use together.
    """

    def __init__(self, folder: Path, limits: KernelLimits) -> None:
        self._folder = folder
        self._limits = limits
        self._stopped = 0

    @classmethod
    def create(cls, limits: KernelLimits) -> Cgroup | None:
        """Return a new cgroup with these limits; None where none can be made. Blocking."""
        parent = delegated_folder()
        if parent is None:
            return None
        _remove_leftovers(parent)
        folder = parent / _new_name()
        try:
            folder.mkdir()
            if limits.memory:
                (folder / "memory.max").write_text(str(limits.memory))
                with contextlib.suppress(OSError):
                    (folder / "memory.swap.max").write_text("0")
                # All or nothing: a kernel that lost one of its processes would go on half broken.
                (folder / "memory.oom.group").write_text("1")
            if limits.processes:
                (folder / "pids.max").write_text(str(limits.processes))
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()
            return None
        return cls(folder, limits)

    def words(self) -> list[str]:
        """Return the words that start a command in it."""
        return [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(self._folder)]

    def pop_reason(self) -> str:
        """Return once that the system ended its processes for their memory; empty if it did not."""
        stopped = self._events("memory.events", "oom_kill")
        if stopped <= self._stopped:
            return ""
        self._stopped = stopped
        return (
            f"It was ended because its processes needed more than {size_text(self._limits.memory)} of "
            "memory together (setting kernel_memory)."
        )

    def _events(self, name: str, key: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            for line in (self._folder / name).read_text().splitlines():
                event, _, count = line.partition(" ")
                if event == key:
                    return int(count)
        return 0

    def remove(self) -> None:
        """End what still runs in it, and remove it. Blocking."""
        with contextlib.suppress(OSError):
            (self._folder / "cgroup.kill").write_text("1")
        # It can be removed once the last process is gone, which takes the system a moment.
        for _ in range(_REMOVALS):
            with contextlib.suppress(OSError):
                self._folder.rmdir()
            if not self._folder.exists():
                return
            time.sleep(_REMOVAL_SECONDS)


@functools.cache
def delegated_folder() -> Path | None:
    """Return a folder in which this process may make cgroups with limits, tried once. Blocking.

    Either the cgroup that it is in, or the one above, if that was delegated by systemd. It never leaves
    the latter: the limits that an administrator set for the server hold for its kernels, too.
    """
    own = _own_folder()
    if own is None:
        return None
    candidates = [own, *([own.parent] if _is_delegated(own.parent) else [])]
    return next((each for each in candidates if _can_limit(each)), None)


def _own_folder(
    mounts: str = "/proc/self/mountinfo", own: str = "/proc/self/cgroup"
) -> Path | None:
    """Return where the system shows this process' cgroup; None without cgroups of version 2."""
    try:
        lines = Path(mounts).read_text().splitlines()
        mounted = next((line.split()[4] for line in lines if " - cgroup2 " in line), None)
        names = [line[3:] for line in Path(own).read_text().splitlines() if line.startswith("0::")]
    except OSError:
        return None
    return Path(mounted + names[0]) if mounted and names else None


def _is_delegated(folder: Path) -> bool:
    """Return whether systemd says that a cgroup is not its own business."""
    for name in ("user.delegate", "trusted.delegate"):
        with contextlib.suppress(OSError, AttributeError):
            if os.getxattr(folder, name) == b"1":
                return True
    return False


def _can_limit(folder: Path) -> bool:
    """Return whether processes in cgroups of a folder can be limited, by making one."""
    enabled = folder / "cgroup.subtree_control"
    try:
        if not set(enabled.read_text().split()) >= CONTROLLERS:
            # Refused as long as processes are in the folder itself, except at the root of all.
            enabled.write_text(" ".join(f"+{each}" for each in sorted(CONTROLLERS)))
        trial = folder / _new_name()
        trial.mkdir()
    except OSError:
        return False
    try:
        (trial / "pids.max").write_text("10")
        words = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(trial), "true"]
        return subprocess.run(words, capture_output=True, timeout=_SECONDS).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
    finally:
        with contextlib.suppress(OSError):
            trial.rmdir()


def _new_name() -> str:
    return f"{PREFIX}{os.getpid()}-{secrets.token_hex(8)}"


def _remove_leftovers(parent: Path) -> None:
    """Remove the cgroups of servers that were killed.

    Not those of this server or of one that lives: a kernel may be about to join.
    """
    for leftover in parent.glob(f"{PREFIX}*"):
        number = leftover.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            with contextlib.suppress(OSError):
                leftover.rmdir()
