"""The demo model's view of a thread: questions, attached files, outputs of its own code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
)
from jupyter_assistants.models.notebook_block import without_context

MADE = " (made by your code)"
"""How the list of variables marks those that an assistant's code made."""
RUN_PYTHON = "run_python"
REJECTED = "The user rejected"

_FILES = "[attached files]"
_CELL = re.compile(r"(?:\A|\n)From the notebook, cell ")
"""Where a cell begins that the panel attached; words of its code are no question."""
_FILE = re.compile(r"- (?:/mnt/data/)?(?P<name>.+) \([^()]*, id [^()\s]+\)\s*")
_LONGEST_LINE = 1_000


_VARIABLE = re.compile(r"- ([^\W\d]\w*): (.*)")
_GONE = "- gone: "


@dataclass(frozen=True)
class CallOutput:
    """A finished tool call."""

    name: str
    arguments: str
    output: str


@dataclass(frozen=True)
class Exchange:
    """One question and everything up to the next one."""

    question: str
    files: tuple[str, ...] = ()
    calls: tuple[CallOutput, ...] = ()
    answer: str = ""

    @property
    def outputs(self) -> list[str]:
        """Return the outputs of the Python code that ran, oldest first."""
        return [call.output for call in self.calls if call.name == RUN_PYTHON]


def parse_message(text: str) -> tuple[str, tuple[str, ...]]:
    """Split a user message into the question and the paths of its attached files."""
    text = without_context(text)
    question, block, listing = text.rpartition(_FILES)
    if not block:
        question, listing = text, ""
    question = _CELL.split(question, maxsplit=1)[0]
    lines = [line for line in listing.splitlines() if len(line) <= _LONGEST_LINE]
    names = [match["name"] for line in lines if (match := _FILE.fullmatch(line))]
    return question.strip(), tuple(names)


def exchanges(history: Sequence[HistoryEntry]) -> list[Exchange]:
    """Return the exchanges of a history, oldest first."""
    outputs = {
        entry.call_id: entry.output for entry in history if isinstance(entry, FunctionOutput)
    }
    found: list[Exchange] = []
    for entry in history:
        if isinstance(entry, HistoryMessage) and entry.role == "user":
            _add_message(found, *parse_message(entry.text))
        elif isinstance(entry, HistoryMessage) and found:
            found[-1] = replace(found[-1], answer=entry.text)
        elif isinstance(entry, FunctionCall) and found and entry.call_id in outputs:
            call = CallOutput(entry.name, entry.arguments, outputs[entry.call_id])
            found[-1] = replace(found[-1], calls=(*found[-1].calls, call))
    return found


def own_variables(history: Sequence[HistoryEntry]) -> dict[str, str]:
    """Return what is known of the variables that the person has made, by name."""
    found: dict[str, str] = {}
    for entry in history:
        if not (isinstance(entry, HistoryMessage) and entry.role == "user"):
            continue
        context = entry.text.removesuffix(without_context(entry.text))
        for line in context.splitlines():
            if line.startswith(_GONE):
                for name in line.removeprefix(_GONE).split(", "):
                    found.pop(name, None)
            elif (match := _VARIABLE.fullmatch(line)) is not None:
                found[match[1]] = match[2]
    return {name: text for name, text in found.items() if not text.endswith(MADE)}


def _add_message(found: list[Exchange], question: str, files: tuple[str, ...]) -> None:
    last = found[-1] if found else None
    # Programs often add the file as one message and the question as the next.
    if last and not last.answer and not last.calls and not (last.question and question):
        found[-1] = Exchange(last.question or question, last.files + files)
        return
    found.append(Exchange(question, files))
