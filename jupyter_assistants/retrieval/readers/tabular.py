"""Tables: sheets of Excel, and CSV. Each row is a line, and its place are its cells."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from jupyter_assistants.retrieval.blocks import Block, PartsRead, Unreadable
from jupyter_assistants.retrieval.locations import Location

MOST_ROWS = 1_048_576
MOST_COLUMNS = 1000
MOST_CHARACTERS = 64_000_000
_BLOCK_ROWS = 500
_LONGEST_CELL = 32_767
_LONGEST_HEAD = 300


def rows_of(
    rows: Iterable[Sequence[Any]], sheet: str | None, before: int = 0
) -> Iterator[Block | PartsRead]:
    """Yield blocks of rows that stand together; the first row with text names the columns.

    Parameters
    ----------
    before
        How many rows earlier sheets have.

    Raises
    ------
    Unreadable
        If there are too many of them.
    """
    head = ""
    block: list[str] = []
    first = width = characters = 0
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS or characters > MOST_CHARACTERS:
            text = f"The table is larger than {MOST_ROWS:,} rows or {MOST_CHARACTERS:,} characters."
            raise Unreadable("invalid_file", text)
        cells = [_cell(value) for value in row[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if block and (not cells or len(block) == _BLOCK_ROWS):
            yield _block(block, sheet, first, width, head)
            yield PartsRead(before + number - 1)
            block, width = [], 0
        if not cells:
            continue
        line = " | ".join(cells)
        if not head:
            head = line[:_LONGEST_HEAD]
        if not block:
            first = number
        block.append(line)
        width = max(width, len(cells))
        characters += len(line)
    if block:
        yield _block(block, sheet, first, width, head)


def _block(lines: Sequence[str], sheet: str | None, first: int, width: int, head: str) -> Block:
    cells = f"A{first}:{column(width)}{first + len(lines) - 1}"
    return Block("\n".join(lines), Location(sheet=sheet, cells=cells), "table", head)


def column(number: int) -> str:
    """Return a column's letters: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters or "A"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    # A row is a line: what breaks lines in a cell must not break the count of rows.
    return " ".join(str(value)[:_LONGEST_CELL].split())
