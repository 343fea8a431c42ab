"""Tables: sheets of Excel, and CSV. Each row is a line, and its place are its cells."""

from __future__ import annotations

import csv as csv_format
import datetime
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from jupyter_assistants.retrieval.blocks import Block, Parsed, PartCount, PartsRead, Unreadable
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.readers.packages import opened, readable
from jupyter_assistants.retrieval.readers.plain import read_text

MOST_ROWS = 1_048_576
MOST_COLUMNS = 1000
MOST_CHARACTERS = 64_000_000
_BLOCK_ROWS = 500
_LONGEST_CELL = 32_767
_LONGEST_HEAD = 300


def xlsx(stream: BinaryIO) -> Iterator[Parsed]:
    """Yield the rows of every sheet: values, as they were when the file was saved."""
    import openpyxl

    with readable("xlsx", "Excel"):
        book = openpyxl.load_workbook(opened(stream, "Excel"), read_only=True, data_only=True)
        sizes = [min(sheet.max_row or 0, MOST_ROWS) for sheet in book.worksheets]
        if all(sizes):
            yield PartCount(sum(sizes))
        for number, sheet in enumerate(book.worksheets):
            # What the file says of its size may be a lie that fills the memory.
            sheet.reset_dimensions()
            before = sum(sizes[:number])
            yield from rows_of(sheet.iter_rows(values_only=True), str(sheet.title), before)


def csv(stream: BinaryIO) -> Iterator[Parsed]:
    """Yield the rows, numbered as a spreadsheet does."""
    text = read_text(stream).replace("\0", "")
    csv_format.field_size_limit(10_000_000)
    try:
        dialect: Any = csv_format.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv_format.Error:
        dialect = csv_format.excel
    yield PartCount(text.count("\n") + 1)
    try:
        yield from rows_of(csv_format.reader(io.StringIO(text, newline=""), dialect), None)
    except csv_format.Error as error:
        raise Unreadable("invalid_file", f"The file is no readable table: {error}.") from None


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
