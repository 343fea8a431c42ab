"""Run inside the sandbox: tries to get out of it, and prints as JSON what worked.

It is plain Python of the standard library; the sandbox does not have this package's tests.
"""

from __future__ import annotations

import ctypes
import glob
import json
import os
import subprocess
from collections.abc import Iterator

MS_RDONLY, MS_REMOUNT, MS_BIND, MNT_DETACH = 1, 32, 4096, 2
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
# Written to on purpose, or what is written there reaches nobody.
HARMLESS = ("/proc/self", "/proc/thread-self")
IN_MEMORY = ("/dev", "/tmp")
MAPPED = 2_000_000_001
"""The user of a sandbox whose server runs as root; root of the machine is user 1 inside."""
OF_AN_OWNER = 1 << 1 | 1 << 3
"""CAP_DAC_OVERRIDE and CAP_FOWNER, for files of the users who exist inside: what an owner may."""

libc = ctypes.CDLL(None, use_errno=True)


def mount_points() -> list[str]:
    with open("/proc/self/mountinfo") as lines:
        return [line.split()[4] for line in lines]


def remounted() -> Iterator[str]:
    """Make each mount writable, or mount something over it."""
    for point in mount_points():
        if point.startswith((*IN_MEMORY, *HARMLESS)) or point == os.getcwd():
            continue
        path = point.encode()
        if libc.mount(b"none", path, None, MS_REMOUNT | MS_BIND, None) == 0:
            yield f"remounted {point}"
        if libc.mount(b"none", path, None, MS_REMOUNT, None) == 0:
            yield f"remounted the file system of {point}"
        if libc.umount2(path, MNT_DETACH) == 0:
            yield f"unmounted {point}"
    if libc.mount(b"/tmp", b"/usr", None, MS_BIND, None) == 0:
        yield "mounted over /usr"
    if libc.mount(b"proc", b"/tmp", b"proc", 0, None) == 0:
        yield "mounted /proc"


def in_a_namespace() -> Iterator[str]:
    """The same as root of a further user namespace, in a process of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        uid, said = os.getuid(), list[str]()
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0:
            for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1")):
                try:
                    with open(f"/proc/self/{name}", "w") as file:
                        file.write(text)
                except OSError:
                    pass
            # What it mounts is seen by itself only. What counts is what becomes writable.
            said = [each for each in remounted() if each.startswith(("remounted", "unmounted"))]
            said += written()
        os.write(write, json.dumps(said).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        yield from (f"in a namespace: {each}" for each in json.loads(answer.read() or "[]"))
    os.waitpid(child, 0)


def written() -> Iterator[str]:
    """Open for writing whatever lies outside the folder, and create files there."""
    here = os.getcwd()
    for folder, below, names in os.walk("/"):
        if folder.startswith((here, *IN_MEMORY, *HARMLESS)) or folder.count("/") > 4:
            below.clear()
            continue
        if folder == "/proc":
            below[:] = [name for name in below if not name.isdigit()]
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or path.startswith(HARMLESS):
                continue
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                continue
            yield f"opened {path} for writing"
        try:
            os.close(os.open(os.path.join(folder, "made-here"), os.O_WRONLY | os.O_CREAT))
        except OSError:
            continue
        yield f"created a file in {folder}"


def privileges() -> Iterator[str]:
    with open("/proc/self/status") as lines:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in lines if ":\t" in line)
    with open("/proc/self/uid_map") as file:
        is_mapped = file.read().split()[1] == str(MAPPED)
    # Bubblewrap leaves the bounding set of a namespace that is there already. What a program gains by
    # it is what counts, and it may gain nothing.
    names = ("CapInh", "CapPrm", "CapEff", "CapAmb", *(() if is_mapped else ("CapBnd",)))
    gained = subprocess.run(["/bin/cat", "/proc/self/status"], capture_output=True, text=True)
    status["CapEff of a program"] = gained.stdout.split("CapEff:\t")[1].split()[0]
    for name in (*names, "CapEff of a program"):
        if int(status[name], 16) & ~(OF_AN_OWNER if is_mapped else 0):
            yield f"{name} is {status[name]}"
    if status["NoNewPrivs"].strip() != "1":
        yield "setuid programs work"
    if is_mapped:
        try:
            os.setresuid(1, 1, 1)
            yield "became root of the machine"
        except OSError:
            pass
    try:
        os.mknod("device", 0o600 | 0o060000, os.makedev(254, 0))
        yield "made a device"
    except OSError:
        pass
    try:
        os.chroot("/tmp")
        yield "changed the root"
    except OSError:
        pass


def of_others() -> Iterator[str]:
    """What other processes show: their variables, their files, their root."""
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file:
                yield from (f"{path}: {each.decode()}" for each in file.read().split(b"\0") if each)
        except OSError:
            pass
    for path in glob.glob("/proc/[0-9]*/fd/*") + glob.glob("/proc/[0-9]*/root"):
        try:
            leads = os.readlink(path)
            inside = os.path.samestat(os.stat(f"/proc/self/root{leads}"), os.stat(path))
        except OSError:
            continue
        if leads.startswith("/") and not inside:
            yield f"{path} leads to {leads}"


if __name__ == "__main__":
    os.chdir(os.environ["HOME"])
    tries = {f.__name__: f for f in (privileges, remounted, in_a_namespace, written, of_others)}
    print(json.dumps({name: list(tried()) for name, tried in tries.items()}))
