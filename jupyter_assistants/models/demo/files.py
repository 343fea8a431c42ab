"""Table files: the plainest code that reads one, and options where what came back looks wrong."""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections.abc import Generator
from dataclasses import replace

from jupyter_assistants.models.demo.tables import Table, parse_tables, profile_code

_READERS = {
    ".csv": "csv", ".csv.gz": "csv", ".tsv": "csv", ".tsv.gz": "csv", ".xlsx": "excel",
    ".parquet": "parquet", ".json": "json", ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
_RESERVED = {*keyword.kwlist, *dir(builtins), "pd", "plt", "fig", "ax"}
_MOST_LOADS = 4
_DECIMAL = re.compile(r"-?\d*(?:,\d+)?")
# "1,500" may be one and a half, or fifteen hundred.
_CLEAR_DECIMAL = re.compile(r"-?\d*,(?!\d{3}$)\d+")

Options = dict[str, str | bool]
"""Arguments of pandas' reader beyond the path."""


def reader_of(file: str) -> str:
    """Return the name of pandas' reader of a table file; empty for other files."""
    return next((name for end, name in _READERS.items() if file.lower().endswith(end)), "")


def variable_for(file: str) -> str:
    """Return a readable variable name for a file."""
    stem = file.rpartition("/")[2].split(".")[0][:40]
    name = re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_").lower() or "data"
    return f"data_{name}" if name[0].isdigit() else f"{name}_data" if name in _RESERVED else name


def load_file(file: str) -> Generator[str, str, Table | str]:
    """Yield code that reads a file, and receive its output, until what came back looks right.

    Returns
    -------
    Table or str
        The table, or the output of the code that failed.
    """
    options: Options = {}
    if re.search(r"\.tsv(\.gz)?$", file, re.IGNORECASE):
        options["sep"] = "\t"
    if file.lower().endswith((".jsonl", ".ndjson")):
        options["lines"] = True
    failure = ""
    for _ in range(_MOST_LOADS):
        output = yield _load_code(file, options)
        tables = parse_tables(output)
        failure = failure if tables else output
        more = _options_for(tables[0], options) if tables else _cure_for(output)
        more = {name: value for name, value in more.items() if name not in options}
        if reader_of(file) != "csv" or not more:
            break
        options |= more
    # A separator that was only a guess has to be confirmed by what it brought.
    if not tables or ("ParserError" in failure and tables[0].width < 2):
        return failure
    sheets = re.search(r"^sheets: (\[.{1,5000}\])$", output, re.MULTILINE)
    names = re.findall(r"'([^'\n]{1,100})'", sheets[1]) if sheets else ()
    return replace(tables[0], file=file, sheets=tuple(names))


def _load_code(file: str, options: Options) -> str:
    variable, path = variable_for(file), json.dumps(f"/mnt/data/{file}")
    given = [f"{k}={v if isinstance(v, bool) else json.dumps(v)}" for k, v in options.items()]
    lines = [f"{variable} = pd.read_{reader_of(file)}({', '.join([path, *given])})"]
    if reader_of(file) == "excel":
        sheets = f"{variable}_sheets"
        lines = [
            f"{sheets} = pd.read_excel({path}, sheet_name=None)",
            f"{variable} = next(iter({sheets}.values()))",
            f'print("sheets:", list({sheets}))',
        ]
    profile = profile_code(f"[({json.dumps(variable)}, {variable})]")
    return "\n".join(["import pandas as pd", "", *lines, profile])


def _cure_for(output: str) -> Options:
    """Return options to try after the code failed."""
    if "UnicodeDecodeError" in output:
        marked = re.search(r"byte 0xf[ef] in position 0\b", output)
        return {"encoding": "utf-16" if marked else "cp1252"}
    return {"sep": ";"} if "ParserError" in output else {}


def _options_for(table: Table, options: Options) -> Options:
    """Return the options that what came back shows to be missing."""
    header, columns = "".join(table.columns), table.columns.values()
    empty = [column for column in columns if column.missing == table.rows > 0]
    sign = max(";\t|" if "sep" not in options else ",;|", key=header.count)
    right = table.numbered and any(c.is_number and c not in empty for c in columns)
    if sign in header and not right and (empty or header.count(sign) >= table.width):
        return {"sep": sign}
    more: Options = {}
    if "sep" in options and any(
        all(map(_DECIMAL.fullmatch, column.values))
        and any(map(_CLEAR_DECIMAL.fullmatch, column.values))
        for column in columns
    ):
        more["decimal"] = ","
    # With a separator at the end of each row but the header, pandas shifts the columns by one.
    if empty and empty[-1] is [*columns][-1]:
        more["index_col"] = False
    return more
