"""Watches what a thread's own kernel uses, and ends it when all its processes use too much together.

The limits of the system hold for each process (:mod:`.limits`). What many processes use together is
limited by nothing but a cgroup, which few servers may make, so it is looked at here again and again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from jupyter_assistants.kernels.cgroups import Cgroup
from jupyter_assistants.kernels.kernel_usage import (
    DEEPEST,
    ProcessUsage,
    measure_folders,
    measure_memory_files,
    measure_processes,
)
from jupyter_assistants.kernels.limits import MEGABYTE, KernelLimits, size_text

INTERVAL = 0.5
"""Seconds between two looks. In that time code can write a gigabyte, or fork some thousand times."""
_SHARE = 10
"""A look that took long is followed by a pause of so many times that, so that it costs a tenth."""
_LONGEST_PAUSE = 2.0
_LEEWAY = 10 * MEGABYTE
"""Bytes beyond the limit that still pass: a kernel writes a little of its own, and one file may reach it."""


class Watchdog:
    """A thread beside a kernel, from its start to its end.

    Not a task: a busy event loop would give code the time that it needs.

    Parameters
    ----------
    pid
        The process that was started: the kernel's, or the sandbox's around it.
    limits
        What it may use.
    folders
        Where it can write on the disk.
    sandboxed
        Whether it is in a sandbox, which has files in memory.
    cgroup
        The cgroup that it is in, whose limits the system holds by itself.
    """

    def __init__(
        self,
        pid: int,
        limits: KernelLimits,
        folders: Sequence[Path],
        *,
        sandboxed: bool,
        cgroup: Cgroup | None = None,
    ) -> None:
        self._pid = pid
        self._limits = limits
        self._folders = folders
        self._sandboxed = sandboxed
        self._cgroup = cgroup
        self._reason = ""
        self._disk = limits.disk
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"watchdog-{pid}", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; the kernel ends by itself."""
        self._stopped.set()

    def pop_reason(self) -> str:
        """Return once why the kernel was ended; empty if it was not ended for what it used."""
        reason, self._reason = self._reason, ""
        if not reason and self._cgroup is not None:
            reason = self._cgroup.pop_reason()
        return reason

    def _watch(self) -> None:
        # What is there already may stay, or nobody could delete it; it must not become much more.
        full = measure_folders(self._folders, ()) or 0
        self._disk = max(self._limits.disk, full) + _LEEWAY
        pause, folders_due = INTERVAL, 0.0
        while not self._stopped.wait(pause):
            began = time.monotonic()
            try:
                usage = measure_processes(self._pid, self._limits.memory)
            except psutil.NoSuchProcess:
                return
            reason = self._excess(usage)
            pause = min(max(INTERVAL, _SHARE * (time.monotonic() - began)), _LONGEST_PAUSE)
            if not reason and self._limits.disk and began >= folders_due:
                begun = time.monotonic()
                reason = self._excess_on_disk(usage)
                ended = time.monotonic()
                folders_due = ended + _SHARE * (ended - begun)
            if reason and not self._stopped.is_set():
                # Before the end is seen: whoever sees it asks for the reason.
                self._reason = reason
                end_processes(usage.processes)
                return

    def _excess(self, usage: ProcessUsage) -> str:
        limits = self._limits
        if limits.processes and usage.count > limits.processes:
            return (
                f"It was ended because it had {usage.count:,} processes and threads; the limit is "
                f"{limits.processes:,} (setting kernel_processes)."
            )
        memory = usage.memory
        if limits.memory:
            memory += measure_memory_files(usage.processes, sandboxed=self._sandboxed)
        if limits.memory and memory > limits.memory:
            return (
                f"It was ended because all its processes together used {size_text(memory)} of memory, "
                f"files in /tmp included; the limit is {size_text(limits.memory)} "
                "(setting kernel_memory)."
            )
        return ""

    def _excess_on_disk(self, usage: ProcessUsage) -> str:
        size = measure_folders(self._folders, usage.processes)
        if size is None:
            return f"It was ended because it nested folders more than {DEEPEST} deep."
        if size <= self._disk:
            return ""
        return (
            f"It was ended because its folder holds {size_text(size)}; the limit is "
            f"{size_text(self._limits.disk)} (setting kernel_disk). Delete what is not needed."
        )


def end_processes(processes: Sequence[psutil.Process]) -> None:
    """Kill processes, of which the first one is the kernel's or its sandbox's.

    With a sandbox's first process the system ends all that is in it. Elsewhere a program that forks
    without end could outrun us, so its whole group is killed at once.
    """
    with contextlib.suppress(OSError, AttributeError):
        first = processes[0].pid
        if processes[0].is_running() and os.getpgid(first) == first:
            os.killpg(first, signal.SIGKILL)
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
