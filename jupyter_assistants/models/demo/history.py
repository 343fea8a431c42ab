"""What the demo model reads out of a history: turns, attached files, outputs of its own code."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
)

RUN_PYTHON = "run_python"
REJECTED = "The user rejected"

Columns = dict[str, str]
"""Column names and their dtypes, in order."""

_BLOCK = "[attached files]"
_CONTEXT = re.compile(r"\n\n\[(?:cell above|selected cell|last error|variables|@\w+)\]\n")
"""Where the question ends and what is told of the notebook begins."""
_FILE = re.compile(r"^- /mnt/data/(?P<name>.+) \([^()]*, id [^()\s]+\)\s*$")
_PAIR = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"): ['"]([\w\[\]:, ]+)['"]""")


@dataclass(frozen=True)
class Exchange:
    """One call of a turn and what it gave."""

    name: str
    arguments: str
    output: str

    @property
    def code(self) -> str:
        """Return the Python code of a ``run_python`` call."""
        try:
            arguments = json.loads(self.arguments)
        except ValueError:
            return ""
        return str(arguments.get("code", "")) if isinstance(arguments, dict) else ""

    def lists_frames(self) -> bool:
        """Return whether the kernel listed its DataFrames in this call."""
        return isinstance(_last_json(self.output, "dataframes: "), list)


@dataclass(frozen=True)
class Frame:
    """A DataFrame of the kernel. ``index`` has the name and dtype of an index of dates, if any."""

    name: str
    rows: int
    columns: Columns
    index: Columns = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """One message of the user and what followed it."""

    question: str
    files: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    answered: bool = False

    def frames(self) -> list[Frame] | None:
        """Return the DataFrames that the kernel listed in this turn; None if it was not asked."""
        for exchange in reversed(self.exchanges):
            listed = _last_json(exchange.output, "dataframes: ")
            if isinstance(listed, list):
                return [_frame(entry) for entry in listed]
        return None

    def loaded(self) -> Exchange | None:
        """Return the newest call of this turn that loaded a file and printed its columns."""
        for exchange in reversed(self.exchanges):
            if columns_in(exchange.output):
                return exchange
        return None


def columns_in(output: str) -> Columns:
    """Read the line ``columns: {…}`` of a load; empty if there is none."""
    found = _last_literal(output, "columns: ")
    if isinstance(found, dict):
        return {str(name): str(dtype) for name, dtype in found.items()}
    # A very wide table: the middle of the output was cut, and the line with it.
    if re.search(r"^shape: ", output, re.MULTILINE):
        return {str(ast.literal_eval(name)): dtype for name, dtype in _PAIR.findall(output)}
    return {}


def odd_names(output: str) -> bool:
    """Return whether a load printed columns whose names are no texts, but numbers or dates."""
    found = _last_literal(output, "columns: ")
    if isinstance(found, dict):
        return not all(isinstance(name, str) for name in found)
    # A name that is no literal, such as a date; a cut line has lost an end.
    return bool(re.search(r"^columns: \{.*\}$", output, re.MULTILINE))


def sheets_in(output: str) -> list[str]:
    """Read the line ``sheets: […]`` of a load; empty if there is none."""
    found = _last_literal(output, "sheets: ")
    return [str(name) for name in found] if isinstance(found, list) else []


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """Part a user message into the question and the names of its attached files."""
    text = _CONTEXT.split(text, maxsplit=1)[0]
    question, block, listing = text.rpartition(_BLOCK)
    if not block:
        return text.strip(), ()
    names = [match["name"] for line in listing.splitlines() if (match := _FILE.match(line))]
    return question.strip(), tuple(names)


def turns(history: Sequence[HistoryEntry]) -> list[Turn]:
    """Part a history into turns, oldest first."""
    answers = {
        entry.call_id: entry.output for entry in history if isinstance(entry, FunctionOutput)
    }
    parted: list[Turn] = []
    for entry in history:
        if isinstance(entry, HistoryMessage) and entry.role == "user":
            _begin(parted, *split(entry.text))
        elif isinstance(entry, HistoryMessage) and parted:
            parted[-1] = _with(parted[-1], answered=True)
        elif isinstance(entry, FunctionCall) and parted and entry.call_id in answers:
            exchange = Exchange(entry.name, entry.arguments, answers[entry.call_id])
            parted[-1] = _with(parted[-1], exchange=exchange)
    return parted


def _begin(parted: list[Turn], question: str, files: tuple[str, ...]) -> None:
    before = parted[-1] if parted else None
    # Programs often add the file as one message and the question as the next.
    untouched = before and not before.answered and not before.exchanges
    if before and untouched and not (before.question and question):
        parted[-1] = Turn(before.question or question, before.files + files)
        return
    parted.append(Turn(question, files))


def _with(turn: Turn, *, exchange: Exchange | None = None, answered: bool = False) -> Turn:
    exchanges = (*turn.exchanges, exchange) if exchange else turn.exchanges
    return Turn(turn.question, turn.files, exchanges, turn.answered or answered)


def _last_json(output: str, prefix: str) -> Any:
    lines = [line for line in output.splitlines() if line.startswith(prefix)]
    try:
        return json.loads(lines[-1].removeprefix(prefix)) if lines else None
    except ValueError:
        return None


def _last_literal(output: str, prefix: str) -> Any:
    lines = [line for line in output.splitlines() if line.startswith(prefix)]
    try:
        return ast.literal_eval(lines[-1].removeprefix(prefix)) if lines else None
    except (ValueError, SyntaxError):
        return None


def _frame(entry: dict[str, Any]) -> Frame:
    return Frame(
        str(entry.get("name", "")),
        int(entry.get("rows", 0)),
        {str(name): str(dtype) for name, dtype in entry.get("columns", {}).items()},
        {str(name): str(dtype) for name, dtype in entry.get("index", {}).items()},
    )
