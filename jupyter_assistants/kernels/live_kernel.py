"""A person's own kernel: it is used as it is, and never started, restarted or ended."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from jupyter_assistants.kernels.connection import KernelConnection, KernelGone, settled
from jupyter_assistants.kernels.kernel_executor import ExecutorKernel, working_folder
from jupyter_assistants.protocol.errors import ExecutorError

OPEN_SECONDS = 60.0
REVIVAL_SECONDS = 5.0


class LiveKernel(ExecutorKernel):
    """A kernel of the Jupyter server.

    Parameters
    ----------
    server_kernels
        The Jupyter server's kernel manager.
    """

    live = True
    # A person's cell may take hours, and they see that the assistant waits for it.
    patience = None

    def __init__(self, server_kernels: Any, kernel_id: str) -> None:
        super().__init__()
        self.place = f"kernel {kernel_id}"
        self._kernels = server_kernels
        self._id = kernel_id
        self._connection: KernelConnection | None = None
        self._folder: Path | None = None
        self._asked = False

    @property
    def connected(self) -> KernelConnection | None:
        """Return the connection to the present process, if there is one."""
        connection = self._connection
        return connection if connection is not None and not connection.stale else None

    @property
    def exists(self) -> bool:
        """Whether the server still has it."""
        return self._kernels is not None and self._id in self._kernels

    async def connect(self) -> KernelConnection:
        """Return a connection to the kernel's present process."""
        if not self.exists:
            raise ExecutorError(
                f"No kernel with id '{self._id}' runs here. Open the notebook and start its "
                "kernel, or choose another one."
            )
        if self._connection is not None:
            if not self._connection.stale:
                return self._connection
            self.note = "The kernel was restarted since the last code: its variables are gone."
            self.close()
        manager = self._kernels.get_kernel(self._id)
        deadline = time.monotonic() + REVIVAL_SECONDS
        # A server restarts a kernel that died, after a moment.
        while not (alive := await settled(manager.is_alive())) and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        if not alive:
            raise ExecutorError(f"The kernel '{self._id}' has died. Restart it in the notebook.")
        connection = KernelConnection(manager)
        try:
            await connection.open(OPEN_SECONDS)
        except KernelGone as gone:
            raise ExecutorError(f"{gone} Restart the kernel in the notebook.") from gone
        finally:
            if not connection.arrived:
                connection.close()
        self._connection = connection
        return connection

    async def folder(self, connection: KernelConnection) -> Path | None:
        """Return the folder that the kernel worked in when it was asked first."""
        if not self._asked:
            self._folder = await working_folder(connection)
            self._asked = True
        return self._folder

    def close(self) -> None:
        """Disconnect."""
        self._asked = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None
