"""What a campaign is: cases drawn from a seed, run until they end or the time is over, and counted.

A campaign is a class with the attributes of :class:`Campaign`. Its module is named in the table of
``benchmarks/trust/__main__.py``. The same cases come from the same seed, so a failure can be run again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import ClassVar, Protocol


class Deadline:
    """The moment at which a campaign begins no further case.

    Parameters
    ----------
    seconds
        How long from now.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._end


@dataclass(frozen=True)
class Outcome:
    """What a campaign counted.

    Parameters
    ----------
    cases
        How many cases ran to their end.
    failures
        One line for each case in which the attack worked: what it was, and what came of it.
    note
        What a reader must know of the figure, such as a part that this machine cannot run.
    """

    cases: int
    failures: list[str] = field(default_factory=list)
    note: str = ""


class Campaign(Protocol):
    """A kind of attack.

    Attributes
    ----------
    title
        What is tried, in a few words, for the table.
    aim
        What must not happen, in the plural: "answers of 5xx".
    full, small
        How many cases ``make trust`` runs, and how many the test of the suite.
    """

    title: ClassVar[str]
    aim: ClassVar[str]
    full: ClassVar[int]
    small: ClassVar[int]

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        """Run cases that are drawn from a seed, until all have run or the deadline has passed."""
        ...
