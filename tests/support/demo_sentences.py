"""Random sentences of the demo's grammar about random tables, and what pandas gives by hand."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import strategies as st

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    ModelRequest,
)
from jupyter_assistants.models.demo.steps import FinalAnswer, next_step
from support.demo_thread import RUN_PYTHON

STATS = {
    "mean": "mean",
    "average": "mean",
    "median": "median",
    "sum": "sum",
    "total": "sum",
    "minimum": "min",
    "max": "max",
}
# Many of them are words of the grammar, and columns win.
NUMBERS = [
    "amount",
    "price",
    "count",
    "line",
    "top",
    "rows",
    "bins",
    "width_cm",
    "lifeExp",
    "total",
]
GROUPS = ["category", "group", "day", "time", "kind", "plot", "Region Name", "sex", "value", "file"]
VALUES = ["red", "Blue", "north", "south west", "Q1", "bar", "yes", "old", "x"]


@dataclass
class Sentence:
    """A sentence of the grammar about a table, and what it means."""

    table: pd.DataFrame
    stat: str
    column: str
    groups: list[str] = field(default_factory=list)
    condition: tuple[str, str, Any] | None = None
    form: int = 0

    @property
    def text(self) -> str:
        first = ["{} {}", "{} of {}", "what is the {} of the {}", "please show me the {} {}"]
        text = first[self.form % 4].format(self.stat, self.column)
        if self.groups:
            text += f"{[' by ', ' per ', ' for each '][self.form % 3]}{' and '.join(self.groups)}"
        if self.condition:
            column, operator, value = self.condition
            bare = self.form % 2 and operator != ">"
            words = {"==": "is", "!=": "is not", ">": ">"}[operator]
            filters = {"==": f" for {value}", "!=": f" without {value}"}
            text += filters[operator] if bare else f" where {column} {words} {value}"
        return text

    @property
    def expected(self) -> Any:
        """What pandas gives by hand; None if no row fits."""
        rows = self.table
        if self.condition:
            column, operator, value = self.condition
            tests = {"==": rows[column] == value, "!=": rows[column] != value}
            rows = rows[rows[column] > value if operator == ">" else tests[operator]]
        if rows.empty:
            return None
        chosen = rows.groupby(self.groups) if self.groups else rows
        return getattr(chosen[self.column], STATS[self.stat])()


@st.composite
def sentences(draw: st.DrawFn) -> Sentence:
    numbers = draw(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=3, unique=True))
    groups = draw(st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3, unique=True))
    stat = draw(st.sampled_from([stat for stat in STATS if stat not in numbers]))
    # A value belongs to one column, so that it can stand alone.
    values = draw(st.permutations(VALUES))
    size = draw(st.integers(1, 12))
    rows: dict[str, list[Any]] = {}
    whole = st.integers(-1000, 1000)
    for name in draw(st.permutations([*numbers, *groups])):
        if name in groups:
            own = values[3 * groups.index(name) : 3 * groups.index(name) + 3]
            rows[name] = draw(st.lists(st.sampled_from(own), min_size=size, max_size=size))
        else:
            number = whole if draw(st.booleans()) else whole.map(lambda n: n / 8)
            rows[name] = draw(st.lists(number, min_size=size, max_size=size))
    table = pd.DataFrame(rows)
    by = draw(st.lists(st.sampled_from(groups), max_size=2, unique=True))
    condition: tuple[str, str, Any] | None = None
    if draw(st.booleans()):
        column = draw(st.sampled_from([*numbers, *groups]))
        operator = ">" if column in numbers else draw(st.sampled_from(["==", "!="]))
        condition = (column, operator, draw(st.sampled_from(rows[column])))
    column = draw(st.sampled_from(numbers))
    return Sentence(table, stat, column, by, condition, draw(st.integers(0, 11)))


def write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False)


def ask(
    folder: Path,
    table: pd.DataFrame,
    question: str,
    name: str = "facts.csv",
    write: Callable[[pd.DataFrame, Path], object] = write_csv,
) -> str:
    """Return the demo's answer about a table in a file; its code runs in this process."""
    write(table, folder / name)
    block = f"\n\n[attached files]\n- /mnt/data/{name} (1 kB, id file-1)"
    history: list[HistoryEntry] = [HistoryMessage("user", question + block)]
    variables: dict[str, Any] = {}
    for number in range(7):
        step = next_step(ModelRequest("demo", "", history, (RUN_PYTHON,)))
        if isinstance(step, FinalAnswer):
            return step.text
        printed = io.StringIO()
        code = step.arguments["code"].replace("/mnt/data", folder.as_posix())
        with contextlib.redirect_stdout(printed):
            try:
                exec(compile(code, "<cell>", "exec"), variables)
            except Exception as error:
                printed.write(f"{type(error).__name__}: {error}")
        call = FunctionCall(f"c{number}", "run_python", "{}")
        history += [call, FunctionOutput(call.call_id, printed.getvalue())]
    raise AssertionError("the demo does not stop calling")


def numbers_in(answer: str, groups: int) -> dict[tuple[str, ...], float] | float:
    """Return the numbers of an answer: by group, or the only one."""
    if not groups:
        return float(re.findall(r"\*\*: (\S+)", answer)[0])
    lines = [line.strip("| ").split(" | ") for line in answer.splitlines() if line[:1] == "|"]
    return {tuple(line[:groups]): float(line[groups]) for line in lines[2:]}


def check_answer(answer: str, sentence: Sentence) -> None:
    """Assert that an answer has the numbers that pandas gives by hand."""
    expected = sentence.expected
    if expected is None:
        assert "No row fits" in answer, f"{sentence.text}\n{answer}"
        return
    assert "Not understood" not in answer, f"{sentence.text}\n{answer}"
    found = numbers_in(answer, len(sentence.groups))
    if isinstance(found, float):
        assert found == pytest.approx(expected, rel=1e-6), sentence.text
        return
    pairs = {key if isinstance(key, tuple) else (key,): value for key, value in expected.items()}
    assert found == pytest.approx(pairs, rel=1e-6), sentence.text
