"""What tests of running code share: ways to wait for states of code, and what came out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jupyter_assistants.kernels.base import NOBODY, Attendant, Output, Result
from jupyter_assistants.kernels.kernel_executor import KernelExecutor
from support.gate import Gate
from support.waiting import eventually

T = TypeVar("T")
Await = Callable[[Coroutine[Any, Any, T]], T]


def ignore(output: Output) -> None:
    """Take an output and do nothing."""


def texts(result: Result) -> list[str]:
    """The text of each output."""
    return [
        output.get("text") or output.get("ename") or output["data"].get("text/plain", "")
        for output in result.outputs
    ]


class Clock:
    """The time of code that runs, which only the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


async def begun(
    executor: KernelExecutor, code: str, attendant: Attendant = NOBODY
) -> asyncio.Task[Any]:
    """Start code of Python, and return its task once it runs in the kernel.

    Raises
    ------
    AssertionError
        If the code ends before it begins; an error of the executor is raised as it is.
    """
    gate = Gate()
    task = asyncio.create_task(executor.run(f"{gate.touch}\n{code}", ignore, attendant))
    await eventually(lambda: gate.is_begun or task.done())
    assert gate.is_begun, f"the code did not begin: {task.result()}"
    return task
