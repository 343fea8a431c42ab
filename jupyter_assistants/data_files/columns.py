"""What the values of columns say about how to read them: codes, numbers in words, missing values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jupyter_assistants.data_files.codes import PLACES, STATES, is_name_of_places
from jupyter_assistants.data_files.numbers import (
    MISSING_MARKS,
    Notation,
    code_reason,
    is_missing,
    is_number,
    is_pair_of_letters,
)
from jupyter_assistants.data_files.pandas_call import Argument, Conversion, Reading, listed

_MOST_COLUMNS = 500
_FEWEST_CODES = 2


def reading_of_columns(
    reader: str, columns: Mapping[str, Sequence[str]], separator: str = ","
) -> Reading:
    """Return what a call needs beyond how the rows are cut.

    Parameters
    ----------
    reader
        Readers of text take notations as arguments; for others, columns are converted.
    columns
        Some values of each column, as they are written. One of each kind is enough.
    separator
        Between commas, a quoted "1,500" is fifteen hundred.
    """
    known = {name: list(values) for name, values in [*columns.items()][:_MOST_COLUMNS]}
    filled = {name: [v for v in values if not is_missing(v)] for name, values in known.items()}
    reading = _read_codes(reader, filled).extended(_read_pairs(reader, known))
    marked, marks = _read_marks(reader, filled)
    return reading.extended(marks).extended(_read_notations(reader, marked, separator))


def _read_codes(reader: str, columns: Mapping[str, list[str]]) -> Reading:
    """Keep what would lose characters as a number."""
    found: dict[str, list[str]] = {}
    for name, values in columns.items():
        if reason := code_reason(values):
            found.setdefault(reason, []).append(name)
    names = [name for each in found.values() for name in each]
    arguments: dict[str, Argument] = {"dtype": dict.fromkeys(names, "str")} if names else {}
    remarks = [
        f"{listed(each)} {_is(each)} kept as text, because {reason}."
        for reason, each in found.items()
    ]
    return Reading(reader, arguments, remarks=tuple(remarks))


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _read_pairs(reader: str, columns: Mapping[str, list[str]]) -> Reading:
    """Keep NA among codes of two letters: Namibia, North America, sodium."""
    names: list[str] = []
    maybe: list[str] = []
    for name, values in columns.items():
        others = {value for value in values if value.strip() and value != "NA"}
        if (
            "NA" not in values
            or len(others) < _FEWEST_CODES
            or not all(map(is_pair_of_letters, others))
        ):
            continue
        known = is_name_of_places(name) or (others <= PLACES and not others <= STATES)
        (names if known else maybe).append(name)
    if not names:
        remark = f'In {listed(maybe)}, "NA" counts as missing; it may be a code.'
        return Reading(reader, remarks=(remark,) if maybe else ())
    remark = f'In {listed(names)}, "NA" is a code and not a missing value.'
    words = {
        value.strip()
        for name, values in columns.items()
        for value in values
        if name not in names and is_missing(value) and value.strip()
    }
    given: Argument = [""]
    if words:
        # What counts as missing differs from column to column, so pandas has to be told for each.
        given = {name: [""] if name in names else ["", *sorted(words)] for name in columns}
    return Reading(reader, {"keep_default_na": False, "na_values": given}, remarks=(remark,))


def _read_marks(
    reader: str, columns: Mapping[str, list[str]]
) -> tuple[dict[str, list[str]], Reading]:
    """Find marks such as "?" among numbers; return the columns without them."""
    found: dict[str, list[str]] = {}
    rest: dict[str, list[str]] = {}
    for name, values in columns.items():
        others = [value for value in values if value.strip() not in MISSING_MARKS]
        marks = [value.strip() for value in values if value.strip() in MISSING_MARKS]
        rest[name] = values
        if marks and others and Notation(others).is_number:
            rest[name] = others
            for mark in marks:
                found.setdefault(mark, []).append(name)
    if not found:
        return rest, Reading(reader)
    remarks = [f'In {listed(names)}, "{mark}" is a missing value.' for mark, names in found.items()]
    return rest, Reading(reader, {"na_values": list(found)}, remarks=tuple(remarks))


def _read_notations(reader: str, columns: Mapping[str, list[str]], separator: str) -> Reading:
    """Find numbers with currencies, percent signs, groups and decimal commas."""
    notations = {
        name: notation
        for name, values in columns.items()
        if not all(map(is_number, values)) and (notation := Notation(values)).is_number
    }
    styles = {name: _style(each, separator) for name, each in notations.items()}
    remarks = [
        f'{name} is kept as text: "{notations[name].values[0]}" may mean two numbers.'
        for name, style in styles.items()
        if style == "maybe"
    ]
    chosen = {n: each for n, each in notations.items() if styles[n] in ("comma", "point", "plain")}
    remarks += _notes(chosen, styles)
    arguments = _arguments(reader, columns, chosen, styles)
    if arguments is not None:
        return Reading(reader, arguments, remarks=tuple(remarks))
    conversions = [_conversion(name, each, styles[name]) for name, each in chosen.items()]
    return Reading(reader, conversions=tuple(conversions), remarks=tuple(remarks))


def _style(notation: Notation, separator: str) -> str:
    style = notation.style
    english = separator == "," or any(sign in "$£" for sign in notation.signs)
    return "point" if style == "maybe" and english else style


def _notes(chosen: Mapping[str, Notation], styles: Mapping[str, str]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for name, notation in chosen.items():
        example = notation.values[0].strip()
        if notation.has_percent:
            note = f'{{}}: "{example}" is read as {_plain(example, styles[name])}, in percent.'
        elif notation.signs:
            note = f'{{}}: "{example}" is read as {_plain(example, styles[name])}.'
        elif styles[name] == "comma":
            note = "{}: a comma is the decimal sign."
        else:
            note = f'{{}}: "{example}" is read as {_plain(example, styles[name])}.'
        groups.setdefault(note, []).append(name)
    return [note.format(listed(names)) for note, names in groups.items()]


def _plain(value: str, style: str) -> str:
    kept = "".join(sign for sign in value.replace("−", "-") if sign in "-0123456789.,")
    kept = kept.replace(".", "").replace(",", ".") if style == "comma" else kept.replace(",", "")
    return kept


def _arguments(
    reader: str,
    columns: Mapping[str, list[str]],
    chosen: Mapping[str, Notation],
    styles: Mapping[str, str],
) -> dict[str, Argument] | None:
    """Return arguments for the whole file; None where columns have to be converted one by one."""
    kinds = {styles[name] for name in chosen}
    bare = not any(each.signs or each.spaces for each in chosen.values())
    if (
        reader not in ("csv", "excel")
        or not chosen
        or not bare
        or kinds not in ({"comma"}, {"point"})
    ):
        return None
    if kinds == {"point"}:
        return {"thousands": ","}
    others = [value for name, values in columns.items() if name not in chosen for value in values]
    # A decimal point in another column would make that one text.
    if any("." in value and is_number(value) for value in others):
        return None
    grouped = any(each.has_point_groups for each in chosen.values())
    return {"decimal": ",", **({"thousands": "."} if grouped else {})}


def _conversion(name: str, notation: Notation, style: str) -> Conversion:
    if style == "comma":
        return Conversion(name, "." * notation.has_point_groups + notation.removed, True)
    return Conversion(name, notation.removed + "," * (style == "point"))
