"""What a thread's own kernel may use of the machine, and what is said when that is reached.

Those of the operating system hold for each process (``setrlimit``). They are set by a small program that
then becomes the kernel: between fork and exec of this process, which has threads, no Python code may run.
What all processes use together is watched (:mod:`.watchdog`).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MEGABYTE = 1024 * 1024
_SHARE = 0.75
"""Of the machine's memory: the rest is for the server and the person's own kernels."""
_LAUNCHER = """
import os, resource, sys
for each in sys.argv[1].split(","):
    name, _, value = each.partition("=")
    kind = getattr(resource, "RLIMIT_" + name)
    hard = resource.getrlimit(kind)[1]
    most = int(value) if hard == resource.RLIM_INFINITY else min(int(value), hard)
    resource.setrlimit(kind, (most, most))
os.execvp(sys.argv[2], sys.argv[2:])
"""
_ERRORS = {
    "memory": re.compile(r"MemoryError|bad_alloc|[Cc]annot allocate memory|Unable to allocate"),
    "processes": re.compile(r"can't start new thread|Resource temporarily unavailable"),
    "file": re.compile(r"Errno 27\]|File too large"),
}
_LOOKED_AT = 2_000
"""Characters of an error; its text may be code's choice."""


def error_text(outputs: Sequence[Mapping[str, Any]]) -> str:
    """Return the beginning of the last error among the outputs of code; empty if there is none."""
    error = next((o for o in reversed(outputs) if o.get("output_type") == "error"), None)
    return "" if error is None else f"{error.get('ename')}: {error.get('evalue')}"[:_LOOKED_AT]


@dataclass(frozen=True)
class KernelLimits:
    """Limits of a kernel with all its processes; 0 for none.

    Parameters
    ----------
    memory
        Bytes, as in the setting ``kernel_memory``.
    processes
        Processes and threads.
    file
        Bytes of one file.
    disk
        Bytes of all files in its folder.
    """

    memory: int = 0
    processes: int = 0
    file: int = 0
    disk: int = 0

    def words(self, *, sandboxed: bool) -> list[str]:
        """Return the words that start a command with these limits."""
        # Elsewhere the limits exist and mean other things.
        if sys.platform != "linux":
            return []
        wanted = {"CORE": 0}
        if self.memory:
            wanted["DATA"] = self.memory
        if self.processes and sandboxed and counts_in_namespaces():
            wanted["NPROC"] = self.processes
        if file := min(filter(None, (self.file, self.disk)), default=0):
            wanted["FSIZE"] = file
        pairs = ",".join(f"{name}={value}" for name, value in wanted.items())
        return [sys.executable, "-I", "-S", "-c", _LAUNCHER, pairs]

    def describe(self) -> str:
        """Return what a model has to know of them; empty if there are none."""
        parts = []
        if self.memory:
            parts.append(f"{size_text(self.memory)} of memory")
        if self.processes:
            parts.append(f"{self.processes} processes and threads")
        if self.file:
            parts.append(f"{size_text(self.file)} for one file")
        if self.disk:
            parts.append(f"{size_text(self.disk)} for all files")
        return (
            f"The kernel may use at most {', '.join(parts)}, with all processes that it starts. If it "
            "uses more it is ended, and variables are gone."
            if parts
            else ""
        )

    def explain(self, status: str, outputs: Sequence[dict[str, Any]]) -> str:
        """Return which limit code has reached, if it has; empty if not."""
        if status == "died" and self.memory:
            return (
                f"If it needed more than {size_text(self.memory)} of memory, that is the limit "
                "(setting kernel_memory)."
            )
        text = error_text(outputs)
        if self.memory and _ERRORS["memory"].search(text):
            return f"The kernel's memory is limited to {size_text(self.memory)} (setting kernel_memory)."
        if self.processes and _ERRORS["processes"].search(text):
            return (
                f"The kernel is limited to {self.processes} processes and threads "
                "(setting kernel_processes)."
            )
        smallest = min(filter(None, (self.file, self.disk)), default=0)
        if smallest and smallest == self.disk and _ERRORS["file"].search(text):
            return f"All files are limited to {size_text(self.disk)} (setting kernel_disk)."
        if self.file and _ERRORS["file"].search(text):
            return f"A file is limited to {size_text(self.file)} (setting kernel_file_size)."
        return ""


def limits_of(memory: int, processes: int, file: int, disk: int) -> KernelLimits:
    """Return the limits that the settings mean.

    Parameters
    ----------
    memory, file, disk
        In megabytes. A memory of 0 is three quarters of the machine's; less is none.
    """
    data = memory * MEGABYTE if memory else int(_machine_memory() * _SHARE)
    return KernelLimits(
        max(data, 0), max(processes, 0), max(file, 0) * MEGABYTE, max(disk, 0) * MEGABYTE
    )


def _machine_memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 0


def counts_in_namespaces() -> bool:
    """Return whether processes are counted for each user namespace: Linux does from 5.14 on.

    Before, all processes of the user count, and a limit below their number would stop every kernel.
    """
    found = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return found is not None and tuple(map(int, found.groups())) >= (5, 14)


def size_text(number: int) -> str:
    """Return a number of bytes as people write it."""
    gigabytes = number / (1024 * MEGABYTE)
    return f"{gigabytes:.3g} GB" if gigabytes >= 1 else f"{number / MEGABYTE:.3g} MB"
