"""One clause of a question, such as "mean body mass by species", as wishes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from jupyter_assistants.models.demo.plan import SUMMARY, Wish
from jupyter_assistants.models.demo.table_profile import TableProfile
from jupyter_assistants.models.demo.words import Word, tags_of

_MOST_COLUMNS = 12
_NEED_NUMBERS = {"mean", "median", "sum", "std"}
_ORDERS = {"max": "descending", "min": "ascending", "bottom": "ascending"}


class NotPossible(Exception):
    """A wish that this table cannot fulfill; the text says why."""


def _require(holds: object, problem: str) -> None:
    if not holds:
        raise NotPossible(problem)


@dataclass
class Clause:
    """The words of one wish; what it takes from them is marked as used.

    Parameters
    ----------
    before
        The wishes before, whose columns are meant where this one names none.
    """

    words: list[Word]
    table: TableProfile
    before: tuple[Wish, ...] = ()

    def __post_init__(self) -> None:
        over = self._match("(?:o|p)c", self._is_time_axis)
        self.over = over[1].meaning if over else ""
        self.top = self._match(r"\^n?", lambda run: run[-1].text.isalnum())
        self.bins = self._match("n%", lambda run: run[0].text.isdigit() and run[0].text != "0")
        groups: list[str] = []
        while run := self._match("b(?:c[&b]{1,3}){0,20}c", lambda run: True):
            groups += [word.meaning for word in run if word.kind == "column"]
        self.by = tuple(dict.fromkeys(groups))
        self.columns = self.take_words("column")
        kinds = self.table.columns
        self.numeric = tuple(name for name in self.columns if kinds[name].is_number)
        self.others = tuple(name for name in self.columns if not kinds[name].is_number)

    def wishes(self) -> list[Wish]:
        """Return what the clause asks for; nothing if it asks for nothing.

        Raises
        ------
        NotPossible
            If the columns do not allow it.
        """
        found = next((read(self) for applies, read in _READERS if applies(self)), [])
        used = {name for wish in found for name in (*wish.columns, *wish.by, wish.over)}
        unused = [name for name in (*self.columns, *self.by, self.over) if name not in {*used, ""}]
        _require(not unused, f"{', '.join(unused)} does not fit in here.")
        for word in self.top if not any(wish.number or wish.order for wish in found) else ():
            word.used = word.meaning == "first" and found[:1] == [Wish("head", self.columns)]
        for word in self.bins if not any("histogram" in wish.charts for wish in found) else ():
            word.used = False
        return found

    def has(self, kind: str, *meanings: str) -> bool:
        """Return whether there is a word of this kind, with one of the meanings if given."""
        return any(w.kind == kind and (not meanings or w.meaning in meanings) for w in self.words)

    def take_words(self, kind: str, *meanings: str) -> tuple[str, ...]:
        """Return the meanings of such words, each once, and mark the words as used."""
        found = []
        for word in self.words:
            if word.kind == kind and not word.used and (not meanings or word.meaning in meanings):
                word.used = True
                found.append(word.meaning)
        return tuple(dict.fromkeys(found))

    def _match(self, pattern: str, fits: Callable[[list[Word]], bool]) -> list[Word]:
        """Return the words of the first match that fits, and mark them as used."""
        for match in re.finditer(pattern, tags_of(self.words)):
            run = self.words[match.start() : match.end()]
            if not any(word.used for word in run) and fits(run):
                for word in run:
                    word.used = True
                return run
        return []

    def _is_time_axis(self, run: list[Word]) -> bool:
        name = run[1].meaning
        is_time = self.table.columns[name].is_date or name == self.table.year_column
        return run[0].text.casefold() == "over" and is_time

    def groups(self) -> tuple[str, ...]:
        """Return what to group by: after "by", and categories that stand beside numbers."""
        return tuple(dict.fromkeys((*self.by, *(self.others if self.numeric else ()))))

    def measured(self) -> tuple[str, ...]:
        """Return the numbers that are meant: of this clause, of the one before, or the only ones."""
        _require(self.numeric or not self.others, f"{', '.join(self.others)} holds no numbers.")
        earlier = self.before[-1].columns if self.before else ()
        known = self.table.columns
        found = self.numeric or tuple(n for n in earlier if known[n].is_number)
        rest = tuple(name for name in self.table.numbers if name not in (*self.by, self.over))
        _require(found or len(rest) == 1, "Which column is meant?")
        return found or rest

    def bars(self) -> tuple[str, ...]:
        """Return a bar chart if one is asked for."""
        return ("bars",) if self.take_words("chart", "any", "bars") else ()


def _correlation(clause: Clause) -> list[Wish]:
    clause.take_words("table", "correlation")
    drawn = clause.take_words("chart", "any", "scatter", "heatmap")
    columns = clause.columns or tuple(clause.table.numbers[:_MOST_COLUMNS])
    _require(
        len(columns) > 1 and not clause.others, "A correlation needs two columns with numbers."
    )
    chart = "scatter" if len(columns) == 2 else "heatmap"
    return [Wish("correlation", columns, charts=(chart,) if drawn else ())]


def _distribution(clause: Clause) -> list[Wish]:
    charts = clause.take_words("chart", "histogram", "box")
    clause.take_words("chart", "any")
    if charts == ("histogram",) and clause.others and not clause.numeric:
        return [Wish("counts", (name,), charts=("bars",)) for name in clause.others]
    by, bins = clause.groups(), int(clause.bins[0].text[:3]) if clause.bins else 20
    _require(len(by) < 2, "This chart takes one column of groups.")
    return [
        Wish("numbers", (name,), by, SUMMARY, bins=bins, charts=charts)
        for name in clause.measured()
    ]


def _scatter(clause: Clause) -> list[Wish]:
    turned = clause.take_words("chart", "against")
    clause.take_words("chart", "scatter", "any")
    columns = clause.numeric
    if len(columns) == 1 and clause.before:
        columns = (*clause.before[-1].columns, *columns)
    fits = len(columns) == 2 and len(clause.groups()) < 2
    _require(fits, "A scatter chart needs two columns with numbers, and at most one of groups.")
    # "a against b" has a upright, "a and b" has a level.
    columns = columns[::-1] if turned else columns
    return [Wish("correlation", columns, clause.groups(), charts=("scatter",))]


def _series(clause: Clause) -> list[Wish]:
    table = clause.table
    every = next(iter(clause.take_words("period")), "")
    drawn = clause.take_words("chart", "lines", "any", "bars")
    named = (*clause.by, *clause.columns)
    times = [name for name in named if table.columns[name].is_date or name == table.year_column]
    over = clause.over = clause.over or next(iter(times), table.time_column)
    _require(over, "No column holds dates or years.")
    dated = every in ("", "year") or table.columns[over].is_date
    _require(dated, f"{over} holds years only, so there are no values per {every}.")
    clause.numeric = tuple(name for name in clause.numeric if name != over)
    clause.others = tuple(name for name in clause.others if name != over)
    by = tuple(name for name in dict.fromkeys((*clause.by, *clause.others)) if name != over)
    stats = clause.take_words("stat") or ("mean",)
    if counting := stats == ("count",) and not clause.numeric:
        clause.take_words("table", "rows")
    clause.others = ()
    values = () if counting else clause.measured()
    _require(len(by) < 2 and len(values) * len(by) < 2, "A line chart takes one column of groups.")
    charts = ("bars",) if "bars" in drawn else ("lines",)
    return [Wish("series", values, by, (stat,), over, every, charts=charts) for stat in stats]


def _ranking(clause: Clause) -> list[Wish]:
    """Read "top 5 …", "most frequent …", "first 5 rows"."""
    counted, rows = clause.take_words("table", "counts"), clause.take_words("table", "rows", "head")
    which = clause.top[0].meaning if clause.top else "top"
    number = int(clause.top[1].text[:4]) if len(clause.top) > 1 else 0
    order = _ORDERS.get(which, "descending")
    known = clause.table.columns
    numeric = tuple(name for name in (*clause.columns, *clause.by) if known[name].is_number)
    groups = tuple(name for name in (*clause.by, *clause.columns) if name not in numeric)
    if which == "first":
        _require(rows and not clause.by, '"first" is for rows: first 5 rows')
        return [Wish("head", clause.columns, number=number)]
    if rows and not numeric and which == "top":
        return [Wish("head", groups, number=number)]
    if numeric and groups and not counted:
        stats = clause.take_words("stat") or ("mean",)
        options = {"number": number or 10, "order": order, "charts": clause.bars()}
        return [Wish("numbers", numeric[:1], groups, stats, **options)]  # type: ignore[arg-type]
    if numeric and not counted:
        return [Wish("head", numeric[:1], number=number, order=order)]
    _require(which == "top", '"bottom" needs a column with numbers.')
    if clause.by:
        by = tuple(dict.fromkeys((*clause.by, *clause.columns)))
        return [Wish("numbers", (), by, ("count",), number=number or 10, order=order)]
    names = clause.columns or tuple(clause.table.categories[:6])
    _require(names, "No column holds categories.")
    charts = clause.bars()
    return [Wish("counts", (name,), number=number or 10, charts=charts) for name in names]


def _overview(clause: Clause) -> list[Wish]:
    clause.take_words("table", "overview")
    if not clause.columns and not clause.by:
        return [Wish("overview")]
    names = clause.columns or tuple(clause.table.numbers[:_MOST_COLUMNS])
    known = clause.table.columns
    found = []
    for name in names:
        if known[name].is_number or known[name].is_date:
            stats = SUMMARY if known[name].is_number else ("min", "max")
            found.append(Wish("numbers", (name,), clause.by, stats))
        elif clause.by:
            found.append(Wish("numbers", (), (*clause.by, name), ("count",)))
        else:
            found.append(Wish("counts", (name,), number=10))
    return found


def _numbers(clause: Clause) -> list[Wish]:
    table, by, charts = clause.table, clause.by, clause.bars()
    how_many = any(w.meaning == "count" and w.text.casefold() != "count" for w in clause.words)
    stats, extreme = clause.take_words("stat"), clause.take_words("extreme")
    order = next(iter(clause.take_words("sort")), _ORDERS[extreme[0]] if extreme else "")
    stats = stats or extreme or ("mean",)
    if "count" in stats:
        clause.take_words("table", "rows")
    if stats == ("count",) and not clause.numeric:
        if how_many and clause.others:
            return [Wish("numbers", clause.others, by, ("nunique",), order=order, charts=charts)]
        by = tuple(dict.fromkeys((*by, *clause.others)))
        if len(by) == 1 and not clause.by:
            return [Wish("counts", by, number=10, charts=charts)]
        return [Wish("numbers", (), by, stats, order=order, charts=charts) if by else Wish("rows")]
    columns = clause.columns
    if "nunique" not in stats:
        # "which species has the highest body mass": the category is what to group by.
        by, columns = clause.groups(), clause.numeric or columns
    columns = columns or tuple(n for n in table.numbers if n not in by)[:_MOST_COLUMNS]
    columns = tuple(name for name in columns if name not in by)
    needed = set(stats) & _NEED_NUMBERS
    unfit = [name for name in columns if not _allows(table, name, needed)]
    _require(columns, "No column holds numbers.")
    _require(
        not unfit, f"{', '.join(unfit)} holds no numbers and has no {'/'.join(sorted(needed))}."
    )
    _require(by or not charts or len(columns) == 1, "A bar chart needs groups: by COLUMN.")
    charts = charts if by else ("histogram",) * len(charts)
    alike = all(table.columns[name].is_number for name in columns)
    split = [columns] if alike and not (by and len(stats) > 1) else [(name,) for name in columns]
    order = order if by else ""
    return [Wish("numbers", names, by, stats, order=order, charts=charts) for names in split]


def _allows(table: TableProfile, name: str, needed: set[str]) -> bool:
    column = table.columns[name]
    return column.is_number or not needed or (column.is_truth and needed <= {"mean", "sum"})


def _rows(clause: Clause) -> list[Wish]:
    clause.take_words("table", "head", "rows")
    return [Wish("head", clause.columns)]


def _drawing(clause: Clause) -> list[Wish]:
    """Choose the chart for a plain "plot"."""
    known = clause.table.columns
    dates = [name for name in known if known[name].is_date]
    categories = [name for name in clause.others if name not in dates]
    _require(clause.columns or clause.before, "What should be drawn?")
    if categories and not clause.numeric:
        return [Wish("counts", (name,), number=10, charts=clause.bars()) for name in categories]
    if clause.numeric and categories:
        return _numbers(clause)
    _require(not clause.has("chart", "bars"), "A bar chart needs groups: by COLUMN.")
    if dates and clause.columns:
        return _series(clause)
    return _scatter(clause) if len(clause.numeric) == 2 else _distribution_of_any(clause)


def _distribution_of_any(clause: Clause) -> list[Wish]:
    clause.take_words("chart", "any")
    return [Wish("numbers", (n,), (), SUMMARY, charts=("histogram",)) for n in clause.measured()]


_READERS: tuple[tuple[Callable[[Clause], object], Callable[[Clause], list[Wish]]], ...] = (
    (lambda c: c.has("table", "correlation") or c.has("chart", "heatmap"), _correlation),
    (lambda c: c.has("chart", "histogram", "box"), _distribution),
    (lambda c: c.has("chart", "scatter", "against"), _scatter),
    (lambda c: c.has("chart", "lines") or c.over or c.has("period"), _series),
    (
        lambda c: c.take_words("table", "missing"),
        lambda c: [Wish("missing", (*c.columns, *c.by), charts=c.bars())],
    ),
    (lambda c: c.has("table", "counts") or c.top, _ranking),
    (lambda c: c.has("table", "overview"), _overview),
    (lambda c: c.has("stat") or c.has("extreme") or c.by, _numbers),
    (lambda c: c.has("table", "head", "rows"), _rows),
    (lambda c: c.has("chart"), _drawing),
    (lambda c: c.columns, _overview),
)
