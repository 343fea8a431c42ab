"""Writes the code of tables: every wish computes one and prints it as CSV under a title."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jupyter_assistants.models.demo.columns import is_number
from jupyter_assistants.models.demo.history import Columns
from jupyter_assistants.models.demo.literals import assigned, literal, one_line, printed
from jupyter_assistants.models.demo.plan import Wish

MOST_ROWS = 30
"""Rows of a long table that are printed."""

_MOST_COUNTS = 10
_FEW_ROWS = 5
_MOST_NAMED = 4
_LONGEST_NAME = 50
_FREQUENCY = {"day": "D", "week": "W", "month": "MS", "quarter": "QS", "year": "YS"}
_DATES = {"day": "%Y-%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m", "quarter": "%Y-%m", "year": "%Y"}
_LABELS = {
    "std": "standard deviation",
    "count": "number",
    "nunique": "number of different values",
}


@dataclass(frozen=True)
class Table:
    """Code of one table.

    Parameters
    ----------
    title
        The code prints a line that begins with it and a colon, then the table.
    variable
        The name that holds the table; empty if there is only a number.
    saved
        An expression for the whole table where ``variable`` is not what to save.
    indexed
        Whether the index says something.
    shown
        Which rows are printed when not all are.
    """

    title: str
    variable: str
    code: list[str]
    indexed: bool = True
    shown: str = "first"
    saved: str = ""

    @property
    def to_save(self) -> str:
        """Return the expression whose value is saved."""
        return self.saved or self.variable


def table(wish: Wish, frame: str, name: str, columns: Columns) -> Table:
    """Return the table of a wish.

    Parameters
    ----------
    frame
        The variable with the rows, filtered if need be.
    name
        The variable that results are named after.
    """
    if wish.table == "overview":
        return _overview(frame, name, columns)
    if wish.table == "missing":
        return _missing(wish, frame, name)
    if wish.table == "head":
        return _head(wish, frame, name)
    if wish.table == "rows":
        return Table("number of rows", "", [f'print("number of rows:", len({frame}))', "print()"])
    if wish.table == "counts":
        return _counts(wish, frame, name)
    if wish.table == "correlation":
        return _correlation(wish, frame, name)
    if wish.table == "series":
        return _series(wish, frame, name, columns)
    return _numbers(wish, frame, name, columns)


def measure(wish: Wish) -> str:
    """Say what a table holds, for titles and axes: "mean of body_mass_g"."""
    what = ", ".join(one_line(column) for column in wish.columns)
    if len(wish.columns) > _MOST_NAMED:
        what = f"{len(wish.columns)} columns"
    if not what:
        return "number of rows"
    if len(wish.stats) > 3:
        return f"summary of {what}"
    *most, last = [_LABELS.get(stat, stat) for stat in wish.stats]
    stats = f"{', '.join(most)} and {last}" if most else last
    return f"{stats} of {what}"


def observed(by: tuple[str, ...], columns: Columns) -> str:
    """Return the option that keeps categories without rows out of a group-by."""
    return ", observed=True" if any(columns[name] == "category" for name in by) else ""


def _named(name: str, *words: str) -> str:
    folded = re.sub(r"[^A-Za-z0-9]+", "_", "_".join((name, *words))).rstrip("_")
    return name + folded.removeprefix(name).lower()[:_LONGEST_NAME].rstrip("_")


def _joined(names: tuple[str, ...]) -> str:
    return " and ".join(one_line(name) for name in names)


def _printed(
    title: str, variable: str, rows: str, number_format: str = "%.8g", dates: str = ""
) -> list[str]:
    options = f'float_format="{number_format}"' + (f', date_format="{dates}"' if dates else "")
    return [
        *printed(title, f'len({variable}), "rows"'),
        f"print({rows}.to_csv({options}))",
    ]


def _head_of(variable: str) -> str:
    return f"{variable}.head({MOST_ROWS})"


def _overview(frame: str, name: str, columns: Columns) -> Table:
    variable, title = f"{name}_overview", "columns of the table"
    code = [
        "# One line for each column",
        f"{variable} = pd.DataFrame({{",
        f'    "type": {frame}.dtypes.astype(str),',
        f'    "missing": {frame}.isna().sum(),',
        f'    "distinct": {frame}.nunique(),',
        "})",
    ]
    if any(is_number(dtype) for dtype in columns.values()):
        values = f'{frame}.select_dtypes("number").agg(["min", "mean", "max"]).T'
        code.append(f"{variable} = {variable}.join({values})")
    code += [
        f'{variable} = {variable}.rename_axis("column")',
        *_printed(title, variable, _head_of(variable), "%.6g"),
    ]
    return Table(title, variable, code)


def _missing(wish: Wish, frame: str, name: str) -> Table:
    variable, title = f"{name}_missing", "columns with missing values"
    rows = f"{frame}[{literal(wish.columns)}]" if wish.columns else frame
    return Table(
        title,
        variable,
        [
            "# How much is missing, and where",
            f"{variable} = pd.DataFrame({{",
            f'    "missing": {rows}.isna().sum(),',
            f'    "percent": (100 * {rows}.isna().mean()).round(2),',
            '}).rename_axis("column")',
            f'{variable} = {variable}[{variable}["missing"] > 0]',
            f'{variable} = {variable}.sort_values("missing", ascending=False)',
            *_printed(title, variable, _head_of(variable)),
        ],
    )


def _head(wish: Wish, frame: str, name: str) -> Table:
    number = min(wish.number or _FEW_ROWS, MOST_ROWS)
    rows = f"{frame}[{literal(wish.columns)}]" if wish.columns else frame
    code = [
        f'print("first rows:", len({frame}), "rows")',
        f'print({rows}.head({number}).to_csv(index=False, float_format="%.8g"))',
    ]
    return Table("first rows", frame, code, indexed=False)


def _counts(wish: Wish, frame: str, name: str) -> Table:
    column = wish.columns[0]
    variable = _named(name, column, "counts")
    title = f"most frequent values of {one_line(column)}"
    number = min(wish.number or _MOST_COUNTS, MOST_ROWS)
    return Table(
        title,
        variable,
        [
            f"# How often does each {one_line(column)} occur?",
            *assigned(variable, f"{frame}[{literal(column)}]", ".value_counts()"),
            *_printed(title, variable, f"{variable}.head({number})"),
        ],
    )


def _numbers(wish: Wish, frame: str, name: str, columns: Columns) -> Table:
    title = measure(wish) + (f" by {_joined(wish.by)}" if wish.by else "")
    exact = "sum" in wish.stats or not {"mean", "median", "std"} & set(wish.stats)
    number_format = "%.12g" if exact else "%.8g"
    if wish.by:
        return _grouped(wish, frame, name, title, number_format, observed(wish.by, columns))
    variable = _named(name, "numbers")
    chosen = f"{frame}[{literal(wish.columns)}]"
    code = [
        f"# {title[0].upper()}{title[1:]}",
        *assigned(variable, chosen, f".agg({literal(wish.stats)})", ".T", '.rename_axis("column")'),
        *_printed(title, variable, _head_of(variable), number_format),
    ]
    return Table(title, variable, code)


def _grouped(
    wish: Wish, frame: str, name: str, title: str, number_format: str, option: str
) -> Table:
    variable = _named(name, "by", "_and_".join(wish.by))
    groups = literal(wish.by[0] if len(wish.by) == 1 else wish.by)
    if not wish.columns:
        chosen, computed, first = "", '.size().to_frame("rows")', "rows"
    elif len(wish.columns) == 1:
        chosen, computed = f"[{literal(wish.columns[0])}]", f".agg({literal(wish.stats)})"
        first = wish.stats[0]
    else:
        chosen, computed = f"[{literal(wish.columns)}]", f".{wish.stats[0]}()"
        first = wish.columns[0]
    order = f".sort_values({literal(first)}, ascending=False)" if wish.number else ""
    shown = f"{variable}.head({min(wish.number or MOST_ROWS, MOST_ROWS)})"
    code = [
        f"# {title[0].upper()}{title[1:]}",
        *assigned(variable, f"{frame}.groupby({groups}{option}){chosen}", computed, order),
        *_printed(title, variable, shown, number_format),
    ]
    return Table(title, variable, code)


def _correlation(wish: Wish, frame: str, name: str) -> Table:
    title = f"correlation of {_joined(wish.columns)}"
    if len(wish.columns) > 2:
        variable = f"{name}_correlation"
        title = f"correlation of {len(wish.columns)} columns"
        code = [
            "# Pearson's correlation of every pair of columns",
            *assigned(variable, f"{frame}[{literal(wish.columns)}]", ".corr()", ".round(3)"),
            *_printed(title, variable, f'{_head_of(variable)}.rename_axis("column")'),
        ]
        return Table(title, variable, code)
    x, y = wish.columns
    variable = _named(name, "pairs")
    code = [
        "# Only rows in which both are known",
        f"{variable} = {frame}[{literal([x, y])}].dropna()",
        *printed(title, f"round({variable}[{literal(x)}].corr({variable}[{literal(y)}]), 3)"),
        f'print("pairs:", len({variable}))',
        "print()",
    ]
    return Table(title, variable, code, indexed=False)


def _series(wish: Wish, frame: str, name: str, columns: Columns) -> Table:
    period = f"per {wish.every}" if wish.every else f"over {one_line(wish.over)}"
    title = f"{measure(wish)} {period}" + (f" by {_joined(wish.by)}" if wish.by else "")
    variable = _named(name, "per", wish.every or wish.over)
    key = literal(wish.over)
    # A column of years needs no periods.
    if wish.every and not is_number(columns[wish.over]):
        key = f'pd.Grouper(key={literal(wish.over)}, freq="{_FREQUENCY[wish.every]}")'
    groups = f"[{', '.join([key, *map(literal, wish.by)])}]" if wish.by else key
    option = observed(wish.by, columns)
    stat = wish.stats[0]
    chosen = literal(wish.columns[0] if wish.by and wish.columns else wish.columns)
    values = f"[{chosen}].{stat}()" if wish.columns else ".size()"
    flat = f".unstack({literal(wish.by[0])})" if wish.by else ""
    if not wish.columns and not wish.by:
        flat = '.to_frame("rows")'
    shown = _head_of(variable) if wish.every else f"{variable}.iloc[[0, -1]]"
    code = [
        f"# {title[0].upper()}{title[1:]}",
        *assigned(variable, f"{frame}.groupby({groups}{option})", values, flat),
        *_printed(title, variable, shown, dates=_DATES.get(wish.every, "")),
    ]
    return Table(title, variable, code, shown="first" if wish.every else "first and last")
