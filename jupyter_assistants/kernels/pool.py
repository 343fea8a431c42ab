"""Kernels for threads: the live ones of the Jupyter server, and one of its own for each thread."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from jupyter_assistants.kernels.base import Namespace
from jupyter_assistants.kernels.cgroups import delegated_folder
from jupyter_assistants.kernels.kernel_executor import ExecutorKernel, KernelExecutor
from jupyter_assistants.kernels.kernel_info import facts_of_kernel, facts_of_python
from jupyter_assistants.kernels.limits import KernelLimits
from jupyter_assistants.kernels.live_kernel import LiveKernel
from jupyter_assistants.kernels.own_kernel import (
    KernelSetup,
    OwnKernel,
    kernel_environment,
    program_of,
)
from jupyter_assistants.kernels.sandbox import SOCKETS, counts_processes
from jupyter_assistants.kernels.sandbox_policy import SandboxPolicy
from jupyter_assistants.kernels.scratch import remove_leftovers
from jupyter_assistants.kernels.thread_folders import ThreadFolders
from jupyter_assistants.kernels.variable_inspector import inspect_variables
from jupyter_assistants.protocol.errors import ExecutorError


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
    limits
        What those may use of the machine.
    sandbox_policy
        Which of those are in a sandbox, beyond those for which somebody asked.
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
        limits: KernelLimits | None = None,
        sandbox_policy: SandboxPolicy | None = None,
    ) -> None:
        self._folders = ThreadFolders(root)
        # A server that was killed has removed nothing.
        remove_leftovers(SOCKETS)
        self._server_kernels = server_kernels
        self._idle_seconds = idle_seconds
        self._code_seconds = code_seconds
        self._grace_seconds = grace_seconds
        self._setup = KernelSetup(
            kernel_name, code_seconds, tuple(variables), limits or KernelLimits()
        )
        self._sandbox_policy = sandbox_policy or SandboxPolicy("never")
        self._dedicated: dict[str, OwnKernel] = {}
        self._live: dict[str, LiveKernel] = {}
        self._facts: dict[str | None, dict[str, str]] = {}

    async def open(
        self, thread_id: str, *, kernel_id: str | None = None, sandbox: bool | None = None
    ) -> KernelExecutor:
        """Return the live kernel of this id, or the thread's own kernel, started if need be."""
        kernel: ExecutorKernel
        if kernel_id is not None and sandbox:
            raise ExecutorError(
                "The assistant's code runs in a sandbox, and the thread names a live kernel. Take "
                "'kernel_id' out of tool_resources.code_interpreter, or send 'sandbox': false."
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
            service_folder=(
                self._folders.service_folder_of
                if kernel.live
                else lambda folder: self._folders.service_folder(thread_id)
            ),
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

    async def _own_kernel(self, thread_id: str, wish: bool | None) -> OwnKernel:
        strict = self.is_sandboxed(thread_id, wish)
        policy = self._sandbox_policy
        boxed = strict or await policy.applies(wish, self._setup)
        await asyncio.to_thread(self._folders.create_root)
        # Looked up again after everything that is awaited: two calls at once share one kernel, and
        # neither gets one of another grade.
        while (kernel := self._dedicated.get(thread_id)) is None or (
            (kernel.strict, kernel.box is not None) != (strict, boxed)
        ):
            if kernel is not None:
                async with kernel.turn:
                    await kernel.shut_down(now=False)
                if self._dedicated.get(thread_id) is kernel:
                    del self._dedicated[thread_id]
                continue
            box = await policy.build(strict=strict, setup=self._setup) if boxed else None
            if thread_id not in self._dedicated:
                self._dedicated[thread_id] = OwnKernel(
                    self._setup, self._folders, thread_id, box, strict=strict
                )
        # Whoever holds the turn has started it already.
        if not kernel.turn.locked():
            async with kernel.turn:
                await kernel.connect()
        return kernel

    def is_sandboxed(self, thread_id: str, wish: bool | None) -> bool:
        """Return whether the thread's own kernel is or would be locked down."""
        return self._folders.is_sandboxed(thread_id) if wish is None else wish

    def folder(self, thread_id: str) -> Path:
        """Return the working folder of the thread's own kernel."""
        return self._folders.folder(thread_id)

    def outputs_folder(self, thread_id: str) -> Path:
        """Return where long outputs of the thread's own kernel are saved, created if need be."""
        service_folder = self._folders.service_folder(thread_id)
        service_folder.create()
        return service_folder.outputs

    async def sandbox_problem(self) -> tuple[str, str]:
        """Return the setting ``sandbox``, and why sandboxes cannot be made; empty if they can."""
        return self._sandbox_policy.mode, await self._sandbox_policy.problem(self._setup)

    async def counts_processes(self) -> bool:
        """Return whether the system itself limits the processes of a sandbox."""
        if await asyncio.to_thread(delegated_folder) is not None:
            return True
        return await asyncio.to_thread(counts_processes, os.environ)

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
            spec = await asyncio.to_thread(KernelSpecManager().get_kernel_spec, self._setup.name)
        except NoSuchKernel:
            return {}
        limits = self._setup.limits.describe()
        told = {"limits": limits} if limits else {}
        if spec.language.lower() != "python":
            return {"language": spec.language.lower(), **told}
        variables = kernel_environment(self._folders.root, self._setup.variables)
        facts = await asyncio.to_thread(facts_of_python, program_of(spec), variables)
        return facts | told if facts else {}

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
        await asyncio.to_thread(self._folders.remove, thread_id)

    async def close(self) -> None:
        """End every kernel that was started here, and leave the others."""
        for live in self._live.values():
            live.close()
        self._live.clear()
        kernels = list(self._dedicated.values())
        self._dedicated.clear()
        await asyncio.gather(*(kernel.shut_down(now=False) for kernel in kernels))
