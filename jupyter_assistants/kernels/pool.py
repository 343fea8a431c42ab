"""Kernels for threads: the live ones of the Jupyter server, and one of its own for each thread."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.multikernelmanager import AsyncMultiKernelManager
from traitlets.config import Config

from jupyter_assistants.kernels import sandbox
from jupyter_assistants.kernels.base import Namespace
from jupyter_assistants.kernels.connection import KernelConnection, KernelGone, settled
from jupyter_assistants.kernels.environment import filter_environment
from jupyter_assistants.kernels.kernel_executor import ExecutorKernel, KernelExecutor
from jupyter_assistants.kernels.kernel_info import facts_of_kernel, facts_of_python
from jupyter_assistants.kernels.live_kernel import LiveKernel
from jupyter_assistants.kernels.scratch import (
    hold_scratch_folder,
    make_scratch_folder,
    remove_leftovers,
    remove_scratch_folder,
)
from jupyter_assistants.kernels.variable_inspector import inspect_variables
from jupyter_assistants.kernels.workspace import create_inside, safe_name
from jupyter_assistants.protocol.errors import ExecutorError

START_SECONDS = 60.0
_CONNECTIONS = "server-"
# A kernel that has died is started again here, with the next code. jupyter_client's restarter would start
# another one beside it, or fail because the log is closed.
_UNTENDED = Config({"KernelManager": {"autorestart": False}})

# In the folder: variables of a kernel that ran here before are lost when another one starts.
_MARK = ".had-a-kernel"


def kernel_environment(root: Path, more: Sequence[str] = ()) -> dict[str, str]:
    """Return the environment of threads' own kernels; ``more`` are patterns of further names."""
    return filter_environment(os.environ, more) | {
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        # A person's start-up files and history are not a thread's business.
        "IPYTHONDIR": str(root / ".ipython"),
    }


class OwnKernel(ExecutorKernel):
    """A thread's own kernel, working in the thread's own folder.

    Parameters
    ----------
    name
        Its kernelspec.
    patience
        Seconds to wait while other code runs.
    variables
        Patterns of the server's variables that it gets beyond the usual ones.
    """

    live = False

    sandboxed = False

    def __init__(
        self,
        kernels: AsyncMultiKernelManager,
        name: str,
        folder: Path,
        patience: float,
        variables: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.place = f"kernel {folder.name}"
        self.patience = patience
        self.used = time.monotonic()
        self._kernels = kernels
        self._name = name
        self._own_folder = folder
        self._variables = tuple(variables)
        self._id = ""
        self._connection: KernelConnection | None = None

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
        await self.shut_down(now=True)
        self._connection = await self._start()
        if await asyncio.to_thread(self._had_a_kernel):
            self.note = "A new kernel was started: variables of earlier code are gone."
        return self._connection

    def _had_a_kernel(self) -> bool:
        """Return whether a kernel ran in the folder before, and mark that one does."""
        try:
            create_inside(self._own_folder, _MARK, b"")
        except FileExistsError:
            # Perhaps a link of earlier code: nothing behind it is touched.
            return True
        except OSError:
            return False
        return False

    async def end_process(self, connection: KernelConnection) -> bool:
        """See :meth:`.ExecutorKernel.end_process`: nothing of a person is in it."""
        if self._connection is connection:
            # Another one may have been started since.
            await self.shut_down(now=True)
        return True

    async def _is_alive(self) -> bool:
        return self._id in self._kernels and bool(await settled(self._kernels.is_alive(self._id)))

    async def _start(self) -> KernelConnection:
        self._own_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile() as log:
            try:
                await self._launch(log)
            except NoSuchKernel as error:
                raise ExecutorError(
                    f"There is no kernel named '{self._name}'. `jupyter kernelspec list` shows "
                    "those that there are; `python -m ipykernel install --user` adds one."
                ) from error
            except (OSError, RuntimeError) as error:
                raise ExecutorError(
                    f"The kernel '{self._name}' cannot be started: {error}. Check its kernel.json."
                ) from error
            return await self._connected(log)

    async def _launch(self, log: IO[bytes]) -> None:
        self._id = str(uuid.uuid4())
        launching = asyncio.ensure_future(
            self._kernels.start_kernel(
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

    def _environment(self) -> dict[str, str]:
        return kernel_environment(self._own_folder.parent, self._variables)

    async def _connected(self, log: IO[bytes]) -> KernelConnection:
        manager = self._kernels.get_kernel(self._id)
        connection = KernelConnection(manager)
        try:
            await connection.open(START_SECONDS)
            # An interrupt in its first moments would kill it, so nobody gets it before.
            if not await connection.idle(START_SECONDS, lambda: None):
                raise KernelGone(f"The kernel does not answer within {START_SECONDS:g} s.")
        except KernelGone as gone:
            connection.close()
            argv = getattr(manager.kernel_spec, "argv", None) or ["python"]
            await self.shut_down(now=True)
            raise ExecutorError(
                f"The kernel '{self._name}' did not start. {gone} {_last_line(log)} "
                f"If its Python lacks ipykernel: {argv[0]} -m pip install ipykernel"
            ) from gone
        except asyncio.CancelledError:
            connection.close()
            raise
        return connection

    async def shut_down(self, *, now: bool) -> None:
        """End the process; the folder stays."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._id and self._id in self._kernels:
            await settled(self._kernels.shutdown_kernel(self._id, now=now))
        self._id = ""


def close_sockets(kernels: AsyncMultiKernelManager) -> None:
    """Close all sockets of a kernel manager that started kernels and whose kernels have ended.

    A manager that is left to the garbage collector closes them in whichever thread the collector runs,
    and waits there for ever for a socket that is collected together with it.
    """
    kernels.context.destroy(linger=0)


class SandboxKernel(OwnKernel):
    """A thread's own kernel, locked down (:mod:`.sandbox`)."""

    sandboxed = True

    def __init__(self, name: str, folder: Path, patience: float) -> None:
        self._sockets = sandbox.make_socket_folder()
        self._specs = sandbox.SandboxSpecs()
        kernels = AsyncMultiKernelManager(
            connection_dir=str(self._sockets),
            kernel_spec_manager=self._specs,
            config=Config({"KernelManager": {"transport": "ipc", "autorestart": False}}),
        )
        super().__init__(kernels, name, folder, patience)
        self.place = f"sandbox {folder.name}"

    async def _launch(self, log: IO[bytes]) -> None:
        # The kernel before this one has taken it along.
        await asyncio.to_thread(hold_scratch_folder, self._sockets)
        self._specs.words = await asyncio.to_thread(
            sandbox.prepare, self._own_folder, self._sockets, os.environ
        )
        await super()._launch(log)

    def _environment(self) -> dict[str, str]:
        return sandbox.outer_environment(os.environ)

    async def shut_down(self, *, now: bool) -> None:
        """End the process and remove its sockets; the folder stays."""
        await super().shut_down(now=now)
        close_sockets(self._kernels)
        await asyncio.to_thread(remove_scratch_folder, self._sockets)


def _last_line(log: IO[bytes]) -> str:
    log.seek(0, os.SEEK_END)
    log.seek(max(0, log.tell() - 2_000))
    lines = log.read().decode(errors="replace").strip().splitlines()
    return f"It said: {lines[-1]}." if lines else ""


class KernelPool:
    """Opens the kernels of threads.

    Parameters
    ----------
    root
        Where the folders of the threads' own kernels are.
    server_kernels
        The Jupyter server's kernel manager, for live kernels; None where there is no server.
    idle_seconds
        After how long without code a thread's own kernel ends.
    code_seconds
        How long code may run before it is interrupted.
    grace_seconds
        How long it may take to react to that.
    kernel_name
        The kernelspec of the threads' own kernels.
    variables
        Patterns of variables of this process that those get beyond the usual ones.
    """

    def __init__(
        self,
        root: Path,
        *,
        server_kernels: Any = None,
        idle_seconds: float = 3600,
        code_seconds: float = 120,
        grace_seconds: float = 5,
        kernel_name: str = "python3",
        variables: Sequence[str] = (),
    ) -> None:
        self._root = Path(root)
        self._connections: Path | None = None
        # A server that was killed has removed nothing.
        remove_leftovers(sandbox.SOCKETS)
        remove_leftovers(_CONNECTIONS, self._root / ".connections")
        self._server_kernels = server_kernels
        self._idle_seconds = idle_seconds
        self._code_seconds = code_seconds
        self._grace_seconds = grace_seconds
        self._kernel_name = kernel_name
        self._variables = tuple(variables)
        self._kernels: AsyncMultiKernelManager | None = None
        self._dedicated: dict[str, OwnKernel] = {}
        self._live: dict[str, LiveKernel] = {}
        self._facts: dict[str | None, dict[str, str]] = {}

    async def open(
        self, thread_id: str, *, kernel_id: str | None = None, sandbox: bool = False
    ) -> KernelExecutor:
        """Return the live kernel of this id, or the thread's own kernel, started if need be."""
        kernel: ExecutorKernel
        if kernel_id is not None and sandbox:
            raise ExecutorError(
                "The assistant's code runs in a sandbox, and the thread names a live kernel. Take "
                "'kernel_id' or 'sandbox' out of tool_resources.code_interpreter."
            )
        if kernel_id is not None:
            kernel = await self._live_kernel(kernel_id)
        else:
            kernel = await self._own_kernel(thread_id, sandbox)
        return KernelExecutor(
            kernel,
            thread_id,
            code_seconds=self._code_seconds,
            grace_seconds=self._grace_seconds,
        )

    async def _live_kernel(self, kernel_id: str) -> LiveKernel:
        for known, kernel in list(self._live.items()):
            if not kernel.exists and not kernel.turn.locked():
                self._live.pop(known).close()
        kernel = self._live.setdefault(kernel_id, LiveKernel(self._server_kernels, kernel_id))
        if not kernel.exists:
            self._live.pop(kernel_id)
            # Says what to do.
            await kernel.connect()
        return kernel

    async def _own_kernel(self, thread_id: str, sandboxed: bool) -> OwnKernel:
        folder = self.folder(thread_id)
        if self._kernels is None:
            # The files in it hold the kernels' keys.
            connections = self._root / ".connections"
            connections.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._root.chmod(0o700)
            own = make_scratch_folder(_CONNECTIONS, connections)
            self._connections = own
            self._kernels = AsyncMultiKernelManager(connection_dir=str(own), config=_UNTENDED)
        kernel = self._dedicated.get(thread_id)
        if kernel is not None and kernel.sandboxed != sandboxed:
            async with kernel.turn:
                await kernel.shut_down(now=False)
            kernel = None
        if kernel is None:
            name, patience = self._kernel_name, self._code_seconds
            kernel = (
                SandboxKernel(name, folder, patience)
                if sandboxed
                else OwnKernel(self._kernels, name, folder, patience, self._variables)
            )
            self._dedicated[thread_id] = kernel
        # Whoever holds the turn has started it already.
        if not kernel.turn.locked():
            async with kernel.turn:
                await kernel.connect()
        return kernel

    def folder(self, thread_id: str) -> Path:
        """Return the working folder of the thread's own kernel."""
        if safe_name(thread_id) != thread_id:
            raise ExecutorError(f"'{thread_id}' cannot be the name of a folder.")
        return self._root / thread_id

    async def facts(self, kernel_id: str | None) -> dict[str, str]:
        """Return what a kernel is, asked once."""
        if not self._facts.get(kernel_id):
            self._facts[kernel_id] = await self._ask(kernel_id)
        return self._facts[kernel_id]

    async def inspect_variables(
        self, kernel_id: str, *, names: Sequence[str] = (), rows: int = 0, head: int = 0
    ) -> Namespace:
        """Return what is defined in a live kernel, without waiting for a busy one."""
        return await inspect_variables(await self._live_kernel(kernel_id), names, rows, head)

    async def _ask(self, kernel_id: str | None) -> dict[str, str]:
        if kernel_id is not None:
            try:
                return await facts_of_kernel(await self._live_kernel(kernel_id))
            except ExecutorError:
                # The first code says what is wrong with it.
                return {}
        try:
            spec = await asyncio.to_thread(KernelSpecManager().get_kernel_spec, self._kernel_name)
        except NoSuchKernel:
            return {}
        if spec.language.lower() != "python":
            return {"language": spec.language.lower()}
        # jupyter_client takes these names for the Python that it runs on itself.
        own = {"python", "python3", f"python3.{sys.version_info.minor}"}
        executable = sys.executable if spec.argv[0] in own else spec.argv[0]
        variables = kernel_environment(self._root, self._variables)
        return await asyncio.to_thread(facts_of_python, executable, variables)

    async def end_idle(self) -> None:
        """End the threads' own kernels that ran no code for long; whoever owns the pool repeats it."""
        for thread_id, kernel in list(self._dedicated.items()):
            idle = time.monotonic() - kernel.used
            if idle > self._idle_seconds and not kernel.turn.locked():
                async with kernel.turn:
                    self._dedicated.pop(thread_id, None)
                    await kernel.shut_down(now=False)

    async def forget(self, thread_id: str) -> None:
        """End the thread's own kernel and remove its folder."""
        kernel = self._dedicated.pop(thread_id, None)
        if kernel is not None:
            await kernel.shut_down(now=True)
        await asyncio.to_thread(shutil.rmtree, self.folder(thread_id), ignore_errors=True)

    async def close(self) -> None:
        """End every kernel that was started here, and leave the others."""
        for live in self._live.values():
            live.close()
        self._live.clear()
        kernels = list(self._dedicated.values())
        self._dedicated.clear()
        await asyncio.gather(*(kernel.shut_down(now=False) for kernel in kernels))
        if self._kernels is not None:
            close_sockets(self._kernels)
        if self._connections is not None:
            await asyncio.to_thread(remove_scratch_folder, self._connections)
            self._connections = self._kernels = None
