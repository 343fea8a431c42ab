"""Random sentences about random tables: the number is the one that pandas gives by hand."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.demo_thread import RUN_PYTHON

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    ModelRequest,
)
from jupyter_assistants.models.demo import answers
from jupyter_assistants.models.demo.files import load_file
from jupyter_assistants.models.demo.history import exchanges
from jupyter_assistants.models.demo.question import understand
from jupyter_assistants.models.demo.steps import FinalAnswer, next_step
from jupyter_assistants.models.demo.tables import Column, Table, parse_tables

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
FOREIGN = ["flurbish", "swiftly", "17", "½", "weighted", "per-capita", "éclair", "percent"]
SIZE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def ask(folder: Path, table: pd.DataFrame, question: str) -> str:
    """Return the demo's answer about a table; its code runs in this process."""
    table.to_csv(folder / "facts.csv", index=False)
    block = "\n\n[attached files]\n- /mnt/data/facts.csv (1 kB, id file-1)"
    history: list[HistoryEntry] = [HistoryMessage("user", question + block)]
    variables: dict[str, Any] = {}
    for number in range(5):
        step = next_step(ModelRequest("demo", "", history, (RUN_PYTHON,)))
        if isinstance(step, FinalAnswer):
            return step.text
        printed = io.StringIO()
        code = step.arguments["code"].replace("/mnt/data", folder.as_posix())
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "<cell>", "exec"), variables)
        call = FunctionCall(f"c{number}", "run_python", "{}")
        history += [call, FunctionOutput(call.call_id, printed.getvalue())]
    raise AssertionError("the demo does not stop calling")


def numbers_in(answer: str, groups: int) -> dict[tuple[str, ...], float] | float:
    """Return the numbers of an answer: by group, or the only one."""
    if not groups:
        return float(re.findall(r"\*\*: (\S+)", answer)[0])
    lines = [line.strip("| ").split(" | ") for line in answer.splitlines() if line[:1] == "|"]
    return {tuple(line[:groups]): float(line[groups]) for line in lines[2:]}


@SIZE
@given(sentence=sentences())
def test_the_number_is_the_one_of_pandas(folder: Path, sentence: Sentence) -> None:
    answer = ask(folder, sentence.table, sentence.text)
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


@settings(SIZE, max_examples=80)
@given(sentence=sentences(), word=st.sampled_from(FOREIGN), place=st.integers(0, 20))
def test_a_foreign_word_is_named_and_nothing_is_computed(
    folder: Path, sentence: Sentence, word: str, place: int
) -> None:
    words = sentence.text.split()
    place = min(place, len(words))
    question = " ".join([*words[:place], word, *words[place:]])
    answer = ask(folder, sentence.table, question)
    assert word in answer, f"{question}\n{answer}"
    # A word behind "where kind is" is a value, which no row has.
    assert not re.search(r"\*\*: \S|^\| ---", answer, re.MULTILINE) or f"is {word}" in answer


COLUMNS = st.lists(
    st.builds(
        Column,
        st.one_of(
            st.sampled_from([*NUMBERS, *GROUPS, "a", "in", "by", "mean"]), st.text(max_size=9)
        ),
        st.sampled_from(["int64", "float64", "str", "bool", "datetime64[ns]", "category"]),
        values=st.lists(st.one_of(st.sampled_from(VALUES), st.text(max_size=5)), max_size=4).map(
            tuple
        ),
    ),
    max_size=6,
)


def profile(columns: list[Column]) -> Table:
    known = {column.name: column for column in columns}
    return Table("facts", 9, len(known), known, "facts.csv")


@settings(max_examples=60, deadline=None)
@given(columns=COLUMNS)
def test_suggestions_are_understood(columns: list[Column]) -> None:
    table = profile(columns)
    for suggestion in answers.suggestions(table):
        plan = understand(suggestion, table)
        assert plan.operation, suggestion
        assert not plan.unknown and not plan.problem, (suggestion, plan)


@settings(max_examples=60, deadline=None)
@given(columns=COLUMNS, question=st.text(max_size=60))
def test_no_character_of_any_question_is_lost(columns: list[Column], question: str) -> None:
    table = profile(columns)
    plan = understand(question, table)
    assert isinstance(answers.not_understood(plan, table), str)


@pytest.mark.parametrize(
    "unit",
    [
        "mean ",
        "by a ",
        "a, ",
        "`",
        "'a ",
        "x.csv ",
        "1,",
        "-",
        "where a is ",
        "a.",
        "save ",
        "\n\n[",
    ],
)
def test_hostile_texts_are_read_in_linear_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    table = profile([Column("a", "int64"), Column("kind", "str", values=("x", "y"))])
    assert understand(text, table).problem
    understand(text[:2_000], table)
    request = ModelRequest("demo", "", [HistoryMessage("user", text)], (RUN_PYTHON,))
    next_step(request)
    exchanges([HistoryMessage("user", f"q\n\n[attached files]\n- /mnt/data/{text}")])
    for output in (text, f"tables:\n[{text}", f"sheets: [{text}", f"UnicodeDecodeError {text}"):
        parse_tables(output)
        answers.failed(output)
        loading = load_file("a.csv")
        next(loading)
        with contextlib.suppress(StopIteration):
            loading.send(output)
