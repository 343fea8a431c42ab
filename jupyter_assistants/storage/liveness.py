"""Marks of processes: names by which others on the machine can see when one has ended.

A cell's code runs in the kernel's process. When that dies, nobody posts the outputs any more; the
server sees it by this mark. Standard library only, because kernels import this module.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path


def mark() -> str:
    """Return the name of this process: host, number, and when it began."""
    return f"{socket.gethostname()}/{os.getpid()}/{_begin(os.getpid())}"


def is_gone(name: str) -> bool:
    """Return whether the process of this name has certainly ended; on other hosts nobody knows."""
    host, _, number = name.rpartition("/")[0].rpartition("/")
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _begin(int(number)) != name.rpartition("/")[2]


def _begin(number: int) -> str:
    """Return the kernel's start time of a process, which a reused number does not have."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return ""
    # The name in parentheses may hold spaces; field 22 counts from in front of it.
    fields = stat.rpartition(")")[2].split()
    return "over" if fields[0] in "ZX" else fields[19]
