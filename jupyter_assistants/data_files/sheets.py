"""Workbooks: which sheet has the table, and where it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jupyter_assistants.data_files.columns import reading_of_columns
from jupyter_assistants.data_files.pandas_call import Argument, Reading
from jupyter_assistants.data_files.table_layout import layout_of

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Cells = Sequence[Sequence[str]]


def reading_of_sheets(sheets: Mapping[str, Cells], wanted: str = "") -> tuple[str, Reading]:
    """Return the name of the sheet that is read, and how.

    Parameters
    ----------
    sheets
        The first cells of each sheet, as text; empty cells are empty texts.
    wanted
        The sheet that somebody asked for; else it is the first one that holds a table.
    """
    tables = [name for name, cells in sheets.items() if _has_table(cells)]
    chosen = wanted or (tables or list(sheets))[0]
    reading = _reading_of(sheets[chosen])
    if chosen != next(iter(sheets)) or (len(sheets) > 1 and reading.arguments):
        arguments = {"sheet_name": chosen, **reading.arguments}
        reading = Reading("excel", arguments, reading.records, remarks=reading.remarks)
    if not wanted and len(tables) == 1 and len(sheets) > 1:
        reading = reading.extended(
            Reading("excel", remarks=(f'Only the sheet "{chosen}" holds a table.',))
        )
    return chosen, reading


def _has_table(cells: Cells) -> bool:
    wide = [row for row in cells if sum(bool(cell.strip()) for cell in row) > 1]
    return len(wide) > 1


def _reading_of(cells: Cells) -> Reading:
    used = [at for row in cells for at, cell in enumerate(row) if cell.strip()]
    if not used:
        return Reading("excel")
    left, right = min(used), max(used) + 1
    rows = [tuple(row[left:right]) if any(cell.strip() for cell in row) else () for row in cells]
    layout = layout_of(rows)
    arguments: dict[str, Argument] = {}
    top = layout.first if layout.names or layout.header < 0 else layout.header
    if top:
        arguments["skiprows"] = top
    if layout.names:
        arguments["names"] = list(layout.names)
    if layout.header < 0 or layout.names:
        arguments["header"] = None
    if left > 0 and right <= len(_LETTERS):
        arguments["usecols"] = f"{_LETTERS[left]}:{_LETTERS[right - 1]}"
    remarks = list(layout.remarks)
    if left:
        remarks.append(f"The table begins in column {_LETTERS[left % 26]}.")
    reading = Reading("excel", arguments, remarks=tuple(remarks))
    if layout.header < 0 and not layout.names:
        return reading
    names = list(layout.names) or list(rows[layout.header])
    columns = {
        name: list(dict.fromkeys(row[at] for row in rows[layout.first :] if at < len(row)))
        for at, name in enumerate(names)
        if name and names.count(name) == 1
    }
    return reading.extended(reading_of_columns("excel", columns))
