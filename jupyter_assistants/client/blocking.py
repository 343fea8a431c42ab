"""Runs a coroutine from a plain function in the same thread, also inside a running event loop.

Needed where a host calls the synchronous magic: the model's code must run in the main thread, whose
loop is busy with the very call. So a second loop runs on top of it until the coroutine has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_here(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the coroutine's result; the loop that runs here now stands still meanwhile."""
    outer = asyncio._get_running_loop()
    loop = asyncio.new_event_loop()
    asyncio._set_running_loop(None)
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        asyncio._set_running_loop(outer)
