"""The pandas code for a question."""

from __future__ import annotations

import json
import re

from jupyter_assistants.models.demo.question import Filter, GroupKey, Question, one_line
from jupyter_assistants.models.demo.tables import Table

_MOST_ROWS = 30
_PERIODS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}


def write_code(question: Question, table: Table) -> str:
    """Return code that prints the rows of the result as CSV under its title."""
    frame, lines = table.variable, []
    if table.indexed:
        frame += "_rows"
        lines += ["# A column is easier to work with than an index"]
        lines += [f"{frame} = {table.variable}.reset_index()", ""]
    if question.filters:
        old, frame = frame, f"{table.variable}_selected"
        tests = [_test(each, old, table) for each in question.filters]
        joined = tests[0] if len(tests) == 1 else " & ".join(f"({test})" for test in tests)
        lines += [f"# Only {question.selection}", f"{frame} = {old}[{joined}]"]
        lines += [f'print({_text(question.selection + ":")}, len({frame}), "of", len({old}))', ""]
    keys = "_and_".join(group.period or group.column for group in question.by)
    suffix = f"by_{keys}" if keys else question.operation
    result = f"{table.variable}_{re.sub('[^a-z0-9]+', '_', suffix.lower())[:40].strip('_')}"
    title = question.title
    short = question.operation == "rows" and not (question.limit or question.filters)
    exact = question.operation in ("sum", "rows")
    options = f'float_format="%.{12 if exact else 8}g"' + _index(question)
    lines += [f"# {title[0].upper()}{title[1:]}"]
    lines += [f"{result} = {_expression(question, frame, table)}"]
    lines += [f'print({_text(title + ":")}, len({result}), "rows")']
    lines += [f"print({result}.head({5 if short else _MOST_ROWS}).to_csv({options}))", ""]
    is_image = question.save.lower().endswith((".png", ".svg", ".pdf"))
    lines += _chart(question, frame, result) if question.chart else []
    if question.save:
        path = _text(f"/mnt/data/{question.save}")
        save = f"fig.savefig({path}, dpi=150)" if is_image else _save(question, result, path)
        lines += [save, f'print("saved:", {_text(question.save)})']
    lines += ["plt.tight_layout()", "plt.show()"] if question.chart else []
    body = "\n".join(lines).strip() + "\n"
    imports = {"plt": "import matplotlib.pyplot as plt", "pd": "import pandas as pd"}
    needed = [line for name, line in imports.items() if re.search(rf"\b{name}\.", body)]
    return "\n".join([*needed, "", body] if needed else [body])


def _text(value: str | list[str]) -> str:
    """Return a Python literal in double quotes: JSON, so no text can leave its quotes."""
    return json.dumps(value, ensure_ascii=False)


def _index(question: Question) -> str:
    return ", index=False" if question.operation == "rows" else ""


def _column(name: str, frame: str, table: Table) -> str:
    column = f"{frame}[{_text(name)}]"
    return f"pd.to_datetime({column})" if table.columns[name].is_date else column


def _test(each: Filter, frame: str, table: Table) -> str:
    """Return the condition of a filter. Case does not matter in texts."""
    column = _column(each.column, frame, table) + (".dt.year" if each.year else "")
    values = [_text(value) for value in each.values]
    if each.year or table.columns[each.column].is_number:
        values = [repr(float(v)) if "." in v else str(int(v)) for v in each.values]
    elif table.columns[each.column].is_text:
        column += ".astype(str).str.strip().str.casefold()"
        values = [_text(value.strip().casefold()) for value in each.values]
    test = f"{column} {each.operator} {values[0]}"
    if len(values) > 1:
        test = f"{'~' if each.operator == '!=' else ''}{column}.isin([{', '.join(values)}])"
    # A missing value is not "not Adelie", as it is not "Adelie".
    return f"({test}) & {frame}[{_text(each.column)}].notna()" if each.operator == "!=" else test


def _key(group: GroupKey, frame: str, table: Table) -> str:
    if not group.period:
        return _text(group.column)
    dates = _column(group.column, frame, table)
    return f'{dates}.dt.strftime("{_PERIODS[group.period]}").rename("{group.period}")'


def _expression(question: Question, frame: str, table: Table) -> str:
    operation, columns = question.operation, list(question.columns)
    of = f"{frame}[{_text(columns)}]" if columns else frame
    limit = f".head({question.limit})" if question.limit else ""
    if operation == "overview":
        facts = f'"type": {of}.dtypes.astype(str), "missing": {of}.isna().sum()'
        numbers = f'.join({of}.select_dtypes("number").agg(["min", "mean", "max"]).T)'
        numbers = numbers if table.numbers else ""
        return (
            f'pd.DataFrame({{{facts}, "distinct": {of}.nunique()}}){numbers}.rename_axis("column")'
        )
    if operation == "missing":
        return f'{of}.isna().sum().to_frame("missing").query("missing > 0").rename_axis("column")'
    if operation == "summary":
        return f"{of}.describe()"
    if operation == "rows":
        return f"{frame}{_sorting(columns[0]) if question.ranked else ''}{limit}"
    if not question.by:
        counted = f'pd.DataFrame({{"rows": [len({frame})]}})'
        return counted if operation == "size" else f"{of}.agg([{_text(operation)}])"
    keys = [_key(group, frame, table) for group in question.by]
    # Categories without rows are no groups.
    categorical = any(table.columns[group.column].dtype == "category" for group in question.by)
    option = ", observed=True" if categorical else ""
    by = keys[0] if len(keys) == 1 else f"[{', '.join(keys)}]"
    name, found = "rows", '.size().to_frame("rows")'
    if operation != "size":
        name, found = operation, f"[{_text(columns[0])}].agg([{_text(operation)}])"
    sorting = _sorting(name) if question.ranked else ""
    return f"{frame}.groupby({by}{option}){found}{sorting}{limit}"


def _sorting(column: str) -> str:
    return f'.sort_values({_text(column)}, ascending=False, kind="stable")'


def _chart(question: Question, frame: str, result: str) -> list[str]:
    x, y = " and ".join(group.text for group in question.by), question.measure
    if question.chart == "histogram":
        x, y = question.columns[0], "rows"
        drawing = f"{frame}[{_text(x)}].plot.hist(ax=ax, bins=20)"
    elif question.chart == "scatter":
        y, x = question.columns
        drawing = f"{frame}.plot.scatter({_text(x)}, {_text(y)}, ax=ax, alpha=0.7)"
    else:
        values = f"{result}.iloc[:, 0]{'.unstack()' if len(question.by) > 1 else ''}"
        values += f".head({_MOST_ROWS}).plot.bar" if question.chart == "bar" else ".plot"
        drawing = f"{values}(ax=ax, rot=30)"
    # Two dollar signs would begin a formula.
    x, y = (_text(one_line(text).replace("$", r"\$")) for text in (x, y))
    labels = f"ax.set(xlabel={x}, ylabel={y})"
    return ["fig, ax = plt.subplots(figsize=(8, 4.5))", drawing, labels]


def _save(question: Question, result: str, path: str) -> str:
    flat = result if _index(question) else f"{result}.reset_index()"
    ending = question.save.lower().rpartition(".")[2]
    if ending == "json":
        return f'{flat}.to_json({path}, orient="records", date_format="iso")'
    return f"{flat}.to_{'excel' if ending == 'xlsx' else 'csv'}({path}, index=False)"
