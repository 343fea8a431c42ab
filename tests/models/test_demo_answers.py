"""Questions are answered right, or refused by name: never wrong without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.demo_thread import DemoThread, Reply

AMOUNTS = "category,amount\na,1\na,3\nb,10\n"
TIPS = "day,time,tip\nSun,Dinner,2\nSun,Lunch,4\nMon,Dinner,3\n"
GAPMINDER = (
    "continent,country,year,lifeExp\nAsia,X,2002,50\nAsia,X,2007,60\n"
    "Europe,Y,2007,80\nEurope,Y,2002,70\n"
)
WEATHER = "date,kind,wind\n2012-05-01,rain,1\n2013-05-01,sun,2\n2013-06-01,rain,6\n"
SALES = "sale,sales,Price,price_usd,total,kind\n1,2,3,4,5,x\n3,4,5,6,7,x\n"


@pytest.fixture
def thread(tmp_path: Path) -> DemoThread:
    return DemoThread(tmp_path)


def ask(thread: DemoThread, table: str, question: str) -> Reply:
    (thread.folder / "facts.csv").write_text(table)
    return thread.ask(question, "facts.csv")


@pytest.mark.parametrize(
    ("table", "question", "rows"),
    [
        (AMOUNTS, "mean amount by category", [["a", "2"], ["b", "10"]]),
        (AMOUNTS, "count by category", [["a", "2"], ["b", "1"]]),
        (AMOUNTS, "which category has the highest amount?", [["a", "3"], ["b", "10"]]),
        (AMOUNTS, "top 1 category by amount", [["b", "10"]]),
        (AMOUNTS, "sum of amount by category where amount > 1", [["a", "3"], ["b", "10"]]),
        (AMOUNTS, "mean amount per category not a", [["b", "10"]]),
        (AMOUNTS, "top 2 rows by amount", [["b", "10"], ["a", "3"]]),
        (AMOUNTS, "first 1 rows", [["a", "1"]]),
        (TIPS, "mean tip by time", [["Dinner", "2.5"], ["Lunch", "4"]]),
        (TIPS, "mean tip per day", [["Mon", "3"], ["Sun", "3"]]),
        (TIPS, "mean tip by day without Sun", [["Mon", "3"]]),
        (
            TIPS,
            "mean tip by day and time without Lunch",
            [["Mon", "Dinner", "3"], ["Sun", "Dinner", "2"]],
        ),
        (
            TIPS,
            "mean tip by day and time",
            [["Mon", "Dinner", "3"], ["Sun", "Dinner", "2"], ["Sun", "Lunch", "4"]],
        ),
        (GAPMINDER, "average lifeExp by continent in 2007", [["Asia", "60"], ["Europe", "80"]]),
        (GAPMINDER, "mean lifeExp by continent since 2003", [["Asia", "60"], ["Europe", "80"]]),
        (GAPMINDER, "how many country by continent", [["Asia", "1"], ["Europe", "1"]]),
        (WEATHER, "mean wind by kind in 2013", [["rain", "6"], ["sun", "2"]]),
        (WEATHER, "mean wind by kind without rain", [["sun", "2"]]),
        (WEATHER, "total wind per year", [["2012", "1"], ["2013", "8"]]),
        (WEATHER, "monthly wind of rain", [["2012-05", "1"], ["2013-06", "6"]]),
        (SALES, "mean total by kind", [["x", "6"]]),
    ],
)
def test_groups_are_those_of_the_question(
    thread: DemoThread, table: str, question: str, rows: list[list[str]]
) -> None:
    reply = ask(thread, table, question)
    assert reply.rows[1:] == rows, reply.text


@pytest.mark.parametrize(
    ("table", "question", "number"),
    [
        (AMOUNTS, "mean amount of a", "2"),
        (AMOUNTS, "mean amount not a", "10"),
        (AMOUNTS, "mean amount of a or b", "4.6666667"),
        (AMOUNTS, "mean amount over 2", "6.5"),
        (AMOUNTS, "mean where amount is at least 3", "6.5"),
        (AMOUNTS, "number of rows where category is A", "2"),
        (GAPMINDER, "mean lifeExp before 2003", "60"),
        (GAPMINDER, "mean lifeExp of Asia in 2007", "60"),
        (GAPMINDER, "mean lifeExp where continent is asia", "55"),
        (GAPMINDER, "mean lifeExp where country is not X", "75"),
        (WEATHER, "max wind in 2013 and 2012", "6"),
        (WEATHER, "max date", "2013-06-01"),
        (WEATHER, "mean wind where date < 2013-01-01", "1"),
        (WEATHER, "mean wind where date > 2012", "4"),
        (SALES, "mean sale", "2"),
        (SALES, "mean sales", "3"),
        (SALES, "mean price", "4"),
        (SALES, 'mean "price_usd"', "5"),
    ],
)
def test_rows_are_those_of_the_question(
    thread: DemoThread, table: str, question: str, number: str
) -> None:
    assert f"**: {number}\n" in ask(thread, table, question).text


# What the demo no longer does, or never did: named, and nothing is computed.
UNKNOWN = [
    (AMOUNTS, "by group", '"by group"'),
    (AMOUNTS, "amount by group", '"by group"'),
    (AMOUNTS, "pie chart of amount by category", '"pie"'),
    (AMOUNTS, "mean amount by category in 2007", '"2007"'),
    (AMOUNTS, "mean amount / 2", '"/ 2"'),
    (AMOUNTS, "last 3 rows", '"last 3"'),
    (AMOUNTS, "histogram of mean amount", '"mean"'),
    (AMOUNTS, "mean and median amount by category", '"median"'),
    (AMOUNTS, "mean amount by category; missing values", '"missing values"'),
    (AMOUNTS, "standard deviation of amount", '"standard deviation"'),
    (AMOUNTS, "box plot of amount by category", '"box"'),
    (AMOUNTS, "histogram of amount with 10 bins", '"10 bins"'),
    (AMOUNTS, "histogram of amount by category", '"by category"'),
    (AMOUNTS, "mean amount by category, sorted", '"sorted"'),
    (AMOUNTS, "total amount between 1 and 3", '"between 1"'),
    (AMOUNTS, "mean amount, save it as x.parquet", '"save", "x.parquet"'),
    (AMOUNTS, "mean amount where amount > 1,000", '"1,000"'),
    (AMOUNTS, "moyenne de amount par category", '"moyenne de"'),
    (AMOUNTS, "amount um quanto", '"um quanto"'),
    (TIPS, "mean tip by day and time not quickly Sun", '"not quickly"'),
    (TIPS, "mean tip on Sun or Dinner", '"or"'),
    (TIPS, "mean tip by day and weather", '"weather"'),
    (TIPS, "mean tip in percent", '"percent"'),
    (TIPS, "mean tip by month", '"by month"'),
    (GAPMINDER, "mean lifeExp in 2007 per capita", '"per capita"'),
    (GAPMINDER, "mean lifeExp from 2002 to 2007", '"2002"'),
    (GAPMINDER, "mean lifeExp in 2002-2007", '"-2007"'),
    (GAPMINDER, "why does lifeExp rise", '"why"'),
    (GAPMINDER, "correlation of year and lifeExp", '"correlation"'),
    (GAPMINDER, "mean lifeExp by continent, country and year", '"year"'),
    (WEATHER, "mean wind by hour", '"by hour"'),
    (WEATHER, "weekly wind", '"weekly"'),
    (SALES, "mean flurb 15", '"flurb 15"'),
    (SALES, "heatmap of the correlations", '"heatmap"'),
    (SALES, "mean of Price and total", '"total"'),
]


@pytest.mark.parametrize(("table", "question", "named"), UNKNOWN, ids=[c[1] for c in UNKNOWN])
def test_what_is_not_understood_is_named(
    thread: DemoThread, table: str, question: str, named: str
) -> None:
    reply = ask(thread, table, question)
    assert "Not understood: " in reply.text and named in reply.text, reply.text
    assert "**" not in reply.text and reply.rows == []
    suggested = reply.text.partition("Questions that fit this table:\n")[2].partition("\n\n")[0]
    assert len(suggested.splitlines()) == 3


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ("mean kind", "kind holds no numbers"),
        ("mean wind where wind is high", 'wind holds numbers, and "high" is not one'),
        ("mean wind where kind is line", 'kind has no value "line"'),
        ("mean wind where kind is snow", 'kind has no value "snow"'),
        ("rows where kind is missing", 'kind has no value "missing"'),
        ("mean wind over date", '"date" is not one'),
        ("mean wind where date > May", "holds dates"),
        ("kind > 3", "has no order"),
        ("bar chart of wind", "Write by COLUMN"),
        ("mean wind by kind, save it as x.png", "no chart to save"),
        ("scatter of wind", "needs two columns"),
        ("x" * 2_001, "more than 2000 characters"),
    ],
)
def test_what_cannot_be_done_is_said(thread: DemoThread, question: str, problem: str) -> None:
    reply = ask(thread, WEATHER, question)
    assert problem in reply.text
    assert reply.figures == 0 and reply.rows == []


def test_a_value_of_several_columns_is_asked_back(thread: DemoThread) -> None:
    table = "smoker,guest,tip\nyes,no,1\nno,yes,2\n"
    assert '"yes" is a value of smoker and of guest' in ask(thread, table, "mean tip of yes").text
    assert "**: 1\n" in ask(thread, table, "mean tip where smoker is yes").text


def test_it_says_what_it_would_answer_instead(thread: DemoThread) -> None:
    reply = ask(thread, AMOUNTS, "mean amount of young people by category where amount > 1")
    assert 'Not understood: "young people".' in reply.text
    instead = r"mean of amount by category, for rows where amount \> 1."
    assert f"Without it, the answer would be: {instead}" in reply.text


@pytest.mark.parametrize("said", ["lifExp", "life"])
def test_a_word_like_a_column_gets_the_close_ones(thread: DemoThread, said: str) -> None:
    reply = ask(thread, GAPMINDER, f"mean {said} by continent")
    assert f'There is no column "{said}". Did you mean lifeExp?' in reply.text


def test_help_is_short_and_fits_the_table(thread: DemoThread) -> None:
    ask(thread, AMOUNTS, "overview")
    text = thread.ask("What can you do?").text
    assert "- mean amount by category" in text
    assert len(text.splitlines()) < 12


def test_a_result_that_was_cut_is_not_repeated(thread: DemoThread) -> None:
    thread.say("first rows", "penguins.csv")
    table = (
        "tables:\n['penguins', 344, 1, False, True]\n['penguins', 'species', 'str', 0, 'Adelie']\n"
    )
    cut = "rows: 344 rows\nspecies\nAde\n[… 9,000 characters left out …]\nlie\n\n"
    reply = thread.answer([table, cut])
    assert "too long to repeat" in reply
    assert "Ade" not in reply
