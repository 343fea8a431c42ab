"""JSON of strangers: parsed with a limit on its depth, which is told in the error.

Python's parser and pydantic's serializer both give up on deep values, each in a way of its own and
at a depth of its own. So everything that clients, models, kernels and files send is parsed here.
Standard library only, because kernels import this module.
"""

from __future__ import annotations

import json
from typing import Any

MAX_DEPTH = 100
"""Levels of arrays and objects. Pydantic writes at most 255, of which our own objects need some."""


class NestedTooDeep(ValueError):
    """JSON with more than :data:`MAX_DEPTH` levels."""

    def __init__(self, most: int = MAX_DEPTH) -> None:
        super().__init__(f"it is nested more than {most} levels deep")


def parse_untrusted(text: str | bytes | bytearray) -> Any:
    """Return the value of a JSON text.

    Raises
    ------
    ValueError
        If it is no JSON.
    NestedTooDeep
        If it has too many levels.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise NestedTooDeep from None
    check_depth(value)
    return value


def check_depth(value: Any, most: int = MAX_DEPTH) -> None:
    """Check that a JSON value has at most so many levels of arrays and objects.

    Raises
    ------
    NestedTooDeep
        If it has more.
    """
    # Level by level, and not by recursion, which would end where the parser's did.
    level = [value]
    for _ in range(most + 1):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise NestedTooDeep(most)
