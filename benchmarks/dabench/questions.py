"""The questions of a benchmark, read from a folder.

The layout is DABench's: a file of questions, a file of labels, and a folder of tables. The names
may have DABench's prefix or none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_assistants.protocol.errors import AssistantsError

PREFIX = "da-dev-"


@dataclass(frozen=True)
class Question:
    """One question.

    Parameters
    ----------
    text, constraints, format
        The question, the rules for answering it, and the form of the answer. All are sent.
    table
        The file that the question is about.
    expected
        The right values by name.
    """

    id: str
    text: str
    constraints: str
    format: str
    table: Path
    level: str
    expected: Mapping[str, str]

    @property
    def prompt(self) -> str:
        """Return the prompt for the assistant."""
        return (
            f"{self.text}\n\nConstraints: {self.constraints}\n\n"
            f"End your answer with the result in exactly this format:\n{self.format}"
        )


def load(folder: Path) -> list[Question]:
    """Return the questions of a folder in their order.

    Raises
    ------
    AssistantsError
        If a file or a label is missing, or a line cannot be read.
    """
    lines = list(_lines(_existing_path(folder, "questions.jsonl")))
    labels = {str(each["id"]): each for each in _lines(_existing_path(folder, "labels.jsonl"))}
    tables = _existing_path(folder, "tables")
    return [_question(each, labels, tables) for each in lines]


def _existing_path(folder: Path, name: str) -> Path:
    for path in (folder / f"{PREFIX}{name}", folder / name):
        if path.exists():
            return path
    raise AssistantsError(
        f"{folder} has no {PREFIX}{name}. Name a folder with {PREFIX}questions.jsonl, "
        f"{PREFIX}labels.jsonl and {PREFIX}tables with --data."
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            each = json.loads(line)
        except ValueError:
            each = None
        if not isinstance(each, dict) or "id" not in each:
            raise AssistantsError(f"Line {number} of {path} is no JSON object with an id.")
        yield each


def _question(
    each: Mapping[str, Any], labels: Mapping[str, Mapping[str, Any]], tables: Path
) -> Question:
    id, name = str(each["id"]), str(each.get("file_name", ""))
    if id not in labels:
        raise AssistantsError(f"The question {id} has no label.")
    if not name or Path(name).name != name:
        raise AssistantsError(f"The question {id} names no file: {name!r}.")
    pairs = labels[id].get("common_answers") or []
    return Question(
        id,
        str(each.get("question", "")),
        str(each.get("constraints", "")),
        str(each.get("format", "")),
        tables / name,
        str(each.get("level", "")),
        {str(key): str(value) for key, value in pairs},
    )
