"""JSON as endpoints send it: values of the wrong type, null for anything, calls glued together.

Every endpoint departs from the API that it copies somewhere. A value that is not of the expected
type counts as absent, so that one odd field never fails an answer.
"""

from __future__ import annotations

import json
from typing import Any

from jupyter_assistants.models.lenient_json import decode_lenient, parse_lenient
from jupyter_assistants.protocol.json_text import parse_untrusted


def as_text(value: Any) -> str:
    """Return a string, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def as_count(value: Any) -> int:
    """Return a number as an integer, or 0 for anything else."""
    return int(value) if isinstance(value, int | float) else 0


def as_size(value: Any) -> int | None:
    """Return a positive integer, or None for anything else."""
    return value if isinstance(value, int) and value > 0 else None


def as_object(value: Any) -> dict[str, Any]:
    """Return an object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list, or no objects for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def as_arguments(value: Any) -> str:
    """Return a call's arguments as text; some servers send an object, or null for none."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def is_json(text: str) -> bool:
    """Return whether a text is JSON."""
    try:
        parse_untrusted(text)
    except ValueError:
        return False
    return True


def is_truncated(arguments: str) -> bool:
    """Return whether arguments begin as an object, and are none that could be read."""
    if not arguments.lstrip().startswith("{"):
        return False
    try:
        parse_lenient(arguments)
    except ValueError:
        return True
    return False


def split_objects(arguments: str) -> list[str]:
    """Split ``{…}{…}`` into its objects, which may be nearly JSON; anything else stays whole.

    Raw code instead of JSON stays whole too: the code interpreter accepts it.
    """
    text = arguments.strip()
    if not text or is_json(text):
        return [text or "{}"]
    parts, start = list[str](), 0
    while start < len(text):
        try:
            value, end = decode_lenient(text, start)
        except ValueError:
            return [arguments]
        if not isinstance(value, dict):
            return [arguments]
        parts.append(text[start:end])
        start = end
        while start < len(text) and text[start].isspace():
            start += 1
    return parts
