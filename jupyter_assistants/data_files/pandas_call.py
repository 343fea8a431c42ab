"""How pandas reads a file: the call, conversions of columns behind it, and remarks for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

Argument = str | int | bool | range | Sequence[str] | Mapping[str, str | Sequence[str]] | None
"""A value in a call of pandas, such as ``";"``, ``2``, ``["a", "b"]`` and ``{"zip": "str"}``."""


_VALUE_ARGUMENTS = ("dtype", "decimal", "thousands", "keep_default_na", "na_values")
_IN_A_SET = {" ": r"\s", "-": r"\-", "]": r"\]", "^": r"\^", "\\": r"\\"}


@dataclass(frozen=True)
class Conversion:
    """A column of texts such as "$1,234.50", "12.5%" or "1.234,56" that becomes numbers.

    Parameters
    ----------
    removed
        Characters that do not count, such as "$,".
    decimal_comma
        Whether a comma stands before the fraction.
    """

    column: str
    removed: str
    decimal_comma: bool = False

    def code(self, variable: str) -> str:
        """Return the line of code for a table of this name."""
        column = f"{variable}[{literal(self.column)}]"
        pattern = "".join(_IN_A_SET.get(sign, sign) for sign in self.removed)
        text = f"{column}.str"
        if len(self.removed) > 1 or self.removed in _IN_A_SET:
            text += f'.replace({literal(f"[{pattern}]")}, "", regex=True)'
        elif self.removed:
            text += f'.replace({literal(self.removed)}, "")'
        if self.decimal_comma:
            text += (".str" if self.removed else "") + '.replace(",", ".")'
        return f"{column} = pd.to_numeric({text})"


@dataclass(frozen=True)
class Reading:
    """The plainest pandas code that reads a file as it is meant.

    Parameters
    ----------
    reader
        The call is ``pd.read_<reader>``.
    arguments
        Its arguments beyond the path.
    records
        Of nested JSON: the keys that lead to the records; none where the file itself is the list.
        None where the reader makes the table by itself.
    numbered
        Whether columns have no names in the file; they are numbered then.
    member
        The name of a file inside a ZIP file with several ones.
    conversions
        Columns of text that become numbers.
    remarks
        What was done and what is not certain, as whole sentences.
    """

    reader: str
    arguments: dict[str, Argument] = field(default_factory=dict)
    records: tuple[str, ...] | None = None
    numbered: bool = False
    member: str = ""
    conversions: tuple[Conversion, ...] = ()
    remarks: tuple[str, ...] = ()

    def call(self, path: str) -> str:
        """Return the call that reads the file at a path."""
        source = literal(path)
        if self.member:
            source = f"zipfile.ZipFile({source}).open({literal(self.member)})"
        if self.records is not None and self.arguments.get("lines"):
            call = f'pd.read_json({self._argument_list(source)}).to_dict("records")'
            return f"pd.json_normalize({call})"
        if self.records is not None:
            series = f'pd.read_json({source}, typ="series")'
            chosen = "".join(f"[{literal(key)}]" for key in self.records)
            return f"pd.json_normalize({series}{chosen or '.tolist()'})"
        call = f"pd.read_{self.reader}({self._argument_list(source)})"
        return f'{call}.add_prefix("column_")' if self.numbered else call

    def code(self, variable: str, path: str) -> list[str]:
        """Return the lines that read the file at a path into a variable."""
        lines = [f"{variable} = {self.call(path)}"]
        return lines + [conversion.code(variable) for conversion in self.conversions]

    def text_call(self, path: str, rows: int) -> str:
        """Return the call that reads the first rows of a CSV file with all cells as they are."""
        kept = {name: v for name, v in self.arguments.items() if name not in _VALUE_ARGUMENTS}
        call = replace(self, arguments=kept).call(path)
        end = '.add_prefix("column_")' * self.numbered
        options = f"dtype=str, keep_default_na=False, nrows={rows:_}"
        return f"{call.removesuffix(end)[:-1]}, {options}){end}"

    def extended(self, other: Reading) -> Reading:
        """Return this reading with what another one says beyond it."""
        known = {each.column for each in self.conversions}
        conversions = [each for each in other.conversions if each.column not in known]
        remarks = dict.fromkeys([*self.remarks, *other.remarks])
        return replace(
            self,
            arguments=merged(self.arguments, other.arguments),
            conversions=(*self.conversions, *conversions),
            remarks=tuple(remarks),
        )

    def _argument_list(self, source: str) -> str:
        given = [f"{name}={literal(value)}" for name, value in self.arguments.items()]
        return ", ".join([source, *given])


def merged(first: Mapping[str, Argument], second: Mapping[str, Argument]) -> dict[str, Argument]:
    """Return the arguments of both; the first ones win, lists and mappings are joined."""
    found = dict(first)
    for name, value in second.items():
        old = found.setdefault(name, value)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            found[name] = {**value, **old}
        elif isinstance(old, list) and isinstance(value, list) and name == "na_values":
            found[name] = list(dict.fromkeys([*old, *value]))
    return found


def literal(value: object) -> str:
    """Return a Python literal. Texts are in double quotes, as JSON, so none can leave its quotes."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Mapping():
            items = ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items())
            return f"{{{items}}}"
        case list() | tuple():
            return f"[{', '.join(map(literal, value))}]"
        case range():
            return f"range({value.stop})"
    return repr(value)


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names for a sentence: "a", "a and b", "a, b, c and 4 more"."""
    shown = [" ".join(name.split())[:60] or '""' for name in names]
    if len(shown) > most:
        return f"{', '.join(shown[:most])} and {len(shown) - most} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
