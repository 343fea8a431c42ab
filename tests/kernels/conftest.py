"""Real kernels on one event loop for each module."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from support.kernel_runs import Await, Clock, T, ignore

from jupyter_assistants.kernels import execution
from jupyter_assistants.kernels.base import Result
from jupyter_assistants.kernels.kernel_executor import KernelExecutor
from jupyter_assistants.kernels.own_kernel import close_sockets
from jupyter_assistants.kernels.pool import KernelPool


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time by which code that runs in kernels is measured."""
    clock = Clock()
    monkeypatch.setattr(execution, "time", clock)
    return clock


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("threads")


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def wait(loop: asyncio.Runner) -> Await[Any]:
    """Run a coroutine to its end, for tests that do not stay in the loop."""

    def run(coroutine: Coroutine[Any, Any, T]) -> T:
        async def bounded() -> T:
            return await asyncio.wait_for(coroutine, 60)

        return loop.run(bounded())

    return run


@pytest.fixture(scope="module")
def kernel_specs() -> KernelSpecManager:
    """The kernels that can be started; modules may have their own."""
    return KernelSpecManager()


@pytest.fixture(scope="module")
def server_kernels(
    wait: Await[Any], root: Path, kernel_specs: KernelSpecManager
) -> Iterator[AsyncMappingKernelManager]:
    """The kernel manager of a Jupyter server, without the server."""

    async def made() -> AsyncMappingKernelManager:
        return AsyncMappingKernelManager(
            root_dir=str(root), connection_dir=str(root), kernel_spec_manager=kernel_specs
        )

    kernels = wait(made())
    yield kernels
    wait(kernels.shutdown_all(now=True))
    close_sockets(kernels)


@pytest.fixture(scope="module")
def kernels(
    wait: Await[Any], root: Path, server_kernels: AsyncMappingKernelManager
) -> Iterator[KernelPool]:
    kernels = KernelPool(
        root / "own", server_kernels=server_kernels, code_seconds=15, grace_seconds=1
    )
    yield kernels
    wait(kernels.close())


@pytest.fixture(scope="module")
def shared(wait: Await[KernelExecutor], kernels: KernelPool) -> KernelExecutor:
    """One thread's own kernel, for tests that leave it alive."""
    with pytest.MonkeyPatch.context() as patch:
        # Where this is set, ipykernel does not capture what goes past Python's streams.
        patch.delenv("PYTEST_CURRENT_TEST")
        return wait(kernels.open("thread_shared"))


@pytest.fixture
def run(wait: Await[Result], shared: KernelExecutor) -> Callable[[str], Result]:
    """Run code in the shared kernel."""
    return lambda code: wait(shared.run(code, ignore))
