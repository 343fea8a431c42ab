"""What both wires mend in the same way: call ids, arguments, and values of the wrong type."""

from __future__ import annotations

import json
import secrets
import string
from typing import Any


def minted() -> str:
    """Return a new call id."""
    letters = string.ascii_letters + string.digits
    return "call_" + "".join(secrets.choice(letters) for _ in range(24))


def objects(arguments: str) -> list[str]:
    """Cut ``{…}{…}`` into its objects; anything else that is not JSON stays whole.

    Raw code instead of JSON is such a thing: the code tool knows what to do with it.
    """
    text = arguments.strip()
    if not text or is_json(text):
        return [text or "{}"]
    decoder, parts, at = json.JSONDecoder(), [], 0
    while at < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            return [arguments]
        if not isinstance(value, dict):
            return [arguments]
        parts.append(text[at:end])
        at = end + len(text[end:]) - len(text[end:].lstrip())
    return parts


def is_torn(arguments: str) -> bool:
    """Return whether arguments began as an object and stop in the middle."""
    return arguments.lstrip().startswith("{") and not is_json(arguments)


def is_json(value: str) -> bool:
    """Return whether a text is JSON."""
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def spelled(arguments: Any) -> str:
    """Return arguments as text; some servers send them as an object, and null for none."""
    if arguments is None:
        return ""
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def text(value: Any) -> str:
    """Return a text, or an empty one for what is none."""
    return value if isinstance(value, str) else ""


def number(value: Any) -> int:
    """Return a count, or 0 for what is none."""
    return int(value) if isinstance(value, int | float) else 0


def entries(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; empty for what is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    """Return an object, or an empty one for what is none."""
    return value if isinstance(value, dict) else {}
