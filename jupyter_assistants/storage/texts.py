"""Texts as every database takes them."""

from __future__ import annotations

from typing import Any


def storable(**values: str | None) -> dict[str, Any]:
    """Return the values that are not None, fit for any database.

    Ids come from outside. A NUL or half a surrogate pair makes a driver fail where it only has
    to find nothing.
    """
    return {
        name: value.encode(errors="replace").decode().replace("\0", "?")
        for name, value in values.items()
        if value is not None
    }
