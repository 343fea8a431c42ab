"""Bridges between blocking code, event loops and threads, for callers that have only one of them.

A kernel's loop runs already when a magic begins, and it must not stand still while a cell waits
for a model. So reading happens in threads that feed the caller's loop, and a plain function that
needs a coroutine's result gets a loop of its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jupyter_assistants.protocol.errors import AssistantsError

T = TypeVar("T")


async def run_blocking(work: Callable[[], T], stop: Callable[[], None]) -> T:
    """Run blocking work in a new thread and return its result; call ``stop`` when cancelled.

    Not in the loop's executor: Python joins its threads at exit, and a read may never end.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def body() -> None:
        try:
            outcome: tuple[T | None, BaseException | None] = (work(), None)
        except (AssistantsError, OSError, ValueError) as error:
            outcome = (None, error)
        call_on_loop(loop, settle, *outcome)

    threading.Thread(target=body, daemon=True, name="jupyter_assistants request").start()
    try:
        return await future
    except asyncio.CancelledError:
        stop()
        raise


def call_on_loop(
    loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: Any
) -> None:
    """Schedule a call on a loop from another thread; do nothing if the loop is closed."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(call, *arguments)


def run_in_thread(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop in a new thread and return its result, from any thread.

    A line magic is a plain function inside the kernel's running loop, so the coroutine cannot run
    on that loop. It must not touch the user's namespace.
    """
    results: list[T] = []
    failures: list[BaseException] = []

    def body() -> None:
        try:
            results.append(asyncio.run(coroutine))
        except (AssistantsError, OSError, ValueError) as error:
            failures.append(error)

    thread = threading.Thread(target=body, daemon=True, name="jupyter_assistants command")
    thread.start()
    while thread.is_alive():
        # A bare join cannot be interrupted on every platform.
        thread.join(0.2)
    if failures:
        raise failures[0]
    return results[0]


def run_nested(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in this thread and return its result, even inside a running event loop.

    Needed where a host calls the synchronous magic: the model's code must run in the main thread,
    whose loop is busy with this very call. A second loop runs on top of it, and the outer loop
    stands still until the coroutine has ended.
    """
    outer = asyncio._get_running_loop()
    loop = asyncio.new_event_loop()
    asyncio._set_running_loop(None)
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        asyncio._set_running_loop(outer)
