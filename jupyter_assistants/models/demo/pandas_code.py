"""The pandas code for a plan."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from jupyter_assistants.models.demo.plan import Condition, Plan, Wish, literal, one_line
from jupyter_assistants.models.demo.table_profile import TableProfile

MOST_ROWS = 30
_MOST_COLUMNS = 15
_WIDEST_LINE = 92
_FREQUENCIES = {"day": "D", "week": "W", "month": "MS", "quarter": "QS", "year": "YS"}
_DATES = {"month": ', date_format="%Y-%m"', "year": ', date_format="%Y"'}
_IMAGES = (".png", ".svg", ".pdf")


@dataclass(frozen=True)
class PlanCode:
    """Code, and the files that it saves."""

    code: str
    files: tuple[str, ...]


def write_code(plan: Plan, table: TableProfile, *, protected: Collection[str] = ()) -> PlanCode:
    """Return the code for a plan. It prints each result as CSV under its title.

    Parameters
    ----------
    protected
        Names of files that a save must not replace.
    """
    names = [_safe_name(name, table.variable, protected) for name in plan.saves]
    images = [name for name in names if name.lower().endswith(_IMAGES)]
    frame, lines = _prepared(plan, table)
    result, indexed = frame, False
    last = [wish for wish in plan.wishes if wish.charts][-1:]
    for wish in plan.wishes:
        result, code = _result(wish, frame, table)
        indexed = wish.kind not in ("head", "rows")
        lines += [*code, ""]
        for chart in wish.charts:
            lines += _chart(chart, wish, frame, result, table)
            for name in images if [wish] == last and chart == wish.charts[-1] else ():
                lines += [
                    f"fig.savefig({_path(name)}, dpi=150)",
                    f'print("saved:", {literal(name)})',
                ]
            lines += ["plt.show()", ""]
    for name in names:
        if name not in images:
            save = [_save(result, indexed, name), f'print("saved:", {literal(name)})', ""]
            lines += [f"# Keep the {'result' if plan.wishes else 'data'} as a file", *save]
    body = "\n".join(lines).strip() + "\n"
    imports = {"plt": "import matplotlib.pyplot as plt", "pd": "import pandas as pd"}
    needed = [line for name, line in imports.items() if re.search(rf"\b{name}\.", body)]
    return PlanCode("\n".join([*needed, "", body] if needed else [body]), tuple(names))


def _path(name: str) -> str:
    return literal(f"/mnt/data/{name}")


def _prepared(plan: Plan, table: TableProfile) -> tuple[str, list[str]]:
    """Return the variable with the rows that are meant, and the code that makes it."""
    frame, lines = table.variable, []
    if table.index:
        comment, old, frame = (
            "A column is easier to work with than an index",
            frame,
            f"{frame}_rows",
        )
        lines += [f"# {comment}", f"{frame} = {old}.reset_index()", ""]
    compared = {c.column for c in plan.conditions if c.operator not in ("missing", "present")}
    for wish in plan.wishes:
        compared |= {wish.over, *(wish.columns if {"min", "max"} & set(wish.stats) else ())}
    for name, column in table.columns.items():
        if name in compared and column.is_date_text:
            old, frame = frame, f"{table.variable}_dated"
            parsed = f"{{{literal(name)}: pd.to_datetime({old}[{literal(name)}])}}"
            lines += [
                f"# {one_line(name)} is text so far",
                f"{frame} = {old}.assign(**{parsed})",
                "",
            ]
    if plan.conditions:
        tests = [_test(condition, frame, table) for condition in plan.conditions]
        joined = tests[0] if len(tests) == 1 else " & ".join(f"({test})" for test in tests)
        old, frame = frame, f"{table.variable}_selected"
        lines += [f"# Only {plan.selection}", f"{frame} = {old}[{joined}]"]
        lines += [f'print({literal(plan.selection + ":")}, len({frame}), "of", len({old}))', ""]
    return frame, lines


def _test(condition: Condition, frame: str, table: TableProfile) -> str:
    raw, facts = f"{frame}[{literal(condition.column)}]", table.columns[condition.column]
    operator, values, column = condition.operator, condition.values, raw
    if operator in ("missing", "present"):
        return f"{raw}.{'isna' if operator == 'missing' else 'notna'}()"
    if condition.year:
        column = f"{raw}.dt.year"
    if facts.is_truth:
        column, values = f"{raw}.astype(str).str.casefold()", tuple(v.casefold() for v in values)
    elif facts.is_category:
        column = f"{raw}.astype(str).str.strip().str.casefold()"
        values = tuple(value.strip().casefold() for value in values)
    number = facts.is_number or condition.year
    constants = [_number(value) if number else literal(value) for value in values]
    if operator == "contains":
        return f"{raw}.astype(str).str.casefold().str.contains({literal(values[0].casefold())}, regex=False)"
    if operator == "between":
        return f"{column}.between({', '.join(constants)})"
    test = f"{column} {operator} {constants[0]}"
    if len(constants) > 1:
        test = f"{'~' if operator == '!=' else ''}{column}.isin([{', '.join(constants)}])"
    # A missing value is not "not Adelie", as it is not "Adelie".
    return f"({test}) & {raw}.notna()" if operator == "!=" else test


def _number(value: str) -> str:
    return str(int(value)) if "." not in value else repr(float(value))


def _result(wish: Wish, frame: str, table: TableProfile) -> tuple[str, list[str]]:
    """Return the variable of a result, and the code that computes and prints it."""
    heading = f"# {wish.title[0].upper()}{wish.title[1:]}"
    if wish.kind == "rows":
        return frame, [f'print("number of rows:", len({frame}))', "print()"]
    if wish.kind == "correlation" and len(wish.columns) == 2:
        x, y = map(literal, wish.columns)
        variable = f"{table.variable}_pairs"
        value = f"round({variable}[{x}].corr({variable}[{y}]), 3)"
        code = ["# Only rows in which both are known", f"{variable} = {frame}[[{x}, {y}]].dropna()"]
        code.append(f"print({literal(wish.title + ':')}, {value})")
        return variable, [*code, f'print("pairs:", len({variable}))', "print()"]
    suffix, links = _links(wish, frame, table)
    variable = f"{table.variable}_{_identifier(suffix)}"
    number = min(wish.number or {"head": 5}.get(wish.kind, MOST_ROWS), MOST_ROWS)
    shown = f"{variable}.head({number})"
    if wish.kind == "series" and not wish.every:
        shown = f"{variable}.iloc[[0, -1]]"
    rounded = wish.kind in ("overview", "head") or bool({"mean", "median", "std"} & set(wish.stats))
    exact = "sum" in wish.stats or not rounded
    digits = "%.12g" if exact else "%.6g" if wish.kind == "overview" else "%.8g"
    options = ("index=False, " if wish.kind == "head" else "") + f'float_format="{digits}"'
    options += _DATES.get(wish.every, "")
    assignment = f"{variable} = {''.join(links)}"
    assigned = [assignment]
    if len(assignment) > _WIDEST_LINE:
        assigned = [f"{variable} = (", *(f"    {link}" for link in links if link), ")"]
    count = f'print({literal(wish.title + ":")}, len({variable}), "rows")'
    return variable, [heading, *assigned, count, f"print({shown}.to_csv({options}))"]


def _links(wish: Wish, frame: str, table: TableProfile) -> tuple[str, list[str]]:
    """Return a word for the result's variable, and the chain of calls that computes it."""
    rows = f"{frame}[{literal(wish.columns)}]" if wish.columns else frame
    if wish.kind in ("overview", "missing"):
        return wish.kind, _facts_links(wish, rows, table)
    order = f", ascending={wish.order == 'ascending'})"
    if wish.kind == "head" and wish.order:
        return "sorted", [frame, f".sort_values({literal(wish.columns[0])}{order}"]
    if wish.kind == "head":
        wide = len(table.columns) > _MOST_COLUMNS and not wish.columns
        return "rows", [f"{frame}.iloc[:, :{_MOST_COLUMNS}]" if wide else rows]
    if wish.kind == "counts":
        column = wish.columns[0]
        return f"{column}_counts", [f"{frame}[{literal(column)}]", ".value_counts()"]
    if wish.kind == "correlation":
        return "correlation", [rows, ".corr()", ".round(3)", '.rename_axis("column")']
    if wish.kind == "series":
        return f"per_{wish.every or wish.over}", _series_links(wish, frame, table)
    if not wish.by:
        return "numbers", [rows, f".agg({literal(wish.stats)})", ".T", '.rename_axis("column")']
    groups = literal(wish.by[0] if len(wish.by) == 1 else wish.by)
    grouped = f"{frame}.groupby({groups}{table.observed(wish.by)})"
    if not wish.columns:
        computed, first = '.size().to_frame("rows")', "rows"
    elif len(wish.columns) == 1:
        grouped += f"[{literal(wish.columns[0])}]"
        computed, first = f".agg({literal(wish.stats)})", wish.stats[-1]
    else:
        grouped += f"[{literal(wish.columns)}]"
        computed, first = f".{wish.stats[0]}()", wish.columns[0]
    sorting = f".sort_values({literal(first)}{order}" if wish.order else ""
    return f"by_{'_and_'.join(wish.by)}", [grouped, computed, sorting]


def _facts_links(wish: Wish, rows: str, table: TableProfile) -> list[str]:
    """Return the chain for a table with one line for each column."""
    missing = f'"missing": {rows}.isna().sum()'
    if wish.kind == "missing":
        facts = [missing, f'"percent": (100 * {rows}.isna().mean()).round(2)']
        # A chart of nothing cannot be drawn.
        some = "" if wish.charts else '.query("missing > 0")'
        last = f'{some}.sort_values("missing", ascending=False)'
    else:
        facts = [f'"type": {rows}.dtypes.astype(str)', missing, f'"distinct": {rows}.nunique()']
        numbers = f'.join({rows}.select_dtypes("number").agg(["min", "mean", "max"]).T)'
        last = numbers if table.numbers else ""
    table_of = ["pd.DataFrame({", *(f"    {fact}," for fact in facts), "})"]
    return [*table_of, last, '.rename_axis("column")']


def _series_links(wish: Wish, frame: str, table: TableProfile) -> list[str]:
    key = literal(wish.over)
    # A column of years needs no periods.
    if wish.every and table.columns[wish.over].is_date:
        key = f'pd.Grouper(key={key}, freq="{_FREQUENCIES[wish.every]}")'
    groups = f"[{', '.join([key, *map(literal, wish.by)])}]" if wish.by else key
    chosen = literal(wish.columns[0] if wish.by and wish.columns else wish.columns)
    values = f"[{chosen}].{wish.stats[0]}()" if wish.columns else ".size()"
    flat = f".unstack({literal(wish.by[0])})" if wish.by else ""
    if not wish.columns and not wish.by:
        flat = '.to_frame("rows")'
    return [f"{frame}.groupby({groups}{table.observed(wish.by)})", values, flat]


def _identifier(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", text.lower()).strip("_")[:40].rstrip("_") or "result"


def _chart(chart: str, wish: Wish, frame: str, result: str, table: TableProfile) -> list[str]:
    """Return the code that draws one chart, up to ``plt.show()``."""
    draw = _chart_of_rows if chart in ("histogram", "box", "scatter") else _chart_of_result
    variable = frame if draw is _chart_of_rows else result
    return [
        "fig, ax = plt.subplots(figsize=(8, 4.5))",
        *draw(chart, wish, variable, table),
        "plt.tight_layout()",
    ]


def _chart_of_result(chart: str, wish: Wish, result: str, table: TableProfile) -> list[str]:
    several = len(wish.columns) > 1 or len(wish.stats) > 1
    heading = wish.title[0].upper() + wish.title[1:]
    if chart == "heatmap":
        ticks = f"(range(len({result})), {result}.columns"
        drawing = f'fig.colorbar(ax.imshow({result}, cmap="RdBu_r", vmin=-1, vmax=1))'
        axes = [f"ax.set_xticks{ticks}, rotation=90)", f"ax.set_yticks{ticks})"]
        return [drawing, *axes, *_labels(heading, "", "")]
    if chart == "lines":
        marker = ', marker="o"' if wish.every in ("quarter", "year") else ""
        drawing = f"{result}.plot(ax=ax, legend={bool(wish.by) or several}{marker})"
        whole = ["ax.xaxis.get_major_locator().set_params(integer=True)"]
        years = whole if table.columns[wish.over].is_number else []
        return [drawing, *_labels(heading, wish.over, wish.measure), *years]
    x = {"missing": "column", "series": wish.over}.get(wish.kind, " and ".join(wish.by))
    y = {"counts": "rows", "missing": "missing values"}.get(wish.kind, wish.measure)
    result += {"missing": '["missing"]', "series": ".rename(index=str)"}.get(wish.kind, "")
    if pivoted := len(wish.by) == 2 and not several:
        x, result = wish.by[0], f"{result}.iloc[:, 0].unstack()"
    drawing = f"{result}.head({MOST_ROWS}).plot.bar(ax=ax, rot=30, legend={pivoted or several})"
    return [drawing, *_labels(heading, x if wish.kind != "counts" else wish.columns[0], y)]


def _chart_of_rows(chart: str, wish: Wish, frame: str, table: TableProfile) -> list[str]:
    column, by = wish.columns[0], wish.by[0] if wish.by else ""
    beside = f" by {by}" if by else ""
    if chart == "histogram":
        rows = f"{frame}[{literal(column)}]"
        if by:
            pivot = f".pivot(columns={literal(by)}, values={literal(column)})"
            rows = f"{frame}.reset_index(drop=True){pivot}"
        drawing = f"{rows}.plot.hist(ax=ax, bins={wish.bins}, alpha={0.6 if by else 1})"
        return [drawing, *_labels(f"Distribution of {column}{beside}", column, "rows")]
    if chart == "box":
        option = f", by={literal(by)}" if by else ""
        drawing = f"{frame}.boxplot(column={literal(column)}{option}, ax=ax, grid=False)"
        return [drawing, 'fig.suptitle("")', *_labels(f"{column}{beside}", by, column)]
    x, y = wish.columns
    labels = _labels(f"{y} against {x}{beside}", x, y)
    if not by:
        points = f"{literal(x)}, {literal(y)}, ax=ax, alpha=0.7"
        return [f"{frame}.plot.scatter({points})", *labels]
    points = f"rows[{literal(x)}], rows[{literal(y)}], alpha=0.7, label=str(group)"
    return [
        f"for group, rows in {frame}.groupby({literal(by)}{table.observed(wish.by)}):",
        f"    ax.scatter({points})",
        f"ax.legend(title={_text(by)})",
        *labels,
    ]


def _labels(title: str, x: str, y: str) -> list[str]:
    return [f"ax.set(title={_text(title)}, xlabel={_text(x)}, ylabel={_text(y)})"]


def _text(text: str) -> str:
    # Two dollar signs would begin a formula.
    return literal(one_line(text).replace("$", r"\$"))


def _safe_name(name: str, default: str, protected: Collection[str]) -> str:
    if name.startswith("."):
        name = f"{default}_{'chart' if name in _IMAGES else 'result'}{name}"
    if name in protected:
        stem, dot, ending = name.partition(".")
        name = f"{stem}_result{dot}{ending}"
    return name


def _save(what: str, indexed: bool, name: str) -> str:
    ending = name.lower().removesuffix(".gz").rpartition(".")[2]
    index = "" if indexed else ", index=False"
    flat = f"{what}.reset_index()" if indexed else what
    lines = ", lines=True" if ending in ("jsonl", "ndjson") else ""
    calls = {
        "csv": f"{what}.to_csv({_path(name)}{index})",
        "tsv": f'{what}.to_csv({_path(name)}, sep="\\t"{index})',
        "xlsx": f"{what}.to_excel({_path(name)}{index})",
        "parquet": f"{flat}.to_parquet({_path(name)})",
    }
    json_call = f'{flat}.to_json({_path(name)}, orient="records", date_format="iso"{lines})'
    return calls.get(ending, json_call)
