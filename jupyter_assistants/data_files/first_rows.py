"""The first rows of a table in text, as they are written, for a preview."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.data_files.description import describe
from jupyter_assistants.data_files.formats import format_of
from jupyter_assistants.data_files.pandas_call import Reading
from jupyter_assistants.data_files.text import decode, lines_of, rows_of

_MOST_COLUMNS = 200
_LONGEST_CELL = 500


@dataclass(frozen=True)
class FirstRows:
    """The names of the columns, the first rows, whether there are more, and how pandas reads it."""

    header: list[str]
    rows: list[list[str]]
    more: bool
    reading: Reading


def has_first_rows(name: str) -> bool:
    """Return whether a file is a table in text that is not compressed, by its name."""
    format = format_of(name)
    return format is not None and format.reader == "csv" and not format.packing


def first_rows_of(name: str, head: bytes, *, whole: bool, most: int) -> FirstRows:
    """Return the first rows of a file for which :func:`has_first_rows` is true.

    As :func:`.description.describe`, it belongs into a thread.
    """
    reading = describe(name, head, whole=whole)
    try:
        lines = lines_of(decode(head)[0], whole)
        separator = reading.arguments.get("sep", ",")
        rows = rows_of(lines, separator if isinstance(separator, str) else ",")
    except (ValueError, csv.Error):
        return FirstRows([], [], False, reading)
    skipped = reading.arguments.get("skiprows", 0)
    rows = [row for row in rows[skipped if isinstance(skipped, int) else 0 :] if row]
    if "comment" in reading.arguments:
        rows = [row for row in rows if not row[0].startswith("#")]
    names = reading.arguments.get("names")
    if isinstance(names, list):
        header: Sequence[str] = names
    elif reading.numbered:
        header = [f"column_{at}" for at in range(max(map(len, rows[:most]), default=0))]
    else:
        header, rows = (rows[0], rows[1:]) if rows else ([], [])
    more = len(rows) > most or not whole
    return FirstRows(_cut(header), [_cut(row) for row in rows[:most]], more, reading)


def _cut(cells: Sequence[str]) -> list[str]:
    return [cell.strip()[:_LONGEST_CELL] for cell in cells[:_MOST_COLUMNS]]
