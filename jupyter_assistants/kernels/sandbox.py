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
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_assistants.kernels.environment import sandbox_environment
from jupyter_assistants.kernels.scratch import make_scratch_folder, remove_scratch_folder
from jupyter_assistants.protocol.errors import ExecutorError

SECONDS = 20.0
_UNSHARED = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
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
_MEMORY_FILES = 2 * 1024**3
"""Bytes of files in memory: those in /tmp."""
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
    masked
        Hidden files and folders in those, which it cannot read; its environment may lie in one.
    hidden
        Folders with secrets, which it cannot read wherever they are.
    variables
        Its environment beyond the folders of the kernel.
    """

    network: bool = False
    readable: tuple[Path, ...] = ()
    masked: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


def strict_sandbox(environment: Mapping[str, str]) -> Sandbox:
    """Return the sandbox that a thread or an assistant asks for."""
    return Sandbox(variables=sandbox_environment(environment))


def default_sandbox(
    environment: Mapping[str, str], readable: Sequence[Path], hidden: Sequence[Path]
) -> Sandbox:
    """Return the sandbox of own kernels for which nobody asked for one. Blocking.

    Parameters
    ----------
    environment
        The variables that kernels may see.
    readable
        Folders of the person. Hidden files directly in them stay hidden.
    hidden
        Folders with secrets, wherever they are.
    """
    kept = {n: v for n, v in environment.items() if n not in ("TMPDIR", "TEMP", "TMP")}
    places = [each.resolve() for each in readable if _can_be_shown(each)]
    masked = [entry for place in places for entry in _hidden_entries(place)]
    # What is imported from outside the environment, such as packages in development.
    places += [each for each in map(Path, sys.path) if each.is_absolute() and each != Path.home()]
    return Sandbox(
        network=True,
        readable=tuple(dict.fromkeys(each.resolve() for each in places)),
        masked=tuple(masked),
        hidden=tuple(dict.fromkeys(each.resolve() for each in hidden)),
        variables=kept,
    )


def _can_be_shown(folder: Path) -> bool:
    """Return whether a folder is one of a person; below / lies everything."""
    return folder.is_dir() and len(folder.resolve().parts) > 1


def _hidden_entries(folder: Path) -> Iterator[Path]:
    """Yield hidden files and folders: keys, tokens and configuration are in them."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            # What a link leads to is seen under its own name, or not at all.
            if entry.name.startswith(".") and not entry.is_symlink():
                yield Path(entry.path)


def command(
    sandbox: Sandbox, folder: Path, sockets: Path, environment: Mapping[str, str]
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
    """
    bwrap = shutil.which("bwrap", path=environment.get("PATH")) or "bwrap"
    words = [bwrap, *_UNSHARED, *_supported(bwrap, "--disable-userns")]
    words += [] if sandbox.network else ["--unshare-net"]
    words += ["--clearenv", "--ro-bind", "/usr", "/usr", *_system(sandbox.network)]
    # Before all that may lie in it. Files of /proc/sys belong to root and need no capability: code of
    # a server that runs as root could name its own program as the one that handles core dumps.
    words += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
    words += [*_supported(bwrap, "--size", str(_MEMORY_FILES)), "--tmpfs", "/tmp"]
    shown, masks = _views(sandbox)
    words += shown
    for place in (folder, sockets):
        words += ["--bind", str(place), str(place)]
    # Only now: places inside of them were mounted meanwhile.
    words += [word for mask in masks for word in ("--remount-ro", str(mask))]
    words += ["--remount-ro", "/", "--chdir", str(folder)]
    for name, value in ({**sandbox.variables, **_variables(sandbox, folder, sockets)}).items():
        words += ["--setenv", name, value]
    return words


def _views(sandbox: Sandbox) -> tuple[list[str], list[Path]]:
    """Return the words that show folders and hide what lies in them, and the empty folders there."""
    prefixes = [Path(each) for each in dict.fromkeys((sys.base_prefix, sys.prefix))]
    shown: list[Path] = []
    # From the outside in: a mount hides those below it that were made before.
    for place in sorted({*sandbox.readable, *prefixes}, key=lambda each: (len(each.parts), each)):
        if place.is_dir() and not _is_in_the_system(place) and not _is_below(place, shown):
            shown.append(place)
    words = _bound(shown)
    masked = [each for each in sandbox.masked if each not in prefixes]
    words += [word for each in masked for word in _mask(each)]
    # Environments often lie in hidden folders.
    words += _bound([each for each in prefixes if _is_below(each, masked)])
    hidden = [each for each in sandbox.hidden if _is_below(each, [*shown, *prefixes, Path("/usr")])]
    words += [word for each in hidden for word in _mask(each)]
    for font_list in _font_lists() if sandbox.network else ():
        words += ["--ro-bind", str(font_list), f"/tmp/matplotlib/{font_list.name}"]
    return words, [each for each in (*masked, *hidden) if each.is_dir()]


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
    return place.is_relative_to("/usr") or place == Path("/tmp")


def _font_lists() -> Iterator[Path]:
    """Yield matplotlib's lists of fonts; without one each first plot takes seconds."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(os.environ.get("MPLCONFIGDIR") or Path(cache, "matplotlib"))
    with contextlib.suppress(OSError):
        yield from (each for each in folder.glob("fontlist-*.json") if os.access(each, os.R_OK))


def _variables(sandbox: Sandbox, folder: Path, sockets: Path) -> dict[str, str]:
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
    if sandbox.network:
        # The environment cannot be written to, so what is installed goes to the thread's folder.
        packages = str(folder / ".packages")
        known = sandbox.variables.get("PYTHONPATH", "")
        made["PIP_TARGET"] = packages
        made["PYTHONPATH"] = os.pathsep.join(filter(None, [packages, known]))
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
    sandbox: Sandbox, folder: Path, sockets: Path, environment: Mapping[str, str]
) -> list[str]:
    """Return the words of :func:`command` after a sandbox was made with them. Blocking.

    Raises
    ------
    ExecutorError
        If not; the text says why, and what to do.
    """
    words = command(sandbox, folder, sockets, environment)
    if not os.path.isabs(words[0]):
        where = "" if sys.platform == "linux" else " It exists for Linux only."
        raise ExecutorError(
            "The sandbox needs bubblewrap (bwrap), which is not installed here."
            f"{where} Install it (apt-get install bubblewrap, dnf install bubblewrap), or {_WITHOUT}"
        )
    try:
        tried = subprocess.run(
            [*words, "true"],
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
        raise _cannot(said[-1])
    return words


def _cannot(why: str) -> ExecutorError:
    return ExecutorError(
        f"The sandbox cannot start on this machine: {why} Containers and some "
        "systems forbid user namespaces; an administrator can allow them "
        f"(sysctl kernel.unprivileged_userns_clone=1, or a seccomp profile with unshare). Or {_WITHOUT}"
    )


def problem(sandbox: Sandbox, environment: Mapping[str, str]) -> str:
    """Return why no such sandbox can be made here; empty if one can. Blocking."""
    folder = make_socket_folder()
    try:
        prepare(sandbox, folder, folder, environment)
    except ExecutorError as error:
        return error.message
    finally:
        remove_scratch_folder(folder)
    return ""
