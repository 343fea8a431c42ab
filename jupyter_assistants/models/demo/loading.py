"""Writes the code that reads a file: the plainest first, a careful reader where that goes wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jupyter_assistants.models.demo.code import variable_for
from jupyter_assistants.models.demo.history import Turn, columns_in, odd_names
from jupyter_assistants.models.demo.literals import literal

_TEXT = ("csv", "tsv")
_OTHER_SEPARATORS = ";\t|"
_CURABLE = re.compile(r"^(?:[a-z_]\w*\.)*(?:UnicodeDecodeError|ParserError)\b", re.MULTILINE)

_PLAIN = {
    "csv": "{variable} = pd.read_csv({path})",
    "tsv": '{variable} = pd.read_csv({path}, sep="\\t")',
    "excel": "with pd.ExcelFile({path}) as {variable}_book:\n"
    '    print("sheets:", {variable}_book.sheet_names)\n'
    "    {variable} = pd.read_excel({variable}_book)",
    "parquet": "{variable} = pd.read_parquet({path})",
    "json": "{variable} = pd.read_json({path})",
    "jsonl": "{variable} = pd.read_json({path}, lines=True)",
}
_CAREFUL = {
    "csv": '{variable} = read_text_table({path}, separators=",;\\t|")',
    "tsv": '{variable} = read_text_table({path}, separators="\\t;|")',
}
_READ_TEXT = '''
def read_text_table(path, separators):
    """Read a text table, whatever its encoding, separator and decimal sign."""
    with OPEN as file:
        sample = file.read(20_000)
    separator = max(separators, key=sample.partition("\\n")[0].count)
    # Where a semicolon separates, a comma is usually the decimal sign
    decimal = "," if separator == ";" and re.search(r"\\d,\\d", sample) else "."
    try:
        return pd.read_csv(path, sep=separator, decimal=decimal, encoding="utf-8")
    except UnicodeDecodeError:
        return pd.read_csv(path, sep=separator, decimal=decimal, encoding="latin-1")

'''
_OPEN = 'open(path, encoding="utf-8", errors="replace")'
_OPEN_PACKED = 'gzip.open(path, "rt", encoding="utf-8", errors="replace")'


def load(file: str, kind: str) -> str:
    """Return the code that a person would write to read a file and to see what is in it."""
    return _code(file, [], _PLAIN[kind])


def load_carefully(file: str, kind: str) -> str:
    """Return code for a file that the plain code could not read, or not read well."""
    if kind not in _TEXT:
        return _code(file, [], _PLAIN[kind], "{variable} = {variable}.rename(columns=str)")
    packed = file.lower().endswith(".gz")
    reader = _READ_TEXT.replace("OPEN", _OPEN_PACKED if packed else _OPEN)
    return _code(file, [*(["gzip"] if packed else []), "re"], reader, _CAREFUL[kind])


def went_wrong(output: str, kind: str) -> bool:
    """Return whether the careful code may do better than the plain code, by its output."""
    columns = columns_in(output)
    if kind not in _TEXT:
        return bool(columns) and odd_names(output)
    if not columns:
        return bool(_CURABLE.search(output))
    # The header has more of another separator than of the one that was used.
    header = "".join(columns)
    return any(header.count(sign) >= len(columns) for sign in _OTHER_SEPARATORS)


def was_read_carefully(turns: Sequence[Turn], file: str, kind: str) -> bool:
    """Return whether the plain code has failed on this file before, and the careful code has not."""
    careful = load_carefully(file, kind)
    exchanges = [exchange for turn in turns for exchange in turn.exchanges]
    return any(exchange.code == careful and columns_in(exchange.output) for exchange in exchanges)


def _code(file: str, modules: Sequence[str], *read: str) -> str:
    variable, path = variable_for(file), literal(f"/mnt/data/{file}")
    blocks = [
        *(f"import {module}" for module in modules),
        *([""] if modules else []),
        "import pandas as pd",
        "",
        *(part.format(variable=variable, path=path) for part in read),
        f'print("shape:", {variable}.shape)',
        f"print({variable}.head())",
        f'print("columns:", {variable}.dtypes.astype(str).to_dict())',
        "",
    ]
    return "\n".join(blocks)
