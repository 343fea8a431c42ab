"""Hostile names and links in a folder that code owns: the server stays inside of it.

Code writes to its thread's folder, and the server reads and writes there too. A case sets a trap, such as a
link to a secret in place of a result, and has the server do one thing with it. It has failed if content
from outside was read, something outside has changed, or the server blocks.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from benchmarks.trust.campaign import Deadline, Outcome
from jupyter_assistants.kernels import sandbox
from jupyter_assistants.kernels.sandbox import Sandbox
from jupyter_assistants.kernels.thread_folders import SET_ASIDE, ThreadFolders
from jupyter_assistants.kernels.workspace import (
    changed_files,
    create_inside,
    mount_names,
    open_inside,
    place,
    safe_name,
    snapshot,
)

SECRET = b"canary-of-what-lies-outside"
MARK = b"written by the server"
SHA = hashlib.sha256(MARK).hexdigest()
BLOCKS_SECONDS = 20.0
"""How long one thing may take; each is done in a moment."""


@dataclass
class Place:
    """A folder that code owns, and what lies outside of it.

    Parameters
    ----------
    root
        Holds everything of the case; nothing else may appear in it.
    """

    root: Path

    def __post_init__(self) -> None:
        self.folders = ThreadFolders(self.root / "threads")
        self.own = self.folders.folder("thread_own")
        self.outside = self.root / "outside"
        self.own.mkdir(parents=True)
        (self.outside / "below").mkdir(parents=True)
        for name in ("secret.txt", "data.csv", "below/data.csv"):
            (self.outside / name).write_bytes(SECRET)

    def seen_outside(self) -> dict[str, tuple[int, int, bytes]]:
        """Return everything but the folder: mode, time of change and content by name."""
        found = {}
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root).as_posix()
            if not path.is_relative_to(self.folders.root):
                state = path.lstat()
                content = path.read_bytes() if path.is_file() else b""
                found[name] = (state.st_mode, state.st_mtime_ns, content)
        return found


# -- names ------------------------------------------------------------------------------------------

PARTS = (
    *("..", ".", "...", "", " ", "~", "-rf", "secret.txt", "data.csv", "a", "below", "outside"),
    *("\0", "\n", "\r", "\t", "\u202e", "\ufeff", "\u2025", "\uff0e\uff0e", "\udcff", "e\u0301"),
    *("%2e%2e", "%2f", "..;", "C:", "con", "NUL.txt", "aux.", "x" * 300, "\u00e4" * 150, "*", "?"),
    *("$(touch escaped)", "`touch escaped`", "|touch escaped", "'; touch escaped", "{0}", "%s"),
    *(
        ".env",
        ".ssh",
        ".packages",
        ".ipython",
        ".had-a-kernel",
        ".jupyter_assistants",
        ".sandboxed",
    ),
    *("proc", "self", "fd", "root", "dev", "null", "thread_own", "thread_other", SET_ASIDE),
)
JOINTS = ("/", "/", "/", "//", "\\", "/./", "/../", "\u2215", "")
HEADS = ("", "", "", "/", "//", "///", "../", "../../", "\\\\", "file://", "/mnt/data/", "~/")


def hostile_name(draw: random.Random, world: Place) -> str:
    """Return a name that would lead out if it were taken as a path."""
    if draw.random() < 0.2:
        return draw.choice(HEADS[3:6]) + str(world.outside / "secret.txt").lstrip("/")
    text = draw.choice(HEADS)
    for _ in range(draw.randint(1, 6)):
        text += draw.choice(PARTS) + draw.choice(JOINTS)
    return text


# -- traps ------------------------------------------------------------------------------------------

Trap = Callable[[Place, Path], None]
"""Creates something hostile at a path in the folder."""


def link_to(target: Callable[[Place], str]) -> Trap:
    """Return a trap that is a link."""
    return lambda world, path: path.symlink_to(target(world))


def through_a_chain(world: Place, path: Path) -> None:
    middle = path.with_name(f"{path.name}.middle")
    middle.symlink_to(world.outside / "secret.txt")
    path.symlink_to(middle.name)


def open_file(world: Place, path: Path) -> None:
    """Link to a file that this process has open, as a server has its database."""
    descriptor = os.open(world.outside / "secret.txt", os.O_RDWR)
    path.symlink_to(f"/proc/self/fd/{descriptor}")
    OPEN.append(descriptor)


def listening_socket(world: Place, path: Path) -> None:
    # The path of a socket has at most 107 bytes; this one's may be longer.
    here = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"/proc/self/fd/{here}/{path.name}")
    os.close(here)


def device(world: Place, path: Path) -> None:
    try:
        os.mknod(path, 0o20666, os.makedev(1, 5))
    except OSError:
        path.symlink_to("/dev/zero")


def folder_of_links(world: Place, path: Path) -> None:
    path.mkdir()
    (path / "data.csv").symlink_to(world.outside / "data.csv")
    (path / "below").symlink_to(world.outside / "below")


def closed_folder(world: Place, path: Path) -> None:
    path.mkdir(mode=0)


OPEN: list[int] = []
"""Descriptors of the case, closed after it."""
TRAPS: dict[str, Trap] = {
    "link to a file": link_to(lambda world: str(world.outside / "secret.txt")),
    "link to a folder": link_to(lambda world: str(world.outside)),
    "link that climbs": link_to(lambda world: "../../outside/secret.txt"),
    "link to a folder that climbs": link_to(lambda world: "../../outside"),
    "link to what is not there": link_to(lambda world: str(world.outside / "made.txt")),
    "link by the process's root": link_to(lambda world: f"/proc/self/root{world.outside}"),
    "link by the process's folder": link_to(lambda world: "/proc/self/cwd"),
    "link to itself": link_to(lambda world: "data.csv"),
    "chain of links": through_a_chain,
    "open file": open_file,
    "folder of links": folder_of_links,
    "closed folder": closed_folder,
    "pipe": lambda world, path: os.mkfifo(path),
    "socket": listening_socket,
    "device": device,
    "link to a terminal": link_to(lambda world: "/dev/tty"),
}

# -- what the server does ---------------------------------------------------------------------------

Act = Callable[[Place, str], list[bytes]]
"""Does something with a name in the folder and returns what was read."""


def read(folder: Path, name: str) -> list[bytes]:
    # The server reads in the folder of code that runs, so it refuses much.
    with contextlib.suppress(OSError, ValueError), open_inside(folder, name) as file:
        return [file.read(1_000_000)]
    return []


def read_it(world: Place, name: str) -> list[bytes]:
    return [*read(world.own, name), *read(world.own, f"{name}/data.csv")]


def collect_results(world: Place, name: str) -> list[bytes]:
    found = changed_files(snapshot(world.own / "nothing"), world.own)
    return [content for each in found for content in read(world.own, each)]


def write_it(world: Place, name: str) -> list[bytes]:
    for each in (name, f"{name}/made.txt", f"{name}/below/made.txt"):
        with contextlib.suppress(OSError, ValueError):
            create_inside(world.own, each, MARK)
    return []


def place_upload(world: Place, name: str) -> list[bytes]:
    placed = place(world.own, name, lambda: io.BytesIO(MARK), SHA)
    [again] = mount_names([("file-1", name, SHA)]).values()
    if safe_name(placed) != placed or safe_name(again) != again:
        raise AssertionError(f"placed as {placed!r}, mounted as {again!r}")
    if (world.own / placed).read_bytes() != MARK:
        raise AssertionError(f"{placed!r} is another file")
    return []


def link_upload(world: Place, name: str) -> list[bytes]:
    found, remembered = [], world.folders.service_folder("thread_own")
    with contextlib.suppress(ValueError):
        remembered.add_file(name, "data.csv")
    with contextlib.suppress(ValueError):
        remembered.add_file("file-1", name)
    for file_id in (name, "file-1"):
        placed = remembered.placed_name(file_id)
        found += read(world.own, placed) if placed is not None else []
    return found


def set_aside(world: Place, name: str) -> list[bytes]:
    """Do what a start without a sandbox does to a folder of one."""
    world.folders.mark_sandboxed("thread_own")
    world.folders.release("thread_own")
    return read(world.own / SET_ASIDE, name)


def remove(world: Place, name: str) -> list[bytes]:
    world.folders.remove("thread_own")
    return []


ACTS: dict[str, Act] = {
    "reads": read_it,
    "collects results": collect_results,
    "writes": write_it,
    "places an upload": place_upload,
    "links an upload": link_upload,
    "sets aside": set_aside,
    "removes": remove,
}

# -- swapped while walked ---------------------------------------------------------------------------


def swapped(world: Place, draw: random.Random) -> list[bytes]:
    """Read and write below a folder that code swaps for a link again and again."""
    real, trap, name = (world.own / each for each in ("real", "trap", "data"))
    real.mkdir()
    (real / "data.csv").write_bytes(b"harmless")
    trap.symlink_to(world.outside)
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            for other in (trap, real):
                with contextlib.suppress(OSError):
                    os.rename(other, name)
                    os.rename(name, other)

    swapping = threading.Thread(target=swap, daemon=True)
    swapping.start()
    found = []
    try:
        for number in range(draw.randint(20, 60)):
            found += read(world.own, "data/data.csv")
            found += collect_results(world, "")
            with contextlib.suppress(OSError):
                create_inside(world.own, f"data/made-{number}.txt", MARK)
    finally:
        over.set()
        swapping.join()
    return found


# -- from inside ------------------------------------------------------------------------------------

# What code tries in the sandbox; {outside} is a folder that it can read, {own} its own.
SHELL: dict[str, str] = {
    "hard link": "ln {outside}/secret.txt {own}/data.csv && echo x >> {own}/data.csv",
    "hard link by its descriptor": "exec 3< {outside}/secret.txt; ln -L /proc/self/fd/3 {own}/data.csv"
    " && echo x >> {own}/data.csv",
    "write": "echo x >> {outside}/secret.txt",
    "write by the process's root": "echo x >> /proc/self/root{outside}/secret.txt",
    "write by the first process": "echo x >> /proc/1/root{outside}/secret.txt",
    "write by a reopened descriptor": "exec 3< {outside}/secret.txt; echo x > /proc/self/fd/3",
    "write beside": "echo x > {own}/../thread_other.txt; echo x > {own}/../../made.txt",
    "rename out": "echo x > {own}/a; mv {own}/a {outside}/made.txt",
    "rename in": "mv {outside}/secret.txt {own}/data.csv",
    "change of mode": "chmod 777 {outside}/secret.txt {outside}",
    "change of time": "touch {outside}/secret.txt {outside}",
    "removal": "rm -rf {outside}/below {outside}/secret.txt",
    "mount": "mount -o remount,rw {outside}; mount --bind {own} {outside}; echo x > {outside}/made.txt",
    "another namespace": "unshare -Urm sh -c 'mount -o remount,rw,bind {outside}; echo x > {outside}/made'",
    "replaced folder": "rmdir {own}; mv {own} {own}.old; ln -s {outside} {own}; echo x > {own}/made.txt",
}


def from_inside(world: Place, script: str) -> list[bytes]:
    """Run a script in the sandbox; the secret can be read there, and nothing else be done with it."""
    box = Sandbox(network=True, readable=(world.outside,))
    words = sandbox.command(box, world.own, world.own, os.environ)
    text = script.format(outside=world.outside, own=world.own)
    environment = sandbox.outer_environment(os.environ)
    done = subprocess.run(
        [*words, "/bin/sh", "-c", text],
        env=environment,
        capture_output=True,
        text=True,
        timeout=BLOCKS_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode and done.stderr.startswith("bwrap: "):
        raise AssertionError(done.stderr)
    return []


# -- the campaign -----------------------------------------------------------------------------------

Kind = tuple[str, Callable[[Place, random.Random], list[bytes]]]


def named(act: Act) -> Callable[[Place, random.Random], list[bytes]]:
    """Return a case of a hostile name."""
    return lambda world, draw: act(world, hostile_name(draw, world))


def trapped(trap: Trap, act: Act) -> Callable[[Place, random.Random], list[bytes]]:
    """Return a case of a trap in the place of a file or of a folder."""

    def case(world: Place, draw: random.Random) -> list[bytes]:
        below = draw.choice(("", "", "below/"))
        (world.own / below).mkdir(exist_ok=True)
        trap(world, world.own / below / "data.csv")
        return act(world, f"{below}data.csv")

    return case


def kinds(sandboxed: bool) -> Iterator[Kind]:
    """Yield every kind of case."""
    for what, act in ACTS.items():
        yield f"hostile name: {what}", named(act)
        for name, trap in TRAPS.items():
            yield f"{name}: {what}", trapped(trap, act)
    yield "folder swapped while walked", swapped
    for name, script in SHELL.items() if sandboxed else ():
        yield f"from inside: {name}", lambda world, draw, script=script: from_inside(world, script)


class Paths:
    """See :class:`.campaign.Campaign`."""

    title: ClassVar[str] = "hostile names and links"
    aim: ClassVar[str] = "reads or writes outside"
    full: ClassVar[int] = 1_500
    small: ClassVar[int] = 300

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        """Run each kind in turn with names and places that are drawn."""
        draw = random.Random(seed)
        problem = sandbox.problem(Sandbox(network=True), os.environ)
        tried = list(kinds(not problem))
        # Names are many, so every third case is one of them.
        names = [kind for kind in tried if kind[0].startswith("hostile name")]
        failures: list[str] = []
        done = 0
        for number in range(cases):
            if deadline.passed:
                break
            kind = (
                draw.choice(names)
                if number % 3 == 2
                else tried[(number - number // 3) % len(tried)]
            )
            found = attempt(kind, draw)
            failures += [f"case {number}, {kind[0]}: {found}"] if found else []
            done += 1
        return Outcome(
            done, failures, f"nothing from inside a sandbox: {problem}" if problem else ""
        )


def attempt(kind: Kind, draw: random.Random) -> str:
    """Run one case in a folder of its own and return what went wrong; empty if nothing did."""
    root = Path(tempfile.mkdtemp(prefix="paths-"))
    world = Place(root)
    before = world.seen_outside()
    found: list[bytes] = []
    errors: list[BaseException] = []

    def act() -> None:
        try:
            found.extend(kind[1](world, draw))
        except Exception as error:  # What a case raises is its result.
            errors.append(error)

    # A thread of its own: the one that opens a pipe for reading may never come back.
    acting = threading.Thread(target=act, daemon=True)
    acting.start()
    acting.join(BLOCKS_SECONDS)
    try:
        if acting.is_alive():
            return "it blocks"
        if errors:
            return f"{type(errors[0]).__name__}: {errors[0]}"
        if any(SECRET in content for content in found):
            return "content from outside was read"
        after = world.seen_outside()
        changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        return f"changed outside: {changed}" if changed else ""
    finally:
        while OPEN:
            os.close(OPEN.pop())
        for path in root.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o700)
        shutil.rmtree(root, ignore_errors=True)
