"""What the demo computes equals what pandas computes by hand, on real data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.demo_thread import DATA, DemoThread

PENGUINS = pd.read_csv(DATA / "penguins.csv")
WEATHER = pd.read_csv(DATA / "seattle-weather.csv", parse_dates=["date"])
CO2 = pd.read_csv(DATA / "co2-concentration.csv", parse_dates=["Date"])
BANNER = "demo model: rules, not an AI"


def about(number: float) -> object:
    return pytest.approx(number, rel=1e-6)


@pytest.fixture
def thread(tmp_path: Path) -> DemoThread:
    return DemoThread(tmp_path)


def test_a_group_by_takes_the_mean_by_default(thread: DemoThread) -> None:
    reply = thread.ask("body mass by species", "penguins.csv")
    means = PENGUINS.groupby("species")["body_mass_g"].mean()
    for species, mean in means.items():
        assert reply.cell(str(species)) == about(mean)
    assert reply.text.endswith(f"*{BANNER}*")
    assert len(reply.codes) == 2


@pytest.mark.parametrize("stat", ["sum", "median", "min", "max", "count", "std", "mean"])
def test_a_named_statistic_is_computed_by_two_columns(thread: DemoThread, stat: str) -> None:
    reply = thread.ask(f"{stat} of body_mass_g by species and sex", "penguins.csv")
    for labels, value in getattr(
        PENGUINS.groupby(["species", "sex"])["body_mass_g"], stat
    )().items():
        assert reply.cell(*labels) == about(value)


def test_several_wishes_of_one_message_are_all_fulfilled(thread: DemoThread) -> None:
    reply = thread.ask(
        "mean body mass by species, plot it and save it as summary.csv", "penguins.csv"
    )
    assert reply.figures == 1
    assert "[summary.csv](sandbox:/mnt/data/summary.csv)" in reply.text
    saved = pd.read_csv(thread.folder / "summary.csv", index_col="species")["mean"]
    assert saved.to_dict() == about(PENGUINS.groupby("species")["body_mass_g"].mean().to_dict())


def test_different_wishes_of_one_message_each_have_a_table(thread: DemoThread) -> None:
    reply = thread.ask(
        "bill length vs. bill depth; then missing values. Also the most common island",
        "penguins.csv",
    )
    correlation = PENGUINS["bill_length_mm"].corr(PENGUINS["bill_depth_mm"])
    assert str(round(correlation, 3)) in reply.text
    assert reply.cell("sex", column=1) == PENGUINS["sex"].isna().sum()
    assert reply.cell("Biscoe") == (PENGUINS["island"] == "Biscoe").sum()
    assert reply.figures == 1


@pytest.mark.parametrize("question", ["describe", "profile this", "overview", "summarize the data"])
def test_an_overview_has_a_line_for_each_column(thread: DemoThread, question: str) -> None:
    reply = thread.ask(question, "penguins.csv")
    assert [row[0] for row in reply.rows[1:]] == list(PENGUINS)
    assert reply.cell("body_mass_g", column=5) == pytest.approx(
        PENGUINS["body_mass_g"].mean(), rel=1e-5
    )
    assert "344 rows, 8 columns" in reply.text


def test_a_file_without_a_question_gets_an_overview(thread: DemoThread) -> None:
    assert len(thread.ask("", "penguins.csv").rows) == 9


def test_missing_values_are_counted(thread: DemoThread) -> None:
    reply = thread.ask("Are there missing values?", "penguins.csv")
    missing = PENGUINS.isna().sum()
    assert {row[0]: int(row[1]) for row in reply.rows[1:]} == missing[missing > 0].to_dict()


def test_no_missing_values_are_reported_as_such(thread: DemoThread) -> None:
    assert "No values are missing." in thread.ask("missing values", "seattle-weather.csv").text


def test_the_most_frequent_values_are_counted(thread: DemoThread) -> None:
    reply = thread.ask("top 2 weather", "seattle-weather.csv")
    assert [[row[0], int(row[1])] for row in reply.rows[1:]] == [
        [name, count] for name, count in WEATHER["weather"].value_counts().head(2).items()
    ]


def test_a_filter_selects_rows_and_says_so(thread: DemoThread) -> None:
    reply = thread.ask("mean wind where weather is rain and temp_max > 10", "seattle-weather.csv")
    rows = WEATHER[(WEATHER["weather"] == "rain") & (WEATHER["temp_max"] > 10)]
    assert f"{len(rows)} of {len(WEATHER)}" in reply.text
    assert f"{rows['wind'].mean():.8g}" in reply.text


def test_a_filter_compares_dates(thread: DemoThread) -> None:
    reply = thread.ask("max temp_max where date >= 2015-01-01", "seattle-weather.csv")
    rows = WEATHER[WEATHER["date"] >= "2015-01-01"]
    assert f"{len(rows)} of {len(WEATHER)}" in reply.text
    assert f"**: {rows['temp_max'].max():g}" in reply.text


def test_a_filter_that_no_row_fits_gives_no_numbers(thread: DemoThread) -> None:
    reply = thread.ask("mean wind per month where weather is hail", "seattle-weather.csv")
    assert "No row fits" in reply.text
    assert reply.rows == []


def test_a_period_resamples_dates(thread: DemoThread) -> None:
    reply = thread.ask("total precipitation per year", "seattle-weather.csv")
    for year, total in WEATHER.groupby(WEATHER["date"].dt.year)["precipitation"].sum().items():
        assert reply.cell(str(year)) == about(total)
    assert reply.figures == 1


def test_months_of_several_years_stay_apart(thread: DemoThread) -> None:
    reply = thread.ask("average temp_max per month", "seattle-weather.csv")
    january = WEATHER[WEATHER["date"].dt.strftime("%Y-%m") == "2013-01"]
    assert reply.cell("2013-01") == about(january["temp_max"].mean())
    assert "the first 30 of 48 rows" in reply.text


def test_a_line_chart_goes_over_the_date_column(thread: DemoThread) -> None:
    reply = thread.ask("CO2 over time", "co2-concentration.csv")
    assert reply.figures == 1
    assert reply.cell(f"{CO2['Date'].min():%Y-%m-%d}") == CO2["CO2"].iloc[0]
    assert "741 rows" in reply.text


@pytest.mark.parametrize(
    ("question", "figures"),
    [
        ("histogram of body mass", 1),
        ("distribution of flipper length by species", 1),
        ("box plot of body mass by island", 1),
        ("bar chart of mean flipper length by species", 1),
        ("bar chart of species", 1),
        ("scatter plot of bill length and bill depth by species", 1),
        ("body mass against flipper length", 1),
        ("heatmap of the correlations", 1),
        ("box plot and histogram of flipper length", 2),
        ("plot body mass over the years", 1),
        ("average body mass per species and sex, draw it", 1),
        ("histogram of bill length, bill depth and body mass", 3),
        ("correlation of body mass and bill length, and plot it", 1),
        ("missing values, as a bar chart", 1),
        ("mean of body mass and flipper length by species and plot them", 1),
    ],
)
def test_charts_are_drawn(thread: DemoThread, question: str, figures: int) -> None:
    reply = thread.ask(question, "penguins.csv")
    assert reply.figures == figures, reply.text
    assert "Drawn: " in reply.text


def test_a_correlation_of_two_columns_is_one_number(thread: DemoThread) -> None:
    reply = thread.ask("correlation between body mass and flipper length", "penguins.csv")
    expected = PENGUINS["body_mass_g"].corr(PENGUINS["flipper_length_mm"])
    assert f"**: {expected:.3f} (342 rows with both)" in reply.text


def test_a_correlation_without_columns_is_a_matrix(thread: DemoThread) -> None:
    reply = thread.ask("correlation matrix", "penguins.csv")
    expected = PENGUINS.select_dtypes("number").corr().round(3)
    assert [[float(cell) for cell in row[1:]] for row in reply.rows[1:]] == expected.values.tolist()


def test_several_statistics_of_one_column_are_one_table(thread: DemoThread) -> None:
    reply = thread.ask("min, max and mean of CO2", "co2-concentration.csv")
    expected = CO2["CO2"].agg(["min", "max", "mean"])
    assert [float(cell) for cell in reply.rows[1][1:]] == about(list(expected))


def test_the_highest_average_is_found_by_category(thread: DemoThread) -> None:
    reply = thread.ask("Which species has the highest average body mass?", "penguins.csv")
    assert reply.cell("Gentoo") == about(
        PENGUINS.groupby("species")["body_mass_g"].mean()["Gentoo"]
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many rows?", len(PENGUINS)),
        ("how many penguins are there?", len(PENGUINS)),
        ("how many species are there", PENGUINS["species"].nunique()),
    ],
)
def test_how_many_is_counted(thread: DemoThread, question: str, expected: int) -> None:
    assert f"**: {expected}" in thread.ask(question, "penguins.csv").text


def test_how_many_for_each_category_is_counted(thread: DemoThread) -> None:
    reply = thread.ask("how many penguins per species?", "penguins.csv")
    assert reply.cell("Gentoo") == (PENGUINS["species"] == "Gentoo").sum()


@pytest.mark.parametrize(
    "said", ["Body Mass", "body_mass_g", "body masses", "BODY MASS", "bodymass"]
)
def test_columns_are_found_however_they_are_spelled(thread: DemoThread, said: str) -> None:
    reply = thread.ask(f"median {said}", "penguins.csv")
    assert f"**: {PENGUINS['body_mass_g'].median():g}" in reply.text


def test_an_ambiguous_column_is_reported(thread: DemoThread) -> None:
    reply = thread.ask("bill by species", "penguins.csv")
    assert '"bill" was read as bill_length_mm; it could also be bill_depth_mm.' in reply.text


def test_an_unknown_column_gets_the_close_ones(thread: DemoThread) -> None:
    reply = thread.ask("mean of flipper_lenght by species", "penguins.csv")
    assert 'no column "flipper_lenght"' in reply.text
    assert "Did you mean flipper_length_mm?" in reply.text
    assert len(reply.codes) == 1


def test_a_word_that_is_not_understood_is_named(thread: DemoThread) -> None:
    reply = thread.ask("mean body mass of young penguins", "penguins.csv")
    assert 'Not understood: "young".' in reply.text
    assert "Without it, the answer would be: mean of body_mass_g." in reply.text
    assert f"{PENGUINS['body_mass_g'].mean():.4g}" not in reply.text


def test_a_value_of_a_column_selects_its_rows(thread: DemoThread) -> None:
    reply = thread.ask("mean body mass of Adelie penguins", "penguins.csv")
    rows = PENGUINS[PENGUINS["species"] == "Adelie"]
    assert f"species is Adelie: {len(rows)} of 344" in reply.text
    assert f"{rows['body_mass_g'].mean():.8g}" in reply.text


def test_rows_can_be_shown_by_a_filter_alone(thread: DemoThread) -> None:
    reply = thread.ask("rows where body mass > 6000", "penguins.csv")
    assert len(reply.rows) - 1 == (PENGUINS["body_mass_g"] > 6000).sum()


def test_sorted_puts_the_largest_first(thread: DemoThread) -> None:
    reply = thread.ask("mean body mass by species, sorted", "penguins.csv")
    assert reply.rows[1][0] == "Gentoo"


def test_every_number_of_an_answer_stands_in_an_output(thread: DemoThread) -> None:
    reply = thread.ask("describe", "penguins.csv")
    cells = [cell for row in reply.rows[1:] for cell in row[2:] if cell]
    assert cells
    assert all(cell in reply.outputs[-1] for cell in cells)
