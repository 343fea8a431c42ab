"""Table files: code that reads one as a person would, and again where what came back looks wrong."""

from __future__ import annotations

import ast
import builtins
import itertools
import json
import keyword
import re
from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jupyter_assistants.data_files import FileFormat, Reading, describe, format_of
from jupyter_assistants.data_files.columns import reading_of_columns
from jupyter_assistants.data_files.sheets import reading_of_sheets
from jupyter_assistants.models.demo.tables import Table, parse_tables, profile_code

_RESERVED = {*keyword.kwlist, *dir(builtins), "pd", "plt", "fig", "ax"}
_MOST_LOADS = 4
_HEAD = 3_000
_ROWS_AS_TEXT = 50_000
_MOST_BYTES = 1_000_000_000
_MOST_WORKBOOK_BYTES = 500_000_000
_OPENERS = {"": "open", "gzip": "gzip.open", "bz2": "bz2.open", "xz": "lzma.open"}
_TRUST = "HDF5 files can run code when they are read, so read only those from people you trust."
_CUT_ESCAPE = re.compile(r"\\(?:x[0-9a-f]?)?$")


@dataclass(frozen=True)
class Refusal:
    """Why a file is not read, as whole sentences."""

    text: str


def reader_of(file: str) -> str:
    """Return the name of pandas' reader of a table file; empty for other files."""
    format = format_of(file)
    return format.reader if format else ""


def variable_for(file: str, taken: Collection[str] = ()) -> str:
    """Return a readable variable name for a file, other than those that are taken."""
    name = _variable_for(file)
    if name in taken:
        others = itertools.chain([f"{name}_data"], (f"{name}_{n}" for n in itertools.count(2)))
        name = next(each for each in others if each not in taken)
    return name


def _variable_for(file: str) -> str:
    stem = file.rpartition("/")[2].split(".")[0][:40]
    name = re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_").lower() or "data"
    return f"data_{name}" if name[0].isdigit() else f"{name}_data" if name in _RESERVED else name


def path_in_code(file: str) -> str:
    """Return how code names a file: below the working folder, or where the person has it."""
    outside = file.startswith(("/", "../", "~")) or re.match(r"[A-Za-z]:/", file)
    return file if outside else f"/mnt/data/{file}"


def load_file(
    file: str, question: str = "", taken: Collection[str] = ()
) -> Generator[str, str, Table | Refusal | str]:
    """Yield code that reads a file, and receive its output, until what came back looks right.

    The first code prints how the file begins, and reads it in the plainest way.

    Parameters
    ----------
    question
        May name a sheet of a workbook, or a file in a ZIP file.
    taken
        Names that are the person's.

    Returns
    -------
    Table or Refusal or str
        The table, why there is none, or the output of the code that failed.
    """
    format = format_of(file) or FileFormat("csv")
    remarks = (_TRUST,) if format.reader == "hdf" else ()
    reading, member = Reading(format.reader, dict(format.arguments), remarks=remarks), ""
    if format.packing == "zip":
        output = yield _list_members(file, variable_for(file, taken))
        chosen = _choose_member(output, question)
        if not isinstance(chosen, tuple):
            return chosen
        reading, member = chosen
    loader = _Loader(file, format, reading, member, variable_for(file, taken))
    output = yield loader.first_code()
    failure = ""
    for _ in range(_MOST_LOADS - 1):
        tables = parse_tables(output)
        failure = "" if tables else output
        if not loader.improve(output, tables[0] if tables else None, question):
            break
        output = yield loader.code()
    tables = parse_tables(output)
    if not tables:
        return failure or output
    return replace(
        tables[0],
        file=file,
        sheets=loader.sheets,
        sheet=loader.sheet,
        remarks=loader.reading.remarks,
    )


class _Loader:
    """The loading of one file: the code that reads it, and what its outputs say."""

    def __init__(
        self, file: str, format: FileFormat, reading: Reading, member: str, variable: str
    ) -> None:
        self.reading = reading
        self.sheets: tuple[str, ...] = ()
        self.sheet = ""
        self._file = file
        self._member = member
        self._format = format
        self._path = path_in_code(file)
        self._variable = variable
        self._described = False
        self._no_numbers: set[str] = set()

    def first_code(self) -> str:
        """Return code that shows how the file begins, and reads it plainly."""
        if self.reading.reader == "excel":
            return self._workbook_code()
        return _joined(self._head_code(), self._reading_code())

    def code(self) -> str:
        """Return code that reads the file in the way that is known by now."""
        imports = ["import zipfile", ""] if self.reading.member else []
        return _joined([*imports, "import pandas as pd", ""], self._reading_code())

    def improve(self, output: str, table: Table | None, question: str) -> bool:
        """Change the reading by what code printed; return whether the file is to be read again."""
        before = self.reading.code("", "")
        if not self._described:
            self._described = True
            self.reading = self._first_look(output, question) or self.reading
        if self.reading.code("", "") == before:
            self.reading = self._second_look(output, table) or self.reading
        return self.reading.code("", "") != before

    def _first_look(self, output: str, question: str) -> Reading | None:
        """Return the reading that fits the beginning of the file."""
        if self.reading.reader == "excel":
            return self._read_sheets(output, question)
        head = _parse_head(output)
        if head is None:
            return None
        name = self._member or self._file
        name = name if format_of(name) else f"{name}.csv"
        found = describe(name, head[0], whole=head[1])
        return replace(
            found,
            member=self.reading.member,
            remarks=(*self.reading.remarks, *found.remarks),
        )

    def _second_look(self, output: str, table: Table | None) -> Reading | None:
        """Return the reading that fits what came back."""
        return self._cure(output) if table is None else self._extend(output, table)

    def _head_code(self) -> list[str]:
        """Return lines that print the beginning of a text, and refuse one that is too large."""
        name, source = f"{self._variable}_file", json.dumps(self._path)
        if self._member:
            opened = f"zipfile.ZipFile({source}).open({json.dumps(self._member)})"
        elif not self._format.is_text:
            return ["import pandas as pd", ""]
        else:
            opened = f'{_OPENERS.get(self._format.packing, "open")}({source}, "rb")'
        module = opened.partition(".")[0] if "." in opened.partition("(")[0] else ""
        lines = [*([f"import {module}", ""] if module else []), "import pandas as pd", ""]
        lines += ["# How does the file begin?", f"with {opened} as {name}:"]
        lines += [f'    print("begins:", repr({name}.read({_HEAD:_}))[:{_HEAD:_}])']
        if module:
            lines += [f"    if {name}.seek({_MOST_BYTES:_}) == {_MOST_BYTES:_}:"]
            lines += ['        raise MemoryError("The file unpacks to more than 1 GB.")']
        return [*lines, f"del {name}"]

    def _reading_code(self) -> list[str]:
        lines = self.reading.code(self._variable, self._path)
        lines += [profile_code(f"[({json.dumps(self._variable)}, {self._variable})]").rstrip("\n")]
        if self.reading.reader == "csv":
            lines += _written_code(self.reading.text_call(self._path, _ROWS_AS_TEXT))
        return lines

    def _workbook_code(self) -> str:
        name, path = f"{self._variable}_sheets", json.dumps(self._path)
        lines = [
            "import zipfile",
            "",
            "import pandas as pd",
            "",
            f"if sum(part.file_size for part in zipfile.ZipFile({path}).infolist()) > {_MOST_WORKBOOK_BYTES:_}:",
            '    raise MemoryError("The workbook unpacks to more than 500 MB.")',
            "# How does each sheet begin?",
            f"for {self._variable}_cells in pd.read_excel(",
            f"    {path}, sheet_name=None, header=None, nrows=10, dtype=str, keep_default_na=False",
            ").items():",
            f'    print("cells:", [{self._variable}_cells[0], [[str(cell)[:40] for cell in row] for row in '
            f"{self._variable}_cells[1].iloc[:, :30].values]])",
            f"{name} = pd.read_excel({path}, sheet_name=None)",
            f"{self._variable} = next(iter({name}.values()))",
            f'print("sheets:", list({name}))',
        ]
        profile = profile_code(f"[({json.dumps(self._variable)}, {self._variable})]")
        return "\n".join([*lines, profile])

    def _read_sheets(self, output: str, question: str) -> Reading | None:
        listed = re.search(r"^sheets: (\[.{1,5000}\])$", output, re.MULTILINE)
        names = _parse(listed[1]) if listed else None
        self.sheets = tuple(map(str, names)) if isinstance(names, list) else ()
        cells: dict[str, Any] = {}
        for line in re.findall(r"^cells: (\[.{1,20000}\])$", output, re.MULTILINE):
            match _parse(line):
                case [str(name), list(rows)]:
                    cells[name] = rows
        if not cells or not self.sheets:
            return None
        wanted = next(
            (name for name in self.sheets if name in cells and _names(question, name)), ""
        )
        self.sheet, reading = reading_of_sheets(cells, wanted)
        return reading

    def _cure(self, output: str) -> Reading | None:
        """Return a reading that may work after the code failed."""
        if "UnicodeDecodeError" in output and "encoding" not in self.reading.arguments:
            remark = "The file is not in UTF-8 and was read as Windows-1252: check letters such as ä and é."
            return self.reading.extended(
                Reading(self.reading.reader, {"encoding": "cp1252"}, remarks=(remark,))
            )
        if "Unable to parse string" in output and self.reading.conversions:
            self._no_numbers = {each.column for each in self.reading.conversions}
            names = ", ".join(sorted(self._no_numbers))
            remark = f"Some values are no numbers, so these columns are kept as text: {names}."
            remarks = [each for each in self.reading.remarks if " is read as " not in each]
            return replace(self.reading, conversions=(), remarks=(*remarks, remark))
        return None

    def _extend(self, output: str, table: Table) -> Reading | None:
        """Return a reading that also does right by values behind the beginning of the file."""
        written = re.search(r"^written: (\{.{1,20000}\})$", output, re.MULTILINE)
        codes = _parse(written[1]) if written else {}
        columns: dict[str, Sequence[str]] = {}
        for name, column in table.columns.items():
            if name in self._no_numbers:
                continue
            odd = codes.get(name, []) if isinstance(codes, dict) else []
            columns[name] = [*column.values, *map(str, odd)] if isinstance(odd, list) else []
        if self.reading.reader not in ("csv", "excel", "json"):
            return None
        separator = self.reading.arguments.get("sep", ",")
        more = reading_of_columns(self.reading.reader, columns, str(separator))
        return self.reading.extended(more)


def _written_code(call: str) -> list[str]:
    """Return lines that print values which pandas reads as something else than what is written."""
    return [
        "# Which values are not what is written: 007, 1E5, NA?",
        'print("written:", {',
        "    name: values",
        f"    for name, column in {call}.items()",
        '    if not column.str.contains(r"\\.|[eE][+-]").any()',
        '    for values in [column[column.str.fullmatch(r"0\\d+|\\+\\d{6,}|\\d+E\\d+|NA")].unique()[:5].tolist()]',
        "    if values",
        "})",
    ]


def _list_members(file: str, variable: str) -> str:
    name, path = f"{variable}_file", json.dumps(path_in_code(file))
    return "\n".join(
        [
            "import zipfile",
            "",
            "# What is in it?",
            f"with zipfile.ZipFile({path}) as {name}:",
            f'    print("members:", [[each.filename, each.file_size] for each in {name}.infolist()[:100]])',
            f"del {name}",
            "",
        ]
    )


def _choose_member(output: str, question: str) -> tuple[Reading, str] | Refusal | str:
    """Return how the file inside a ZIP file is read, and its name.

    Returns
    -------
    tuple or Refusal or str
        Why there is none; the output if the code failed.
    """
    found = re.search(r"^members: (\[.{1,20000}\])$", output, re.MULTILINE)
    members = _parse(found[1]) if found else None
    if not isinstance(members, list):
        return output
    tables: list[tuple[str, FileFormat]] = []
    names = []
    for each in members:
        match each:
            case [str(name), int(size)] if not name.startswith("__MACOSX/"):
                names.append(name)
                # pandas leaves out the ending of a file that it packs.
                format = format_of(name if "." in name else f"{name}.csv")
                if format and format.is_text and not format.packing and size < _MOST_BYTES:
                    tables.append((name, format))
    if not tables:
        return Refusal(
            f"The ZIP file holds no table in text or JSON of less than 1 GB: {', '.join(names[:10])}. "
            "Unpack it, and attach the file that is meant."
        )
    asked = [each for each in tables if _names(question, each[0].rpartition("/")[2])]
    name, format = (asked or tables)[0]
    others = [each[0] for each in tables if each[0] != name]
    note = f'Of the ZIP file, "{name}" was read. It also holds {", ".join(others[:10])}.'
    reading = Reading(
        format.reader,
        dict(format.arguments),
        # pandas takes the only file of a ZIP file by itself.
        member="" if len(members) == 1 else name,
        remarks=(note,) if others else (),
    )
    return reading, name


def _names(question: str, name: str) -> bool:
    """Return whether a question names a sheet or a file."""
    return bool(
        re.search(rf"(?<!\w){re.escape(name[:100])}(?!\w)", question[:2_000], re.IGNORECASE)
    )


def _parse_head(output: str) -> tuple[bytes, bool] | None:
    """Return the beginning of the file that code printed, and whether that is all of it."""
    line = re.search(r"^begins: (b['\"].{0,4000})$", output, re.MULTILINE)
    if line is None:
        return None
    text = line[1]
    found = _parse(text)
    if not isinstance(found, bytes):
        # The literal was cut, maybe within an escape.
        found = _parse(_CUT_ESCAPE.sub("", text) + text[1])
        return (found, False) if isinstance(found, bytes) else None
    return found, len(found) < _HEAD


def _parse(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _joined(*parts: Sequence[str]) -> str:
    return "\n".join([line for part in parts for line in part]) + "\n"
