"""A DataFrame of the kernel that a question names, while the thread has a file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.demo_thread import DATA, DemoThread

PENGUINS = pd.read_csv(DATA / "penguins.csv")
HEAVY = PENGUINS[PENGUINS["body_mass_g"] > 5000]


@pytest.fixture
def thread(tmp_path: Path) -> DemoThread:
    thread = DemoThread(tmp_path, heavy=HEAVY.copy(), heavy_penguins=HEAVY.head(9).copy())
    thread.ask("overview", "penguins.csv")
    return thread


@pytest.mark.parametrize(
    "question",
    [
        "histogram of flipper_length_mm in heavy",
        "histogram of flipper_length_mm of heavy",
        "histogram of flipper length from heavy, please",
        "histogram of flipper length for heavy by species",
        "using heavy, histogram of flipper length",
        "heavy: missing values",
        "heavy: histogram of body mass",
        "describe heavy",
        "overview of Heavy",
        "histogram of the flipper length of the penguins in heavy",
        "describe `heavy`",
        "correlation of heavy",
        "how many rows in heavy?",
        "mean body mass in heavy where sex is male",
        "mean body mass by species in heavy and save it as x.csv",
    ],
)
def test_a_dataframe_that_stands_where_data_is_named_is_used(
    thread: DemoThread, question: str
) -> None:
    reply = thread.ask(question)
    assert f"Data: `heavy`, {len(HEAVY)} rows" in reply.text
    assert "Not understood" not in reply.text


@pytest.mark.parametrize("said", ["heavy_penguins", "`heavy_penguins`"])
def test_a_dataframe_named_like_the_file_and_more_is_not_the_file(
    thread: DemoThread, said: str
) -> None:
    assert "Data: `heavy_penguins`, 9 rows" in thread.ask(f"mean body mass in {said}").text


def test_a_dataframe_with_the_name_of_a_column_in_its_own_is_found(tmp_path: Path) -> None:
    thread = DemoThread(tmp_path, heavy_species=HEAVY)
    reply = thread.ask("describe heavy_species", "penguins.csv")
    assert f"Data: `heavy_species`, {len(HEAVY)} rows" in reply.text
    assert [row[0] for row in reply.rows[1:]] == list(PENGUINS)


def test_a_dataframe_is_found_with_the_file_in_the_same_message(tmp_path: Path) -> None:
    thread = DemoThread(tmp_path, heavy=HEAVY)
    reply = thread.ask("histogram of body mass in heavy", "penguins.csv")
    assert "Data: `heavy`" in reply.text
    assert reply.figures == 1


def test_the_next_question_stays_with_the_dataframe(thread: DemoThread) -> None:
    thread.ask("histogram of flipper length in heavy")
    assert "Data: `heavy`" in thread.ask("now the mean body mass").text


def test_the_file_comes_back_by_its_name(thread: DemoThread) -> None:
    thread.ask("histogram of flipper length in heavy")
    reply = thread.ask("mean body mass of the penguins")
    assert "Data: `penguins.csv`" in reply.text
    assert len(reply.codes) == 2


def test_a_word_that_is_no_dataframe_is_reported_and_nothing_is_computed(
    thread: DemoThread,
) -> None:
    reply = thread.ask("mean body mass in summer")
    assert 'Not understood: "summer"' in reply.text
    assert "Without it, the answer would be: mean of body_mass_g." in reply.text
    assert len(reply.codes) == 2


def test_a_file_that_needs_care_leaves_room_for_the_listing(thread: DemoThread) -> None:
    PENGUINS.to_csv(thread.folder / "p.csv", index=False, sep=";")
    reply = thread.ask("mean body mass in summer", "p.csv")
    assert 'Not understood: "summer"' in reply.text
    assert len(reply.codes) == 4


@pytest.mark.parametrize(
    "question",
    [
        "mean body mass by species, plot it and save it as mass_by_species.csv",
        "Are there any missing values in the data?",
        "mean body mass of Adelie penguins",
        "mean of flipper_lenght by species",
        "histogram of bill length for each species",
        "how many penguins are there in total?",
        "Which species has the highest average body mass?",
        "describe the penguins",
        "rows where body mass > 6000",
        "bill length vs. bill depth; then missing values. Also the most common island",
    ],
)
def test_an_ordinary_question_lists_no_dataframes(thread: DemoThread, question: str) -> None:
    assert not any("globals()" in code for code in thread.ask(question).codes)
