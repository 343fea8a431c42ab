"""The answers: numbers only as they stand in the outputs, files only if they were saved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from jupyter_assistants.models.demo.question import Question, one_line
from jupyter_assistants.models.demo.tables import MOST_VALUES, Table
from jupyter_assistants.models.demo.words import close_names

BANNER = "*demo model: rules, not an AI*"
NO_TOOL = (
    "The demo model works by running Python, and this assistant has no code interpreter. "
    'Add it: `tools=[{"type": "code_interpreter"}]` of the assistant or of the run.'
)
NO_CALLS = (
    "The demo model works by running Python, and this run forbids tool calls (`tool_choice` "
    'is "none"). Ask again with `tool_choice` "auto".'
)
NO_TABLE = (
    "There is no table to work on: no data file is attached, and the kernel has no DataFrame. "
    "Attach a CSV, TSV, XLSX, Parquet or JSON file, or create a DataFrame, and ask again."
)
TOO_MANY_CALLS = "Stopped: the code was run several times without a result."
_INTRODUCTION = (
    "You are using the demo model. It follows fixed rules, needs no key, and works offline: it "
    "describes, counts, averages, filters and draws one table, a file or a DataFrame."
)
_CONNECT = (
    "For free questions, connect a model: set `OPENAI_API_KEY` (and `OPENAI_BASE_URL`) for the "
    "Jupyter server, or choose one with `%%assistant --model NAME`."
)
_ERROR = re.compile(r"(?:\w{1,60}\.){0,9}[A-Z]\w{0,60}(?:Error|Exception|Interrupt|BadZipFile)\b")
_ADVICE = {
    "FileNotFoundError": "Attach the file again, or check its name.",
    "ModuleNotFoundError|ImportError": "Install the package with `%pip install`, then ask again.",
    "Excel file|BadZipFile": "Check that it is an XLSX workbook.",
    "EmptyDataError": "The file seems to be empty: attach one with a header line and rows.",
    "ParserError": "Look at the named line: it has more cells than the header.",
    "JSON|Expected object|Trailing data": "Use a JSON list of records, or JSON lines.",
    "": "Look at the code and its output above.",
}
_PACKAGES = {"pytables": "tables"}
"""Names on PyPI, where pandas names a package otherwise."""
_CUT = re.compile(r"\[… [\d,]{1,20} characters left out …\]")


def finish(*paragraphs: str) -> str:
    """Return an answer with its banner."""
    return "\n\n".join([*(text for text in paragraphs if text), BANNER])


def help_text(table: Table | None) -> str:
    """Return what the demo does, with three questions that fit the table that is there."""
    return finish(_INTRODUCTION, f"For example:\n{_listed(table)}", _CONNECT)


def cannot_read(files: Sequence[str]) -> str:
    """Return the answer to files that are no tables."""
    names = ", ".join(f"`{one_line(name)}`" for name in files)
    return finish(
        f"The demo model handles tables only and cannot read {names}.",
        "It reads CSV, TSV and other tables in text, XLSX (not XLS), JSON, Parquet, Feather, Stata, "
        "SPSS and HDF5 files.",
        _CONNECT,
    )


def failed(output: str) -> str:
    """Return an error in one sentence, and what to do next."""
    lines = [line.strip()[:500] for line in output[-100_000:].splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.match(line)]
    line = (errors or lines or ["It printed nothing."])[-1]
    advice = next(text for words, text in _ADVICE.items() if re.search(words, line))
    if package := re.search(r"install the (\w{1,50}) package", line):
        name = _PACKAGES.get(package[1], package[1])
        advice = f"Install the package with `%pip install {name}`, then ask again."
    return finish(f"The code failed: {escape(line[:300])}", advice)


def not_understood(question: Question, table: Table) -> str:
    """Return what was not understood or cannot be done, and what would be answered instead.

    Nothing was computed, so no number is in it.
    """
    unknown, problem = question.unknown, question.problem
    named = ", ".join(f'"{word}"' for word in unknown)
    lines = [f"Not understood: {named}."] if unknown else []
    for word in unknown[:5]:
        if names := close_names(word, table):
            lines.append(f'There is no column "{word}". Did you mean {" or ".join(names)}?')
    instead = f"Without it, the answer would be: {escape(question.text)}."
    columns, width = [*table.columns][:20], table.width
    looks = f" The demo model looks at {len(table.columns)} of {width} columns."
    return finish(
        "\n".join(escape(line) for line in (*lines, problem) if line),
        instead if question.operation and not problem else "",
        f"The columns are: {escape(', '.join(columns))}{', …' if width > len(columns) else ''}."
        + (looks if len(table.columns) < width else ""),
        f"Questions that fit this table:\n{_listed(table)}",
    )


def result(question: Question, output: str, table: Table) -> str:
    """Return the output of the code, written up; an error where something is missing."""
    selected, at = "", 0
    if question.selection:
        count, at = _find(output, question.selection, 0)
        selected = f"R{escape(question.selection)[1:]}: {count}."
        if count.startswith("0 of"):
            return finish(_about(table), selected, "No row fits, so there is nothing to compute.")
    count, at = _find(output, question.title, max(at, 0))
    total = re.match(r"\d{1,15}", count)
    saved = f"saved: {question.save}" in output.splitlines()
    if total is None or (question.save and not saved):
        return failed(output)
    title = escape(question.title)
    heading = f"**{title[0].upper()}{title[1:]}**"
    return finish(
        _about(table),
        selected,
        *_written(heading, question, int(total[0]), _read_rows(output[at:])),
        *(
            f"Rows without {escape(group.text)} are left out."
            for group in question.by
            if table.columns[group.column].missing
        ),
        f"Drawn: {question.chart} chart." if question.chart else "",
        f"Saved: [{question.save}](sandbox:/mnt/data/{question.save})" if question.save else "",
    )


def suggestions(table: Table | None) -> list[str]:
    """Return three questions that the table answers."""
    if table is None:
        return ["overview", "missing values", "first 5 rows"]
    plain = [n for n in table.columns if re.fullmatch(r"[^\W\d]\w{0,30}(?: \w{1,20}){0,4}", n)]
    measures = [name for name in table.numbers if name in plain and name != table.year_column]
    measures.sort(key=lambda name: table.columns[name].dtype.startswith("int"))
    groups = [n for n in plain if table.columns[n].is_text and table.columns[n].values]
    groups.sort(key=lambda name: len(table.columns[name].values) >= MOST_VALUES)
    if not measures:
        return ["overview", "missing values", f"most frequent {groups[0]}" if groups else "rows"]
    first, last = measures[0], measures[-1]
    by = f" by {groups[0]}" if groups else ""
    plot = ", plot it and save it as result.csv" if groups else ""
    third = f"{first} against {last}" if first != last else "missing values"
    return [f"mean {first}{by}{plot}", f"histogram of {last}", third]


def escape(text: str) -> str:
    """Keep what comes from data from acting as Markdown."""
    return re.sub(r"([\\|\[\]<>*`])", r"\\\1", " ".join(text.split()))


def _listed(table: Table | None) -> str:
    return "\n".join(f"- {line}" for line in suggestions(table))


def _about(table: Table) -> str:
    name = one_line(table.file or table.variable)
    text = f"Data: `{name}`, {table.rows} rows, {table.width} columns."
    unnamed = sum(name.startswith("Unnamed: ") for name in table.columns)
    if unnamed:
        text += f" The first line names only {table.width - unnamed} of them."
    if table.file and not table.numbered:
        text += " Its rows have more cells than its header."
    if len(table.sheets) > 1:
        text += _about_sheets(table.sheets, table.sheet)
    return " ".join([text, *(escape(remark[:500]) for remark in table.remarks[:20])])


def _about_sheets(sheets: Sequence[str], read: str) -> str:
    others = [name for name in sheets if name != read]
    text = f" Only the first of its sheets was read: {', '.join(map(escape, sheets[:20]))}."
    if read and read != sheets[0]:
        text = f" The sheet {escape(read)} was read; there is also {', '.join(map(escape, others[:20]))}."
    return f"{text} To read another one, name it in the question."


def _find(output: str, title: str, start: int) -> tuple[str, int]:
    """Return what stands behind a title, and where the next line begins; -1 if it is not there."""
    marker = f"\n{title}: "
    at = f"\n{output}".find(marker, start)
    if at < 0:
        return "", -1
    value, _, _ = output[at + len(marker) - 1 :].partition("\n")
    return value.strip(), min(at + len(marker) + len(value), len(output))


def _written(heading: str, question: Question, total: int, rows: list[list[str]]) -> list[str]:
    """Return a result with its heading: a value, or a table."""
    if question.operation == "missing" and not total:
        return ["No values are missing."]
    if not rows:
        return [heading, "The result is too long to repeat: see the output above."]
    single = not question.by and question.operation not in ("rows", "missing", "overview")
    if single and [len(row) for row in rows] == [2, 2]:
        return [f"{heading}: {escape(rows[1][1]) or 'no value'}"]
    header, *body = rows
    lines = [" | ".join(map(escape, header)), " | ".join(["---"] * len(header))]
    text = "\n".join(
        f"| {line} |" for line in [*lines, *(" | ".join(map(escape, r)) for r in body)]
    )
    short = total > len(body)
    return [heading, text, f"Shown: the first {len(body)} of {total} rows." if short else ""]


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
