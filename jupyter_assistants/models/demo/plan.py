"""What was understood of a question, before any code is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Table = Literal["overview", "missing", "head", "rows", "counts", "numbers", "correlation", "series"]
Chart = Literal["bars", "histogram", "box", "scatter", "heatmap", "lines"]

SUMMARY = ("count", "mean", "std", "min", "median", "max")


@dataclass(frozen=True)
class Wish:
    """One table, and the charts that are drawn of it or beside it.

    Parameters
    ----------
    columns
        What is counted, averaged or drawn; for a scatter chart x and y.
    by
        Columns to group by.
    over
        The time column of a series.
    every
        The period of a series: ``day``, ``week``, ``month``, ``quarter``, ``year`` or empty.
    number
        How many rows were asked for; 0 if it was not said.
    bins
        How many bars a histogram has; 0 if it was not said.
    """

    table: Table
    columns: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    stats: tuple[str, ...] = ()
    over: str = ""
    every: str = ""
    number: int = 0
    bins: int = 0
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True)
class Condition:
    """A filter: ``operator`` is one of ``== != > >= < <= contains missing present``."""

    column: str
    operator: str
    value: str = ""

    @property
    def text(self) -> str:
        """Return the condition for people."""
        words = {
            "==": f"is {self.value}",
            "!=": f"is not {self.value}",
            "contains": f"contains {self.value}",
            "missing": "is missing",
            "present": "is not missing",
        }
        return f"{self.column} {words.get(self.operator, f'{self.operator} {self.value}')}"


@dataclass(frozen=True)
class Plan:
    """All wishes of one message.

    Parameters
    ----------
    saves
        File names for the last table, or the last chart if the name is one of an image.
    notes
        Sentences for the answer: what was guessed, what was not understood.
    problems
        Sentences about wishes that cannot be fulfilled.
    elsewhere
        Words that are no columns and stand where other data may be named ("in heavy").
    """

    wishes: tuple[Wish, ...] = ()
    conditions: tuple[Condition, ...] = ()
    saves: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
