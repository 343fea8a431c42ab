"""From one clause of a question, such as "mean body mass by species", to wishes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from jupyter_assistants.models.demo.clause import Clause, NotPossible, listed, measured_exactly
from jupyter_assistants.models.demo.columns import (
    COLUMN,
    categories,
    is_number,
    is_time,
    numbers,
    time_column,
)
from jupyter_assistants.models.demo.plan import SUMMARY, Chart, Wish
from jupyter_assistants.models.demo.vocabulary import TABLES, has

_HOW_MANY = re.compile(
    rf"\b(?:how many|number of)\s+(?:distinct |unique |different )?{COLUMN}", re.IGNORECASE
)
_MOST_TABLES = 6


def read(clause: Clause) -> list[Wish]:
    """Return the wishes of a clause; none if there is nothing to do.

    Raises
    ------
    NotPossible
        If the columns do not allow it.
    """
    for applies, reader in _READERS:
        if applies(clause):
            return reader(clause)
    return []


def _correlation(clause: Clause) -> list[Wish]:
    named_columns = clause.numeric
    if clause.columns and len(named_columns) < 2:
        named_columns = clause.measured()
    existing = numbers(clause.table)
    columns = named_columns if len(named_columns) >= 2 else tuple(existing)
    if len(columns) < 2:
        raise NotPossible(f"A correlation needs two columns with numbers: {listed(existing)}.")
    drawn: Chart = "scatter" if len(columns) == 2 else "heatmap"
    return [Wish("correlation", columns, charts=(drawn,) if clause.charts else ())]


def _distribution(clause: Clause) -> list[Wish]:
    chart: Chart = "box" if "box" in clause.charts else "histogram"
    if chart == "histogram" and clause.textual and not clause.numeric:
        return [_counted(clause, name, ("bars",)) for name in clause.textual]
    by = (clause.by or clause.textual)[:1]
    return [
        Wish("numbers", (name,), by, SUMMARY, bins=clause.bins, charts=(chart,))
        for name in clause.measured()
    ]


def _scatter(clause: Clause) -> list[Wish]:
    columns = clause.numeric
    if len(columns) < 2:
        columns = tuple(dict.fromkeys((*clause.before, *columns)))
        columns = tuple(name for name in columns if is_number(clause.table[name]))
    if len(columns) < 2:
        existing = listed(numbers(clause.table))
        raise NotPossible(f"A scatter chart needs two columns with numbers: {existing}.")
    first, second = columns[:2]
    # "a against b" has a upright, "a and b" has a level.
    x, y = (second, first) if has("against|vs|versus", clause.text) else (first, second)
    by = (clause.by or clause.textual)[:1]
    return [Wish("correlation", (x, y), by, charts=("scatter",))]


def _series(clause: Clause) -> list[Wish]:
    over = clause.over or next((name for name in clause.by if _is_time(clause, name)), "")
    over = over or next((name for name in clause.columns if _is_time(clause, name)), "")
    over = over or time_column(clause.table)
    if not over:
        raise NotPossible(f"No column holds dates or years. The columns are: {_all(clause)}.")
    if clause.every not in ("", "year") and is_number(clause.table[over]):
        raise NotPossible(f"{over} holds years only, so there are no values per {clause.every}.")
    values = replace(clause, columns=tuple(name for name in clause.columns if name != over))
    by = tuple(name for name in (*clause.by, *values.textual) if name != over)[:1]
    wish = Wish("series", (), by, ("count",), over, clause.every, charts=("lines",))
    if not values.numeric and "count" in clause.stats:
        return [wish]
    columns = values.numeric or replace(values, columns=()).measured()
    columns = tuple(name for name in columns if name != over)
    return [replace(wish, columns=columns, stats=(stat,)) for stat in clause.stats or ("mean",)]


def _missing(clause: Clause) -> list[Wish]:
    charts: tuple[Chart, ...] = ("bars",) if clause.charts else ()
    return [Wish("missing", clause.columns, charts=charts)]


def _rows(clause: Clause) -> list[Wish]:
    if clause.by:
        return [_grouped(clause, (), ("count",))]
    return [Wish("rows")]


def _head(clause: Clause) -> list[Wish]:
    return [Wish("head", clause.columns, number=clause.number)]


def _counts(clause: Clause) -> list[Wish]:
    charts: tuple[Chart, ...] = ("bars",) if clause.charts else ()
    if clause.by and (clause.numeric or measured_exactly(clause.table[clause.by[0]])):
        swapped = [name for name in clause.columns if name not in clause.numeric]
        values = clause.numeric or clause.by
        groups = tuple(swapped) if not clause.numeric else clause.by
        stats = clause.stats or ("mean",)
        return [Wish("numbers", values, groups, stats, number=clause.number or 10, charts=charts)]
    if clause.by:
        by = tuple(dict.fromkeys((*clause.by, *clause.columns)))
        return [Wish("numbers", (), by, ("count",), number=clause.number, charts=charts)]
    names = clause.columns or tuple(categories(clause.table)[:_MOST_TABLES])
    if not names:
        raise NotPossible(f"No column holds categories. The columns are: {_all(clause)}.")
    return [_counted(clause, name, charts) for name in names]


def _overview(clause: Clause) -> list[Wish]:
    if not clause.columns and not clause.by:
        return [Wish("overview")]
    if not clause.columns:
        return [Wish("numbers", (name,), clause.by, SUMMARY) for name in numbers(clause.table)]
    wishes = [Wish("numbers", (name,), clause.by, SUMMARY) for name in clause.numeric]
    return wishes + [_counted(clause, name, ()) for name in clause.textual]


def _numbers(clause: Clause) -> list[Wish]:
    many = _HOW_MANY.search(clause.text)
    charts: tuple[Chart, ...] = ("bars",) if clause.charts else ()
    if many and clause.textual:
        return [Wish("numbers", clause.columns, clause.by, ("nunique",), charts=charts)]
    stats = clause.stats or (("mean",) if clause.numeric or clause.textual else ("count",))
    if stats == ("count",) and not clause.numeric:
        if clause.by:
            by = tuple(dict.fromkeys((*clause.by, *clause.columns)))
            return [_grouped(replace(clause, by=by), (), stats)]
        if not clause.columns:
            return [Wish("rows")]
        return [_counted(clause, name, charts) for name in clause.columns]
    return _measures(clause, stats)


def _measures(clause: Clause, stats: tuple[str, ...]) -> list[Wish]:
    by = clause.by
    columns = clause.columns
    # "which species has the highest body mass": the category is what to group by.
    if clause.numeric and clause.textual and "nunique" not in stats:
        columns, by = clause.numeric, tuple(dict.fromkeys((*by, *clause.textual)))
    if not columns:
        earlier = tuple(name for name in clause.before if is_number(clause.table[name]))
        columns = earlier if not by else ()
        columns = columns or tuple(name for name in numbers(clause.table) if name not in by)
    needing = set(stats) - {"min", "max", "count", "nunique"}
    unfit = [name for name in columns if needing and not _adds_up(clause.table[name], needing)]
    if unfit:
        reason = f"{', '.join(unfit)} holds no numbers and has no {'/'.join(sorted(needing))}"
        raise NotPossible(f"{reason}; {listed(numbers(clause.table))} do.")
    if not columns:
        raise NotPossible(f"No column holds numbers. The columns are: {_all(clause)}.")
    wide = replace(clause, by=by)
    kinds = [
        [name for name in columns if is_number(clause.table[name]) is yes] for yes in (True, False)
    ]
    if (by and len(stats) > 1) or kinds[1]:
        return [_grouped(wide, (name,), stats) for name in columns]
    return [_grouped(wide, tuple(columns), stats)]


def _drawn(clause: Clause) -> list[Wish]:
    """Choose the chart for a plain "plot"."""
    dated = time_column(clause.table)
    if dated and is_number(clause.table[dated]):
        dated = ""
    if clause.by or (clause.numeric and clause.textual and clause.textual != (dated,)):
        return _numbers(clause)
    if not clause.columns and not clause.before:
        raise NotPossible(f"What is to be drawn? The columns are: {_all(clause)}.")
    if clause.textual and not clause.numeric:
        return _counts(clause)
    if dated and "bars" not in clause.charts:
        return _series(clause)
    if len(clause.numeric) == 2:
        return _scatter(clause)
    return _distribution(clause)


def _grouped(clause: Clause, columns: tuple[str, ...], stats: tuple[str, ...]) -> Wish:
    chart: Chart = "bars" if clause.by else "histogram"
    drawn = bool(clause.charts) and (bool(clause.by) or len(columns) == 1)
    return Wish(
        "numbers",
        columns,
        clause.by,
        stats,
        number=clause.number,
        charts=(chart,) if drawn else (),
    )


def _counted(clause: Clause, name: str, charts: tuple[Chart, ...]) -> Wish:
    return Wish("counts", (name,), clause.by, number=clause.number, charts=charts)


def _adds_up(dtype: str, stats: set[str]) -> bool:
    return is_number(dtype) or (dtype.startswith("bool") and stats <= {"mean", "sum"})


def _is_time(clause: Clause, name: str) -> bool:
    return is_time(name, clause.table)


def _all(clause: Clause) -> str:
    return ", ".join(clause.table)


def _is(key: str) -> Callable[[Clause], bool]:
    return lambda clause: has(TABLES[key], clause.text)


_READERS: tuple[tuple[Callable[[Clause], bool], Callable[[Clause], list[Wish]]], ...] = (
    (lambda clause: _is("correlation")(clause) or "heatmap" in clause.charts, _correlation),
    (lambda clause: bool({"histogram", "box"} & set(clause.charts)), _distribution),
    (lambda clause: "scatter" in clause.charts, _scatter),
    (lambda clause: "lines" in clause.charts or bool(clause.over or clause.every), _series),
    (_is("missing"), _missing),
    (_is("rows"), _rows),
    (_is("head"), _head),
    (_is("counts"), _counts),
    (_is("overview"), _overview),
    (lambda clause: bool(clause.stats), _numbers),
    (lambda clause: bool(clause.charts), _drawn),
    (lambda clause: bool(clause.by), _numbers),
)
