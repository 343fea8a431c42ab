"""The demo model's next step: code to run, a function to call, or the answer."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.models.base import ModelRequest, ToolSpec
from jupyter_assistants.models.demo import answers, documents
from jupyter_assistants.models.demo.functions import arguments_for
from jupyter_assistants.models.demo.grammar import read_saves
from jupyter_assistants.models.demo.history import (
    REJECTED,
    RUN_PYTHON,
    CallOutput,
    Exchange,
    exchanges,
)
from jupyter_assistants.models.demo.pandas_code import write_code
from jupyter_assistants.models.demo.plan import Plan
from jupyter_assistants.models.demo.sources import Source, find_source, load_file
from jupyter_assistants.models.demo.table_files import kind_of
from jupyter_assistants.models.demo.table_profile import (
    LIST_TABLES,
    TableProfile,
    parse_profile,
    parse_tables,
)
from jupyter_assistants.models.demo.words import close_names, plain_words, split_words
from jupyter_assistants.protocol.tools import NamedToolChoice

FILE_SEARCH = "file_search"
_MOST_CALLS = 6
_GREETINGS = frozenset(("help", "hi", "hello", "hey", "thank", "thanks"))
_FREE = re.compile(
    r"(?:(?:please|can you|could you|now|and|so)\s+)*(why|predict|forecast|explain|interpret"
    r"|recommend|write|translate)\b",
    re.IGNORECASE,
)
_STRONG = ("stat", "chart", "table", "period", "extreme", "save", "by", "top")

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
    free = _FREE.match(question)
    if not now.calls and forced is None and (free or not _is_request(question, thread)):
        return FinalAnswer(_help(thread, free[1] if free else ""))
    return _refusal(request, now) or _replay(_answer(thread, question), now.outputs)


def _wants_search(request: ModelRequest, now: Exchange) -> bool:
    """Return whether this question is to be looked up in files."""
    names = {tool.name for tool in request.tools}
    if FILE_SEARCH not in names or now.calls or not now.question:
        return False
    if isinstance(request.tool_choice, NamedToolChoice):
        return request.tool_choice.type == FILE_SEARCH
    if request.tool_choice == "none":
        return False
    has_table = any(kind_of(name) for name in now.files)
    return RUN_PYTHON not in names or not (has_table or _uses_grammar(now.question))


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
        return FinalAnswer(_stopped(now.outputs[-1]))
    if request.tool_choice == "none":
        return FinalAnswer(answers.finish(answers.NO_CALLS))
    if not any(tool.name == RUN_PYTHON for tool in request.tools):
        return FinalAnswer(answers.finish(answers.NO_TOOL))
    return None


def _stopped(output: str) -> str:
    reason = output.strip().splitlines()[0][:2_000]
    return answers.finish(f"Stopped, nothing more was run. {answers.escape(reason)}")


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
    words = [word for word in plain_words(question) if not word.is_quiet]
    greeting = all(word.text.casefold() in _GREETINGS for word in words)
    return not greeting and any(kind_of(name) for each in thread for name in each.files)


def _whole_question(thread: Sequence[Exchange]) -> str:
    """Return the newest question, behind the one before if it only continues that."""
    question = thread[-1].question
    if not question and thread[-1].files:
        return "overview"
    if len(thread) < 2:
        return question
    words = plain_words(question)
    saves = bool(read_saves(words))
    rest = [word for word in words if not word.used]
    drawing = [word for word in rest if word.kind == "chart" and word.meaning in ("any", "bars")]
    glue = ("filler", "it", "and", "cut", "data", "joint")
    only = all(word in drawing or word.kind in glue for word in rest)
    pointing = any(word.kind == "it" for word in words) or saves
    if only and pointing and (saves or drawing):
        return f"{_whole_question(thread[:-1])}, {question}"
    return question


def _replay(program: Script, outputs: Sequence[str]) -> Step:
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
    return NextCall(RUN_PYTHON, {"code": code})


def _answer(thread: Sequence[Exchange], question: str) -> Script:
    """Load a table, list the DataFrames if one may be meant, compute, and answer."""
    source = find_source(thread)
    attached = thread[-1].files
    if attached and not source.file and not any(map(kind_of, attached)):
        return answers.no_table(attached)
    table: TableProfile | None = None
    if source.file and not source.frame:
        table, output, _ = yield from load_file(source.file, question, source.options)
        if table is None:
            return answers.failed(output)
        plan = source.read(question, table)
        if not any(_may_be_variable(phrase, table) for phrase in plan.unknown):
            others = [name for name in attached if kind_of(name) and name != source.file]
            return (yield from _compute(plan, table, source, others))
    output = yield LIST_TABLES
    listing = parse_tables(output)
    if listing is None:
        return answers.failed(output)
    chosen = source.choose(question, listing) or table
    if chosen is None:
        return answers.no_table()
    others = [] if chosen is table else [t.variable for t in listing if t is not chosen]
    return (yield from _compute(source.read(question, chosen), chosen, source, others))


def _may_be_variable(phrase: str, table: TableProfile) -> bool:
    words = [word for word in split_words(phrase) if word.kind in ("unknown", "quoted")]
    return any(
        word.meaning.isidentifier() and not close_names(word.meaning, table) for word in words
    )


def _compute(plan: Plan, table: TableProfile, source: Source, others: Sequence[str]) -> Script:
    if plan.unknown or plan.problems:
        return answers.not_possible(plan, table)
    if not plan.wishes and not plan.saves:
        return answers.help_text(table)
    program = write_code(plan, table, protected=source.files)
    output = yield program.code
    return answers.results(plan, program, output, table, others)


def _help(thread: Sequence[Exchange], refused: str) -> str:
    file = next((n for each in reversed(thread) for n in each.files if kind_of(n)), "")
    for output in (output for each in reversed(thread) for output in reversed(each.outputs)):
        table = parse_profile(output, "data", "") or next(iter(parse_tables(output) or ()), None)
        if table is not None:
            return answers.help_text(table, file, refused)
    return answers.help_text(None, file, refused)
