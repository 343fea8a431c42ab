"""What the demo computes equals what pandas computes by hand, on real data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.demo_thread import DATA, DemoThread

PENGUINS = pd.read_csv(DATA / "penguins.csv")
WEATHER = pd.read_csv(DATA / "seattle-weather.csv", parse_dates=["date"])
BANNER = "demo model: rules, not an AI"
MASS = PENGUINS.groupby("species")["body_mass_g"]
RAIN = WEATHER[WEATHER["weather"] == "rain"]
YEARS = WEATHER["date"].dt.strftime("%Y")


@pytest.fixture
def thread(tmp_path: Path) -> DemoThread:
    return DemoThread(tmp_path)


@pytest.mark.parametrize(
    ("file", "question", "expected"),
    [
        ("penguins", "body mass by species", MASS.mean()),
        ("penguins", "sum of body_mass_g by species", MASS.sum()),
        ("penguins", "median body masses per species", MASS.median()),
        ("penguins", "BODY MASS by species, minimum", MASS.min()),
        ("penguins", "Which species has the highest body mass?", MASS.max()),
        ("penguins", "count of body-mass by species", MASS.count()),
        (
            "penguins",
            "mean body mass by species and sex",
            PENGUINS.groupby(["species", "sex"])["body_mass_g"].mean(),
        ),
        ("penguins", "how many penguins per species?", PENGUINS.groupby("species").size()),
        ("penguins", "top 2 species", PENGUINS["species"].value_counts().head(2)),
        ("penguins", "most frequent island", PENGUINS["island"].value_counts()),
        ("penguins", "top 1 species by body mass", MASS.mean().nlargest(1)),
        ("weather", "total precipitation per year", WEATHER.groupby(YEARS)["precipitation"].sum()),
        (
            "weather",
            "average temp_max by month in 2013",
            WEATHER[YEARS == "2013"]
            .groupby(WEATHER["date"].dt.strftime("%Y-%m"))["temp_max"]
            .mean(),
        ),
        ("weather", "top 2 weather", WEATHER["weather"].value_counts().head(2)),
    ],
)
def test_the_groups_are_those_of_pandas(
    thread: DemoThread, file: str, question: str, expected: Any
) -> None:
    reply = thread.ask(question, {"weather": "seattle-weather.csv"}.get(file, f"{file}.csv"))
    rows = [(tuple(row[:-1]), float(row[-1])) for row in reply.rows[1:]]
    pairs = [(key if isinstance(key, tuple) else (key,), v) for key, v in expected.items()]
    assert rows == [(key, pytest.approx(value, rel=1e-6)) for key, value in pairs], reply.text
    assert reply.text.endswith(f"*{BANNER}*")
    assert len(reply.codes) == 2


@pytest.mark.parametrize(
    ("file", "question", "expected"),
    [
        ("penguins", "how many rows?", len(PENGUINS)),
        ("penguins", "how many penguins are there in total?", len(PENGUINS)),
        ("penguins", "how many species are there", 3),
        ("penguins", "median bodymass", PENGUINS["body_mass_g"].median()),
        ("penguins", "mean body mass of Adelie penguins", MASS.mean()["Adelie"]),
        (
            "weather",
            "mean wind where weather is rain and temp_max > 10",
            RAIN[RAIN["temp_max"] > 10]["wind"].mean(),
        ),
        (
            "weather",
            "max temp_max where date >= 2015-01-01",
            WEATHER[WEATHER["date"] >= "2015-01-01"]["temp_max"].max(),
        ),
        (
            "weather",
            "total wind since 2014-07-01",
            WEATHER[WEATHER["date"] >= "2014-07-01"]["wind"].sum(),
        ),
    ],
)
def test_the_number_is_that_of_pandas(
    thread: DemoThread, file: str, question: str, expected: float
) -> None:
    reply = thread.ask(question, {"weather": "seattle-weather.csv"}.get(file, f"{file}.csv"))
    (number,) = [line for line in reply.text.splitlines() if line.startswith("**")]
    assert float(number.rpartition(": ")[2]) == pytest.approx(expected, rel=1e-6), reply.text


@pytest.mark.parametrize("question", ["describe", "overview", "summarize the data", ""])
def test_an_overview_has_a_line_for_each_column(thread: DemoThread, question: str) -> None:
    reply = thread.ask(question, "penguins.csv")
    assert [row[0] for row in reply.rows[1:]] == list(PENGUINS)
    assert reply.cell("body_mass_g", column=5) == pytest.approx(PENGUINS["body_mass_g"].mean())
    assert "344 rows, 8 columns" in reply.text
    cells = [cell for row in reply.rows[1:] for cell in row[2:] if cell]
    assert all(cell in reply.outputs[-1] for cell in cells)


def test_missing_values_are_counted(thread: DemoThread) -> None:
    reply = thread.ask("Are there missing values?", "penguins.csv")
    missing = PENGUINS.isna().sum()
    assert {row[0]: int(row[1]) for row in reply.rows[1:]} == missing[missing > 0].to_dict()
    assert "No values are missing." in thread.ask("missing values", "seattle-weather.csv").text


def test_a_filter_says_how_many_rows_it_selects(thread: DemoThread) -> None:
    reply = thread.ask("mean wind where weather is rain", "seattle-weather.csv")
    assert f"Rows where weather is rain: {len(RAIN)} of {len(WEATHER)}." in reply.text


def test_a_filter_that_no_row_fits_gives_no_numbers(thread: DemoThread) -> None:
    reply = thread.ask("mean wind per month where wind > 99", "seattle-weather.csv")
    assert "No row fits" in reply.text
    assert reply.rows == []


def test_rows_can_be_shown_by_a_filter_alone(thread: DemoThread) -> None:
    reply = thread.ask("rows where body mass > 5900", "penguins.csv")
    heavy = PENGUINS[PENGUINS["body_mass_g"] > 5900]
    assert [row[5] for row in reply.rows[1:]] == [f"{mass:g}" for mass in heavy["body_mass_g"]]


def test_a_long_result_says_how_much_of_it_is_shown(thread: DemoThread) -> None:
    reply = thread.ask("average temp_max per month", "seattle-weather.csv")
    assert "the first 30 of 48 rows" in reply.text


def test_rows_without_a_group_are_told(thread: DemoThread) -> None:
    reply = thread.ask("mean body mass by sex", "penguins.csv")
    assert "Rows without sex are left out." in reply.text


@pytest.mark.parametrize(
    ("question", "chart"),
    [
        ("histogram of body mass", "histogram"),
        ("plot flipper length", "histogram"),
        ("bar chart of mean flipper length by species", "bar"),
        ("bar chart of species", "bar"),
        ("average body mass per species and sex, draw it", "bar"),
        ("body mass against flipper length", "scatter"),
        ("scatter plot of bill length and bill depth", "scatter"),
        ("plot mean body mass by year", "line"),
        ("body mass over time", "line"),
    ],
)
def test_charts_are_drawn(thread: DemoThread, question: str, chart: str) -> None:
    reply = thread.ask(question, "penguins.csv")
    assert reply.figures == 1, reply.text
    assert f"Drawn: {chart} chart." in reply.text


def test_a_line_chart_goes_over_the_dates(thread: DemoThread) -> None:
    reply = thread.ask("line chart of CO2", "co2-concentration.csv")
    assert "Drawn: line chart." in reply.text and "741 rows" in reply.text


def test_a_chart_and_a_file_come_with_one_sentence(thread: DemoThread) -> None:
    question = "mean body mass by species, plot it and save it as summary.csv"
    reply = thread.ask(question, "penguins.csv")
    assert reply.figures == 1
    assert "[summary.csv](sandbox:/mnt/data/summary.csv)" in reply.text
    saved = pd.read_csv(thread.folder / "summary.csv", index_col="species")["mean"]
    assert saved.to_dict() == pytest.approx(MASS.mean().to_dict())


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx", "out.json"])
def test_a_result_is_saved_by_its_ending(thread: DemoThread, name: str) -> None:
    thread.ask(f"total wind per year, save the result to ../../{name}", "seattle-weather.csv")
    readers = {"csv": pd.read_csv, "xlsx": pd.read_excel, "json": pd.read_json}
    saved = readers[name[4:]](thread.folder / name)
    assert saved["sum"].tolist() == pytest.approx(WEATHER.groupby(YEARS)["wind"].sum().tolist())


def test_a_chart_is_saved_as_an_image(thread: DemoThread) -> None:
    thread.ask("histogram of body mass, save the plot as mass.png", "penguins.csv")
    assert (thread.folder / "mass.png").read_bytes().startswith(b"\x89PNG")


def test_a_save_never_replaces_an_attached_file(thread: DemoThread) -> None:
    reply = thread.ask("mean body mass by sex, save it as penguins.csv", "penguins.csv")
    assert "[result_penguins.csv](" in reply.text
    assert len(pd.read_csv(thread.folder / "penguins.csv")) == len(PENGUINS)


def test_a_message_that_only_plots_or_saves_continues_the_one_before(thread: DemoThread) -> None:
    thread.ask("mean body mass by species", "penguins.csv")
    assert thread.ask("now plot it").figures == 1
    thread.ask("save it as later.csv")
    assert list(pd.read_csv(thread.folder / "later.csv")) == ["species", "mean"]


def test_code_of_a_cell_that_the_panel_attached_is_no_question(thread: DemoThread) -> None:
    cell = "From the notebook, cell [2] of a.ipynb:\n````python\nplot the mean\n````"
    for question in (f"Why does this cell fail?\n\n{cell}", cell):
        reply = thread.ask(question)
        assert reply.codes == []
        assert reply.text.endswith(f"*{BANNER}*")
