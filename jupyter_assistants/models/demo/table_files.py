"""The code that reads a table file: the plainest first, options where the file asks for them."""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.models.demo.table_profile import TableProfile, parse_list, profile_code

_KINDS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "tsv",
    ".tsv.gz": "tsv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".parquet": "parquet",
    ".json": "json",
    ".json.gz": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonl.gz": "jsonl",
}
_RESERVED = {*keyword.kwlist, *dir(builtins), "pd", "plt", "np", "json", "fig", "ax", "raw"}
_BEGINNING = 1_500
_MOST_ROWS = 20
_SEPARATORS = ",;\t|"
_CURABLE = re.compile(r"^(?:[a-z_]\w*\.)*(?:Unicode\w*|ParserError)\b", re.MULTILINE)
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
_THOUSANDS = re.compile(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?")


@dataclass(frozen=True)
class ReadOptions:
    """Options that a file needs beyond the plain code; all empty is the plain code."""

    separator: str = ""
    decimal_comma: bool = False
    thousands: bool = False
    encoding: str = ""
    skip_rows: int = 0
    index: str = ""
    text_names: bool = False

    def arguments(self, kind: str) -> str:
        """Return the arguments behind the path, each with a comma before it."""
        separator = self.separator or ("\t" if kind == "tsv" else "")
        parts = [
            f"sep={json.dumps(separator)}" if separator else "",
            'decimal=","' if self.decimal_comma else "",
            'thousands="."' if self.thousands else "",
            f"encoding={json.dumps(self.encoding)}" if self.encoding else "",
            f"skiprows={self.skip_rows}" if self.skip_rows else "",
            "index_col=False" if self.index == "none" else "",
            "lines=True" if kind == "jsonl" else "",
        ]
        return "".join(f", {part}" for part in parts if part)

    @property
    def cleanup(self) -> str:
        """Return the method calls behind the reading."""
        named = '.reset_index(names="row")' if self.index == "named" else ""
        return named + (".rename(columns=str)" if self.text_names else "")


PLAIN = ReadOptions()


def kind_of(file: str) -> str:
    """Return the format of a table file; empty for other files."""
    return next((kind for ending, kind in _KINDS.items() if file.lower().endswith(ending)), "")


def variable_for(file: str) -> str:
    """Return a readable variable name for a file."""
    stem = file.rpartition("/")[2].split(".")[0][:40]
    name = re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_").lower() or "data"
    if name[0].isdigit():
        name = f"data_{name}"
    return f"{name}_data" if name in _RESERVED else name


def load_code(file: str, options: ReadOptions = PLAIN) -> str:
    """Return code that reads a file and prints its profile."""
    kind, variable = kind_of(file), variable_for(file)
    path, arguments = json.dumps(f"/mnt/data/{file}"), options.arguments(kind)
    reader = {"tsv": "csv", "jsonl": "json"}.get(kind, kind)
    call = f"{variable} = pd.read_{reader}({path}{arguments}){options.cleanup}"
    if kind == "excel":
        book = f"{variable}_book"
        call = (
            f"with pd.ExcelFile({path}) as {book}:\n"
            f'    print("sheets:", {book}.sheet_names)\n'
            f"    {variable} = pd.read_excel({book}{arguments}){options.cleanup}"
        )
    return f"import pandas as pd\n\n{call}\n{profile_code(variable)}"


def beginning_code(file: str) -> str:
    """Return code that prints how a file begins."""
    path = json.dumps(f"/mnt/data/{file}")
    if kind_of(file) == "excel":
        options = f"header=None, nrows={_MOST_ROWS}, dtype=str, na_filter=False"
        rows = f"pd.read_excel({path}, {options}).iloc[:, :50]"
        body = f'print("begins:", {rows}.values.tolist())'
        return f"import pandas as pd\n\n# How does the sheet begin?\n{body}\n"
    packed = file.lower().endswith(".gz")
    opening = f"gzip.open({path})" if packed else f'open({path}, "rb")'
    body = f'with {opening} as raw:\n    print("begins:", raw.read({_BEGINNING}))\n'
    return ("import gzip\n\n" if packed else "") + f"# How does the file begin?\n{body}"


def is_suspicious(table: TableProfile | None, output: str, kind: str) -> bool:
    """Return whether the plain code failed on a file, or read it as nobody meant it."""
    if table is None:
        return kind in ("csv", "tsv") and bool(_CURABLE.search(output))
    unnamed = sum(name.startswith("Unnamed: ") for name in table.columns)
    if kind == "excel":
        return 2 * unnamed >= max(2, len(table.columns))
    if kind not in ("csv", "tsv"):
        return False
    # Another separator in a name, rows that are longer than the header, or a title line.
    foreign = any(sign in name for name in table.columns for sign in _SEPARATORS + "#\x00")
    # With a separator at the end of each row, pandas shifts the columns by one.
    shifted = bool(table.columns) and [*table.columns.values()][-1].missing == table.rows > 0
    return foreign or shifted or not table.is_numbered or 2 * unnamed >= max(2, table.width)


def options_for(file: str, output: str, load_output: str) -> ReadOptions:
    """Return how to read a file that begins as an output of :func:`beginning_code` says."""
    found = re.search(r"^begins: (.{1,60000})$", output, re.MULTILINE)
    if found is None:
        return PLAIN
    if kind_of(file) == "excel":
        rows = [row for row in parse_list(found[1]) if isinstance(row, list)]
        cells = [[str(cell) for cell in row] for row in rows]
        return ReadOptions(skip_rows=_header_row(cells))
    raw = (parse_list(f"[{found[1]}]") or [None])[0]
    if not isinstance(raw, bytes):
        return PLAIN
    encoding = _encoding(raw, "UnicodeDecodeError" in load_output)
    return _text_options(raw.decode(encoding or "utf-8", errors="replace"), encoding)


def _text_options(text: str, encoding: str) -> ReadOptions:
    lines = text.lstrip("\ufeff").splitlines()
    # The last line may be cut.
    lines = (lines[:-1] if len(text) >= _BEGINNING // 2 and len(lines) > 2 else lines)[:_MOST_ROWS]
    separator = max(_SEPARATORS, key=lambda sign: _steadiness(lines, sign))
    rows = [line.split(separator) for line in lines]
    start = _header_row(rows)
    body = rows[start + 1 :]
    cells = [cell.strip() for row in body for cell in row]
    decimal = separator != "," and any(map(_DECIMAL_COMMA.fullmatch, cells))
    longer = bool(body) and all(len(row) == len(rows[start]) + 1 for row in body)
    trailing = longer and all(not row[-1].strip() for row in body)
    return ReadOptions(
        separator="" if separator == "," else separator,
        decimal_comma=decimal,
        thousands=decimal and any(map(_THOUSANDS.fullmatch, cells)),
        encoding=encoding,
        # pandas skips blank lines by itself, but counts them here.
        skip_rows=start,
        index="none" if trailing else "named" if longer else "",
    )


def _steadiness(lines: Sequence[str], sign: str) -> tuple[int, int]:
    """Return how many lines have the most frequent count of a separator, and that count."""
    counts = Counter(count for line in lines if (count := line.count(sign)))
    return max(((times, count) for count, times in counts.items()), default=(0, 0))


def _header_row(rows: Sequence[Sequence[str]]) -> int:
    """Return how many title and comment rows stand above the header."""
    widths = [sum(bool(cell.strip()) for cell in row) for row in rows]
    # The later rows are surely data.
    usual = Counter(widths[len(widths) // 2 :]).most_common(1)
    for number, row in enumerate(rows):
        if widths[number] >= usual[0][0] and not row[0].lstrip().startswith("#"):
            return number
    return 0


def _encoding(raw: bytes, failed: bool) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if raw.count(0) > len(raw) // 4:
        return "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
    try:
        # A character may be cut at the end.
        raw[: max(1, len(raw) - 3)].decode("utf-8")
        return "latin-1" if failed else ""
    except UnicodeDecodeError:
        return "cp1252" if re.search(rb"[\x80-\x9f]", raw) else "latin-1"
