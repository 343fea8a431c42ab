"""Tables as models read them: compact CSV with column types and the number of rows.

What a data frame shows to people wraps, hides columns in its middle, and says no types. So kernels add this
text to the displays of tables while an assistant's code runs, and the server takes it out again before an
output is stored or shown (docs/internals/prompts.md, "Outputs").

This runs in the kernel, also where this package is not installed: the server sends this file's text. So it
needs the standard library only, and nothing of ours. Nothing of the user's is called.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from typing import Any

MIME = "text/vnd.jupyter-assistants.table"
MAX_ROWS = 20
LONG = 60
"""Rows above which half as many are shown: whoever wants to read rows selects them."""
MAX_COLUMNS = 30
MAX_CELL = 200
MAX_TABLE = 5_000
"""Characters of one table."""

# What a broken object of a library may answer with; the display goes on without this text.
_ODD = (AttributeError, TypeError, ValueError, KeyError, IndexError, RuntimeError, ArithmeticError)
_LIBRARIES = frozenset({"pandas", "polars"})
_MODULES = ("pandas", "pandas.core.frame", "polars", "polars.dataframe.frame")
_KNOWN = frozenset(
    {
        "builtins",
        "datetime",
        "decimal",
        "fractions",
        "uuid",
        "pathlib",
        "numpy",
        "pandas",
        "shapely",
    }
)
_COLLECTIONS = (list, tuple, set, frozenset, dict)


def install(shell: Any, session: str = "") -> bool:
    """Have a shell add the text to displays of tables.

    Parameters
    ----------
    session
        Only while code of this client's session runs; the user's own cells are left as they are.
    """

    def text(value: Any) -> str | None:
        return table_text(value) if not session or _session_of(shell) == session else None

    formatters = shell.display_formatter.formatters
    # Of IPython's own kind, because others go through all formatters. No value has this method.
    formatter = type(formatters["text/html"])(format_type=MIME, print_method="_repr_for_models_")
    for module in _MODULES:
        formatter.for_type_by_name(module, "DataFrame", text)
    formatters[MIME] = formatter
    return True


def remove(shell: Any) -> None:
    """Undo :func:`install`."""
    shell.display_formatter.formatters.pop(MIME, None)


def _session_of(shell: Any) -> str:
    """Return the session whose code runs; empty if nobody knows."""
    try:
        return str(shell.get_parent()["header"]["session"])
    except _ODD:
        return ""


def table_text(value: Any) -> str | None:
    """Return a data frame as text for a model; None for anything else."""
    library = _library_of_table(value)
    if not library:
        return None
    try:
        return _text(value, library)
    except _ODD:
        return None


def _library_of_table(value: Any) -> str:
    for each in type(value).__mro__:
        library = str(each.__module__).partition(".")[0]
        if each.__name__ == "DataFrame" and library in _LIBRARIES:
            return library
    return ""


def _text(table: Any, library: str) -> str:
    count, width = table.shape
    names = [_name(name) for name in list(table.columns)[:MAX_COLUMNS]]
    kinds = [str(kind) for kind in list(table.dtypes)[:MAX_COLUMNS]]
    types = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
    more = f", and {width - MAX_COLUMNS:,} more columns" if width > MAX_COLUMNS else ""
    half = MAX_ROWS // (2 if count <= LONG else 4)
    lines = [f"[table: {count:,} rows x {width:,} columns; types: {types}{more}]"]
    labels = _labels(table, library)
    lines.append(_line([*labels, *names]))
    if count <= MAX_ROWS:
        lines += _rows(table, library, labels)
    else:
        lines += _rows(table[:half] if library == "polars" else table.iloc[:half], library, labels)
        lines.append(f"[… {count - 2 * half:,} rows left out …]")
        lines += _rows(
            table[-half:] if library == "polars" else table.iloc[-half:], library, labels
        )
    text = "\n".join(lines)
    if len(text) <= MAX_TABLE:
        return text
    return f"{text[:MAX_TABLE]}\n[… {len(text) - MAX_TABLE:,} characters left out …]"


def _labels(table: Any, library: str) -> list[str]:
    """Return the names of the index; none where it only counts the rows."""
    if library == "polars":
        return []
    index = table.index
    if type(index).__name__ == "RangeIndex" and (index.start, index.step) == (0, 1):
        return []
    return ["" if name is None else _name(name) for name in index.names]


def _rows(table: Any, library: str, labels: Sequence[str]) -> Iterator[str]:
    if library == "polars":
        for row in table.iter_rows():
            yield _line([_cell(value) for value in row[:MAX_COLUMNS]])
        return
    rows = table.iloc[:, :MAX_COLUMNS].itertuples(index=False, name=None)
    for label, row in zip(table.index, rows, strict=True):
        keys = [] if not labels else list(label) if len(labels) > 1 else [label]
        yield _line([_cell(value) for value in (*keys, *row)])


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()


def _name(name: Any) -> str:
    if isinstance(name, tuple):
        return "/".join(_cell(part) for part in name)
    return _cell(name)


def _cell(value: Any) -> str:
    """Return a value as a cell; what is missing is empty, what is the user's is named by its type."""
    if isinstance(value, str):
        return value if len(value) <= MAX_CELL else f"{value[:MAX_CELL]}…"
    library = str(type(value).__module__).partition(".")[0]
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(value, float):
        return "" if math.isnan(value) else format(value, ".8g")
    if isinstance(value, _COLLECTIONS):
        # Its items may be the user's, or millions.
        return f"{type(value).__name__} of {len(value):,}"
    if library not in _KNOWN:
        return f"<{type(value).__name__}>"
    text = str(value)
    return text if len(text) <= MAX_CELL else f"{text[:MAX_CELL]}…"
