"""Random sentences about random tables: the number is the one that pandas gives by hand."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.demo_sentences import (
    GROUPS,
    NUMBERS,
    VALUES,
    Sentence,
    ask,
    check_answer,
    sentences,
)
from support.demo_thread import RUN_PYTHON

from jupyter_assistants.models.base import (
    HistoryMessage,
    ModelRequest,
)
from jupyter_assistants.models.demo import answers
from jupyter_assistants.models.demo.files import load_file
from jupyter_assistants.models.demo.history import exchanges
from jupyter_assistants.models.demo.question import understand
from jupyter_assistants.models.demo.steps import next_step
from jupyter_assistants.models.demo.tables import Column, Table, parse_tables

FOREIGN = ["flurbish", "swiftly", "17", "½", "weighted", "per-capita", "éclair", "percent"]
SIZE = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


@SIZE
@given(sentence=sentences())
def test_the_number_is_the_one_of_pandas(folder: Path, sentence: Sentence) -> None:
    check_answer(ask(folder, sentence.table, sentence.text), sentence)


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
