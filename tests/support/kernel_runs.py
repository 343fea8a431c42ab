"""What tests of running code share: a way to wait, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jupyter_assistants.kernels.base import Output, Result

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
