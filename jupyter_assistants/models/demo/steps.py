"""Decides what comes next: code to run, a function to call, or the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.models.base import ModelRequest, ToolSpec
from jupyter_assistants.models.demo import answers, code, documents, loading
from jupyter_assistants.models.demo.code import Data
from jupyter_assistants.models.demo.functions import arguments_for
from jupyter_assistants.models.demo.history import (
    REJECTED,
    RUN_PYTHON,
    Columns,
    Exchange,
    Turn,
    columns_in,
    turns,
)
from jupyter_assistants.models.demo.plan import Plan
from jupyter_assistants.models.demo.requests import is_wish, leans_back, understand
from jupyter_assistants.models.demo.sources import current, kind_of, wants_frames
from jupyter_assistants.protocol.tools import NamedToolChoice

_MOST_CALLS = 5


@dataclass(frozen=True)
class Answer:
    """The final text."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call to make."""

    name: str
    arguments: dict[str, Any]


Step = Answer | Call


def next_step(request: ModelRequest) -> Step:
    """Decide from the history alone; the same request gives the same step."""
    parted = turns(request.history)
    if not parted:
        return Answer(answers.menu())
    turn = parted[-1]
    if documents.wants_search(request, turn):
        return Call(documents.FILE_SEARCH, {"queries": [turn.question]})
    if turn.exchanges and turn.exchanges[-1].name == documents.FILE_SEARCH:
        return Answer(documents.quote(turn.question, turn.exchanges[-1].output))
    forced = _forced(request, turn)
    if forced is not None and forced.name != RUN_PYTHON:
        return Call(forced.name, arguments_for(forced.parameters, turn.question))
    foreign = [exchange for exchange in turn.exchanges if exchange.name != RUN_PYTHON]
    if foreign and foreign[-1] is turn.exchanges[-1]:
        return Answer(answers.called(foreign[-1]))
    question = _question(parted)
    if not is_wish(question) and forced is None and not turn.exchanges:
        return Answer(answers.menu(_columns_seen(parted)))
    refusal = _refusal(request, turn)
    return refusal or _work(parted, question)


def _forced(request: ModelRequest, turn: Turn) -> ToolSpec | None:
    """Return the tool that has to be called now; a choice forces one call of a turn."""
    if turn.exchanges or not request.tools:
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


def _question(parted: Sequence[Turn]) -> str:
    """Return the newest question, with the one before if it only goes on with that."""
    question = parted[-1].question
    if not question and parted[-1].files:
        return "overview"
    if len(parted) > 1 and leans_back(question):
        return f"{_question(parted[:-1])}, {question}"
    return question


def _columns_seen(parted: Sequence[Turn]) -> Columns:
    source = current(parted)
    if source and source.frame:
        return source.frame.columns
    loads = [turn.loaded() for turn in parted]
    found = [load for load in loads if load]
    return columns_in(found[-1].output) if found else {}


def _refusal(request: ModelRequest, turn: Turn) -> Answer | None:
    if turn.exchanges and turn.exchanges[-1].output.lstrip().startswith(REJECTED):
        return Answer(answers.rejected(turn.exchanges[-1].output))
    if request.tool_choice == "none":
        return Answer(answers.no_calls())
    if not any(tool.name == RUN_PYTHON for tool in request.tools):
        return Answer(answers.no_tool())
    return None


def _work(parted: Sequence[Turn], question: str) -> Step:
    turn = parted[-1]
    done = [exchange for exchange in turn.exchanges if exchange.name == RUN_PYTHON]
    source = current(parted)
    unread = [name for name in turn.files if not kind_of(name)]
    if unread and unread == list(turn.files) and not done and (source is None or source.frame):
        return Answer(answers.no_data(unread))
    if source and source.file and not kind_of(source.file):
        return Answer(answers.no_data([source.file]))
    if done and done[-1].code == code.list_frames() and turn.frames() is None:
        return Answer(answers.failed(done[-1].output))
    if wants_frames(parted):
        return _run(done, code.list_frames())
    if source is None:
        return Answer(answers.no_data())
    # Places, not texts, tell what a call was for: a person may edit code before it runs.
    listing = next((at for at, call in enumerate(done) if call.lists_frames()), None)
    if source.frame and listing is not None:
        frame = source.frame
        data = Data(frame.name, {**frame.index, **frame.columns}, dated_index=bool(frame.index))
        shape = f"shape: ({frame.rows}, {len(frame.columns)})"
        return _fulfil(parted, question, data, shape, done[listing + 1 :])
    if listing is not None:
        done = [*done[:listing], *done[listing + 1 :]]
    return _with_file(parted, question, source.file, done)


def _with_file(parted: Sequence[Turn], question: str, file: str, done: list[Exchange]) -> Step:
    turn, kind = parted[-1], kind_of(file)
    careful = loading.was_read_carefully(parted[:-1], file, kind)
    if not done:
        read = loading.load_carefully if careful else loading.load
        return _run(turn.exchanges, read(file, kind))
    if not careful and loading.went_wrong(done[0].output, kind):
        if len(done) == 1:
            return _run(turn.exchanges, loading.load_carefully(file, kind))
        done = done[1:]
    columns = columns_in(done[0].output)
    if not columns:
        return Answer(answers.failed(done[0].output))
    data = Data(code.variable_for(file), columns, file=file)
    if len(done) == 1 and turn.frames() is None and _plan(parted, question, data).elsewhere:
        # What is no column may be a DataFrame; then it is the next source.
        return _run(turn.exchanges, code.list_frames())
    return _fulfil(parted, question, data, done[0].output, done[1:])


def _plan(parted: Sequence[Turn], question: str, data: Data) -> Plan:
    # "penguins in heavy": the rows of a DataFrame may go by the name of the file they came from.
    files = [data.file] if data.file else [name for turn in parted for name in turn.files]
    names = [data.variable, *(name.split(".")[0] for name in files)]
    return understand(question, data.columns, data_names=names)


def _fulfil(
    parted: Sequence[Turn], question: str, data: Data, loaded: str, done: Sequence[Exchange]
) -> Step:
    columns = data.columns
    plan = _plan(parted, question, data)
    if not plan.wishes and not plan.saves:
        if plan.problems:
            return Answer(answers.problems(plan, columns))
        return Answer(answers.menu(columns))
    work = code.work(plan, data, keep=[name for turn in parted for name in turn.files])
    if not done:
        return _run(parted[-1].exchanges, work.code)
    output = done[0].output
    if not answers.complete(work, plan, output) and not _empty(work.filter, output):
        return Answer(answers.failed(output))
    return Answer(answers.results(plan, work, output, loaded, data, _others(parted, data)))


def _run(done: Sequence[Exchange], text: str) -> Step:
    if len(done) >= _MOST_CALLS:
        return Answer(answers.too_many_calls())
    return Call(RUN_PYTHON, {"code": text})


def _empty(title: str, output: str) -> bool:
    return bool(title) and any(line.startswith(f"{title}: 0 of") for line in output.splitlines())


def _others(parted: Sequence[Turn], data: Data) -> str:
    """Say what other data there is, when several could be meant."""
    if not data.file:
        frames = [frame.name for frame in parted[-1].frames() or [] if frame.name != data.variable]
        named = ", ".join(f"`{name}`" for name in frames)
        return f"Other DataFrames: {named}; name one in the question to use it." if named else ""
    attached = dict.fromkeys(name for turn in parted for name in turn.files if kind_of(name))
    others = [f"`{name}`" for name in attached if name != data.file]
    unread = [f"`{name}`" for name in parted[-1].files if not kind_of(name)]
    text = (
        f"Other tables: {', '.join(others)}; name one in the question to use it." if others else ""
    )
    return text + (f" Not read: {', '.join(unread)}; it is no table." if unread else "")
