"""JSON: which pandas call makes a table of it, from the beginning of the text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jupyter_assistants.data_files.columns import reading_of_columns
from jupyter_assistants.data_files.pandas_call import Argument, Reading, listed

_MOST_RECORDS = 2_000
# A text that does not end is taken whole: searching on behind its first quote would be quadratic.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_VALUE = re.compile(r"\[\s*+[\[{]?|\{|")
_KEY = re.compile(r'\s*("(?:[^"\\]|\\.)*+")\s*:\s*', re.DOTALL)
_GAP = re.compile(r"[\s,]*+")
_NOT_CLEAR = (
    "The JSON holds no list of records near its beginning, so the table may not be what is meant."
)


def reading_of_json(text: str, whole: bool, arguments: Mapping[str, Argument]) -> Reading:
    """Return how JSON is read.

    Parameters
    ----------
    arguments
        What the name of the file says: ``lines``.
    """
    text = text.lstrip("\ufeff \t\r\n")
    if arguments.get("lines") or _has_lines(text):
        remark = () if arguments.get("lines") else ("Each line of the file is a record of JSON.",)
        records = [_parse(line) for line in text.split("\n")[:_MOST_RECORDS]]
        return _of_records(records, {"lines": True}, None, remark)
    if text.startswith("["):
        return _of_records(list(_items(text, 1)), {}, None, ())
    if text.startswith("{"):
        return _of_object(text, whole)
    return Reading("json")


def _has_lines(text: str) -> bool:
    first, _, rest = text.partition("\n")
    return rest.lstrip()[:1] in ("{", "[") and isinstance(_parse(first.strip()), dict | list)


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _items(text: str, at: int) -> Iterator[Any]:
    """Yield the whole values of a list that begins before a position."""
    decoder = json.JSONDecoder()
    for _ in range(_MOST_RECORDS):
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield value


def _of_records(
    values: Sequence[Any],
    arguments: dict[str, Argument],
    keys: tuple[str, ...] | None,
    remarks: tuple[str, ...],
) -> Reading:
    records = [value for value in values if isinstance(value, dict)]
    nested = [
        name for record in records for name, value in record.items() if isinstance(value, dict)
    ]
    texts: dict[str, list[str]] = {}
    for record in records:
        for name, value in record.items():
            if isinstance(value, str):
                texts.setdefault(name, []).append(value)
    columns = reading_of_columns("json", texts)
    codes = columns.arguments.get("dtype")
    if codes:
        # pandas would make numbers of all texts that look like one.
        arguments = {**arguments, "dtype": False}
    reading = Reading("json", dict(arguments), conversions=columns.conversions)
    notes = [each for each in columns.remarks if "kept as text, because" in each or codes is None]
    if nested:
        names = listed(list(dict.fromkeys(nested)))
        notes.insert(0, f"Nested values became columns of their own: {names}.")
    if keys is not None or nested:
        reading = replace(reading, records=keys or ())
    return replace(reading, remarks=(*remarks, *notes))


def _of_object(text: str, whole: bool) -> Reading:
    """Return how an object is read: columns by name, or one that has records in it."""
    kinds = dict(_members(text))
    if {"columns", "data"} <= kinds.keys() and kinds["data"] == "[[":
        return Reading(
            "json", {"orient": "split"}, remarks=("The JSON has columns and rows apart.",)
        )
    if {"schema", "data"} <= kinds.keys() and '"fields"' in text[:10_000]:
        return Reading("json", {"orient": "table"}, remarks=("The JSON brings its own schema.",))
    found: list[tuple[str, ...]] = [(key,) for key, kind in kinds.items() if kind == "[{"]
    if not found:
        for key, kind in kinds.items():
            inner = _after_key(text, key)
            found += [
                (key, each) for each, k in (_members(inner) if kind == "{" else ()) if k == "[{"
            ]
    if not found:
        if kinds and not any(kinds.values()) and "\n" not in text.strip():
            return Reading("json", {"lines": True}, remarks=("The JSON is one record.",))
        plain = kinds and set(kinds.values()) <= {"[", "{"} and len(set(kinds.values())) == 1
        return Reading("json", remarks=() if plain else (_NOT_CLEAR,))
    keys, inner = found[0], text
    for key in keys:
        inner = _after_key(inner, key)
    remark = f'The records in "{".".join(keys)}" were read.'
    if len(found) > 1:
        remark += f" The JSON also has {listed(['.'.join(each) for each in found[1:]])}."
    return _of_records(list(_items(inner, 1)), {}, keys, (remark,))


def _after_key(text: str, name: str) -> str:
    """Return the text from the value of a key on; empty if the key is not there."""
    key = re.search(re.escape(json.dumps(name, ensure_ascii=False)) + r"\s*+:\s*+", text)
    return text[key.end() :] if key else ""


def _members(text: str) -> Iterator[tuple[str, str]]:
    """Yield the keys of an object, and how the value of each begins: ``[{``, ``[[``, ``[``, ``{``."""
    at = 1
    while key := _KEY.match(text, at):
        begin = _VALUE.match(text, key.end())
        kind = re.sub(r"\s", "", begin[0]) if begin else ""
        name = _parse(key[1])
        if not isinstance(name, str):
            return
        yield name, kind
        at, depth = key.end(), 0
        # To the comma behind the value: brackets in texts do not count.
        for token in _TOKEN.finditer(text, at):
            sign = token[0]
            if sign in "[{":
                depth += 1
            elif sign in "]}":
                depth -= 1
            at = token.end()
            if sign == "," and depth == 0:
                break
            if depth < 0:
                return
        else:
            return
