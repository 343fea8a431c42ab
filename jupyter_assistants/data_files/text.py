"""Text of data files: the encoding, the lines, and the separator of cells."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence

from jupyter_assistants.data_files.numbers import Notation, is_number

SEPARATORS = ",;\t|"
SPACES = r"\s+"
_MARKS = {
    codecs.BOM_UTF8: "",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SAMPLE = 200
_LONGEST_LINE = 100_000
_MOST_LINES = 50_000


def decode(head: bytes) -> tuple[str, str]:
    """Return the text of the beginning of a file, and pandas' name of its encoding.

    Returns
    -------
    tuple
        The name is empty for UTF-8, with or without a mark.

    Raises
    ------
    ValueError
        If it is no text.
    """
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return _cut(head, encoding or "utf-8-sig"), encoding
    if encoding := _utf16(head):
        return _cut(head, encoding), encoding
    if b"\0" in head:
        raise ValueError("The file is no text.")
    try:
        return _cut(head, "utf-8"), ""
    except UnicodeDecodeError:
        return head.decode("cp1252", errors="replace"), "cp1252"


def _cut(head: bytes, encoding: str) -> str:
    """Decode bytes that may end within a character."""
    return codecs.getincrementaldecoder(encoding)().decode(head)


def _utf16(head: bytes) -> str:
    """Return the encoding of UTF-16 without a mark: separators and digits have a zero byte."""
    sample = head[: 2_000 - 2_000 % 2]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if not sample[first::2].count(0) or sample[1 - first :: 2].count(0):
            continue
        try:
            text = _cut(sample, encoding)
        except UnicodeDecodeError:
            continue
        if re.search(r"[,;\t|\n ]", text):
            return encoding
    return ""


def lines_of(text: str, whole: bool) -> list[str]:
    """Return the lines of a text, without the last one where it may be cut."""
    lines = re.split(r"\r\n|\n|\r", text)
    last = lines.pop()
    if whole and last:
        lines.append(last)
    return [line[:_LONGEST_LINE] for line in lines[:_MOST_LINES]]


def rows_of(lines: Sequence[str], separator: str) -> list[Sequence[str]]:
    """Return the rows of lines of text; blank lines are rows without cells.

    Raises
    ------
    csv.Error
        If a cell is too long.
    """
    if separator == SPACES:
        stripped = [line.strip() + "\n" for line in lines]
        rows = csv.reader(stripped, delimiter=" ", skipinitialspace=True)
    else:
        rows = csv.reader([line + "\n" for line in lines], delimiter=separator)
    return [row if len(row) > 1 or any(cell.strip() for cell in row) else () for row in rows]


def find_separator(lines: Sequence[str]) -> str:
    """Return the separator that cuts most lines into the same number of cells.

    Returns
    -------
    str
        Empty if no separator does so.
    """
    sample = [line for line in lines[:_SAMPLE] if line.strip()]
    # Neither comments nor lines of signs show how rows are cut.
    sample = [line for line in sample if line.strip("#% =-_+|*~.")[:1]] or sample
    sample = [line for line in sample if line.lstrip()[:1] not in "#%"] or sample
    scores = {sign: _score(sample, sign) for sign in SEPARATORS}
    best = max(SEPARATORS, key=scores.__getitem__)
    share, numbers = _score(sample, SPACES)
    # Aligned columns have tabs here and there.
    if best == "\t" and scores[best][0] < 0.95 and share > scores[best][0]:
        return SPACES
    if scores[best][0] > 0.5:
        return best
    if len(sample) > 1 and all(map(is_number, sample)):
        return ","
    # Words of a sentence are cells as well, so spaces need rows of one width, with numbers.
    return SPACES if share >= 0.9 and (numbers >= 0.3 or _has_numbers(sample)) else ""


def _has_numbers(lines: Sequence[str]) -> bool:
    """Return whether a column between spaces holds nothing but numbers below its name."""
    _, *rows = rows_of(lines, SPACES)
    columns = zip(*rows, strict=False)
    return len(rows) > 1 and any(all(map(is_number, column)) for column in columns)


def _score(lines: Sequence[str], separator: str) -> tuple[float, float]:
    """Return the share of rows that have the usual width, and that of numbers in them."""
    try:
        rows = [row for row in rows_of(lines, separator) if row]
    except csv.Error:
        return 0.0, 0.0
    counts = Counter(len(row) for row in rows if len(row) > 1)
    if not counts:
        return 0.0, 0.0
    width, count = counts.most_common(1)[0]
    cells = [cell.strip() for row in rows if len(row) == width for cell in row[:50] if cell.strip()]
    numbers = sum(is_number(cell) or Notation([cell]).is_number for cell in cells)
    # Rows that are shorter or longer by little do not decide; numbers do.
    return round(count / len(rows), 1), numbers / max(1, len(cells))
