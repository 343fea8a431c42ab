"""Marks of processes: names by which others on the machine can see when one has ended.

A number means a process only inside one PID namespace of one boot of one machine. Containers often share
a host's name, and with a database beside them they see each other's marks; so a mark names all of these,
and of a process elsewhere nothing is said (docs/internals/runs.md, "Leases").

A cell's code runs in the kernel's process. When that dies, nobody posts the outputs any more; the
server sees it by this mark. Standard library only, because kernels import this module.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path


def mark() -> str:
    """Return the name of this process: host, boot, PID namespace, number, and when it began."""
    return f"{_surroundings()}/{os.getpid()}/{_begin(os.getpid())}"


def is_gone(name: str) -> bool:
    """Return whether the process of this name has certainly ended; of one elsewhere nobody knows."""
    return _is_running(name) is False


def is_alive(name: str) -> bool:
    """Return whether the process of this name certainly runs; of one elsewhere nobody knows."""
    return _is_running(name) is True


def _is_running(name: str) -> bool | None:
    """Return whether a process runs, or None where that cannot be seen from here."""
    surroundings, _, number = name.rpartition("/")[0].rpartition("/")
    if surroundings != _surroundings() or not number.isdigit():
        return None
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return None
    return _begin(int(number)) == name.rpartition("/")[2]


def _surroundings() -> str:
    """Return where the numbers of this process and its neighbours mean something."""
    return f"{socket.gethostname()}/{_boot()}/{_namespace()}"


def _boot() -> str:
    """Return the id of this boot of the machine; empty where the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _namespace() -> str:
    """Return the PID namespace by its number; where /proc is another one's, a name that fits none.

    Such a /proc would show the start time of another process under the same number.
    """
    try:
        if os.readlink("/proc/self") != str(os.getpid()):
            return f"unseen-{os.urandom(4).hex()}"
        return os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        return ""


def _begin(number: int) -> str:
    """Return the kernel's start time of a process, which a reused number does not have."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return ""
    # The name in parentheses may hold spaces; field 22 counts from in front of it.
    fields = stat.rpartition(")")[2].split()
    return "over" if fields[0] in "ZX" else fields[19]
