"""The filters of a question: "where species is Adelie", "Adelie", "in 2007", "body mass > 4000"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from jupyter_assistants.models.demo.plan import Condition
from jupyter_assistants.models.demo.table_profile import TableProfile
from jupyter_assistants.models.demo.words import Word, tags_of

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_YEAR = re.compile(r"[12]\d{3}")
_OF_TIME = ("since", "after", "before", "until")
_OF_VALUES = ("not", "without", "except", "excluding")
_GROUPED = re.compile(r"b(?:c[&b]{1,3}){0,20}$")
_LONGEST_LIST = 90
_ORDERED = (">", ">=", "<", "<=", "between")
# Over the tags of words: c column, v value, n number, d date, q quoted, u unknown, o operator,
# e operator without a value, r "between", & and, | or, - "to", ^ top, % bins; capitals: grammar.
_FILTER = re.compile(
    r"(?P<empty>ce)"
    r"|(?P<range>c?r[ndq]&[ndq]|n-n)"
    r"|(?P<compare>co(?:[vndqSHTX]|u{1,6})(?:[&|]v|\|(?:[nq]|u{1,6}))*)"
    r"|(?P<number>\^n|n%)"
    r"|(?P<pair>cn(?!-))"
    r"|(?P<values>o?v(?:[&|]v)*)"
    r"|(?P<year>o?n(?:[&|]n)*)"
)


def read_conditions(
    words: Sequence[Word], table: TableProfile
) -> tuple[list[Condition], list[str]]:
    """Return the filters among the words, which are marked as used, and what is wrong with them."""
    conditions: list[Condition] = []
    problems: list[str] = []
    tags, at = tags_of(words), 0
    while at < len(words):
        match = _FILTER.match(tags, at)
        kind = (match.lastgroup if match else None) or ""
        run = _fitting(kind, words, tags, at, match.end() if match else at + 1)
        if kind == "compare" and not _belongs(run, table, grouped=_is_grouped(tags, at)):
            kind, run = "", run[:1]
        found = _condition(kind, run, table)
        if isinstance(found, str):
            problems.append(found)
        elif found is not None:
            conditions = _added(conditions, found, bare=kind in ("values", "year"))
            problems += _problems(found, table)
        for word in run if found else ():
            word.used = True
        # "mean body mass over 4000" is the mean of what it compares.
        measured = at > 0 and words[at - 1].kind in ("stat", "chart", "extreme")
        if kind in ("compare", "range") and measured and not run[0].introduced:
            run[0].used = run[0].kind != "column" or not table.columns[run[0].meaning].is_number
        at = max(at + 1, match.end() if match and found else 0)
    return conditions, problems


def _fitting(kind: str, words: Sequence[Word], tags: str, start: int, end: int) -> Sequence[Word]:
    """Return the words of a match, with the column that stands beside its values."""
    if kind != "values":
        return words[start:end]
    columns = words[end - 1].columns
    beside = start and words[start].adjacent and words[start - 1].meaning in columns
    if beside and not _is_grouped(tags, start - 1):
        start -= 1
    if end < len(words) and words[end].adjacent and words[end].meaning in columns:
        end += 1
    return words[start:end]


def _condition(kind: str, run: Sequence[Word], table: TableProfile) -> Condition | str | None:
    """Return the condition of a run of words; a sentence if it is ambiguous; None if it is none."""
    column = next((word.meaning for word in run if word.kind == "column"), "")
    operator = next((word.meaning for word in run if word.kind == "op"), "==")
    values = tuple(_values(run[1:] if kind == "compare" else run))
    if kind == "empty":
        return Condition(column, operator)
    if kind == "range" and column:
        return Condition(column, "between", values)
    if kind in ("range", "year"):
        return _year(values, "between" if kind == "range" else operator, table)
    if kind == "compare":
        # "what is line": only "where kind is line" makes a word of the grammar a value.
        listed = len(values) == 1 or operator in ("==", "!=")
        fits = listed and _is_value(run[2])
        return Condition(column, operator, values) if fits else None
    if kind == "pair":
        whole = run[1].adjacent and table.columns[column].is_whole
        return Condition(column, "==", values) if whole else None
    if kind == "values" and operator in ("==", "!="):
        return _bare_values([word for word in run if word.kind == "value"], column, operator)
    return None


def _is_grouped(tags: str, at: int) -> bool:
    """Return whether the column at a place is in a list of groups: "by day and time"."""
    return _GROUPED.search(tags[max(0, at - _LONGEST_LIST) : at]) is not None


def _belongs(run: Sequence[Word], table: TableProfile, *, grouped: bool) -> bool:
    """Return whether an operator compares the column before it: not so in "mean tip since 2010"."""
    column, said, value = table.columns[run[0].meaning], run[1].text.casefold(), run[2]
    if said in _OF_TIME:
        return column.is_date or column.name == table.year_column
    if said not in _OF_VALUES or run[0].introduced:
        return True
    # "by kind without red" groups by kind, and "kind without flurb" may mean another column.
    known = value.kind != "unknown" and (value.kind != "value" or column.name in value.columns)
    return known and not grouped


def _is_value(word: Word) -> bool:
    return word.kind not in ("stat", "chart", "table", "extreme") or word.introduced


def _values(run: Sequence[Word]) -> list[str]:
    """Return the values of a run; unknown words side by side are one value."""
    values: list[str] = []
    adjacent = False
    for word in run:
        if word.kind in ("op", "and", "or", "to", "column"):
            adjacent = False
        elif adjacent and word.kind == "unknown":
            values[-1] += f" {word.text}"
        else:
            adjacent = word.kind == "unknown"
            grammar = word.kind in ("stat", "chart", "table", "extreme")
            values.append(word.text if grammar else word.meaning)
    return values


def _bare_values(words: Sequence[Word], column: str, operator: str) -> Condition | str | None:
    """Return the condition of "Adelie", "Adelie or Gentoo" and "female sex"."""
    columns = [name for name in words[0].columns if all(name in word.columns for word in words)]
    columns = [column] if column in columns else columns
    if not columns:
        return None
    if len(columns) > 1:
        said, either = words[0].text, " and of ".join(columns[:5])
        return f'"{said}" is a value of {either}. Write for example: where {columns[0]} is {said}'
    return Condition(columns[0], operator, tuple(word.meaning for word in words))


def _year(values: tuple[str, ...], operator: str, table: TableProfile) -> Condition | None:
    """Return the condition of "in 2007" and "since 2010", where one column has years or dates."""
    dates = [name for name, column in table.columns.items() if column.is_date]
    column = table.year_column or (dates[0] if len(dates) == 1 else "")
    if not column or not all(map(_YEAR.fullmatch, values)):
        return None
    return Condition(column, operator, values, year=table.columns[column].is_date)


def _added(conditions: list[Condition], new: Condition, *, bare: bool) -> list[Condition]:
    """Add a condition; values of one column that stand alone are alternatives."""
    for at, old in enumerate(conditions):
        if bare and new.operator == "==" and replace(old, values=new.values) == new:
            values = tuple(dict.fromkeys(old.values + new.values))
            return [*conditions[:at], replace(old, values=values), *conditions[at + 1 :]]
    return [*conditions, new]


def _problems(condition: Condition, table: TableProfile) -> list[str]:
    """Return what is wrong with a condition."""
    column, values = table.columns[condition.column], condition.values
    if condition.operator in ("missing", "present", "contains") or condition.year:
        return []
    if column.is_number and not all(map(_NUMBER.fullmatch, values)):
        wrong = next(value for value in values if not _NUMBER.fullmatch(value))
        return [f'{column.name} holds numbers, and "{wrong}" is not one.']
    if column.is_truth and not {value.casefold() for value in values} <= {"true", "false"}:
        return [f"{column.name} holds only True and False."]
    if column.is_date and not all(value[:4].isdigit() for value in values):
        return [f"{column.name} holds dates. Write them like this: 2026-01-31."]
    if column.is_category and condition.operator in _ORDERED:
        return [f"{column.name} holds text, which cannot be compared by size."]
    return []
