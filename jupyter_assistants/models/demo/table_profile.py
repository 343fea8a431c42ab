"""What a table holds, as the kernel's pandas reports it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

MOST_VALUES = 30
MOST_COLUMNS = 200
_LONGEST_NAME = 100
_LONGEST_LINE = 20_000
_MOST_LINES = 1_000
_DATE = re.compile(
    r"\d{4}[-/]\d{1,2}(?:[-/]\d{1,2})?(?:[T ]\d{1,2}:\d{2}(?::\d{2})?\S{0,20})?"
    r"|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d{1,2}[ -][A-Z][a-z]{2,8}[ -]\d{4}"
)
_DATE_TYPES = ("datetime", "timestamp", "date32", "date64")

_VALUES = 'list(column.dropna().astype(str).unique()[:{}]) if column.dtype.kind == "O" else []'

LIST_TABLES = f"""import pandas as pd

# Which tables are there, and what is in them? Of text, the first values too
print(*[
    [name, *table.shape, type(table.index).__name__, list(table.index.names), [
        [label, str(column.dtype), int(column.isna().sum()), *(
            {_VALUES.format(12)}
        )]
        for label, column in table.iloc[:, :60].items() if isinstance(label, str)
    ]]
    for name, table in list(globals().items())
    if isinstance(table, pd.DataFrame) and not name.startswith("_")
], "end of tables", sep="\\n")
"""
"""Code that prints a profile of every DataFrame of the kernel, oldest first."""


@dataclass(frozen=True)
class Column:
    """A column: its dtype, how many values are missing, and of text the first distinct values."""

    name: str
    dtype: str
    missing: int = 0
    values: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Return whether it holds numbers; truth values are none."""
        return bool(re.match(r"(u?int|float|double|decimal)\d*", self.dtype, re.IGNORECASE))

    @property
    def is_whole(self) -> bool:
        """Return whether it holds whole numbers."""
        return bool(re.match(r"u?int", self.dtype, re.IGNORECASE))

    @property
    def is_truth(self) -> bool:
        """Return whether it holds True and False."""
        return self.dtype.startswith("bool")

    @cached_property
    def is_date(self) -> bool:
        """Return whether it holds points in time, as such or as text."""
        if self.dtype.startswith(_DATE_TYPES):
            return True
        return bool(self.values) and all(_DATE.fullmatch(value) for value in self.values)

    @property
    def is_date_text(self) -> bool:
        """Return whether it holds points in time as text, which code has to parse."""
        return self.is_date and not self.dtype.startswith(_DATE_TYPES)

    @property
    def is_category(self) -> bool:
        """Return whether it holds few texts, categories or truth values."""
        return self.is_truth or (not self.is_number and not self.is_date)


@dataclass(frozen=True)
class TableProfile:
    """A table and its columns.

    Parameters
    ----------
    variable
        The variable that holds it.
    width
        How many columns it has; ``columns`` may be fewer where the output was cut.
    index
        Names of the index levels that become columns.
    is_numbered
        Whether the rows are numbered from 0, as those of a file should be.
    """

    variable: str
    rows: int
    width: int
    columns: dict[str, Column]
    file: str = ""
    index: tuple[str, ...] = ()
    is_numbered: bool = True
    sheets: tuple[str, ...] = ()
    odd_names: bool = False

    @property
    def numbers(self) -> list[str]:
        """Return the columns that hold numbers."""
        return [name for name, column in self.columns.items() if column.is_number]

    @property
    def categories(self) -> list[str]:
        """Return the columns that hold categories, those with few values first."""
        names = [name for name, column in self.columns.items() if column.is_category]
        few = [name for name in names if len(self.columns[name].values) < MOST_VALUES]
        return few + [name for name in names if name not in few]

    @property
    def time_column(self) -> str:
        """Return the column to draw over time: dates, else whole years; or empty."""
        dates = [name for name, column in self.columns.items() if column.is_date]
        return next(iter(dates), self.year_column)

    @property
    def year_column(self) -> str:
        """Return the column of whole years, or empty."""
        whole = [name for name in self.columns if self.columns[name].is_whole]
        return next((name for name in whole if name.strip().casefold() in ("year", "years")), "")

    def observed(self, by: Sequence[str]) -> str:
        """Return the option that keeps categories without rows out of a group-by."""
        return ", observed=True" if any(self.columns[n].dtype == "category" for n in by) else ""


def profile_code(variable: str) -> str:
    """Return code that prints the profile of one table."""
    default = f"{variable}.index.equals(pd.RangeIndex(len({variable})))"
    return f"""print("table:", {variable}.shape, {default}, {variable}.columns.inferred_type)
# The columns: name, type, missing values; of text, the first values too
print(*[
    [str(name), str(column.dtype), int(column.isna().sum()), *(
        {_VALUES.format(MOST_VALUES)}
    )]
    for name, column in {variable}.iloc[:, :{MOST_COLUMNS}].items()
], sep="\\n")
"""


def parse_profile(output: str, variable: str, file: str) -> TableProfile | None:
    """Return the profile in the output of a load; None if the code failed."""
    head = re.search(r"^table: \((\d+), (\d+)\) (True|False) (\S+)$", output, re.MULTILINE)
    if head is None:
        return None
    entries = [parse_list(line) for line in _lists(output[head.end() :])]
    sheets = re.search(r"^sheets: (\[.{0,5000}\])$", output, re.MULTILINE)
    names = parse_list(sheets[1]) if sheets else []
    columns = _columns(entries)
    return TableProfile(
        variable, int(head[1]), int(head[2]), columns, file,
        is_numbered=head[3] == "True",
        sheets=tuple(map(str, names)),
        odd_names=head[4] not in ("string", "empty"),
    )  # fmt: skip


def parse_tables(output: str) -> list[TableProfile] | None:
    """Return the profiles in the output of :data:`LIST_TABLES`; None if the code failed."""
    if "end of tables" not in output:
        return None
    entries = [parse_list(line) for line in _lists(output)]
    return [table for entry in entries if (table := _listed(entry)) is not None]


def _listed(entry: list[object]) -> TableProfile | None:
    match entry:
        case [str(name), int(rows), int(width), str(kind), list(levels), list(columns)]:
            found = _columns([each for each in columns if isinstance(each, list)])
            table = TableProfile(name, rows, width, found)
            return _with_index(table, levels, kind == "DatetimeIndex")
    return None


def _with_index(table: TableProfile, levels: list[object], dated: bool) -> TableProfile:
    names = tuple(str(level) for level in levels if isinstance(level, str))
    if dated and not names:
        names = ("index",)
    # An index level with the name of a column cannot become one.
    if not names or len(names) < len(levels) or set(names) & set(table.columns):
        return table
    dtype = "datetime64[ns]" if dated else "object"
    columns = {**{name: Column(name, dtype) for name in names}, **table.columns}
    return replace(table, columns=columns, index=names)


def _columns(entries: list[list[object]]) -> dict[str, Column]:
    columns = []
    for entry in entries:
        match entry:
            case [str(name), str(dtype), int(missing), *values] if len(name) <= _LONGEST_NAME:
                columns.append(Column(name, dtype, missing, tuple(map(str, values))))
    # Of two columns with one name, pandas would return both.
    count = Counter(column.name for column in columns)
    return {column.name: column for column in columns if count[column.name] == 1}


def _lists(output: str) -> list[str]:
    """Return the lines that begin as a list does, as far as a profile goes."""
    return [line for line in output.splitlines() if line[:1] == "["][:_MOST_LINES]


def parse_list(text: str) -> list[object]:
    """Return the list that a text is the literal of; an empty one if it is none."""
    if len(text) > _LONGEST_LINE:
        return []
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return []
    return found if isinstance(found, list) else []
