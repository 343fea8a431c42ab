"""A locked-down kernel: bubblewrap around it, for code that nobody has to trust.

No network, not even this machine's own; no environment; a read-only system; of the files of the user
only the thread's folder. Without loopback the kernel speaks over sockets in the file system, and
without a shared process table it is interrupted by a message (docs/internals/sandbox.md, "What shapes
it").
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from jupyter_assistants.protocol.errors import ExecutorError

SECONDS = 20.0
_UNSHARED = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"),
    *("--unshare-cgroup-try", "--die-with-parent", "--new-session"),
)
# What programs read of /etc to find libraries, fonts and the time; no passwords, no configuration.
_ETC = (
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime"),
    *("timezone", "mime.types", "locale.alias"),
)
_TOPS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_KEPT = ("LANG", "LC_ALL", "TZ")


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
    words = ["bwrap", *_UNSHARED, "--clearenv", "--ro-bind", "/usr", "/usr", *_system()]
    # Before all that may lie in it.
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        if not prefix.startswith("/usr/"):
            words += ["--ro-bind", prefix, prefix]
    for place in (folder, sockets):
        words += ["--bind", str(place), str(place)]
    words += ["--chdir", str(folder)]
    for name, value in _variables(folder, sockets, environment).items():
        words += ["--setenv", name, value]
    return words


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
    kept = {name: environment[name] for name in _KEPT if name in environment}
    return kept | {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "USER": "sandbox",
        "LOGNAME": "sandbox",
        "IPYTHONDIR": "/tmp/ipython",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "JUPYTER_RUNTIME_DIR": str(sockets),
    }


def check(folder: Path, sockets: Path, environment: Mapping[str, str]) -> None:
    """Check that a sandbox can be made here. Blocking.

    Raises
    ------
    ExecutorError
        If not; the text says why, and what to do.
    """
    if shutil.which("bwrap", path=environment.get("PATH")) is None:
        where = "" if sys.platform == "linux" else " It exists for Linux only."
        raise ExecutorError(
            "The sandbox of this assistant needs bubblewrap (bwrap), which is not installed here."
            f"{where} Install it (apt-get install bubblewrap, dnf install bubblewrap), or take "
            "'sandbox' out of the assistant's tool_resources.code_interpreter."
        )
    try:
        tried = subprocess.run(
            [*command(folder, sockets, environment), "true"],
            env=dict(environment),
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


def _cannot(why: str) -> ExecutorError:
    return ExecutorError(
        f"The sandbox of this assistant cannot start on this machine: {why} Containers and some "
        "systems forbid user namespaces; an administrator can allow them "
        "(sysctl kernel.unprivileged_userns_clone=1, or a seccomp profile with unshare). Or take "
        "'sandbox' out of the assistant's tool_resources.code_interpreter."
    )


class SandboxSpecs(KernelSpecManager):
    """Wraps the command of a kernelspec in the sandbox.

    Parameters
    ----------
    words
        What :func:`command` gave.
    """

    def __init__(self, words: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self._words = list(words)

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the kernelspec of this name, inside the sandbox."""
        spec: KernelSpec = super().get_kernel_spec(kernel_name)
        known = {"python", "python3", f"python3.{sys.version_info.minor}"}
        first = sys.executable if spec.argv[0] in known else spec.argv[0]
        spec.argv = [*self._words, first, *spec.argv[1:]]
        spec.interrupt_mode = "message"
        return spec
