"""Variables of the notebook put into a prompt, which is otherwise left alone.

Only ``{name}`` is replaced, and only when ``name`` is a variable of the notebook: JSON, sets, TeX
and templates pass through. ``{{name}}`` stands for ``{name}``. Text that came from a value is not searched for names again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_CHARACTERS = 8000
HEAD_ROWS = 5
MAX_COLUMNS = 60

_NAME = re.compile(r"\{\{([^\W\d]\w*)\}\}|\{([^\W\d]\w*)\}")
_OF_IPYTHON = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})


@dataclass
class Prompt:
    """A prompt as it is sent.

    Parameters
    ----------
    names
        The variables whose values were inserted.
    notes
        One sentence for each value that was cut.
    """

    text: str
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def interpolate(
    text: str, variables: Mapping[str, Any], mask: Callable[[str], str] = str
) -> Prompt:
    """Replace ``{name}`` by the value of the variable of that name.

    Parameters
    ----------
    mask
        Removes secrets from a value.
    """
    prompt = Prompt("")

    def replacement(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in variables or name in _OF_IPYTHON or name.startswith("__"):
            return match[0]
        if match[1]:
            return match[0][1:-1]
        value, note = describe(variables[name])
        if name not in prompt.names:
            prompt.names.append(name)
            prompt.notes += [f"{{{name}}}: {note}"] if note else []
        return mask(value)

    prompt.text = _NAME.sub(replacement, text)
    return prompt


def describe(value: Any) -> tuple[str, str]:
    """Return a value as text for a model, and a note if the text was cut."""
    if isinstance(value, str):
        return _cut(value)
    if hasattr(value, "shape") and hasattr(value, "head") and hasattr(value, "dtypes"):
        return _table(value)
    return _cut(repr(value))


def _cut(text: str) -> tuple[str, str]:
    if len(text) <= MAX_CHARACTERS:
        return text, ""
    note = f"the first {MAX_CHARACTERS:,} of {len(text):,} characters"
    return f"{text[:MAX_CHARACTERS]}\n[… {note} …]", note


def _table(table: Any) -> tuple[str, str]:
    """Return a data frame or series as its size, its columns and its first rows.

    Recognised by its methods, so that pandas is never imported and similar libraries work too.
    """
    rows, columns = table.shape[0], getattr(table, "columns", None)
    lines = [f"{type(table).__name__}: {' rows x '.join(map(str, table.shape))}"]
    lines[0] += " columns" if columns is not None else " rows"
    if columns is not None:
        # Also right where ``dtypes`` is a list and not a series, as in polars.
        pairs = zip(columns, list(table.dtypes), strict=False)
        named = [f"{name} ({kind})" for name, kind in pairs]
        more = f" and {len(named) - MAX_COLUMNS:,} more" if len(named) > MAX_COLUMNS else ""
        lines.append(f"Columns: {', '.join(named[:MAX_COLUMNS])}{more}")
    head = table.head(HEAD_ROWS)
    whole = getattr(head, "to_string", head.__repr__)
    lines += [f"First {min(HEAD_ROWS, rows)} rows:", whole()]
    text, cut = _cut("\n".join(lines))
    return text, cut or (f"the first {HEAD_ROWS} of {rows:,} rows" if rows > HEAD_ROWS else "")
