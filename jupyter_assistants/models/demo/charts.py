"""Writes the matplotlib code of charts: one chart for each figure, with labelled axes."""

from __future__ import annotations

import re
from collections.abc import Callable

from jupyter_assistants.models.demo.columns import is_number
from jupyter_assistants.models.demo.history import Columns
from jupyter_assistants.models.demo.literals import literal, one_line
from jupyter_assistants.models.demo.plan import Chart, Wish
from jupyter_assistants.models.demo.tables import Table, measure, observed

_MOST_BARS = 30
_BINS = 20


def draw(chart: Chart, wish: Wish, frame: str, made: Table, columns: Columns) -> list[str]:
    """Return the lines that draw a chart, up to ``plt.show()``."""
    return [*_DRAWERS[chart](wish, frame, made, columns), "plt.tight_layout()"]


def _capital(title: str) -> str:
    return title[0].upper() + title[1:]


def _axes(wide: float = 8, high: float = 4.5) -> str:
    return f"fig, ax = plt.subplots(figsize=({wide:g}, {high:g}))"


def _labels(title: str, x: str, y: str) -> list[str]:
    return [
        f"ax.set_title({literal(title)})",
        f"ax.set_xlabel({literal(one_line(x))})",
        f"ax.set_ylabel({literal(one_line(y))})",
    ]


def _bars(wish: Wish, frame: str, made: Table, columns: Columns) -> list[str]:
    if wish.table == "counts":
        return _bars_of(made.variable, made.title, wish.columns[0], "rows")
    if wish.table == "missing":
        shown = f'{made.variable}["missing"]'
        return _bars_of(shown, made.title, "column", "missing values")
    shown, x, legend = made.variable, " and ".join(wish.by), False
    if len(wish.by) == 2 and len(wish.columns) < 2 and len(wish.stats) == 1:
        shown, x, legend = f"{made.variable}.iloc[:, 0].unstack()", wish.by[0], True
    elif len(wish.columns) > 1 or len(wish.stats) > 1:
        legend = True
    return _bars_of(shown, made.title, x, measure(wish), legend)


def _bars_of(shown: str, title: str, x: str, y: str, legend: bool = False) -> list[str]:
    return [
        _axes(),
        f"{shown}.head({_MOST_BARS}).plot.bar(ax=ax, width=0.8, legend={legend})",
        *_labels(_capital(title), x, y),
        'ax.tick_params(axis="x", rotation=30)',
        'plt.setp(ax.get_xticklabels(), ha="right", rotation_mode="anchor")',
    ]


def _histogram(wish: Wish, frame: str, made: Table, columns: Columns) -> list[str]:
    column, bins = wish.columns[0], wish.bins or _BINS
    title = f"Distribution of {one_line(column)}"
    if not wish.by:
        drawn = f'ax.hist({frame}[{literal(column)}].dropna(), bins={bins}, edgecolor="white")'
        return [_axes(), drawn, *_labels(title, column, "rows")]
    by = wish.by[0]
    spread = (
        f"{frame}.reset_index(drop=True).pivot(columns={literal(by)}, values={literal(column)})"
    )
    return [
        _axes(),
        f"{spread}.plot.hist(ax=ax, bins={bins}, alpha=0.6)",
        *_labels(f"{title} by {one_line(by)}", column, "rows"),
    ]


def _box(wish: Wish, frame: str, made: Table, columns: Columns) -> list[str]:
    column = wish.columns[0]
    by = f", by={literal(wish.by[0])}" if wish.by else ""
    title = f"{one_line(column)} by {one_line(wish.by[0])}" if wish.by else one_line(column)
    return [
        _axes(),
        f"{frame}.boxplot(column={literal(column)}{by}, ax=ax, grid=False)",
        'fig.suptitle("")',
        f"ax.set_title({literal(title)})",
        f"ax.set_xlabel({literal(one_line(wish.by[0]) if wish.by else '')})",
        f"ax.set_ylabel({literal(one_line(column))})",
    ]


def _scatter(wish: Wish, frame: str, made: Table, columns: Columns) -> list[str]:
    x, y = wish.columns
    title = f"{one_line(y)} against {one_line(x)}"
    if not wish.by:
        points = f"ax.scatter({frame}[{literal(x)}], {frame}[{literal(y)}], s=20, alpha=0.7)"
        return [_axes(7, 5), points, *_labels(title, x, y)]
    by = wish.by[0]
    word = re.sub(r"[^A-Za-z0-9]+", "_", by).strip("_").lower()
    word = word if word.isidentifier() else "group"
    return [
        _axes(7, 5),
        f"for {word}_name, {word}_rows in {frame}.groupby({literal(by)}{observed(wish.by[:1], columns)}):",
        f"    ax.scatter({word}_rows[{literal(x)}], {word}_rows[{literal(y)}],",
        f"               s=20, alpha=0.7, label=str({word}_name))",
        f"ax.legend(title={literal(one_line(by))})",
        *_labels(title, x, y),
    ]


def _heatmap(wish: Wish, frame: str, made: Table, columns: Columns) -> list[str]:
    shown = made.variable
    return [
        _axes(7, 6),
        f'ax.imshow({shown}, cmap="RdBu_r", vmin=-1, vmax=1)',
        f'ax.set_xticks(range(len({shown})), {shown}.columns, rotation=30, ha="right")',
        f"ax.set_yticks(range(len({shown})), {shown}.index)",
        f"for row in range(len({shown})):",
        f"    for column in range(len({shown})):",
        f"        value = {shown}.iloc[row, column]",
        '        ax.text(column, row, f"{value:.2f}", ha="center", va="center",',
        '                color="white" if abs(value) > 0.7 else "black")',
        f"ax.set_title({literal(_capital(made.title))})",
        'fig.colorbar(ax.images[0], label="correlation")',
    ]


def _lines(wish: Wish, frame: str, made: Table, columns: Columns) -> list[str]:
    several = bool(wish.by) or len(wish.columns) > 1
    few = ', marker="o"' if wish.every in ("quarter", "year") else ""
    over = wish.over
    lines = [
        _axes(9, 4.5),
        f"{made.variable}.plot(ax=ax, legend={several}{few})",
        *_labels(_capital(made.title), over, measure(wish)),
    ]
    if is_number(columns[over]):
        lines.append("ax.xaxis.get_major_locator().set_params(integer=True)")
    return lines


_DRAWERS: dict[Chart, Callable[[Wish, str, Table, Columns], list[str]]] = {
    "bars": _bars,
    "histogram": _histogram,
    "box": _box,
    "scatter": _scatter,
    "heatmap": _heatmap,
    "lines": _lines,
}
