"""The demo model's next step: code to run, a function to call, or the answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jupyter_assistants.models.base import ModelRequest, ToolSpec
from jupyter_assistants.models.demo import answers, documents
from jupyter_assistants.models.demo.files import Refusal, load_file, reader_of, variable_for
from jupyter_assistants.models.demo.free_names import with_free_names
from jupyter_assistants.models.demo.functions import arguments_for
from jupyter_assistants.models.demo.history import (
    REJECTED,
    RUN_PYTHON,
    CallOutput,
    Exchange,
    exchanges,
    own_variables,
)
from jupyter_assistants.models.demo.pandas_code import write_code
from jupyter_assistants.models.demo.question import understand
from jupyter_assistants.models.demo.tables import LIST_TABLES, Table, parse_tables
from jupyter_assistants.models.demo.words import fold, plain_words
from jupyter_assistants.protocol.tools import NamedToolChoice

FILE_SEARCH = "file_search"
_MOST_CALLS = 6
_MOST_TABLES = 10
_STRONG = ("operation", "chart", "every", "save", "by", "top")
_DATA = re.compile(r"Data: `([^`\n]{1,200})`")
_BELOW = re.compile(r"(?:\w[\w.-]*/)+\w[^/\\:]*")
"""A path that stays below the folder that it starts from."""

Script = Generator[str, str, str]
"""Yields code, receives its output, and returns the answer."""


@dataclass(frozen=True)
class FinalAnswer:
    """The final text."""

    text: str


@dataclass(frozen=True)
class NextCall:
    """A call to make."""

    name: str
    arguments: dict[str, Any]


Step = FinalAnswer | NextCall


def next_step(request: ModelRequest) -> Step:
    """Decide from the history alone; the same request gives the same step."""
    thread = exchanges(request.history)
    if not thread:
        return FinalAnswer(answers.help_text(None))
    now = thread[-1]
    if _wants_search(request, now):
        return NextCall(FILE_SEARCH, {"queries": [now.question]})
    if now.calls and now.calls[-1].name == FILE_SEARCH:
        return FinalAnswer(documents.quote(now.question, now.calls[-1].output))
    forced = _forced_tool(request, now)
    if forced is not None and forced.name != RUN_PYTHON:
        return NextCall(forced.name, arguments_for(forced.parameters, now.question))
    if now.calls and now.calls[-1].name != RUN_PYTHON:
        return FinalAnswer(_function_result(now.calls[-1]))
    question = _whole_question(thread)
    if not now.calls and forced is None and not _is_request(question, thread):
        return FinalAnswer(answers.help_text(_last_table(thread)))
    own = own_variables(request.history)
    return _refusal(request, now) or _replay(_answer(thread, question, own), now.outputs, own)


def _wants_search(request: ModelRequest, now: Exchange) -> bool:
    """Return whether this question is to be looked up in files."""
    names = {tool.name for tool in request.tools}
    if FILE_SEARCH not in names or now.calls or not now.question:
        return False
    if isinstance(request.tool_choice, NamedToolChoice):
        return request.tool_choice.type == FILE_SEARCH
    if request.tool_choice == "none":
        return False
    # A text file may be a table, but where files are searched it is one to read.
    has_table = any(reader_of(name) and not _is_text(name) for name in now.files)
    return RUN_PYTHON not in names or not (has_table or _uses_grammar(now.question))


def _is_text(name: str) -> bool:
    return name.lower().endswith(".txt")


def _forced_tool(request: ModelRequest, now: Exchange) -> ToolSpec | None:
    """Return the tool that has to be called now; a choice forces one call of an exchange."""
    if now.calls or not request.tools:
        return None
    if request.tool_choice == "required":
        python = [tool for tool in request.tools if tool.name == RUN_PYTHON]
        return (python or list(request.tools))[0]
    if isinstance(request.tool_choice, NamedToolChoice):
        choice = request.tool_choice
        name = choice.function.name if choice.function else choice.type
        name = RUN_PYTHON if name == "code_interpreter" else name
        return next((tool for tool in request.tools if tool.name == name), None)
    return None


def _refusal(request: ModelRequest, now: Exchange) -> FinalAnswer | None:
    if now.outputs and now.outputs[-1].lstrip().startswith(REJECTED):
        reason = answers.escape(now.outputs[-1].strip().splitlines()[0][:2_000])
        return FinalAnswer(answers.finish(f"Stopped, nothing more was run. {reason}"))
    if request.tool_choice == "none":
        return FinalAnswer(answers.finish(answers.NO_CALLS))
    if not any(tool.name == RUN_PYTHON for tool in request.tools):
        return FinalAnswer(answers.finish(answers.NO_TOOL))
    return None


def _function_result(call: CallOutput) -> str:
    return answers.finish(
        f"`{call.name}` was called with `{call.arguments}` and returned:",
        "\n".join(f"    {line}" for line in call.output.splitlines()),
        "The arguments were filled in by rules from the function's schema.",
    )


def _uses_grammar(question: str) -> bool:
    return any(word.kind in _STRONG for word in plain_words(question))


def _is_request(question: str, thread: Sequence[Exchange]) -> bool:
    """Return whether a question may be about a table; its columns decide later."""
    if not question or _uses_grammar(question):
        return bool(question)
    some = any(not word.is_quiet for word in plain_words(question))
    return some and any(reader_of(name) for each in thread for name in each.files)


def _whole_question(thread: Sequence[Exchange]) -> str:
    """Return the newest question, behind those that it continues: "plot it", "save it as x.csv"."""
    question = thread[-1].question
    if not question and thread[-1].files:
        return "overview"
    for each in reversed(thread[:-1]):
        kinds = {w.kind for w in plain_words(question) if not w.is_quiet or w.kind == "it"}
        drawing = kinds == {"it", "chart"}
        if not drawing and not ("save" in kinds and kinds <= {"chart", "save", "file", "it"}):
            break
        question = f"{each.question}, {question}"
    return question


def _replay(program: Script, outputs: Sequence[str], own: Collection[str]) -> Step:
    """Run a program on the outputs that are there; return the code it asks for next.

    The order of the outputs says what each was for: a person may edit code before it runs.
    """
    try:
        code = next(program)
        for output in outputs:
            code = program.send(output)
    except StopIteration as done:
        return FinalAnswer(done.value)
    if len(outputs) >= _MOST_CALLS:
        return FinalAnswer(answers.finish(answers.TOO_MANY_CALLS))
    return NextCall(RUN_PYTHON, {"code": with_free_names(code, own)})


def _answer(thread: Sequence[Exchange], question: str, own: Mapping[str, str]) -> Script:
    """Load the file or list the DataFrames, choose the table, compute, and answer.

    Parameters
    ----------
    own
        The person's variables. A table of theirs with the name of the file is what they ask about:
        they have made it of the file, and worked on it since.
    """
    known = [name for each in thread for name in each.files if reader_of(name)]
    attached = thread[-1].files
    file = _named_file(question, known) or next(filter(reader_of, reversed(attached)), "")
    names = [*known, *([file] if file else [])]
    file = _outer_file(file, known)
    found: Table | Refusal | str | None = None
    if attached and not file:
        return answers.cannot_read(attached)
    if not file:
        output = yield LIST_TABLES
        tables = parse_tables(output)
        if tables is None:
            return answers.failed(output)
        found = _choose(question, tables, thread, names)
        file = known[-1] if known and found is None else ""
    if file and own.get(variable_for(file), "").startswith("DataFrame"):
        output = yield LIST_TABLES
        theirs = (t for t in parse_tables(output) or () if t.variable == variable_for(file))
        found = next(theirs, None)
        file = "" if found else file
    if file:
        found = yield from load_file(file, question, own)
    if not isinstance(found, Table):
        return _not_loaded(found)
    asked = understand(question, found, [*names, *filter(None, [found.sheet])])
    if asked.unknown or asked.problem:
        return answers.not_understood(asked, found)
    if not asked.operation:
        return answers.help_text(found)
    if asked.save in known:
        asked = replace(asked, save=f"result_{asked.save}")
    output = yield write_code(asked, found)
    return answers.result(asked, output, found)


def _not_loaded(found: Refusal | str | None) -> str:
    if isinstance(found, Refusal):
        return answers.finish(answers.escape(found.text))
    return answers.finish(answers.NO_TABLE) if found is None else answers.failed(found)


def _outer_file(file: str, known: Sequence[str]) -> str:
    """Return the file to read: one that is not there may be one inside the newest ZIP file."""
    is_inside = file and file not in known and known and known[-1].lower().endswith(".zip")
    return known[-1] if is_inside else file


def _named_file(question: str, known: Sequence[str]) -> str:
    """Return the table file that a question names, other than one to save to."""
    words = [word for word in plain_words(question) if word.kind not in ("filler", "it", "chart")]
    for before, word in zip([None, *words], words, strict=False):
        path = word.text.replace("\\", "/")
        if word.kind == "file" and reader_of(path) and not (before and before.kind == "save"):
            name = path.rpartition("/")[2]
            return name if name in known or not _BELOW.fullmatch(path) else path
    return ""


def _choose(
    question: str, tables: Sequence[Table], thread: Sequence[Exchange], files: Sequence[str]
) -> Table | None:
    """Return the DataFrame that is meant; None if it is none of them, or a file is meant.

    One that the question names wins, then the one of the answer before. A thread without files
    may be about any table, the newest first; those that the demo made itself come last.
    """
    words = {fold(word.meaning or word.text) for word in plain_words(question)}
    before = [m[1] for each in thread if (m := _DATA.match(each.answer))][-1:]
    meant = [variable_for(name) if reader_of(name) else name for name in (*before, *files[-1:])]
    newest = tables[::-1]
    candidates = [table for table in newest if fold(table.variable) in words]
    candidates += [table for name in meant for table in newest if table.variable == name]
    if not files:
        names = tuple(f"{table.variable}_" for table in newest)
        candidates += sorted(newest, key=lambda table: table.variable.startswith(names))
    for table in candidates[:_MOST_TABLES]:
        asked = understand(question, table, files)
        if asked.operation and not asked.unknown and not asked.problem:
            return table
    return next(iter(candidates), None)


def _last_table(thread: Sequence[Exchange]) -> Table | None:
    outputs = [output for each in thread for output in each.outputs]
    return next((t[-1] for output in reversed(outputs) if (t := parse_tables(output))), None)
