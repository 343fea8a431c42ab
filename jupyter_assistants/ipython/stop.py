"""Handlers of the kernel's interrupt, so that Stop ends a run whatever it is doing.

Stock ipykernel wakes no idle ``await`` on SIGINT and interrupts no synchronous code inside an async
cell. While a magic runs these handlers take over, and they restore the earlier ones.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any]


@contextmanager
def on_interrupt(handler: Handler) -> Iterator[None]:
    """Handle SIGINT with this inside the block; does nothing outside the main thread."""
    try:
        before = signal.signal(signal.SIGINT, handler)
    except ValueError:  # not the main thread, as in a subshell: signals cannot be handled there
        yield
        return
    try:
        yield
    finally:
        # None means that the handler was not installed from Python, which cannot restore it.
        signal.signal(signal.SIGINT, signal.default_int_handler if before is None else before)


@contextmanager
def raising() -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGINT at once, for code that blocks the event loop."""
    with on_interrupt(signal.default_int_handler):
        yield


@contextmanager
def interruptible() -> Iterator[None]:
    """Cancel the current task on SIGINT, and raise KeyboardInterrupt at the end of the block.

    The block sees an ordinary ``CancelledError`` at its ``await`` and can clean up. A cancellation
    that comes from elsewhere passes through unchanged.
    """
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("interruptible() needs a running task")
    loop = asyncio.get_running_loop()
    inside, stopped, cancels = True, False, 0

    def cancel() -> None:
        nonlocal cancels
        # The block may have ended before the loop reached this callback.
        if inside and task.cancel():
            cancels += 1

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True
        loop.call_soon_threadsafe(cancel)

    with on_interrupt(stop):
        try:
            yield
        except asyncio.CancelledError:
            if not stopped:
                raise
        finally:
            inside = False
            for _ in range(cancels):
                task.uncancel()
        if stopped:
            raise KeyboardInterrupt("Stopped by the user") from None
