"""Which own kernels run in a sandbox, and in which one."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from jupyter_assistants.kernels import sandbox
from jupyter_assistants.kernels.default_sandbox import default_sandbox
from jupyter_assistants.kernels.environment import filter_environment
from jupyter_assistants.kernels.own_kernel import KernelSetup, program_of
from jupyter_assistants.kernels.sandbox import Sandbox
from jupyter_assistants.protocol.errors import ExecutorError

log = logging.getLogger(__name__)


class SandboxPolicy:
    """The setting ``sandbox``, applied to kernels.

    Parameters
    ----------
    mode
        ``auto``, ``always`` or ``never``.
    readable
        Folders that code in the default sandbox can read.
    hidden
        Folders that it cannot, wherever they are: secrets of Jupyter and of this package.
    variables
        Patterns of the server's variables that it gets beyond the usual ones.
    """

    def __init__(
        self,
        mode: str,
        *,
        readable: Sequence[Path] = (),
        hidden: Sequence[Path] = (),
        variables: Sequence[str] = (),
    ) -> None:
        self.mode = mode
        self._readable = tuple(readable)
        self._hidden = tuple(hidden)
        self._variables = tuple(variables)
        self._problem: str | None = None
        self._lock = asyncio.Lock()

    async def applies(self, wish: bool | None, setup: KernelSetup) -> bool:
        """Return whether a kernel runs in the default sandbox, where nobody asked for a strict one.

        Parameters
        ----------
        wish
            False if the thread asked for none; that holds against ``auto`` only.

        Raises
        ------
        ExecutorError
            If there has to be one and it cannot be made here.
        """
        if self.mode == "never" or (self.mode == "auto" and wish is False):
            return False
        problem = await self.problem(setup)
        if problem and self.mode == "always":
            raise ExecutorError(f"c.JupyterAssistantsApp.sandbox is 'always'. {problem}")
        return not problem

    async def build(self, *, strict: bool, setup: KernelSetup) -> Sandbox:
        """Return the sandbox of a kernel that is to be started, from what lies in the folders now.

        Parameters
        ----------
        strict
            Whether somebody asked for one. Whether that can be made is seen at its start.
        """
        if strict:
            return sandbox.strict_sandbox(os.environ)
        return await asyncio.to_thread(self._default, setup)

    async def problem(self, setup: KernelSetup) -> str:
        """Return why the default sandbox cannot be made here, tried once; empty if it can."""
        async with self._lock:
            if self._problem is None:
                self._problem = await asyncio.to_thread(self._try, setup)
                if self._problem and self.mode == "auto":
                    log.info("Own kernels run without a sandbox: %s", self._problem)
        return self._problem

    def _try(self, setup: KernelSetup) -> str:
        # A Python whose parts lie in places that we do not show could not start in it.
        program = _program_of(setup.name)
        trial = (program, "-c", "import ipykernel") if program else ("true",)
        return sandbox.problem(self._default(setup), os.environ, trial)

    def _default(self, setup: KernelSetup) -> Sandbox:
        environ = filter_environment(os.environ, self._variables)
        program = _program_of(setup.name)
        return default_sandbox(environ, self._readable, self._hidden, program)


def _program_of(kernel_name: str) -> str:
    """Return the Python that a kernelspec starts; empty for other languages and unknown names."""
    try:
        spec = KernelSpecManager().get_kernel_spec(kernel_name)
    except NoSuchKernel:
        return ""
    if not spec.argv or spec.language.lower() != "python":
        return ""
    return program_of(spec)
