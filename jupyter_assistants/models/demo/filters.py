"""Reads filters ("where species is Adelie and year > 2007") out of a masked question."""

from __future__ import annotations

import re

from jupyter_assistants.models.demo.columns import COLUMN, Masked, is_date, is_number, named_as_date
from jupyter_assistants.models.demo.history import Columns
from jupyter_assistants.models.demo.plan import Condition
from jupyter_assistants.models.demo.vocabulary import EVERYTHING, GROUP

_OPERATORS = {
    "missing": r"is (?:missing|null|empty|nan|na)\b",
    "present": r"is (?:not|n't) (?:missing|null|empty|nan|na)\b|is present\b",
    "contains": r"contains\b|includes\b",
    ">=": r">=|≥|(?:is )?at least\b|from\b|since\b",
    "<=": r"<=|≤|(?:is )?at most\b|up to\b|until\b",
    ">": r">|(?:is )?(?:above|over|greater than|larger than|more than|higher than|after)\b",
    "<": r"<|(?:is )?(?:below|under|less than|smaller than|lower than|fewer than|before)\b",
    "!=": r"!=|<>|≠|is not\b|isn't\b|isnt\b|not\b",
    "==": r"==?|is\b|are\b|was\b|equals?(?: to)?\b",
}
_START = re.compile(
    r"\b(?:but |and )?(?:only )?(?:where|whose|for which|when|with|if|for)\s+(?:the\s+)?"
    rf"(?={COLUMN}\s*(?:{'|'.join(_OPERATORS.values())}))",
    re.IGNORECASE,
)
_NEXT = re.compile(rf"\s*(?:and|,)\s*(?:the\s+)?(?={COLUMN})", re.IGNORECASE)
_VALUE = re.compile(
    r"\s*(?:\"([^\"]*)\"|'([^']*)'|(.+?))\s*"
    rf"(?=$|[;?!]|,|\.(?:\s|$)|\s(?:and|then|as|save|export|show|{GROUP}|{EVERYTHING})\b)",
    re.IGNORECASE,
)


def take(masked: Masked, columns: Columns) -> tuple[list[Condition], list[str]]:
    """Take the filters out of the text.

    Returns
    -------
    tuple
        Conditions that all hold, and sentences about those that make no sense.
    """
    start = _START.search(masked.text)
    if start is None:
        return [], []
    conditions: list[Condition] = []
    position = start.end()
    while True:
        found = _condition(masked, position)
        if found is None:
            break
        condition, position = found
        conditions.append(condition)
        onward = _NEXT.match(masked.text, position)
        if onward is None or _condition(masked, onward.end()) is None:
            break
        position = onward.end()
    masked.text = masked.text[: start.start()] + " " + masked.text[position:]
    problems = [text for condition in conditions if (text := _problem(condition, columns))]
    return conditions, problems


def _condition(masked: Masked, position: int) -> tuple[Condition, int] | None:
    column = re.compile(COLUMN + r"\s*").match(masked.text, position)
    if column is None:
        return None
    name = masked.column(column[1])
    for operator, pattern in _OPERATORS.items():
        found = re.compile(pattern, re.IGNORECASE).match(masked.text, column.end())
        if found is None:
            continue
        if operator in ("missing", "present"):
            return Condition(name, operator), found.end()
        value = _VALUE.match(masked.text, found.end())
        if value is None:
            return None
        said = masked.original(next(group for group in value.groups() if group is not None))
        return Condition(name, operator, said.strip("`'\"“”‘’ ")), value.end()
    return None


def _problem(condition: Condition, columns: Columns) -> str:
    dtype = columns[condition.column]
    if condition.operator in ("missing", "present", "contains") or is_date(dtype):
        return ""
    if is_number(dtype):
        try:
            float(condition.value)
        except ValueError:
            return f"{condition.column} holds numbers, and {condition.value!r} is none."
    elif condition.operator in (">", ">=", "<", "<=") and not named_as_date(condition.column):
        return f"{condition.column} holds text, which has no {condition.operator}."
    return ""
