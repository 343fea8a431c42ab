"""Another user for the sandboxes of a server that runs as root: Linux limits root's processes never.

A user namespace in which two users exist: root of the sandbox is a user of the machine that nobody else is,
and the machine's root has another number. So processes are counted, code cannot pass for root where the
system asks for that, and the environment and files of root can still be used: in its namespace the sandbox
has the capability to read and write files of the users who exist there (docs/internals/sandbox.md, "As root").
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

OWNER = 2_000_000_001
"""A user that no system gives to anybody: systemd's and containers' ranges end below."""
CAPABILITIES = ("CAP_DAC_OVERRIDE", "CAP_FOWNER")
"""What the machine's root has without capabilities, as the owner of its files."""
_SECONDS = 20.0
_ALL_GROUPS = 65_536

# Only a process of the outer namespace may map other users, so a child does it for its parent.
_LAUNCHER = """
import ctypes, os, sys
owner, groups = sys.argv[1:3]
maps = {"uid_map": f"0 {owner} 1\\n1 0 1\\n", "gid_map": f"0 {owner} 1\\n1 0 {groups}\\n"}
parent, (begun, begin), (done, end) = os.getpid(), os.pipe(), os.pipe()
if os.fork() == 0:
    os.close(begin)
    if not os.read(begun, 1):
        os._exit(1)
    for name, text in maps.items():
        with open(f"/proc/{parent}/{name}", "w") as file:
            file.write(text)
    os.write(end, b".")
    os._exit(0)
if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
    raise OSError(ctypes.get_errno(), "no user namespace")
os.write(begin, b".")
os.close(end)
os.wait()
if not os.read(done, 1):
    sys.exit("users cannot be mapped")
for each in (begun, begin, done):
    os.close(each)
os.setgroups([])
os.setresgid(0, 0, 0)
os.setresuid(0, 0, 0)
with open("/proc/sys/user/max_user_namespaces", "w") as file:
    file.write("0")
os.execvp(sys.argv[3], sys.argv[3:])
"""
_TRIAL = """
import os, resource, sys
with open(os.path.join(sys.argv[1], "private", "written"), "w") as file:
    os.fchmod(file.fileno(), 0o600)
    file.write("x")
resource.setrlimit(resource.RLIMIT_NPROC, (3, 3))
children = []
try:
    for _ in range(8):
        child = os.fork()
        if child == 0:
            sys.stdin.read()
            os._exit(0)
        children.append(child)
except BlockingIOError:
    os.write(1, b"limited")
"""


def mapping_words() -> list[str]:
    """Return the words that start a command as root of a namespace whose root is nobody else.

    What is started has all capabilities there. No further user namespace can be made in it.
    """
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(OWNER), str(_ALL_GROUPS)]


def is_root() -> bool:
    """Return whether this process is root of the machine, not only of a namespace, as in a rootless container."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    try:
        inside, outside, _ = Path("/proc/self/uid_map").read_text().split()[:3]
    except (OSError, ValueError):
        return True
    return inside == outside == "0"


@functools.cache
def maps_users(bwrap: str) -> bool:
    """Return whether sandboxes get another user: this process is root, and it works. Blocking.

    Parameters
    ----------
    bwrap
        The path of bubblewrap.
    """
    if not is_root():
        return False
    with tempfile.TemporaryDirectory() as folder:
        private = Path(folder, "private")
        private.mkdir(mode=0o700)
        added = [word for each in CAPABILITIES for word in ("--cap-add", each)]
        box = [bwrap, "--cap-drop", "ALL", *added, "--unshare-pid", "--dev-bind", "/", "/"]
        program = [sys.executable, "-I", "-S", "-c", _TRIAL, folder]
        if _output([*mapping_words(), *box, "--", *program]) != "limited":
            return False
        try:
            # The server reads and removes what code writes.
            return (private / "written").read_text() == "x"
        except OSError:
            return False


def _output(words: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
