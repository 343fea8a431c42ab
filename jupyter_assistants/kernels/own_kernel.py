"""Kernels that the pool starts for threads: each works in its thread's own folder."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from traitlets.config import Config

from jupyter_assistants.kernels import sandbox
from jupyter_assistants.kernels.cgroups import Cgroup
from jupyter_assistants.kernels.connection import KernelConnection, KernelGone, settled
from jupyter_assistants.kernels.environment import filter_environment, without_secrets
from jupyter_assistants.kernels.kernel_executor import ExecutorKernel, watch_code
from jupyter_assistants.kernels.limits import KernelLimits
from jupyter_assistants.kernels.sandbox import Sandbox
from jupyter_assistants.kernels.scratch import remove_scratch_folder
from jupyter_assistants.kernels.thread_folders import SET_ASIDE, ThreadFolders
from jupyter_assistants.kernels.watchdog import Watchdog
from jupyter_assistants.kernels.workspace import MOUNT
from jupyter_assistants.protocol.errors import ExecutorError

START_SECONDS = 60.0
_NEW_KERNEL = "A new kernel was started: variables of earlier code are gone."

# What jupyter_client takes for the Python that it runs on itself.
_OWN_PYTHON = frozenset({"python", "python3", f"python3.{sys.version_info.minor}"})


def program_of(spec: KernelSpec) -> str:
    """Return the program that a kernelspec starts, as jupyter_client finds it."""
    return sys.executable if spec.argv[0] in _OWN_PYTHON else str(spec.argv[0])


def kernel_environment(root: Path, more: Sequence[str] = ()) -> dict[str, str]:
    """Return the environment of threads' own kernels; ``more`` are patterns of further names."""
    return filter_environment(os.environ, more) | {
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        # A person's start-up files and history are not a thread's business.
        "IPYTHONDIR": str(root / ".ipython"),
    }


@dataclass(frozen=True)
class KernelSetup:
    """How threads' own kernels are started.

    Parameters
    ----------
    name
        Their kernelspec.
    patience
        Seconds to wait while other code runs.
    variables
        Patterns of the server's variables that they get beyond the usual ones.
    limits
        What they may use of the machine.
    """

    name: str = "python3"
    patience: float = 120
    variables: tuple[str, ...] = ()
    limits: KernelLimits = field(default_factory=KernelLimits)


class OwnSpecs(KernelSpecManager):
    """Finds kernelspecs, and puts what limits a kernel before its command.

    ``words`` and ``is_sandboxed`` are set before a kernel is started.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.words: Sequence[str] = ()
        self.is_sandboxed = False
        self.program = "python"
        """What the kernelspec starts."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the kernelspec of this name, with the words before its command.

        Raises
        ------
        FileNotFoundError
            If its program is not there: what stands before it would say so less well.
        """
        spec: KernelSpec = super().get_kernel_spec(kernel_name)
        first = program_of(spec)
        self.program = first
        if self.words and shutil.which(first) is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), first)
        words = list(self.words)
        if self.is_sandboxed:
            # What the kernelspec sets is set inside. Left in its place, it would be read outside, with
            # what it takes from the server's environment.
            names = (f"{name}={value}" for name, value in without_secrets(spec.env).items())
            words += ["/usr/bin/env", *names] if spec.env else []
            spec.env = {}
            spec.interrupt_mode = "message"
        spec.argv = [*words, first, *spec.argv[1:]]
        return spec


class OwnKernel(ExecutorKernel):
    """A thread's own kernel, working in the thread's own folder.

    Parameters
    ----------
    folders
        Where its thread's folder is.
    box
        The sandbox that it runs in; None for none.
    strict
        Whether somebody asked for the sandbox.
    """

    live = False

    def __init__(
        self,
        setup: KernelSetup,
        folders: ThreadFolders,
        thread_id: str,
        box: Sandbox | None = None,
        *,
        strict: bool = False,
    ) -> None:
        super().__init__()
        self._folders = folders
        self._thread_id = thread_id
        self._own_folder = folders.folder(thread_id)
        self._service_folder = folders.service_folder(thread_id)
        self.box = box
        self.sandboxed = box is not None
        self.strict = strict
        self.place = f"{'sandbox' if strict else 'kernel'} {thread_id}"
        self.patience = setup.patience
        self.used = time.monotonic()
        self._setup = setup
        self._name = setup.name
        self._specs = OwnSpecs()
        self._kernels: AsyncMultiKernelManager | None = None
        self._sockets: Path | None = None
        self._id = ""
        self._connection: KernelConnection | None = None
        self._watchdog: Watchdog | None = None
        self._cgroup: Cgroup | None = None

    def explain(self, status: str, outputs: Sequence[dict[str, Any]]) -> str:
        """Return which limit the code has reached, or what the sandbox kept from it."""
        reached = self._ending() or self._setup.limits.explain(status, outputs)
        if reached or self.box is None:
            return reached
        return self.box.explain(outputs, self._own_folder)

    async def folder(self, connection: KernelConnection) -> Path:
        """Return the thread's folder."""
        self.used = time.monotonic()
        return self._own_folder

    async def connect(self) -> KernelConnection:
        """Return a connection to the kernel, which is started if need be."""
        self.used = time.monotonic()
        connection = self._connection
        if connection is not None and connection.is_open and await self._is_alive():
            return connection
        # Nobody was told yet of an end between two pieces of code.
        ending = self._ending()
        await self.shut_down(now=True)
        self._connection = await self._start()
        if await asyncio.to_thread(self._service_folder.mark_kernel):
            self.note = " ".join(filter(None, [self.note, _NEW_KERNEL, ending]))
        return self._connection

    def _ending(self) -> str:
        """Return once why the kernel was ended for what it used; empty if it was not."""
        return "" if self._watchdog is None else self._watchdog.pop_reason()

    async def end_process(self, connection: KernelConnection) -> bool:
        """See :meth:`.ExecutorKernel.end_process`: nothing of a person is in it."""
        if self._connection is connection:
            # Another one may have been started since.
            await self.shut_down(now=True)
        return True

    async def _is_alive(self) -> bool:
        kernels = self._kernels
        if kernels is None or self._id not in kernels:
            return False
        return bool(await settled(kernels.is_alive(self._id)))

    async def _start(self) -> KernelConnection:
        await asyncio.to_thread(self._prepare_folder)
        with tempfile.TemporaryFile() as log:
            try:
                kernels = await self._launch(log)
            except NoSuchKernel as error:
                raise ExecutorError(
                    f"There is no kernel named '{self._name}'. `jupyter kernelspec list` shows "
                    "those that there are; `python -m ipykernel install --user` adds one."
                ) from error
            except (OSError, RuntimeError) as error:
                raise ExecutorError(
                    f"The kernel '{self._name}' cannot be started: {error}. Check its kernel.json."
                ) from error
            return await self._connected(kernels, log)

    def _prepare_folder(self) -> None:
        """Create the folder, and see at every start to what a sandbox wrote there."""
        is_boxed = self.box is not None
        if not self.strict and self._folders.release(self._thread_id, sandboxed=is_boxed):
            self.note = f"Files that the sandbox wrote are in {MOUNT}/{SET_ASIDE} now."
        if self.box is not None:
            self._folders.mark_sandboxed(self._thread_id, strict=self.strict)
        self._own_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Before the kernel starts: a sandbox shows what is there by then, and Python looks only once
        # whether a folder on its path exists.
        self._service_folder.create()
        if self.box is not None:
            for each in (self._own_folder, self._service_folder.packages):
                sandbox.give_to_code(each)

    async def _launch(self, log: IO[bytes]) -> AsyncMultiKernelManager:
        # A new one for each start: somebody else could have made a folder of the old one's name.
        self._sockets = await asyncio.to_thread(sandbox.make_socket_folder)
        self._specs.words = await asyncio.to_thread(self._words, self._sockets)
        self._specs.is_sandboxed = self.box is not None
        # Only this user enters the folder of the sockets. A port of this machine can be reached, and
        # its outputs be read, by whoever is on it.
        is_ipc = os.name == "posix" and await asyncio.to_thread(self._speaks_ipc)
        # A kernel that has died is started again here, with the next code. jupyter_client's restarter would
        # start another one beside it, or fail because the log is closed.
        options = {"autorestart": False} | ({"transport": "ipc"} if is_ipc else {})
        config = Config({"KernelManager": options})
        kernels = self._kernels = AsyncMultiKernelManager(
            connection_dir=str(self._sockets), kernel_spec_manager=self._specs, config=config
        )
        self._id = str(uuid.uuid4())
        launching = asyncio.ensure_future(
            kernels.start_kernel(
                kernel_id=self._id,
                kernel_name=self._name,
                cwd=str(self._own_folder),
                env=self._environment(),
                stdout=log,
                stderr=log,
                # What code and the kernel itself write is for the owner alone, as all our files are.
                **({"umask": 0o077} if os.name == "posix" else {}),
            )
        )
        try:
            await asyncio.shield(launching)
        except asyncio.CancelledError:
            # A cancelled start must not leave a process that nobody tracks.
            await asyncio.wait([launching])
            await self.shut_down(now=True)
            raise
        self._watch(kernels)
        return kernels

    def _watch(self, kernels: AsyncMultiKernelManager) -> None:
        """Begin to watch what the kernel uses, if its process is one of this machine."""
        pid = getattr(kernels.get_kernel(self._id).provisioner, "pid", None)
        if pid and self._sockets is not None and self._setup.limits != KernelLimits():
            # Code in a sandbox can write to all of these.
            folders = [self._own_folder, self._service_folder.packages, self._sockets]
            is_boxed = self.box is not None
            self._watchdog = Watchdog(
                pid, self._setup.limits, folders, sandboxed=is_boxed, cgroup=self._cgroup
            )
            self._watchdog.start()

    def _words(self, sockets: Path) -> list[str]:
        limits = self._setup.limits.words(sandboxed=self.box is not None)
        self._cgroup = Cgroup.create(self._setup.limits)
        joined = self._cgroup.words() if self._cgroup is not None else []
        if self.box is None:
            return [*joined, *limits]
        words = sandbox.prepare(
            self.box, self._own_folder, sockets, os.environ, service_folder=self._service_folder
        )
        return [*joined, *words, *limits]

    def _speaks_ipc(self) -> bool:
        """Return whether the kernel can be reached by sockets in a folder; R's kernel cannot."""
        if self.box is not None and not self.box.network:
            return True
        return KernelSpecManager().get_kernel_spec(self._name).language.lower() == "python"

    def _environment(self) -> dict[str, str]:
        if self.box is not None:
            return sandbox.outer_environment(os.environ)
        return kernel_environment(self._own_folder.parent, self._setup.variables)

    async def _connected(
        self, kernels: AsyncMultiKernelManager, log: IO[bytes]
    ) -> KernelConnection:
        connection = KernelConnection(kernels.get_kernel(self._id))
        try:
            await connection.open(START_SECONDS)
            # An interrupt in its first moments would kill it, so nobody gets it before.
            if not await connection.idle(START_SECONDS, lambda: None):
                raise KernelGone(f"The kernel does not answer within {START_SECONDS:g} s.")
            await watch_code(connection)
        except KernelGone as gone:
            connection.close()
            await self.shut_down(now=True)
            raise ExecutorError(
                f"The kernel '{self._name}' did not start. {gone} {_last_line(log)} "
                f"If its Python lacks ipykernel: {self._specs.program} -m pip install ipykernel"
            ) from gone
        except asyncio.CancelledError:
            connection.close()
            raise
        return connection

    async def shut_down(self, *, now: bool) -> None:
        """End the process and remove its sockets; the thread's folder stays."""
        if self._watchdog is not None:
            self._watchdog.stop()
            self._watchdog = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._kernels is not None and self._id in self._kernels:
            await settled(self._kernels.shutdown_kernel(self._id, now=now))
        if self._kernels is not None:
            close_sockets(self._kernels)
            self._kernels = None
        self._id = ""
        if self._cgroup is not None:
            await asyncio.to_thread(self._cgroup.remove)
            self._cgroup = None
        if self._sockets is not None:
            await asyncio.to_thread(remove_scratch_folder, self._sockets)
            self._sockets = None


def close_sockets(kernels: AsyncMultiKernelManager) -> None:
    """Close all sockets of a kernel manager that started kernels and whose kernels have ended.

    A manager that is left to the garbage collector closes them in whichever thread the collector runs,
    and waits there for ever for a socket that is collected together with it.
    """
    kernels.context.destroy(linger=0)


def _last_line(log: IO[bytes]) -> str:
    log.seek(0, os.SEEK_END)
    log.seek(max(0, log.tell() - 2_000))
    lines = log.read().decode(errors="replace").strip().splitlines()
    return f"It said: {lines[-1]}." if lines else ""
