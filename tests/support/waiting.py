"""Wait for a state instead of for a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LONG = 60.0
"""Seconds after which a state will not come any more, also on a busy machine."""
_PAUSE = 0.01


def until(condition: Callable[[], T], *, seconds: float = LONG) -> T:
    """Return the first true value of a condition.

    Raises
    ------
    AssertionError
        If there is none within ``seconds``.
    """
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"not true within {seconds} s: {condition}"
        time.sleep(_PAUSE)
    return value


async def eventually(
    condition: Callable[[], T] | Callable[[], Awaitable[T]], *, seconds: float = LONG
) -> T:
    """Return the first true value of a condition, plain or awaitable; see :func:`until`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value  # type: ignore[return-value]
        assert time.monotonic() < end, f"not true within {seconds} s: {condition}"
        await asyncio.sleep(_PAUSE)
