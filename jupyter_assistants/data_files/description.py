"""From the name and the beginning of a data file to the way pandas reads it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from jupyter_assistants.data_files.columns import reading_of_columns
from jupyter_assistants.data_files.formats import FileFormat, format_of
from jupyter_assistants.data_files.json_text import reading_of_json
from jupyter_assistants.data_files.pandas_call import Argument, Reading
from jupyter_assistants.data_files.table_layout import Row, TableLayout, layout_of
from jupyter_assistants.data_files.text import (
    SPACES,
    decode,
    find_separator,
    lines_of,
    rows_of,
)

HEAD_BYTES = 1024 * 1024
"""So much of a file is enough, and no more of it is looked at."""
MOST_VALUES = 200
"""So many different values of a column are enough."""
_MOST_NAMES = 60
_SEP_LINE = re.compile(r"sep=(?P<sign>.)\s*", re.IGNORECASE)


def describe(name: str, head: bytes, *, whole: bool) -> Reading:
    """Return how pandas reads a file.

    It takes time that is linear in the head, up to a tenth of a second for a megabyte: call it in a
    thread.

    Parameters
    ----------
    head
        The first bytes of the file's text, without compression; only :data:`HEAD_BYTES` count.
    whole
        Whether there is nothing behind them.

    Raises
    ------
    ValueError
        If it is no data file, by its name.
    """
    format = format_of(name)
    if format is None:
        raise ValueError(f"{name} is no data file that pandas reads")
    if not format.is_text:
        return Reading(format.reader, dict(format.arguments))
    whole = whole and len(head) <= HEAD_BYTES
    try:
        text, encoding = decode(head[:HEAD_BYTES])
    except (ValueError, UnicodeError):
        remark = "The file does not look like text."
        return Reading(format.reader, dict(format.arguments), remarks=(remark,))
    coding: dict[str, Argument] = {"encoding": encoding} if encoding else {}
    remarks = (_ENCODING,) if encoding == "cp1252" else ()
    if format.reader == "json":
        reading = reading_of_json(text, whole, format.arguments)
        return replace(reading, arguments={**reading.arguments, **coding})
    reading = _reading_of_csv(text, whole, format, coding)
    return replace(reading, remarks=(*remarks, *reading.remarks))


_ENCODING = "The file is not in UTF-8 and was read as Windows-1252: check letters such as ä and é."


def _reading_of_csv(
    text: str, whole: bool, format: FileFormat, coding: dict[str, Argument]
) -> Reading:
    lines = lines_of(text, whole)
    begin = next((i for i, line in enumerate(lines) if line.strip()), 0)
    marked = _SEP_LINE.fullmatch(lines[begin]) if lines else None
    if marked:
        separator, begin = marked["sign"], begin + 1
    else:
        begin, separator = 0, _separator(lines, format)
    plain = Reading("csv", {**format.arguments, **coding})
    if not separator:
        return replace(plain, remarks=_about_separator(lines))
    try:
        rows = rows_of(lines[begin:], separator)
    except csv.Error:
        remark = "A quoted cell does not end, so rows may be cut in the wrong places."
        return replace(plain, remarks=(remark,))
    if not any(rows):
        return plain
    layout = layout_of(rows[:1_000])
    arguments: dict[str, Argument] = {} if separator == "," else {"sep": separator}
    reading = Reading("csv", {**arguments, **coding})
    reading = _with_layout(reading, rows, layout, begin)
    return reading.extended(_reading_of_values(rows, layout, separator))


def _separator(lines: Sequence[str], format: FileFormat) -> str:
    """Return the separator of the lines, the one of the ending where they do not say otherwise."""
    found = find_separator(lines)
    said = format.arguments.get("sep")
    return said if isinstance(said, str) and found in ("", SPACES) else found


_FIXED_WIDTH = (
    "Spaces stand between the columns, and rows have different numbers of cells: the columns may have "
    "fixed widths, which pd.read_fwf reads."
)


def _about_separator(lines: Sequence[str]) -> tuple[str, ...]:
    rows = [line.split() for line in lines[:50] if line.strip()]
    several = [row for row in rows if len(row) > 2]
    if len(several) < 2 or len(several) < len(rows) // 2:
        return ()
    return ("No sign was found that separates columns, so there is only one.",)


def _with_layout(reading: Reading, rows: Sequence[Row], layout: TableLayout, begin: int) -> Reading:
    """Add what skips lines and names columns."""
    arguments = dict(reading.arguments)
    top = layout.header if layout.header >= 0 else layout.first
    data = [row for row in rows[layout.first :] if row]
    names = list(layout.names) or ([] if layout.header < 0 else list(rows[layout.header]))
    remarks = list(layout.remarks)
    if _has_comments(data):
        arguments["comment"] = "#"
        remarks.append("Lines that begin with # are skipped.")
        data = [row for row in data if not row[0].startswith("#")]
    if _has_spaces(rows[top : top + 100], arguments):
        arguments["skipinitialspace"] = True
    widths = _read_widths(data, names)
    uneven = len({len(row) for row in data}) > 1 if not names else "names" in widths.arguments
    if arguments.get("sep") == SPACES and uneven:
        return replace(reading, arguments={}, remarks=(_FIXED_WIDTH,))
    arguments |= widths.arguments
    if names and all(len(name) > 2 and name[0] == name[-1] == "'" for name in names):
        arguments["quotechar"] = "'"
    if layout.names and "names" not in arguments:
        arguments["names"] = list(layout.names)
    if "names" in arguments:
        top = layout.first
    elif layout.header < 0:
        arguments["header"] = None
    # pandas leaves out blank lines by itself.
    if begin or any(rows[:top]):
        arguments["skiprows"] = begin + top
    return replace(
        reading,
        arguments=arguments,
        numbered=not names,
        remarks=(*remarks, *widths.remarks),
    )


def _has_comments(data: Sequence[Row]) -> bool:
    """Return whether lines between the rows are comments, and # is nowhere else."""
    rest = [row for row in data if not row[0].startswith("#")]
    if not rest or len(rest) == len(data) or any("#" in cell for row in rest for cell in row):
        return False
    return all(len(row) < len(rest[0]) for row in data if row[0].startswith("#"))


def _has_spaces(rows: Sequence[Row], arguments: dict[str, Argument]) -> bool:
    """Return whether a space stands behind each separator."""
    cells = [cell for row in rows for cell in row[1:] if cell.strip()]
    return bool(cells) and arguments.get("sep") != SPACES and all(cell[:1] == " " for cell in cells)


def _read_widths(data: Sequence[Row], names: Sequence[str]) -> Reading:
    """Return what rows with more or fewer cells than the header need."""
    filled = [at for at, name in enumerate(names) if name.strip()]
    width = len(names)
    # Separators at the end of a header are no columns that rows could lack.
    needed = filled[-1] + 1 if filled else 0
    longer = [row for row in data if len(row) > width]
    shorter = sum(len(row) < needed for row in data)
    remarks = []
    if shorter and width > 1:
        remarks.append(f"{_count(shorter)} fewer cells than the header; what is missing is empty.")
    if not longer or not width:
        return Reading("csv", remarks=tuple(remarks))
    if not any(cell.strip() for row in longer for cell in row[width:]):
        # With a separator at the end of each row but the header, pandas shifts the columns by one.
        every = len(longer) == len(data) and all(len(row) == width + 1 for row in longer)
        given: dict[str, Argument] = {"index_col": False} if every else {"usecols": range(width)}
        return Reading("csv", given, remarks=tuple(remarks))
    most = max(map(len, longer))
    if len(longer) == len(data) and most == min(map(len, longer)):
        # The first column holds the names of the rows, as R writes them.
        return Reading("csv", remarks=tuple(remarks))
    if most > _MOST_NAMES or len(set(names)) < width:
        return Reading(
            "csv",
            {"on_bad_lines": "skip"},
            remarks=(f"{_count(len(longer))} too many cells and are skipped.",),
        )
    extra = [f"extra_{number}" for number in range(1, most - width + 1)]
    remarks.append(
        f"{_count(len(longer))} more cells than the header, which are in {extra[0]}"
        f"{f' to {extra[-1]}' if len(extra) > 1 else ''}: check whether their cells are in the right columns."
    )
    return Reading("csv", {"names": [*names, *extra]}, remarks=tuple(remarks))


def _count(number: int) -> str:
    return "One row has" if number == 1 else f"{number:,} rows have"


def _reading_of_values(rows: Sequence[Row], layout: TableLayout, separator: str) -> Reading:
    """Return what the values of the columns say."""
    if layout.header < 0 and not layout.names:
        return Reading("csv")
    names = list(layout.names) or [cell.strip() for cell in rows[layout.header]]
    values: list[dict[str, None]] = [{} for _ in names]
    for row in rows[layout.first :]:
        for known, cell in zip(values, row, strict=False):
            if len(known) < MOST_VALUES or (len(known) < 5 * MOST_VALUES and _is_rare(cell)):
                known[cell.strip()] = None
    counts = Counter(names)
    columns = {
        name: list(known)
        for name, known in zip(names, values, strict=True)
        if name and counts[name] == 1
    }
    return reading_of_columns("csv", columns, separator)


def _is_rare(cell: str) -> bool:
    """Return whether a value is one of those that decide, however late it comes."""
    return len(cell) <= 20 and (cell[:1] in "0+?-." or cell == "NA" or not cell.isdigit())
