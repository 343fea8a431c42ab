"""Scores of answers in DABench's closed form, ``@name[value]``, by the benchmark's own rule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_VALUE = re.compile(r"@(\w+)\[(.*?)\]")
CLOSE = 1e-6


@dataclass(frozen=True)
class Score:
    """Accuracies from 0 to 1. A question without an answer counts as wrong.

    Parameters
    ----------
    questions
        ABQ: the share of questions of which every value is right.
    proportional
        PSAQ: the mean over questions of their share of right values.
    values
        UASQ: the share of right values among all.
    last_digit
        As ``questions``, tolerating one unit in the last digit, by which some labels are off.
    """

    questions: float
    proportional: float
    values: float
    last_digit: float


def values_in(answer: str) -> dict[str, str]:
    """Return the values that an answer states by name; the last one of a name counts."""
    return dict(_VALUE.findall(answer))


def is_right(given: str | None, expected: str) -> bool:
    """Return whether a value equals the expected one, as text or as a number."""
    if given is None or given == expected:
        return given is not None
    try:
        return abs(float(given) - float(expected)) < CLOSE
    except ValueError:
        return False


def is_near(given: str | None, expected: str) -> bool:
    """Return whether a value is right, or off by one in the last digit that is expected."""
    if is_right(given, expected):
        return True
    try:
        wanted = Decimal(expected)
        step = Decimal(1).scaleb(int(wanted.as_tuple().exponent))
        return given is not None and abs(Decimal(given) - wanted) <= step
    except (InvalidOperation, ValueError, TypeError):
        return False


def marks(answer: str, expected: Mapping[str, str]) -> dict[str, bool]:
    """Return for each expected value whether the answer has it."""
    given = values_in(answer)
    return {name: is_right(given.get(name), value) for name, value in expected.items()}


def near_marks(answer: str, expected: Mapping[str, str]) -> dict[str, bool]:
    """Return the same, tolerating one unit in the last digit."""
    given = values_in(answer)
    return {name: is_near(given.get(name), value) for name, value in expected.items()}


def score(found: Sequence[tuple[Mapping[str, bool], Mapping[str, bool]]]) -> Score:
    """Return the score of all questions from the exact and the near marks of each."""
    exact = [marked for marked, _ in found]
    every = [mark for marked in exact for mark in marked.values()]
    return Score(
        _mean([_whole(marked) for marked in exact]),
        _mean([_mean(list(marked.values())) for marked in exact]),
        _mean(every),
        _mean([_whole(near) for _, near in found]),
    )


def _whole(marked: Mapping[str, bool]) -> bool:
    return bool(marked) and all(marked.values())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
