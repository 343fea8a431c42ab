"""The answers: numbers only as they stand in the outputs, files only if they were saved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from jupyter_assistants.models.demo.pandas_code import PlanCode
from jupyter_assistants.models.demo.plan import Plan, Wish, one_line
from jupyter_assistants.models.demo.table_profile import TableProfile
from jupyter_assistants.models.demo.words import close_names, plain_words

BANNER = "*demo model: rules, not an AI*"

_INTRODUCTION = (
    "You are using the demo model. It follows fixed rules, needs no key, and works offline. It "
    "describes, counts, averages, filters and draws tables: CSV, TSV, XLSX, Parquet and JSON "
    "files, and DataFrames of the kernel."
)
_CONNECT = (
    "For free questions, connect a model: set `OPENAI_API_KEY` (and `OPENAI_BASE_URL`) for the "
    "Jupyter server, or choose one with `%%assistant --model NAME`."
)
NO_TOOL = (
    "The demo model works by running Python, and this assistant has no code interpreter. "
    'Add it: `tools=[{"type": "code_interpreter"}]` of the assistant or of the run.'
)
NO_CALLS = (
    "The demo model works by running Python, and this run forbids tool calls (`tool_choice` "
    'is "none"). Ask again with `tool_choice` "auto".'
)
TOO_MANY_CALLS = "Stopped: the code was run several times without a result."
_ERROR = re.compile(
    r"(?:\w{1,60}\.){0,9}[A-Z]\w{0,60}(?:Error|Exception|Interrupt|Exit|BadZipFile)\b"
    r"|(?:[a-z_]\w{0,60}\.){1,9}[A-Z]\w{0,60}: "
)
_ADVICE = {
    "FileNotFoundError": "Attach the file again, or check its name.",
    "parquet|pyarrow": "Install the reader with `%pip install pyarrow`.",
    "openpyxl|xlsx|Excel file|BadZipFile": "Check that it is an XLSX workbook, and that openpyxl "
    "is installed.",
    "ModuleNotFoundError|ImportError": "Install the package with `%pip install`, then ask again.",
    "EmptyDataError": "The file seems to be empty: attach one with a header line and rows.",
    "ParserError|tokenizing": "Look at the named line: it has more cells than the header.",
    "JSON|Expected object|Trailing data|scalar values": "Use a JSON list of records, or JSON lines.",
    "NameError": "The kernel has forgotten the data: ask again.",
    "datetime|time data|DateParse": "Check that the column holds dates of one format.",
    "": "Look at the code and its output above.",
}
_CUT = re.compile(r"\[… [\d,]{1,20} characters left out …\]")
_CHART_NAMES = {"bars": "bar chart", "box": "box plot", "scatter": "scatter chart",
                "heatmap": "heat map", "lines": "line chart"}  # fmt: skip


def finish(*paragraphs: str) -> str:
    """Return an answer with its banner."""
    return "\n\n".join([*(text for text in paragraphs if text), BANNER])


def help_text(table: TableProfile | None, file: str = "", refused: str = "") -> str:
    """Return what the demo does, with three examples that fit the table that is there."""
    why = f'The demo model cannot answer "{refused}" questions.' if refused else ""
    examples = "\n".join(f"- {line}" for line in suggestions(table, file))
    return finish(why, _INTRODUCTION, f"For example:\n{examples}", _CONNECT)


def no_table(files: Sequence[str] = ()) -> str:
    """Return that there is nothing to work on."""
    if files:
        names = ", ".join(f"`{one_line(name)}`" for name in files)
        return finish(
            f"The demo model handles tables only and cannot read {names}.",
            "It reads CSV, TSV, XLSX (not XLS), Parquet and JSON files.",
            _CONNECT,
        )
    return finish(
        "There is no table to work on: no data file is attached, and the kernel has no DataFrame.",
        "Attach a CSV, TSV, XLSX, Parquet or JSON file, or create a DataFrame, and ask again.",
    )


def failed(output: str) -> str:
    """Return an error in one sentence, and what to do next."""
    lines = [line.strip()[:500] for line in output[-100_000:].splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.match(line)]
    line = (errors or lines or ["It printed nothing."])[-1]
    advice = next(text for words, text in _ADVICE.items() if re.search(words, line))
    return finish(f"The code failed: {escape(line[:300])}", advice)


def not_possible(plan: Plan, table: TableProfile) -> str:
    """Return what was not understood or cannot be done, and what would be answered instead.

    Nothing was computed, so no number is in it.
    """
    near = {word: close_names(word, table) for word in plan.unknown}
    lines = [
        f'There is no column "{word}". Did you mean {" or ".join(names)}?'
        for word, names in near.items()
        if names
    ]
    rest = [f'"{word}"' for word, names in near.items() if not names]
    texts = [name for name in table.categories if not table.columns[name].is_truth]
    if rest:
        lines.append(f"Not understood: {', '.join(rest)}.")
    values = [text for text in rest if all(w.kind == "unknown" for w in plain_words(text[1:-1]))]
    if values and texts:
        value = values[0].strip('"')
        lines.append(f"If this is a value, write for example: where {texts[-1]} is {value}")
    if plan.unknown and len(table.columns) < table.width:
        lines.append(f"The demo model looks at {len(table.columns)} of {table.width} columns.")
    lines += plan.problems
    instead = ""
    if plan.unknown and not plan.problems and (plan.wishes or plan.conditions):
        instead = f"Without it, the answer would be: {escape(plan.text)}."
    columns = list(table.columns)
    more = f" and {table.width - 20} more" if table.width > 20 else ""
    examples = "\n".join(f"- {line}" for line in suggestions(table))
    return finish(
        "\n".join(escape(line) for line in (*lines, *plan.notes)),
        instead,
        f"The columns are: {escape(', '.join(columns[:20]))}{more}.",
        f"Questions that fit this table:\n{examples}",
    )


def results(
    plan: Plan, program: PlanCode, output: str, table: TableProfile, others: Sequence[str] = ()
) -> str:
    """Return the output of the program, written up; an error where something is missing."""
    parts, at = [_about(table)], 0
    if plan.selection:
        counted, at = _find(output, plan.selection, 0)
        parts.append(f"R{escape(plan.selection)[1:]}: {counted}.")
        if counted.startswith("0 of"):
            return finish(*parts, "No row fits, so there is nothing to compute.", *plan.notes)
    for wish in plan.wishes:
        value, at = _find(output, wish.title, at) if at >= 0 else ("", -1)
        if at >= 0:
            parts.append(_written(wish, value, output, at, table))
    lines = output.splitlines()
    saved = [name for name in program.files if f"saved: {name}" in lines]
    unsaved = [name for name in program.files if name not in saved]
    drawn = any(wish.charts for wish in plan.wishes)
    if at < 0 or any(drawn or not name.endswith((".png", ".svg", ".pdf")) for name in unsaved):
        return failed(output)
    parts += [f"Saved: [{name}](sandbox:/mnt/data/{name})" for name in saved]
    if unsaved:
        parts.append("There is no chart to save; ask for one, for example a histogram.")
    if others:
        parts.append(f"Other tables: {', '.join(f'`{one_line(name)}`' for name in others)}.")
    return finish(*parts, *map(escape, plan.notes))


def suggestions(table: TableProfile | None, file: str = "") -> list[str]:
    """Return three questions that the table answers."""
    if table is None:
        of = f" of {file}" if re.fullmatch(r"[\w.-]{1,60}", file) else ""
        return [f"overview{of}", f"missing values{of}", f"first 5 rows{of}"]
    plain = [n for n in table.columns if re.fullmatch(r"[^\W\d]\w{0,30}(?: \w{1,20}){0,4}", n)]
    measures = [name for name in table.numbers if name in plain and name != table.year_column]
    measures.sort(key=lambda name: table.columns[name].is_whole)
    groups = [name for name in table.categories if name in plain and table.columns[name].values]
    if not measures:
        named = f"most frequent {groups[0]}" if groups else "first 5 rows"
        return ["overview", "missing values", named]
    first, last = measures[0], measures[-1]
    by = f" by {groups[0]}" if groups else ""
    third = f"{first} against {last}" if first != last else "missing values"
    if table.time_column in plain:
        third = f"line chart of {first} per year"
    return [f"mean {first}{by}, plot it and save it as result.csv", f"histogram of {last}", third]


def escape(text: str) -> str:
    """Keep what comes from data from acting as Markdown."""
    return re.sub(r"([\\|\[\]<>*`])", r"\\\1", " ".join(text.split()))


def _about(table: TableProfile) -> str:
    width = table.width + len(table.index)
    text = f"Data: `{one_line(table.file or table.variable)}`, {table.rows} rows, {width} columns."
    if len(table.sheets) < 2:
        return text
    sheets = ", ".join(map(escape, table.sheets[:20]))
    return f"{text} Only the first of its sheets was read: {sheets}."


def _find(output: str, title: str, start: int) -> tuple[str, int]:
    """Return what stands behind a title, and where the next line begins; -1 if it is not there."""
    marker = f"\n{title}: "
    at = f"\n{output}".find(marker, start)
    if at < 0:
        return "", -1
    value, _, _ = output[at + len(marker) - 1 :].partition("\n")
    return value.strip(), min(at + len(marker) + len(value), len(output))


def _written(wish: Wish, value: str, output: str, at: int, table: TableProfile) -> str:
    """Return one result with its heading and the names of its charts."""
    drawn = ", ".join(_CHART_NAMES.get(chart, chart) for chart in wish.charts)
    charts = f"\n\nDrawn: {drawn}." if drawn else ""
    title = escape(wish.title)
    heading = f"**{title[0].upper()}{title[1:]}**"
    if not value.endswith(" rows"):
        pairs, _ = _find(output, "pairs", at) if wish.kind == "correlation" else ("", 0)
        return f"{heading}: {value}{f' ({pairs} rows with both)' if pairs else ''}{charts}"
    rows = _read_rows(output[at:])
    if wish.kind == "missing" and value == "0 rows":
        return "No values are missing."
    if not rows:
        return f"{heading}\n\nThe result is too long to repeat: see the output above.{charts}"
    if wish.kind == "numbers" and not wish.by and [len(row) for row in rows] == [2, 2]:
        return f"{heading}: {escape(rows[1][1]) or 'no value'}{charts}"
    header, *body = rows
    lines = [" | ".join(map(escape, header)), " | ".join(["---"] * len(header))]
    text = "\n".join(
        f"| {line} |" for line in (*lines, *(" | ".join(map(escape, r)) for r in body))
    )
    total = value.removesuffix(" rows")
    if total.isdigit() and int(total) > len(body):
        ends = wish.kind == "series" and not wish.every
        text += f"\n\nShown: the first {'and last' if ends else len(body)} of {total} rows."
    missing = [name for name in wish.by if table.columns[name].missing]
    if missing:
        text += f"\n\nRows without {' or '.join(map(escape, missing))} are left out."
    return f"{heading}\n\n{text}{charts}"


def _read_rows(output: str) -> list[list[str]]:
    """Return the rows of a printed table; none if a part of it was cut out."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(output, newline="")):
            if not row:
                break
            rows.append(row)
    except csv.Error:
        return []
    whole = all(len(row) == len(rows[0]) and not _CUT.search(",".join(row)) for row in rows)
    return rows if whole else []
