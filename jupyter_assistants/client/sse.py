"""Server-sent events, decoded line by line.

Thirty lines of our own, because this runs in the user's kernel: neither the standard library nor
anything that ipykernel brings decodes events, and a package for it would be one more requirement of
every kernel.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any


def decode(lines: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    """Yield name and parsed data of every event.

    Comments are skipped. Data that is no JSON (``[DONE]``) stays text, and an event that the end of
    the stream cuts off is dropped.
    """
    name, data = "", list[str]()
    for raw in lines:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not line and data:
            yield name or "message", _parsed("\n".join(data))
            name, data = "", []


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
