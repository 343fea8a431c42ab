"""What one clause of a question names: columns, groups, periods, statistics, charts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.models.demo.columns import COLUMN, Masked, is_number, is_time, numbers
from jupyter_assistants.models.demo.history import Columns
from jupyter_assistants.models.demo.tables import MOST_ROWS
from jupyter_assistants.models.demo.vocabulary import (
    CHARTS,
    GROUP,
    PERIODS,
    STATS,
    TABLES,
    has,
    named,
)

_BY = re.compile(
    rf"\b(?:{GROUP})\s+(?:the\s+)?(?P<list>{COLUMN}(?:\s*(?:,|and|x|\+|\*|&|&|by|per)+\s*"
    rf"(?:by\s+|per\s+|the\s+)?{COLUMN})*)",
    re.IGNORECASE,
)
_OVER = re.compile(rf"\bover\s+(?:the\s+)?{COLUMN}", re.IGNORECASE)


class NotPossible(Exception):
    """A wish that cannot be fulfilled on these columns; the text says why."""


@dataclass(frozen=True)
class Clause:
    """A clause and what is found in it; ``before`` are the columns of the clause before."""

    text: str
    table: Columns
    columns: tuple[str, ...]
    by: tuple[str, ...]
    over: str
    every: str
    stats: tuple[str, ...]
    charts: tuple[str, ...]
    number: int
    bins: int
    before: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, masked: Masked, table: Columns, before: Sequence[str]) -> Clause:
        """Find columns, groups, periods, statistics and charts."""
        over = _OVER.search(text)
        if over and not is_time(masked.column(over[1]), table):
            over = None
        rest = _OVER.sub(" ", text) if over else text
        grouped = [name for match in _BY.finditer(rest) for name in masked.columns(match["list"])]
        # "by species and bill length": a measurement is no group, so it is meant as a value.
        by = [
            name for at, name in enumerate(grouped) if at == 0 or not measured_exactly(table[name])
        ]
        values = [name for name in masked.columns(_BY.sub(" ", rest)) if name not in by]
        values += [name for name in grouped if name not in by and name not in values]
        number = re.search(r"\b(?:top|first|most|least)\s+(\d{1,4})\b", text, re.IGNORECASE)
        bins = re.search(r"\b(\d{1,3}) bins\b", text, re.IGNORECASE)
        stats = named(STATS, re.sub(TABLES["rows"], " ", text, flags=re.IGNORECASE))
        return cls(
            text=text,
            table=table,
            columns=tuple(values),
            by=tuple(by),
            over=masked.column(over[1]) if over else "",
            every=next(iter(named(PERIODS, text)), ""),
            stats=tuple(stats),
            charts=tuple(named(CHARTS, text)),
            number=int(number[1]) if number else MOST_ROWS * has("sorted|ranked", text),
            bins=int(bins[1]) if bins else 0,
            before=tuple(before),
        )

    @property
    def numeric(self) -> tuple[str, ...]:
        """Return the named columns that hold numbers."""
        return tuple(name for name in self.columns if is_number(self.table[name]))

    @property
    def textual(self) -> tuple[str, ...]:
        """Return the named columns that hold no numbers."""
        return tuple(name for name in self.columns if not is_number(self.table[name]))

    def measured(self) -> tuple[str, ...]:
        """Return the numeric columns of this clause, or of the one before, or the only one."""
        earlier = tuple(name for name in self.before if is_number(self.table[name]))
        found = self.numeric or ("" if self.columns else earlier)
        if found:
            return tuple(found)
        existing = numbers(self.table)
        if self.textual:
            raise NotPossible(
                f"{', '.join(self.textual)} holds no numbers; {listed(existing)} do."
                if existing
                else f"{', '.join(self.textual)} holds no numbers, nor does any other column."
            )
        if len(existing) == 1:
            return tuple(existing)
        raise NotPossible(f"Which column is meant? Columns with numbers: {listed(existing)}.")


def measured_exactly(dtype: str) -> bool:
    """Return whether a dtype holds measurements, which make no groups."""
    return dtype.lower().startswith(("float", "double", "decimal"))


def listed(names: Sequence[str]) -> str:
    """Join names for a sentence."""
    return ", ".join(names) if names else "none"
