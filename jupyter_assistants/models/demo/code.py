"""Writes the pandas code that the demo model runs."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from jupyter_assistants.models.demo import charts
from jupyter_assistants.models.demo.columns import is_date, is_number
from jupyter_assistants.models.demo.history import Columns
from jupyter_assistants.models.demo.literals import literal, one_line, printed
from jupyter_assistants.models.demo.plan import Condition, Plan
from jupyter_assistants.models.demo.tables import Table, table

_TAKEN = {*keyword.kwlist, *dir(builtins), "pd", "plt", "np", "json", "fig", "ax", "path"}
_IMAGES = (".png", ".svg", ".pdf")


@dataclass(frozen=True)
class Data:
    """What the code works on: a variable, and the file it came from if there is one."""

    variable: str
    columns: Columns
    file: str = ""
    dated_index: bool = False


@dataclass(frozen=True)
class Work:
    """Code, and what to look for in its output.

    Parameters
    ----------
    filter
        Title of the line that counts the selected rows, or empty.
    tables
        What is printed, in order; one for each wish.
    """

    code: str
    filter: str = ""
    tables: tuple[Table, ...] = ()


@dataclass
class _Cell:
    data: Data
    variable: str
    body: list[str] = field(default_factory=list)


def variable_for(file: str) -> str:
    """Return a readable variable name for a file."""
    stem = file.rpartition("/")[2].split(".")[0]
    name = re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_").lower() or "data"
    if name[0].isdigit():
        name = f"data_{name}"
    return f"{name}_data" if name in _TAKEN else name


def list_frames() -> str:
    """Return code that prints the DataFrames of the kernel as JSON."""
    return """import json

import pandas as pd

# Which tables are there? Names, shapes and columns, oldest first.
print("dataframes:", json.dumps([
    {
        "name": name,
        "rows": len(value),
        "columns": {c: str(t) for c, t in value.dtypes.items() if isinstance(c, str)},
        "index": {value.index.name or "index": str(value.index.dtype)}
        if isinstance(value.index, pd.DatetimeIndex) else {},
    }
    for name, value in list(globals().items())
    if isinstance(value, pd.DataFrame) and not name.startswith("_")
]))
"""


def work(plan: Plan, data: Data, *, keep: Collection[str] = ()) -> Work:
    """Return the code that fulfils a plan.

    Parameters
    ----------
    keep
        Names of files that a save must not replace.
    """
    cell = _Cell(data, data.variable)
    if data.dated_index:
        cell.body += [
            "# The dates are in the index; a column is easier to work with",
            f"{data.variable}_rows = {cell.variable}.reset_index()",
            "",
        ]
        cell.variable = f"{data.variable}_rows"
    _parse_dates(cell, plan)
    title = _select(cell, plan.conditions)
    tables = []
    for wish in plan.wishes:
        made = table(wish, cell.variable, data.variable, data.columns)
        tables.append(made)
        cell.body += [*made.code, ""]
        for chart in wish.charts:
            final = wish == plan.wishes[-1] and chart == wish.charts[-1]
            cell.body += charts.draw(chart, wish, cell.variable, made, data.columns)
            _save_image(cell, plan, last=final, keep=keep)
            cell.body += ["plt.show()", ""]
    _save_table(cell, plan, tables, keep)
    body = "\n".join(cell.body).strip() + "\n"
    imports = [
        line
        for name, line in (
            ("plt.", "import matplotlib.pyplot as plt"),
            ("pd.", "import pandas as pd"),
        )
        if name in body
    ]
    code = "\n".join([*imports, "", body]) if imports else body
    return Work(code, title, tuple(tables))


def _parse_dates(cell: _Cell, plan: Plan) -> None:
    columns = cell.data.columns
    compared = {
        condition.column
        for condition in plan.conditions
        if condition.operator in (">", ">=", "<", "<=")
    }
    wanted = {wish.over for wish in plan.wishes if wish.over} | compared
    for name in columns:
        if name in wanted and not is_date(columns[name]) and not is_number(columns[name]):
            target = f"{cell.data.variable}_dated"
            parsed = f"pd.to_datetime({cell.variable}[{literal(name)}])"
            cell.body += [
                f"# {one_line(name)} is text so far",
                f"{target} = {cell.variable}.assign(**{{{literal(name)}: {parsed}}})",
                "",
            ]
            cell.variable = target


def _select(cell: _Cell, conditions: tuple[Condition, ...]) -> str:
    if not conditions:
        return ""
    said = " and ".join(one_line(condition.text) for condition in conditions)
    before, target = cell.variable, f"{cell.data.variable}_selected"
    tests = [_test(condition, before, cell.data.columns) for condition in conditions]
    joined = tests[0] if len(tests) == 1 else " & ".join(f"({test})" for test in tests)
    title = f"rows where {said}"
    cell.body += [
        f"# Only {title}",
        f"{target} = {before}[{joined}]",
        *printed(title, f'len({target}), "of", len({before})'),
        "print()",
        "",
    ]
    cell.variable = target
    return title


def _test(condition: Condition, variable: str, columns: Columns) -> str:
    column, dtype = f"{variable}[{literal(condition.column)}]", columns[condition.column]
    if condition.operator == "missing":
        return f"{column}.isna()"
    if condition.operator == "present":
        return f"{column}.notna()"
    text = f"{column}.astype(str).str.strip().str.casefold()"
    if condition.operator == "contains":
        return f"{text}.str.contains({literal(condition.value.casefold())}, regex=False)"
    if is_number(dtype):
        number = float(condition.value)
        value: float | str = int(number) if number.is_integer() else number
        return f"{column} {condition.operator} {value}"
    if is_date(dtype) or condition.operator not in ("==", "!="):
        return f"{column} {condition.operator} {literal(condition.value)}"
    return f"{text} {condition.operator} {literal(condition.value.casefold())}"


def _safe_name(name: str, default: str, keep: Collection[str]) -> str:
    if name.startswith("."):
        name = default + name
    if name in keep:
        stem, dot, ending = name.partition(".")
        name = f"{stem}_result{dot}{ending}"
    return name


def _save_image(cell: _Cell, plan: Plan, *, last: bool, keep: Collection[str]) -> None:
    for name in plan.saves:
        if last and name.lower().endswith(_IMAGES):
            name = _safe_name(name, f"{cell.data.variable}_chart", keep)
            cell.body += [
                f"fig.savefig({literal('/mnt/data/' + name)}, dpi=150)",
                f'print("saved:", {literal(name)})',
            ]


def _save_table(cell: _Cell, plan: Plan, tables: list[Table], keep: Collection[str]) -> None:
    for name in plan.saves:
        if name.lower().endswith(_IMAGES):
            continue
        name = _safe_name(name, f"{cell.data.variable}_result", keep)
        made = next((made for made in reversed(tables) if made.variable), None)
        what = made.to_save if made else cell.variable
        indexed = made is not None and made.indexed
        cell.body += [
            f"# Keep the {'result' if made else 'data'} as a file",
            _write(what, name, indexed),
            f'print("saved:", {literal(name)})',
            "",
        ]


def _write(what: str, name: str, indexed: bool) -> str:
    path = literal(f"/mnt/data/{name}")
    ending = name.lower().removesuffix(".gz").rpartition(".")[2]
    index = "" if indexed else ", index=False"
    if ending == "tsv":
        return f'{what}.to_csv({path}, sep="\\t"{index})'
    if ending == "csv":
        return f"{what}.to_csv({path}{index})"
    if ending == "xlsx":
        return f"{what}.to_excel({path}{index})"
    flat = f"{what}.reset_index()" if indexed else what
    if ending == "parquet":
        return f"{flat}.to_parquet({path})"
    lines = ", lines=True" if ending in ("jsonl", "ndjson") else ""
    return f'{flat}.to_json({path}, orient="records", date_format="iso"{lines})'
