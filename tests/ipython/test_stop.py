"""The kernel's interrupt while an assistant's cell runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.kernel_session import KernelSession, Ran, kernel_session, stop_at

pytestmark = pytest.mark.slow

SETUP = """
import asyncio, signal, threading
from jupyter_assistants.ipython.stop import interruptible, on_interrupt, raising

async def waits():
    print('begun', flush=True)
    await asyncio.Event().wait()

def blocks():
    print('begun', flush=True)
    threading.Event().wait()
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelSession]:
    with kernel_session(tmp_path_factory.mktemp("kernel")) as session:
        assert session.run(SETUP).status == "ok"
        yield session


def stopped(kernel: KernelSession, code: str) -> Ran:
    """Run a cell and press Stop when it waits."""
    return kernel.run(code, on_message=stop_at(kernel, "begun"))


def test_stop_wakes_an_idle_await(kernel: KernelSession) -> None:
    ran = stopped(kernel, "with interruptible():\n    await waits()")
    assert ran.reply["ename"] == "KeyboardInterrupt"


def test_the_block_can_tidy_up_with_await(kernel: KernelSession) -> None:
    ran = stopped(
        kernel,
        "with interruptible():\n    try:\n        await waits()\n"
        "    except asyncio.CancelledError:\n"
        "        await asyncio.sleep(0)\n        print('tidied up')\n        raise",
    )
    assert ran.text == "begun\ntidied up\n" and ran.reply["ename"] == "KeyboardInterrupt"


def test_a_block_that_swallows_the_cancel_ends_as_interrupted_all_the_same(
    kernel: KernelSession,
) -> None:
    ran = stopped(
        kernel,
        "with interruptible():\n    try:\n        await waits()\n"
        "    except asyncio.CancelledError: pass",
    )
    assert ran.reply["ename"] == "KeyboardInterrupt"


def test_another_error_of_the_block_is_not_hidden(kernel: KernelSession) -> None:
    ran = stopped(
        kernel,
        "with interruptible():\n    try:\n        await waits()\n"
        "    finally:\n        raise ValueError('while tidying up')",
    )
    assert ran.reply["ename"] == "ValueError"


def test_the_task_is_as_before_and_can_go_on(kernel: KernelSession) -> None:
    ran = stopped(
        kernel,
        "try:\n    with interruptible():\n        await waits()\n"
        "except KeyboardInterrupt:\n"
        "    await asyncio.sleep(0)\n    print(asyncio.current_task().cancelling())",
    )
    assert ran.text == "begun\n0\n"


def test_a_cancel_from_elsewhere_stays_a_cancel(kernel: KernelSession) -> None:
    ran = kernel.run(
        "begun = asyncio.Event()\n"
        "async def stoppable():\n    with interruptible():\n        begun.set()\n"
        "        await asyncio.Event().wait()\n"
        "task = asyncio.create_task(stoppable())\nawait begun.wait()\ntask.cancel()\n"
        "try:\n    await task\nexcept asyncio.CancelledError:\n    print('cancelled')"
    )
    assert ran.text == "cancelled\n"


def test_stop_interrupts_blocking_code_under_raising(kernel: KernelSession) -> None:
    ran = stopped(
        kernel,
        "with interruptible():\n    await asyncio.sleep(0)\n    with raising():\n        blocks()",
    )
    assert ran.reply["ename"] == "KeyboardInterrupt"


def test_the_handler_is_put_back(kernel: KernelSession) -> None:
    ran = kernel.run(
        "before = signal.getsignal(signal.SIGINT)\n"
        "with interruptible():\n    assert signal.getsignal(signal.SIGINT) is not before\n"
        "    await asyncio.sleep(0)\n"
        "print(signal.getsignal(signal.SIGINT) is before)"
    )
    assert ran.text == "True\n"


def test_the_next_cells_can_be_stopped_as_ever(kernel: KernelSession) -> None:
    assert stopped(kernel, "blocks()").reply["ename"] == "KeyboardInterrupt"


def test_off_the_main_thread_nothing_is_installed(kernel: KernelSession) -> None:
    ran = kernel.run(
        "async def work():\n    with interruptible():\n        await asyncio.sleep(0)\n"
        "    return 'done'\n"
        "print(await asyncio.to_thread(asyncio.run, work()))"
    )
    assert ran.text == "done\n"
