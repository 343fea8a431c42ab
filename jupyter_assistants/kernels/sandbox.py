"""A locked-down kernel: bubblewrap around it, for code that nobody has to trust.

No network, not even this machine's own; no environment; a read-only system; of the files of the user
only the thread's folder. Without loopback the kernel speaks over sockets in the file system, and
without a shared process table it is interrupted by a message (docs/internals/sandbox.md, "What shapes
it").
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from jupyter_assistants.kernels.environment import sandbox_environment, without_secrets
from jupyter_assistants.kernels.scratch import make_scratch_folder
from jupyter_assistants.protocol.errors import ExecutorError

SECONDS = 20.0
_UNSHARED = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"),
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
_TOPS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


def command(folder: Path, sockets: Path, environment: Mapping[str, str]) -> list[str]:
    """Return the words that put a command into the sandbox.

    Parameters
    ----------
    folder
        The only folder that can be written to.
    sockets
        Where the kernel's connection file and sockets are.
    environment
        Of this process; little of it is kept.
    """
    bwrap = shutil.which("bwrap", path=environment.get("PATH")) or "bwrap"
    words = [bwrap, *_UNSHARED, *_forbid_namespaces(bwrap)]
    words += ["--clearenv", "--ro-bind", "/usr", "/usr", *_system()]
    # Before all that may lie in it. Files of /proc/sys belong to root and need no capability: code of
    # a server that runs as root could name its own program as the one that handles core dumps.
    words += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        if not prefix.startswith("/usr/"):
            words += ["--ro-bind", prefix, prefix]
    for place in (folder, sockets):
        words += ["--bind", str(place), str(place)]
    words += ["--remount-ro", "/", "--chdir", str(folder)]
    for name, value in _variables(folder, sockets, environment).items():
        words += ["--setenv", name, value]
    return words


SOCKETS = "ja-"
"""How the names of folders for sockets begin."""


def make_socket_folder() -> Path:
    """Create a folder for a kernel's connection file and sockets.

    Not in the data folder: the path of a socket has at most 107 bytes. Only this user can enter it;
    whoever reads the connection file can run code in the kernel. If this process is killed, the next
    pool removes it.
    """
    return make_scratch_folder(SOCKETS)


@functools.cache
def _forbid_namespaces(bwrap: str) -> tuple[str, ...]:
    """Return the option that forbids further user namespaces; bubblewrap has it from 0.8 on.

    Older versions do without: in a namespace below this one the mounts cannot be changed either.
    """
    try:
        done = subprocess.run([bwrap, "--help"], capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return ("--disable-userns",) if "--disable-userns" in done.stdout else ()


def outer_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of bubblewrap itself: code can read it in ``/proc/1/environ``."""
    return {name: environment[name] for name in ("PATH",) if name in environment}


def _system() -> Iterator[str]:
    for name in _TOPS:
        top = Path("/", name)
        if top.is_symlink():
            yield from ("--symlink", str(top.readlink()), str(top))
        elif top.is_dir():
            yield from ("--ro-bind", str(top), str(top))
    for name in _ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")


def _variables(folder: Path, sockets: Path, environment: Mapping[str, str]) -> dict[str, str]:
    return sandbox_environment(environment) | {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "USER": "sandbox",
        "LOGNAME": "sandbox",
        "IPYTHONDIR": "/tmp/ipython",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "JUPYTER_RUNTIME_DIR": str(sockets),
    }


def prepare(folder: Path, sockets: Path, environment: Mapping[str, str]) -> list[str]:
    """Return the words of :func:`command` after a sandbox was made with them. Blocking.

    Raises
    ------
    ExecutorError
        If not; the text says why, and what to do.
    """
    words = command(folder, sockets, environment)
    if not os.path.isabs(words[0]):
        where = "" if sys.platform == "linux" else " It exists for Linux only."
        raise ExecutorError(
            "The sandbox of this assistant needs bubblewrap (bwrap), which is not installed here."
            f"{where} Install it (apt-get install bubblewrap, dnf install bubblewrap), or take "
            "'sandbox' out of the assistant's tool_resources.code_interpreter."
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
        f"The sandbox of this assistant cannot start on this machine: {why} Containers and some "
        "systems forbid user namespaces; an administrator can allow them "
        "(sysctl kernel.unprivileged_userns_clone=1, or a seccomp profile with unshare). Or take "
        "'sandbox' out of the assistant's tool_resources.code_interpreter."
    )


class SandboxSpecs(KernelSpecManager):
    """Wraps the command of a kernelspec in the sandbox.

    ``words`` are what :func:`prepare` gave; they are set before a kernel is started.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.words: Sequence[str] = ()

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the kernelspec of this name, inside the sandbox."""
        spec: KernelSpec = super().get_kernel_spec(kernel_name)
        words = list(self.words)
        known = {"python", "python3", f"python3.{sys.version_info.minor}"}
        first = sys.executable if spec.argv[0] in known else spec.argv[0]
        # What the kernelspec sets is set inside. Left in its place, it would be read outside, with
        # what it takes from the server's environment.
        for name, value in without_secrets(spec.env).items():
            words += ["--setenv", name, value]
        spec.env = {}
        spec.argv = [*words, first, *spec.argv[1:]]
        spec.interrupt_mode = "message"
        return spec
