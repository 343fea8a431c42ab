"""A locked-down kernel: bubblewrap around it, for code that nobody has to trust.

There are two grades. A sandbox that somebody asked for has no network and sees the thread's folder only.
That of every other own kernel (the setting ``sandbox``) has the network and sees the person's files, but
no secrets of the server and none of Jupyter. Without a shared process table a kernel is interrupted by a
message (docs/internals/sandbox.md, "What shapes it").
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_assistants.kernels.environment import sandbox_environment
from jupyter_assistants.kernels.limits import counts_in_namespaces, error_text
from jupyter_assistants.kernels.mapped_user import (
    CAPABILITIES,
    OWNER,
    is_root,
    mapping_words,
    maps_users,
)
from jupyter_assistants.kernels.scratch import make_scratch_folder, remove_scratch_folder
from jupyter_assistants.kernels.service_folder import ServiceFolder
from jupyter_assistants.kernels.workspace import MOUNT
from jupyter_assistants.protocol.errors import ExecutorError

SECONDS = 60.0
"""For the trial, as for the start of a kernel: under load the imports of one take long."""
_UNSHARED = (
    *("--unshare-pid", "--unshare-ipc", "--unshare-uts"),
    *("--unshare-cgroup-try", "--die-with-parent", "--new-session"),
    # Without this a server that runs as root starts code with all capabilities of its namespace:
    # it could make read-only mounts writable again.
    *("--cap-drop", "ALL"),
)
# What programs read of /etc to find libraries, fonts and the time; no passwords, no configuration.
_ETC = (
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime"),
    *("timezone", "mime.types", "locale.alias"),
)
# With the network: names, certificates, and who the user is.
_ETC_OF_THE_NETWORK = (
    *("resolv.conf", "hosts", "nsswitch.conf", "host.conf", "gai.conf", "services", "protocols"),
    *("ssl", "ca-certificates", "pki", "passwd", "group"),
)
_WITHOUT = (
    "send 'sandbox': false in tool_resources.code_interpreter of the assistant and the thread; "
    "c.JupyterAssistantsApp.sandbox = 'auto' sandboxes only where that works."
)
# A file that is not there, or that is covered by an empty one.
_NOT_SEEN = re.compile(r"\[Errno (?:2|13)\][^']{0,200}'(/[^']{1,1000})'")
_MEMORY_FILES = 1024**3
"""Bytes of files in memory, in each place where there are some: /tmp and /dev/shm."""
_TOPS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


@dataclass(frozen=True)
class Sandbox:
    """The surroundings of sandboxed code, beyond the system, its Python and its own folder.

    Parameters
    ----------
    network
        Whether it has the network, with this machine's own addresses.
    readable
        Folders that it can read.
    needed
        Files and folders that the kernel's programs read, such as packages; shown in a hidden folder too.
    masked
        Hidden files and folders in those, which it cannot read.
    hidden
        Folders with secrets, which it cannot read wherever they are.
    variables
        Its environment beyond the folders of the kernel.
    """

    network: bool = False
    readable: tuple[Path, ...] = ()
    needed: tuple[Path, ...] = ()
    masked: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    def explain(self, outputs: Sequence[Mapping[str, Any]], folder: Path) -> str:
        """Return whether the sandbox is why code failed; empty if not.

        Parameters
        ----------
        outputs
            Those of the code.
        folder
            Its working folder.
        """
        text = error_text(outputs)
        if "[Errno 30]" in text:
            return f"The kernel's sandbox can write to {MOUNT} and /tmp only (setting sandbox)."
        missing = _NOT_SEEN.search(text)
        if missing is None or Path(missing[1]).is_relative_to(folder):
            return ""
        places = " and ".join([MOUNT, *map(str, self.readable)])
        but = "; hidden files at the top of the latter are left out" if self.readable else ""
        return f"The kernel's sandbox sees no files but those of {places}{but} (setting sandbox)."


def strict_sandbox(environment: Mapping[str, str]) -> Sandbox:
    """Return the sandbox that a thread or an assistant asks for."""
    return Sandbox(variables=sandbox_environment(environment))


def command(
    sandbox: Sandbox,
    folder: Path,
    sockets: Path,
    environment: Mapping[str, str],
    service_folder: ServiceFolder | None = None,
) -> list[str]:
    """Return the words that put a command into a sandbox.

    Parameters
    ----------
    folder
        The only folder that can be written to.
    sockets
        Where the kernel's connection file and sockets are.
    environment
        Of this process; only what starts bubblewrap is taken from it.
    service_folder
        What belongs to the folder and does not lie in it; None for nothing.
    """
    bwrap = _bwrap(environment)
    words = _started(bwrap)
    words += [] if sandbox.network else ["--unshare-net"]
    words += ["--clearenv", "--ro-bind", "/usr", "/usr", *_system(sandbox.network)]
    # Before all that may lie in it. Files of /proc/sys belong to root and need no capability: code of
    # a server that runs as root could name its own program as the one that handles core dumps.
    words += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
    for mounted in ("/dev/shm", "/tmp"):
        words += [*_supported(bwrap, "--size", str(_MEMORY_FILES)), "--tmpfs", mounted]
    # It has no size of its own, and code could fill the machine's memory by files there.
    words += ["--remount-ro", "/dev"]
    shown, masks = _views(sandbox)
    words += shown
    for place in (folder, sockets):
        words += ["--bind", str(place), str(place)]
    words += _beside(sandbox, service_folder)
    # Only now: places inside of them were mounted meanwhile.
    words += [word for mask in masks for word in ("--remount-ro", str(mask))]
    words += ["--remount-ro", "/", "--chdir", str(folder)]
    variables = _variables(sandbox, folder, sockets, service_folder)
    for name, value in ({**sandbox.variables, **variables}).items():
        words += ["--setenv", name, value]
    return words


def _beside(sandbox: Sandbox, service_folder: ServiceFolder | None) -> list[str]:
    """Return the words that show what belongs to the working folder and does not lie in it."""
    if service_folder is None:
        return []
    words = _bound([service_folder.links, service_folder.outputs])
    if sandbox.network:
        packages = str(service_folder.packages)
        words += ["--bind", packages, packages]
    return words


def _bwrap(environment: Mapping[str, str]) -> str:
    """Return the path of bubblewrap, or its bare name where it is not installed."""
    return shutil.which("bwrap", path=environment.get("PATH")) or "bwrap"


def _started(bwrap: str) -> list[str]:
    """Return the words that start bubblewrap in a user namespace, without privileges outside of it."""
    if maps_users(bwrap):
        # The namespace is there already, and forbids further ones.
        added = (word for each in CAPABILITIES for word in ("--cap-add", each))
        return [*mapping_words(), bwrap, *_UNSHARED, *added]
    return [bwrap, "--unshare-user", *_UNSHARED, *_supported(bwrap, "--disable-userns")]


def _views(sandbox: Sandbox) -> tuple[list[str], list[Path]]:
    """Return the words that show folders and hide what lies in them, and the empty folders there."""
    prefixes = [Path(each) for each in dict.fromkeys((sys.base_prefix, sys.prefix))]
    needed = _from_the_outside_in({*sandbox.needed, *prefixes})
    shown: list[Path] = []
    for place in _from_the_outside_in({*sandbox.readable, *needed}):
        if place.exists() and not _is_in_the_system(place) and not _is_below(place, shown):
            shown.append(place)
    words = _bound(shown)
    masked = [each for each in sandbox.masked if each not in needed]
    words += [word for each in masked for word in _mask(each)]
    # Environments and packages often lie in hidden folders.
    words += _bound([each for each in needed if each.exists() and _is_below(each, masked)])
    hidden = [each for each in sandbox.hidden if _is_below(each, [*shown, *needed, Path("/usr")])]
    words += [word for each in hidden for word in _mask(each)]
    for font_list in _font_lists() if sandbox.network else ():
        words += ["--ro-bind", str(font_list), f"/tmp/matplotlib/{font_list.name}"]
    return words, [each for each in (*masked, *hidden) if each.is_dir()]


def _from_the_outside_in(places: Iterable[Path]) -> list[Path]:
    """Return places so that none hides another: a mount hides those below it that were made before."""
    return sorted(places, key=lambda each: (len(each.parts), each))


def _bound(places: Sequence[Path]) -> list[str]:
    return [word for each in places for word in ("--ro-bind", str(each), str(each))]


def _mask(place: Path) -> tuple[str, ...]:
    """Return the words that put something empty over a folder or a file."""
    if place.is_dir():
        return ("--tmpfs", str(place))
    # A socket or a pipe can be covered by it as well.
    return ("--ro-bind", "/dev/null", str(place)) if place.exists() else ()


def _is_below(place: Path, shown: Sequence[Path]) -> bool:
    return any(place.is_relative_to(each) for each in shown)


def _is_in_the_system(place: Path) -> bool:
    # /tmp is a new one inside; over it nothing can be mounted that stays writable.
    return place == Path("/tmp") or place.parts[1] in ("usr", *_TOPS)


def _font_lists() -> Iterator[Path]:
    """Yield matplotlib's lists of fonts; without one each first plot takes seconds."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(os.environ.get("MPLCONFIGDIR") or Path(cache, "matplotlib"))
    with contextlib.suppress(OSError):
        yield from (each for each in folder.glob("fontlist-*.json") if os.access(each, os.R_OK))


def _variables(
    sandbox: Sandbox, folder: Path, sockets: Path, service_folder: ServiceFolder | None
) -> dict[str, str]:
    made = {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "USER": "sandbox",
        "LOGNAME": "sandbox",
        "IPYTHONDIR": "/tmp/ipython",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "JUPYTER_RUNTIME_DIR": str(sockets),
    }
    if sandbox.network and service_folder is not None:
        # The environment cannot be written to, so what is installed goes to a folder of the thread.
        packages = str(service_folder.packages)
        known = sandbox.variables.get("PYTHONPATH", "")
        made["PIP_TARGET"] = packages
        made["PYTHONPATH"] = os.pathsep.join(filter(None, [packages, known]))
    if sandbox.network:
        made["PATH"] = sandbox.variables.get("PATH", made["PATH"])
        for name in ("USER", "LOGNAME"):
            made[name] = sandbox.variables.get(name, made[name])
    return made


SOCKETS = "ja-"
"""How the names of folders for sockets begin."""


def make_socket_folder() -> Path:
    """Create a folder for a kernel's connection file and sockets.

    Not in the data folder: the path of a socket has at most 107 bytes. Only this user can enter it;
    whoever reads the connection file can run code in the kernel. If this process is killed, the next
    pool removes it.
    """
    return make_scratch_folder(SOCKETS)


def counts_processes(environment: Mapping[str, str]) -> bool:
    """Return whether the system itself limits the processes of a sandbox: never those of root. Blocking."""
    is_counted = not is_root() or maps_users(_bwrap(environment))
    return sys.platform == "linux" and is_counted and counts_in_namespaces()


def give_to_code(folder: Path) -> None:
    """Make a folder that of the user that sandboxed code runs as; programs such as git ask whose it is."""
    if maps_users(_bwrap(os.environ)):
        with contextlib.suppress(OSError):
            os.chown(folder, OWNER, OWNER, follow_symlinks=False)


def _supported(bwrap: str, option: str, *values: str) -> tuple[str, ...]:
    """Return an option with its values, or nothing where bubblewrap is too old for it.

    ``--disable-userns`` is there from 0.8 on. Older versions do without: in a user namespace below this
    one the mounts cannot be changed either.
    """
    return (option, *values) if f"{option} " in _help(bwrap) + " " else ()


@functools.cache
def _help(bwrap: str) -> str:
    try:
        done = subprocess.run([bwrap, "--help"], capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def outer_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of bubblewrap itself: code can read it in ``/proc/1/environ``."""
    return {name: environment[name] for name in ("PATH",) if name in environment}


def _system(network: bool) -> Iterator[str]:
    for name in _TOPS:
        top = Path("/", name)
        if top.is_symlink():
            yield from ("--symlink", str(top.readlink()), str(top))
        elif top.is_dir():
            yield from ("--ro-bind", str(top), str(top))
    for name in (*_ETC, *(_ETC_OF_THE_NETWORK if network else ())):
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")


def prepare(
    sandbox: Sandbox,
    folder: Path,
    sockets: Path,
    environment: Mapping[str, str],
    trial: Sequence[str] = ("true",),
    service_folder: ServiceFolder | None = None,
) -> list[str]:
    """Return the words of :func:`command` after a sandbox was made with them. Blocking.

    Parameters
    ----------
    trial
        A command that has to succeed in it.

    Raises
    ------
    ExecutorError
        If not; the text says why, and what to do.
    """
    if not os.path.isabs(_bwrap(environment)):
        where = "" if sys.platform == "linux" else " It exists for Linux only."
        raise ExecutorError(
            "The sandbox needs bubblewrap (bwrap), which is not installed here."
            f"{where} Install it (apt-get install bubblewrap, dnf install bubblewrap), or {_WITHOUT}"
        )
    words = command(sandbox, folder, sockets, environment, service_folder)
    try:
        tried = subprocess.run(
            [*words, *trial],
            env=outer_environment(environment),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _cannot(str(error)) from error
    if tried.returncode:
        said = tried.stderr.strip().splitlines() or [f"it ended with {tried.returncode}"]
        if trial[0] != "true" and not said[-1].startswith("bwrap: "):
            raise ExecutorError(
                f"{trial[0]} does not work in the sandbox: {said[-1]}. Perhaps it needs files that a "
                f"sandbox does not show. Take an environment that needs none, or {_WITHOUT}"
            )
        raise _cannot(said[-1])
    return words


def _cannot(why: str) -> ExecutorError:
    return ExecutorError(
        f"The sandbox cannot start on this machine: {why} Containers and some "
        "systems forbid user namespaces; an administrator can allow them "
        f"(sysctl kernel.unprivileged_userns_clone=1, or a seccomp profile with unshare). Or {_WITHOUT}"
    )


def problem(
    sandbox: Sandbox, environment: Mapping[str, str], trial: Sequence[str] = ("true",)
) -> str:
    """Return why no such sandbox can be made here; empty if one can. Blocking."""
    folder = make_socket_folder()
    try:
        prepare(sandbox, folder, folder, environment, trial)
    except ExecutorError as error:
        return error.message
    finally:
        remove_scratch_folder(folder)
    return ""
