"""A service beside a running kernel, as a Jupyter server has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jupyter_client.multikernelmanager import AsyncMultiKernelManager

from jupyter_assistants.kernels.own_kernel import close_sockets
from support.service_session import Bench, bench

CODE = {"type": "code_interpreter"}


@asynccontextmanager
async def live(tmp_path: Path, *turns: Any, **options: Any) -> AsyncIterator[tuple[Bench, str]]:
    """Open a service beside a running kernel, with a thread that names this kernel."""
    kernels = AsyncMultiKernelManager()
    kernel_id = await kernels.start_kernel(cwd=str(tmp_path))
    try:
        async with bench(tmp_path / "data", *turns, server_kernels=kernels, **options) as b:
            assistant = await b.ask("POST", "/assistants", model="scripted/it", tools=[CODE])
            thread = await b.ask(
                "POST",
                "/threads",
                messages=[{"role": "user", "content": "go"}],
                tool_resources={"code_interpreter": {"kernel_id": kernel_id}},
            )
            b.assistant_id, b.thread_id = assistant.id, thread.id
            b.extra["kernels"] = kernels
            b.extra["start"] = lambda: kernels.start_kernel(cwd=str(tmp_path))
            yield b, kernel_id
    finally:
        await kernels.shutdown_all(now=True)
        close_sockets(kernels)
