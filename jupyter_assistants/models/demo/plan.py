"""What a question asks for, before any code is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

SUMMARY = ("count", "mean", "std", "min", "median", "max")
_STAT_NAMES = {"count": "number", "std": "standard deviation", "min": "minimum", "max": "maximum"}
_MOST_NAMED = 4


@dataclass(frozen=True)
class Wish:
    """One result table, and the charts of it.

    Parameters
    ----------
    kind
        One of ``overview missing head rows counts numbers correlation series``.
    columns
        What is counted, averaged or drawn; for a scatter chart x and y.
    over, every
        The time column of a series, and its period: ``day``, ``week``, …, or empty.
    number
        How many rows to show; 0 if the question did not say.
    order
        ``descending``, ``ascending`` or empty.
    charts
        Any of ``bars histogram box scatter heatmap lines``.
    """

    kind: str
    columns: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    stats: tuple[str, ...] = ()
    over: str = ""
    every: str = ""
    number: int = 0
    order: str = ""
    bins: int = 20
    charts: tuple[str, ...] = ()

    @property
    def measure(self) -> str:
        """Return what the numbers are: "mean of body_mass_g"."""
        if not self.columns:
            return "number of rows"
        many = len(self.columns) > _MOST_NAMED
        what = f"{len(self.columns)} columns" if many else ", ".join(map(one_line, self.columns))
        *most, last = [_STAT_NAMES.get(stat, stat) for stat in self.stats] or ["values"]
        if last == "nunique":
            last = "number of different values"
        stats = f"{', '.join(most)} and {last}" if most else last
        return f"{'summary' if self.stats == SUMMARY else stats} of {what}"

    @property
    def title(self) -> str:
        """Return what the result is, for a heading."""
        by = f" by {' and '.join(map(one_line, self.by))}" if self.by else ""
        names = ", ".join(map(one_line, self.columns[:_MOST_NAMED]))
        if self.kind == "series":
            period = f"per {self.every}" if self.every else f"over {one_line(self.over)}"
            return f"{self.measure} {period}{by}"
        if self.kind == "correlation":
            pair = " and ".join(map(one_line, self.columns))
            return f"correlation of {pair if len(self.columns) < 3 else f'{len(self.columns)} columns'}"
        titles = {
            "overview": "columns of the table",
            "missing": "missing values" + (f" in {names}" if names else ""),
            "head": f"rows by {names}, {self.order}" if self.order else "first rows",
            "counts": f"most frequent values of {names}",
            "rows": "number of rows",
        }
        return titles.get(self.kind, self.measure + by)


@dataclass(frozen=True)
class Condition:
    """A filter.

    Parameters
    ----------
    operator
        One of ``== != > >= < <= between contains missing present``.
    year
        Whether the year of a date is compared.
    """

    column: str
    operator: str
    values: tuple[str, ...] = ()
    year: bool = False

    @property
    def text(self) -> str:
        """Return the condition for people."""
        subject = f"the year of {one_line(self.column)}" if self.year else one_line(self.column)
        value = (" and " if self.operator == "between" else " or ").join(map(one_line, self.values))
        words = {"==": "is", "!=": "is not", "missing": "is missing", "present": "is not missing"}
        words["between"] = "is between"
        return f"{subject} {words.get(self.operator, self.operator)} {value}".strip()


@dataclass(frozen=True)
class Plan:
    """Everything that was read in one question.

    Parameters
    ----------
    saves
        File names for the last table, or for the last chart if the name is that of an image.
    unknown
        The words that were not understood. With any, nothing is computed.
    problems
        Sentences about what cannot be done. With any, nothing is computed.
    notes
        Sentences about how words were read.
    """

    wishes: tuple[Wish, ...] = ()
    conditions: tuple[Condition, ...] = ()
    saves: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def selection(self) -> str:
        """Return which rows are selected; empty for all."""
        where = " and ".join(condition.text for condition in self.conditions)
        return f"rows where {where}" if where else ""

    @property
    def text(self) -> str:
        """Return what would be computed, for people."""
        wishes = "; ".join(wish.title for wish in self.wishes)
        return f"{wishes}, for {self.selection}" if self.selection else wishes


def one_line(text: str) -> str:
    """Fold white space, so that a name cannot break a comment or a title."""
    return " ".join(text.split())


def literal(value: str | Sequence[str]) -> str:
    """Return a Python literal of a text or of a list of texts, in double quotes.

    What JSON writes for these is Python as well, so no text can leave its quotes.
    """
    return json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)
