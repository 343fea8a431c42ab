"""What tests of running code share: ways to wait for states of code, and what came out."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from jupyter_assistants.kernels.base import NOBODY, Attendant, Output, Result
from jupyter_assistants.kernels.kernel_executor import KernelExecutor
from support.waiting import eventually, until

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


class Gate:
    """Code of Python that says that it has begun, and waits until a test lets it go on."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="gate-"))
        self._begun, self._open = folder / "begun", folder / "open"
        self.touch = f"__import__('pathlib').Path({str(self._begun)!r}).touch()"
        """An expression that says that the code has begun."""
        self.wait = self.wait_with("time.sleep(0.01)")
        """Statements that say it, and then wait until the gate is open."""
        self.touch_in_shell = f"touch {self._begun}"

    def wait_with(self, pause: str) -> str:
        """Return statements that wait by this statement."""
        is_open = f"os.path.exists({str(self._open)!r})"
        return f"import os, time\n{self.touch}\nwhile not {is_open}: {pause}"

    async def begun(self) -> None:
        """Wait until the code has begun."""
        await eventually(self._begun.exists)

    def until_begun(self, seconds: float) -> None:
        """Wait until the code has begun, where there is no event loop."""
        until(self._begun.exists, seconds=seconds)

    def open(self) -> None:
        """Let the code go on."""
        self._open.touch()


async def begun(
    executor: KernelExecutor, code: str, attendant: Attendant = NOBODY
) -> asyncio.Task[Any]:
    """Start code of Python, and return its task once it runs in the kernel."""
    gate = Gate()
    task = asyncio.create_task(executor.run(f"{gate.touch}\n{code}", ignore, attendant))
    await gate.begun()
    return task
