"""Where the header and the rows of a table begin, from the first cells of a text or a sheet."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_assistants.data_files.numbers import MISSING_MARKS, is_missing, is_number, is_year

_SAMPLE = 200
_LONGEST_UNIT = 16

Row = Sequence[str]


@dataclass(frozen=True)
class TableLayout:
    """The layout of a table.

    Parameters
    ----------
    header
        The index of the row that names the columns; -1 if there is none, and the table begins at
        ``first``.
    first
        The index of the first row of data.
    names
        The names of the columns, where they have to be said: joined or in a comment.
    remarks
        What was done, as whole sentences.
    """

    header: int
    first: int
    names: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def usual_width(rows: Sequence[Row]) -> int:
    """Return the width that most rows have; rows of one cell count only if there are no others."""
    counts = Counter(len(row) for row in rows[:_SAMPLE] if len(row) > 1)
    return counts.most_common(1)[0][0] if counts else 1


def layout_of(rows: Sequence[Row]) -> TableLayout:
    """Return the layout of a table from its first rows; those without cells are blank lines."""
    width = usual_width(rows)
    plain = next((at for at, row in enumerate(rows) if row), 0)
    start = plain
    while start < len(rows) and _is_above_table(rows, start, width):
        start += 1
    if start >= len(rows):
        return TableLayout(plain, plain + 1)
    skipped = _lines_above(rows[:start], width)
    if _is_header(rows, start, width):
        return _without_ruler(rows, _with_second_line(rows, start, width, skipped))
    if skipped and all(_is_comment(row, width) for row in rows[:start] if row):
        return _below_comments(rows, start, width, skipped)
    if skipped:
        remark = "The first lines are no table, and no header was found below them."
        return TableLayout(plain, plain + 1, remarks=(remark,))
    if len(rows[start]) < width - 1 and any(map(is_number, rows[start])):
        remark = f"The first line has {len(rows[start])} cells and the rows have {width}: it is "
        return TableLayout(
            -1, start + 1, remarks=(remark + "skipped, and the columns are numbered.",)
        )
    if _has_no_header(rows, start):
        remark = "The file has no header line: its columns are numbered."
        return TableLayout(-1, start, remarks=(remark,))
    odd = [cell for cell in rows[start] if is_number(cell) and not is_year(cell)]
    if not odd or _is_counted(rows[start]):
        return TableLayout(start, start + 1)
    remark = f'Some names of columns look like data: "{odd[0].strip()}".'
    return TableLayout(start, start + 1, remarks=(remark,))


def _filled(row: Row) -> list[str]:
    return [cell for cell in row if cell.strip()]


def _is_comment(row: Row, width: int) -> bool:
    """Return whether a row is a comment; "#" by itself may be the name of a column."""
    first = row[0].strip() if row else ""
    return first[:1] in ("#", "%", "*") and not (len(first) == 1 and len(row) == width)


def _is_ruler(row: Row) -> bool:
    """Return whether a row is a line of signs, as it stands below titles and headers."""
    return len("".join(row)) > 2 and all(cell.strip(" =-_+|*~.") == "" for cell in row)


def _without_ruler(rows: Sequence[Row], layout: TableLayout) -> TableLayout:
    """Skip a line of signs below the header."""
    if layout.first >= len(rows) or not _is_ruler(rows[layout.first]):
        return layout
    names = layout.names or tuple(cell.strip() for cell in rows[layout.header])
    return replace(layout, names=names, first=layout.first + 1)


def _lines_above(rows: Sequence[Row], width: int) -> tuple[str, ...]:
    count = len([row for row in rows if _filled(row)])
    if not count:
        return ()
    comments = all(_is_comment(row, width) for row in rows if _filled(row))
    what = "comment" if comments else "title or note"
    many = f"{count} lines" if count > 1 else "One line"
    return (f"{many} above the header ({what}) {'are' if count > 1 else 'is'} skipped.",)


def _is_above_table(rows: Sequence[Row], at: int, width: int) -> bool:
    """Return whether a row is blank, a comment, a title or a note."""
    row, filled = rows[at], _filled(rows[at])
    if not filled or _is_comment(row, width) or _is_ruler(row):
        return True
    after = rows[at + 1 : at + 3]
    has_ruler = len(after) == 2 and _is_ruler(after[0])
    if has_ruler and len(after[1]) == width and _is_header(rows, at + 2, width):
        # A title with a line of signs below it, and the header comes next.
        return True
    if width < 2 or (any(map(is_number, filled)) and len(row) >= width - 1):
        return False
    if len(row) >= width:
        # Programs fill up a title with separators.
        return len(filled) == 1 and width > 2 and bool(row[0].strip())
    if len(row) == width - 1:
        # Row names have no header. A single word may be one, or a title.
        below = next((each for each in rows[at + 1 :] if _filled(each)), ())
        return width == 2 and len(below) == width and not any(map(is_number, below))
    return len(filled) <= max(1, width // 2) and _finds_header(rows, at + 1, width)


def _finds_header(rows: Sequence[Row], at: int, width: int) -> bool:
    """Return whether a header comes among the next rows, before any row of data."""
    for index in range(at, min(at + 50, len(rows))):
        if len(rows[index]) >= width:
            return _is_header(rows, index, width) or len(_filled(rows[index])) == 1
    return False


def _is_header(rows: Sequence[Row], at: int, width: int) -> bool:
    row = rows[at]
    if not _filled(row) or any(is_number(cell) and not is_year(cell) for cell in row):
        return False
    return not (is_number(row[0]) and len(_filled(row)) > 1)


def _numeric_columns(rows: Sequence[Row], first: int, width: int) -> set[int]:
    """Return the columns that hold nothing but numbers and marks of missing values."""
    found = set()
    for column in range(width):
        cells = [row[column].strip() for row in rows[first : first + _SAMPLE] if column < len(row)]
        cells = [c for c in cells if not is_missing(c) and c not in MISSING_MARKS]
        if cells and all(map(is_number, cells)):
            found.add(column)
    return found


def _with_second_line(
    rows: Sequence[Row], at: int, width: int, remarks: tuple[str, ...]
) -> TableLayout:
    """Return the layout of a table whose header may have a second line: names, or units."""
    upper = [cell.strip() for cell in rows[at]]
    second = rows[at + 1] if at + 1 < len(rows) else ()
    lower = [cell.strip() for cell in second] + [""] * (len(upper) - len(second))
    numeric = _numeric_columns(rows, at + 2, len(upper))
    if len(lower) != len(upper) or not numeric or not any(lower) or any(map(is_number, lower)):
        return TableLayout(at, at + 1, remarks=remarks)
    if any(is_missing(lower[column]) and lower[column] for column in range(len(lower))):
        return TableLayout(at, at + 1, remarks=remarks)
    gaps = [i for i, cell in enumerate(upper) if not cell]
    merged = bool(gaps) and gaps != [0] and len(_filled(lower)) >= len(upper) - 1
    merged = merged and len(_filled(upper)) > 1
    over_numbers = all(lower[column] for column in numeric)
    beside = [lower[column] for column in range(len(upper)) if column not in numeric]
    short = all(len(cell) <= _LONGEST_UNIT for cell in lower)
    units = not gaps and short and over_numbers and (not any(beside) or len(numeric) > 1)
    if not (merged or units):
        return TableLayout(at, at + 1, remarks=remarks)
    names = _joined(upper, lower)
    if len(set(names)) < len(names):
        return TableLayout(at, at + 1, remarks=remarks)
    example = (
        next(name for name in names if " " in name) if any(" " in n for n in names) else names[0]
    )
    note = f'Two header lines were joined: "{example}".'
    return TableLayout(at + 1, at + 2, tuple(names), (*remarks, note))


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    names, above, below = [], "", ""
    for top, bottom in zip(upper, lower, strict=True):
        if top:
            above, below = top, bottom
        # A merged cell stands over all columns up to the next one, if it has names below itself.
        names.append(" ".join(filter(None, [top or (above if below else ""), bottom])))
    return names


def _below_comments(
    rows: Sequence[Row], at: int, width: int, remarks: tuple[str, ...]
) -> TableLayout:
    """Return the layout of rows of numbers below comments; the last one may name the columns."""
    last = next(row for row in rows[at - 1 :: -1] if row)
    names = [cell.strip() for cell in (last[0].lstrip().lstrip("#% "), *last[1:])]
    names = names if names[0] else names[1:]
    if len(names) == width and len(set(names)) == width and all(names):
        note = "The names of the columns are those of the last comment line."
        return TableLayout(-1, at, tuple(names), (*remarks, note))
    return TableLayout(
        -1, at, remarks=(*remarks, "No header line was found: columns are numbered.")
    )


def _has_no_header(rows: Sequence[Row], at: int) -> bool:
    """Return whether the first row is one of data."""
    row, below = rows[at], [each for each in rows[at + 1 : at + _SAMPLE] if each]
    width = len(row)
    if not any(map(is_number, row)) or any(len(each) != width for each in below) or not below:
        return False
    numeric = _numeric_columns(rows, at + 1, width)
    if any(cell.strip() and not is_number(cell) and i in numeric for i, cell in enumerate(row)):
        return False
    if any(is_number(cell) and i not in numeric for i, cell in enumerate(row)):
        return False
    return not _is_counted(row)


def _is_counted(row: Row) -> bool:
    """Return whether the numbers of a header count on by one: 0, 1, 2 or 1990, 1991."""
    numbers = [cell.strip() for cell in row if is_number(cell)]
    if len(numbers) < 2 or not all(map(str.isdigit, numbers)):
        return False
    return {int(after) - int(before) for before, after in itertools.pairwise(numbers)} == {1}
