"""How names and texts of the user's data are written into code."""

from __future__ import annotations

import json
from collections.abc import Sequence

_WIDEST = 92


def literal(value: str | Sequence[str]) -> str:
    """Return a Python literal of a text or a list of texts, in double quotes.

    What JSON writes for these is Python as well, so no text can leave its quotes.
    """
    return json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)


def one_line(text: str) -> str:
    """Fold white space, so that a column's name cannot break a comment or a title."""
    return " ".join(text.split())


def assigned(variable: str, first: str, *links: str) -> list[str]:
    """Return an assignment of a chain of calls, on several lines if one is too short."""
    whole = f"{variable} = {first}{''.join(links)}"
    if len(whole) <= _WIDEST:
        return [whole]
    return [f"{variable} = (", f"    {first}", *(f"    {link}" for link in links if link), ")"]


def printed(title: str, value: str) -> list[str]:
    """Return the code that prints a value behind a title."""
    whole = f"print({literal(title + ':')}, {value})"
    if len(whole) <= _WIDEST:
        return [whole]
    return ["print(", f"    {literal(title + ':')},", f"    {value},", ")"]
