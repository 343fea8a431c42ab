"""Names a process so that others on this machine can see when it is gone.

A cell's code runs in the kernel's process. When that dies, nobody is left to post its outputs;
the server sees by this mark that it waits in vain. Standard library only: kernels import it.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path


def mark() -> str:
    """Return the name of this process: host, number, and when it began."""
    return f"{socket.gethostname()}/{os.getpid()}/{_begin(os.getpid())}"


def is_gone(name: str) -> bool:
    """Return whether the process of this name is certainly over. Of other hosts nothing is certain."""
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
