"""Tables as the kernel's pandas reports them, and the code that makes it report."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

MOST_VALUES = 30
_MOST_COLUMNS = 200
_MOST_LINES = 1_000
_LONGEST_LINE = 20_000
_LONGEST_NAME = 100
_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\S{1,40})?")


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
        return self.dtype.lower().startswith(("int", "uint", "float", "double", "decimal"))

    @property
    def is_date(self) -> bool:
        """Return whether it holds dates, as such or as text that sorts and compares like them."""
        if self.dtype.startswith(("datetime", "timestamp", "date32", "date64")):
            return True
        return bool(self.values) and all(map(_DATE.fullmatch, self.values))

    @property
    def is_text(self) -> bool:
        """Return whether it holds texts, categories or truth values."""
        return not self.is_number and not self.is_date


@dataclass(frozen=True)
class Table:
    """A table and its columns.

    ``columns`` may be fewer than ``width``: output is cut, and no name stands twice. They include
    the names of the index of an ``indexed`` table. The rows of a file should be ``numbered``. Of
    ``sheets``, ``sheet`` was read, or the first one. ``remarks`` say how the file was read.
    """

    variable: str
    rows: int
    width: int
    columns: dict[str, Column]
    indexed: bool = False
    numbered: bool = True
    file: str = ""
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def numbers(self) -> list[str]:
        """Return the columns that hold numbers."""
        return [name for name, column in self.columns.items() if column.is_number]

    @property
    def dates(self) -> list[str]:
        """Return the columns that hold dates."""
        return [name for name, column in self.columns.items() if column.is_date]

    @property
    def year_column(self) -> str:
        """Return the column of whole years; empty if there is none."""
        years = [name for name in self.numbers if name.casefold() == "year"]
        return next((name for name in years if "int" in self.columns[name].dtype.lower()), "")

    @property
    def time_column(self) -> str:
        """Return the column of years, or the only one of dates; empty if there is none."""
        return self.year_column or (self.dates[0] if len(self.dates) == 1 else "")


def profile_code(tables: str) -> str:
    """Return code that prints what pairs of a name and a DataFrame hold.

    It leaves no variable in the kernel.
    """
    return f"""# What is in it? A line for each table and column; of text, the first values too
print("tables:", *[
    line
    for name, table in {tables}
    for rows in [table if {{None, *table.columns}} & {{*table.index.names}} else table.reset_index()]
    for plain in [table.index.equals(pd.RangeIndex(len(table)))]
    for line in [[name, *rows.shape, rows is not table, plain], *(
        [name, label, str(column.dtype), int(column.isna().sum()), *(
            column.dropna().astype(str).unique()[:{MOST_VALUES}].tolist()
            if column.dtype.kind in "Ob" else []
        )]
        for label, column in rows.iloc[:, :{_MOST_COLUMNS}].items()
    )]
], sep="\\n")
"""


LIST_TABLES = "import pandas as pd\n\n" + profile_code(
    "[each for each in list(globals().items())"
    " if isinstance(each[1], pd.DataFrame) and not each[0].startswith('_')]"
)


def parse_tables(output: str) -> list[Table] | None:
    """Return the tables that the code of :func:`profile_code` printed; None if it failed."""
    begin = re.search(r"^tables:$", output, re.MULTILINE)
    if begin is None:
        return None
    tables: list[Table] = []
    twice: set[tuple[int, str]] = set()
    for line in output[begin.end() :].splitlines()[:_MOST_LINES]:
        match _parse_list(line):
            case [str(name), int(rows), int(width), bool(indexed), bool(numbered)]:
                tables.append(Table(name, rows, width, {}, indexed, numbered))
            case [str(), str(label), str(dtype), int(missing), *values] if tables and label:
                # Of two columns with one name, pandas would return both.
                known = tables[-1].columns
                if label in known or len(label) > _LONGEST_NAME:
                    twice.add((len(tables) - 1, label))
                known[label] = Column(label, dtype, missing, tuple(map(str, values)))
    for at, label in twice:
        tables[at].columns.pop(label)
    return tables


def _parse_list(line: str) -> list[object]:
    if line[:1] != "[" or len(line) > _LONGEST_LINE:
        return []
    try:
        found = ast.literal_eval(line)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return []
    return found if isinstance(found, list) else []
