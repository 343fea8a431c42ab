"""Scores answers by DABench's closed form: ``@name[value]``, equal or nearly equal as a number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_VALUE = re.compile(r"@(\w+)\[(.*?)\]")
CLOSE = 1e-6


@dataclass(frozen=True)
class Score:
    """How right the answers are, each figure from 0 to 1. A question without an answer is wrong.

    Parameters
    ----------
    questions
        ABQ: questions of which every value is right.
    proportional
        PSAQ: the mean over questions of their part of right values.
    values
        UASQ: right values among all.
    last_digit
        As ``questions``, with one more or less in the last digit let pass: some labels are off so.
    """

    questions: float
    proportional: float
    values: float
    last_digit: float


def values_in(answer: str) -> dict[str, str]:
    """Return the values that an answer states, the last one of each name."""
    return dict(_VALUE.findall(answer))


def is_right(given: str | None, expected: str) -> bool:
    """Return whether a value is the expected one by the benchmark's own rule."""
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
    """Return the same, with the last digit let pass."""
    given = values_in(answer)
    return {name: is_near(given.get(name), value) for name, value in expected.items()}


def score(found: Sequence[tuple[Mapping[str, bool], Mapping[str, bool]]]) -> Score:
    """Return the score of all questions, from the exact and the near marks of each."""
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
