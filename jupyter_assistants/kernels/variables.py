"""What is in a notebook's namespace, for a model: names, types and shapes, values when asked for.

Nothing of the user's is called: their ``__repr__`` may take minutes, or answer with megabytes.
Names that look secret are left out. This runs in the user's kernel, also where this package is not
installed: the server sends this file's text. So it needs the standard library only, and nothing of
ours.
"""

from __future__ import annotations

import re
import reprlib
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

MAX_VARIABLES = 60
MAX_COLUMNS = 40
MAX_NAME = 60
MAX_CHARACTERS = 6_000
MAX_MENTIONS = 20
MAX_VALUE = 4_000
HEAD_ROWS = 5
SECONDS = 0.04
MAX_COUNTED = 20_000_000
"""Numbers that are looked at for missing values and ranges, in all tables together; a text costs as
much as 30 numbers. A count and no clock, so that the same tables are described alike every time."""
TEXT_COST = 30

_OF_IPYTHON = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
_PLAIN = (bool, int, float, complex, type(None))
_SIZED = (str, bytes, bytearray, list, tuple, dict, set, frozenset, range)
_UNITS: dict[type, str] = {str: "characters", bytes: "bytes", bytearray: "bytes"}
_SHAPED = frozenset({"numpy", "torch", "tensorflow", "jax", "jaxlib", "scipy", "xarray", "cupy"})
_PRINTED = frozenset({"numpy", "pandas", "polars"})
_TABLES = frozenset({"pandas", "polars", "geopandas", "modin", "dask", "pyarrow"})
# What a broken object of a library may answer with; the rest of the summary goes on.
_ODD = (AttributeError, TypeError, ValueError, KeyError, IndexError, RuntimeError)


_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SECRET_WORDS = frozenset(
    [
        "apikey",
        "apikeys",
        "token",
        "secret",
        "secrets",
        "password",
        "passwords",
        "passwd",
        "pwd",
        "passphrase",
        "credential",
        "credentials",
        "pat",
        "dsn",
        "auth",
    ]
)
# "key" alone is any key of any dictionary.
_SECRET_ENDS = frozenset(["key", "keys"])
MADE = " (made by your code)"
"""Behind variables that are not the user's own; all others must not be bound to something else."""
_LEDGER = "jupyter_assistants.kernels.ledger"
_MENTION = re.compile(r"(?<![\w@./])@([^\W\d]\w*)")


def is_secret(name: str) -> bool:
    """Return whether a variable's name looks as if its value were secret."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return bool(_SECRET_WORDS.intersection(words)) or (
        len(words) > 1 and words[-1] in _SECRET_ENDS and words[0] not in ("sort", "group", "by")
    )


def mentioned(text: str) -> list[str]:
    """Return the names that a prompt mentions as ``@name``, each once."""
    return list(dict.fromkeys(_MENTION.findall(text)))


def summary(
    namespace: Mapping[str, Any], *, hidden: Mapping[str, Any] | None = None, rows: int = 0
) -> str:
    """Return one line for each variable, tables first; empty if there is none.

    Parameters
    ----------
    hidden
        What the shell itself has put there.
    rows
        So many first rows of each data frame are shown as well.
    """
    found, left_out = catalogue(namespace, hidden=hidden, rows=rows)
    return listed(found, left_out)


def listed(found: Sequence[Mapping[str, str]], left_out: int = 0) -> str:
    """Return the lines of a catalogue, as many as there is room for."""
    return _within([f"- {each['name']}: {each['text']}{each['rows']}" for each in found], left_out)


def catalogue(
    namespace: Mapping[str, Any],
    *,
    hidden: Mapping[str, Any] | None = None,
    rows: int = 0,
    ranges: bool = True,
) -> tuple[list[dict[str, str]], int]:
    """Return ``name``, ``type``, ``text`` and ``rows`` of each variable, and how many are left out.

    Parameters
    ----------
    ranges
        Whether the first and the last date of columns and indexes may be told.
    """
    until = time.monotonic() + SECONDS
    tables: list[dict[str, str]] = []
    others: list[dict[str, str]] = []
    left_out = 0
    columns = _Columns(ranges)
    # The ledger is there only where an assistant's code has run.
    ledger = sys.modules.get(_LEDGER)
    made = ledger.ledger().assistant_names(namespace) if ledger is not None else ()
    for name, value in _own(namespace, hidden or {}):
        if len(tables) + len(others) >= MAX_VARIABLES or time.monotonic() > until:
            left_out += 1
            continue
        table = _is_table(value)
        found = {
            "name": name[:MAX_NAME],
            "type": type(value).__name__[:MAX_NAME],
            "text": _described(value, columns) + (MADE if name in made else ""),
            "rows": _first(value, rows) if table and rows else "",
        }
        (tables if table else others).append(found)
    return tables + others, left_out


def describe_variables(
    namespace: Mapping[str, Any],
    hidden: Mapping[str, Any] | None = None,
    names: Sequence[str] = (),
    rows: int = 0,
    head: int = 0,
) -> dict[str, Any]:
    """Return the catalogue, and the values of these names, as plain literals.

    Parameters
    ----------
    rows, head
        So many first rows of tables in the catalogue, and in the values; 0 for none and no values.
    """
    found, left_out = catalogue(namespace, hidden=hidden, rows=rows, ranges=head > 0)
    values = {name: value_of(namespace, name, head) for name in names[:MAX_MENTIONS]}
    return {"variables": found, "left_out": left_out, "values": values}


def value_of(namespace: Mapping[str, Any], name: str, rows: int = HEAD_ROWS) -> str:
    """Return a variable that the user names: schema, first rows, or value, within a budget.

    Parameters
    ----------
    rows
        So many rows of a table; 0 for no rows and no values.
    """
    if is_secret(name):
        return "not sent, because its name looks secret"
    if name not in namespace or name.startswith("_") or name in _OF_IPYTHON:
        return "no variable of this name"
    value = namespace[name]
    text = _described(value, _Columns(ranges=rows > 0))
    if rows and _is_table(value):
        text += _first(value, rows)
    elif rows and type(value).__name__ in ("Series", "ndarray") and _library(value) in _PRINTED:
        with suppress(*_ODD):
            text += "\n" + repr(value.head(rows) if hasattr(value, "head") else value)
    elif rows and type(value) in (*_PLAIN, *_SIZED):
        text += "\n" + _literal(value)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}\n[… cut …]"


def _literal(value: Any) -> str:
    """Return a value of Python's own types; what is the user's in it is named by its type."""
    if isinstance(value, str):
        return value[:MAX_VALUE]
    return _Literal().repr(value)


class _Literal(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = 50
        self.maxstring = self.maxlong = self.maxother = 500

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, (*_PLAIN, *_SIZED)) and type(x) in (*_PLAIN, *_SIZED):
            return super().repr1(x, level)
        return f"<{_described(x)}>"

    def repr_dict(self, x: Any, level: int) -> str:
        shown = {k: "[secret]" if isinstance(k, str) and is_secret(k) else v for k, v in x.items()}
        return super().repr_dict(shown, level)


def _within(lines: list[str], left_out: int) -> str:
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size <= MAX_CHARACTERS:
            kept.append(line)
    left_out += len(lines) - len(kept)
    if left_out:
        kept.append(f"- and {left_out:,} more")
    return "\n".join(kept)


def _own(namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    # A copy: another thread may define names meanwhile.
    for name, value in list(namespace.items()):
        if not isinstance(name, str) or name.startswith("_") or name in _OF_IPYTHON:
            continue
        if isinstance(value, types.ModuleType) or (name in hidden and hidden[name] is value):
            continue
        if is_secret(name):
            continue
        yield name, value


def _library(value: Any) -> str:
    return str(type(value).__module__).partition(".")[0]


def _is_table(value: Any) -> bool:
    return type(value).__name__ in ("DataFrame", "LazyFrame", "GeoDataFrame", "Table") and (
        _library(value) in _TABLES
    )


def _described(value: Any, columns: _Columns | None = None) -> str:
    text = type(value).__name__[:MAX_NAME]
    with suppress(*_ODD):
        if columns is not None and _is_table(value):
            return _table(value, columns)
        text = _describer(value)(value)
    return text


def _describer(value: Any) -> Callable[[Any], str]:
    kind = type(value)
    if kind in _PLAIN:
        return lambda value: type(value).__name__
    if kind in _SIZED:
        return _sized
    if isinstance(value, types.FunctionType):
        return _function
    if isinstance(value, type):
        return lambda value: f"class {value.__name__[:MAX_NAME]}"
    library = _library(value)
    if library in _TABLES:
        return _table if _is_table(value) else _series
    return _shaped if library in _SHAPED else _named


def _sized(value: Any) -> str:
    kind = type(value)
    return f"{kind.__name__}, {len(value):,} {_UNITS.get(kind, 'items')}"


def _function(value: types.FunctionType) -> str:
    code = value.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return f"function({', '.join(names)[:200]})"


def _named(value: Any) -> str:
    kind = type(value)
    library = _library(value)
    return kind.__name__[:MAX_NAME] if library == "__main__" else f"{library}.{kind.__name__}"


def _shaped(value: Any) -> str:
    shape = tuple(value.shape)
    return f"{_named(value)}, shape {shape}, {value.dtype}"


def _series(value: Any) -> str:
    text = _named(value)
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        text += f", shape {shape}"
    dtype = getattr(value, "dtype", None)
    return text if dtype is None else f"{text}, {dtype}"


def _table(value: Any, columns: _Columns | None = None) -> str:
    text = type(value).__name__
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and all(isinstance(n, int) for n in shape):
        text += f" {shape[0]:,} rows x {shape[1]:,} columns"
    if hasattr(value, "dtypes") and type(value).__name__ != "LazyFrame":
        names = list(value.columns[:MAX_COLUMNS])
        kinds = list(value.dtypes[:MAX_COLUMNS] if isinstance(value.dtypes, list) else [])
        kinds = kinds or list(value.dtypes.iloc[:MAX_COLUMNS])
        facts = ["" for _ in names] if columns is None else columns.facts(value, kinds)
        listed = [f"{_column(n)} ({k}{f})" for n, k, f in zip(names, kinds, facts, strict=False)]
        more = len(value.columns) - len(names)
        text += ": " + ", ".join(listed) + (f" and {more:,} more" if more > 0 else "")
        text += "" if columns is None else columns.index(value)
    return text


class _Columns:
    """Reader of columns: how many values are missing, and from when to when dates go.

    Only libraries whose tables lie in memory are asked: dask and modin would begin to compute.
    """

    def __init__(self, ranges: bool) -> None:
        self._ranges = ranges
        self._left = MAX_COUNTED

    def facts(self, table: Any, kinds: Sequence[Any]) -> list[str]:
        library = _library(table)
        if library not in ("pandas", "geopandas", "polars"):
            return ["" for _ in kinds]
        return [self._fact(table, at, str(kind), library) for at, kind in enumerate(kinds)]

    def index(self, table: Any) -> str:
        if _library(table) not in ("pandas", "geopandas"):
            return ""
        index = table.index
        if type(index).__name__ == "RangeIndex":
            return ""
        names = ", ".join(_column(name) for name in index.names if name is not None)
        kind = "MultiIndex" if index.nlevels > 1 else str(index.dtype)
        return f"; index {names} ({kind}{self._range(index, kind)})".replace("  ", " ")

    def _fact(self, table: Any, at: int, kind: str, library: str) -> str:
        fact = ""
        with suppress(*_ODD):
            column = table.iloc[:, at] if library != "polars" else table[table.columns[at]]
            if library == "polars":
                missing = int(column.null_count())
            elif self._affords(len(column), kind):
                missing = int(column.isna().sum())
            else:
                return ""
            fact = f", {missing:,} missing" if missing else ""
            fact += self._range(column, kind)
        return fact

    def _range(self, values: Any, kind: str) -> str:
        dated = kind.startswith(("datetime64", "period", "Date"))
        if not (self._ranges and dated and len(values) and self._affords(len(values), kind)):
            return ""
        first, last = (
            str(each)[:40].replace(" 00:00:00", "") for each in (values.min(), values.max())
        )
        return "" if "NaT" in (first, last) else f", from {first} to {last}"

    def _affords(self, rows: int, kind: str) -> bool:
        plain = kind.lower().startswith(
            ("int", "uint", "float", "bool", "datetime", "timedelta", "period")
        )
        price = rows if plain else rows * TEXT_COST
        if price > self._left:
            return False
        self._left -= price
        return True


def _column(name: Any) -> str:
    if isinstance(name, str):
        return name[:MAX_NAME]
    # Numbers and dates; anything else may be the user's own, and take its time.
    known = _library(name) in ("builtins", "datetime", "numpy", "pandas")
    return str(name)[:MAX_NAME] if known else type(name).__name__


def _first(value: Any, rows: int) -> str:
    text = ""
    with suppress(*_ODD):
        head = value.head(rows)
        shown = head.to_string(max_cols=12, max_colwidth=40) if hasattr(head, "to_string") else ""
        text = shown or str(head)
    return "".join(f"\n    {line}" for line in text.splitlines())
