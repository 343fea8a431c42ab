"""Writes the answers: numbers only as they stand in the outputs, files only if they were saved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from jupyter_assistants.models.demo.code import Data, Work
from jupyter_assistants.models.demo.columns import categories, numbers, time_column
from jupyter_assistants.models.demo.history import Columns, Exchange, sheets_in
from jupyter_assistants.models.demo.plan import Plan, Wish
from jupyter_assistants.models.demo.tables import Table

BANNER = "*demo model: rules, not an AI*"

_CONNECT = (
    "For free questions, connect a model: set the environment variables `OPENAI_API_KEY` and "
    "`OPENAI_BASE_URL` of the Jupyter server, or name one with `%%assistant --model NAME` "
    "(see the README)."
)
_ABILITIES = (
    "It reads CSV, TSV, XLSX, Parquet and JSON files and DataFrames of the kernel, and does this:",
    "- overview, missing values, most frequent values, first rows;",
    "- mean, sum, median, min, max, count, std of a column, also by other columns;",
    "- histogram, box plot, bar chart, scatter chart, line chart over time, correlation;",
    "- a filter (where COLUMN is VALUE), and saving the result (save it as result.csv).",
)
_ERROR = re.compile(
    r"^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Warning|BadZipFile)\b.*$"
    r"|^(?:[a-z_]\w*\.)+[A-Z]\w*: .*$"
)
_NEXT_STEPS = (
    ("FileNotFoundError", "Attach the file again, or check its name."),
    ("parquet|pyarrow|fastparquet", "Install the reader with `%pip install pyarrow`."),
    (
        "openpyxl|xlsx|Excel file",
        "Check that it is an XLSX workbook, and that openpyxl is installed.",
    ),
    ("ModuleNotFoundError|ImportError", "Install the package with `%pip install`, then ask again."),
    ("EmptyDataError", "The file seems to be empty: attach one with a header line and rows."),
    ("ParserError|tokenizing", "Look at the named line: it has more cells than the header."),
    ("BadZipFile", "The file is no XLSX workbook: save it again as one, or as CSV."),
    (
        "JSON|Expected object|Trailing data|scalar values",
        "Use a JSON list of records, or JSON lines.",
    ),
    ("Unicode", "Save the file as UTF-8 and attach it again."),
    ("NameError", "The kernel has forgotten the data: ask again."),
    ("KeyboardInterrupt", "It was interrupted: ask again if that was not meant."),
    ("MemoryError", "The table does not fit into memory: attach a part of it."),
    ("datetime|time data|DateParse", "Check that the column holds dates of one format."),
)


def finished(*paragraphs: str) -> str:
    """Return an answer with its banner."""
    return "\n\n".join([*(text for text in paragraphs if text), BANNER])


def menu(columns: Columns | None = None, *, why: str = "") -> str:
    """Say what the demo does, with examples that work on these columns, and how to go on."""
    examples = [f"- {sentence}" for sentence in _examples(columns or {})]
    return finished(
        why,
        "This is the demo model. " + "\n".join(_ABILITIES),
        "For example:\n" + "\n".join(examples),
        _CONNECT,
    )


def no_tool() -> str:
    """Say that the code interpreter is off."""
    return finished(
        "The demo model works by running Python, and this assistant has no code interpreter. "
        'Give it one: `tools=[{"type": "code_interpreter"}]` of the assistant or of the run.',
        _CONNECT,
    )


def no_calls() -> str:
    """Say that the run forbids calls."""
    return finished(
        "The demo model works by running Python, and this run forbids tool calls (`tool_choice` "
        'is "none"). Ask again with `tool_choice` "auto".'
    )


def no_data(files: Sequence[str] = ()) -> str:
    """Say that there is nothing to work on."""
    if files:
        names = ", ".join(f"`{name}`" for name in files)
        old = [name for name in files if name.lower().endswith(".xls")]
        hint = " Old .xls workbooks are not supported: save it as .xlsx." if old else ""
        return finished(f"The demo model handles tables only and cannot read {names}.{hint}",
                        "It reads CSV, TSV, XLSX, Parquet and JSON.", _CONNECT)  # fmt: skip
    return finished(
        "There is no table to work on: no data file is attached, and the kernel has no DataFrame.",
        "Attach a CSV, TSV, XLSX, Parquet or JSON file, or make a DataFrame, and ask again.",
    )


def rejected(output: str) -> str:
    """Say that a person said no."""
    reason = output.strip().splitlines()[0]
    return finished(f"Stopped, nothing more was run. {clean(reason)}")


def failed(output: str) -> str:
    """Explain an error in one sentence, and say what to do next."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.match(line)]
    line = errors[-1] if errors else (lines[-1] if lines else "It gave no output.")
    step = next(
        (step for words, step in _NEXT_STEPS if re.search(words, line)),
        "Look at the code and its output above.",
    )
    return finished(f"The code failed: {clean(line[:300])}", step)


def too_many_calls() -> str:
    """Say that the demo gives up."""
    return finished("Stopped: the code was run several times without a result.")


def problems(plan: Plan, columns: Columns) -> str:
    """Say why nothing can be done."""
    examples = [f"- {sentence}" for sentence in _examples(columns)]
    return finished(
        *map(clean, plan.problems),
        *map(clean, plan.notes),
        "These would work:\n" + "\n".join(examples),
    )


def called(exchange: Exchange) -> str:
    """Show what a forced function gave."""
    return finished(
        f"`{exchange.name}` was called with `{exchange.arguments}` and gave:",
        "\n".join(f"    {line}" for line in exchange.output.splitlines()),
        "The arguments were filled in by rules from the function's schema.",
    )


def results(plan: Plan, work: Work, output: str, loaded: str, data: Data, others: str = "") -> str:
    """Write up the output of the work.

    Parameters
    ----------
    loaded
        The output of the load, for the shape of the data.
    others
        A sentence about other data that could have been meant.
    """
    parts = [_about(data, loaded)]
    if work.filter:
        counted = _after(output, work.filter)
        parts.append(f"R{clean(work.filter)[1:]}: {counted}.")
        if counted.startswith("0 of"):
            return finished(*parts, "No row fits, so there is nothing to compute.", *plan.notes)
    for wish, made in zip(plan.wishes, work.tables, strict=True):
        parts.append(_result(wish, made, output))
    parts += [
        f"Saved: [{name}](sandbox:/mnt/data/{name})"
        for name in re.findall(r"^saved: (.+)$", output, re.MULTILINE)
    ]
    unsaved = len(plan.saves) - len(re.findall(r"^saved: ", output, re.MULTILINE))
    if unsaved > 0:
        parts.append("There is no chart to save; name one, for example a histogram.")
    return finished(*parts, *map(clean, (*plan.problems, *plan.notes)), others)


def complete(work: Work, plan: Plan, output: str) -> bool:
    """Return whether the work printed everything that it was to print."""
    titles = [*([work.filter] if work.filter else []), *(made.title for made in work.tables)]
    saved = [name for name in plan.saves if not re.search(r"\.(png|svg|pdf)$", name, re.I)]
    lines = output.splitlines()
    there = all(any(line.startswith(f"{title}: ") for line in lines) for title in titles)
    return there and sum(line.startswith("saved: ") for line in lines) >= len(saved)


def clean(text: str) -> str:
    """Keep what comes from data from acting as Markdown."""
    return re.sub(r"([\\|\[\]<>*`])", r"\\\1", " ".join(text.split()))


def _about(data: Data, loaded: str) -> str:
    name = f"`{data.file or data.variable}`"
    shape = re.search(r"^shape: \((\d+), (\d+)\)", loaded, re.MULTILINE)
    text = f"Data: {name}, {shape[1]} rows, {shape[2]} columns." if shape else f"Data: {name}."
    sheets = sheets_in(loaded)
    if len(sheets) > 1:
        listed = ", ".join(map(clean, sheets))
        text += f" Only the first of its sheets was read: {listed}."
    return text


def _result(wish: Wish, made: Table, output: str) -> str:
    title, rest = clean(made.title), _after(output, made.title)
    heading = f"**{title[0].upper()}{title[1:]}**"
    if not rest.endswith(" rows"):
        pairs = _after(output, "pairs") if wish.table == "correlation" else ""
        value = f"{heading}: {rest}" + (f" ({pairs} rows with both)" if pairs else "")
        return _with_charts(value, wish)
    rows = _rows(output, made.title)
    if wish.table == "missing" and len(rows) < 2:
        return "No values are missing."
    if wish.table == "numbers" and not wish.by and [len(row) for row in rows] == [2, 2]:
        return _with_charts(f"{heading}: {clean(rows[1][1])}", wish)
    total = rest.removesuffix(" rows")
    shown = len(rows) - 1
    body = _markdown(rows)
    if total.isdigit() and int(total) > shown:
        which = made.shown if made.shown != "first" else f"first {shown}"
        body += f"\n\nShown: the {which} of {total} rows."
    if wish.by and wish.table == "numbers":
        groups = " or ".join(clean(name) for name in wish.by)
        body += f"\n\nRows without {groups} are left out."
    return _with_charts(f"{heading}\n\n{body}", wish)


def _with_charts(text: str, wish: Wish) -> str:
    names = {
        "bars": "bar chart",
        "histogram": "histogram",
        "box": "box plot",
        "scatter": "scatter chart",
        "heatmap": "heat map",
        "lines": "line chart",
    }
    drawn = ", ".join(names[chart] for chart in wish.charts)
    return f"{text}\n\nDrawn: {drawn}." if drawn else text


def _after(output: str, title: str) -> str:
    for line in output.splitlines():
        if line.startswith(f"{title}: "):
            return line.removeprefix(f"{title}: ").strip()
    return ""


def _rows(output: str, title: str) -> list[list[str]]:
    lines = output.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"{title}: ")) + 1
    end = next((at for at in range(start, len(lines)) if not lines[at].strip()), len(lines))
    return [row for row in csv.reader(io.StringIO("\n".join(lines[start:end]))) if row]


def _markdown(rows: list[list[str]]) -> str:
    header, *body = rows
    lines = [header, ["---"] * len(header), *body]
    return "\n".join(
        "| " + " | ".join(cell if cell == "---" else clean(cell) for cell in line) + " |"
        for line in lines
    )


def _examples(columns: Columns) -> list[str]:
    measures = [name for name in numbers(columns) if name != time_column(columns)]
    measures.sort(key=lambda name: not columns[name].startswith("float"))
    groups = categories(columns)
    if not columns or not measures:
        named = f"most frequent values of {groups[0]}" if groups else "histogram of COLUMN"
        return ["overview", "missing values", f"{named}, save it as result.csv"]
    first, last = measures[0], measures[-1]
    by = f" by {groups[0]}" if groups else ""
    third = f"{first} against {last}" if first != last else "missing values"
    if time_column(columns):
        third = f"line chart of {first} per year"
    return [f"mean {first}{by}, plot it and save it as result.csv", f"histogram of {last}", third]
