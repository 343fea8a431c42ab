"""Answers that were wrong without a word: now they are right, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.demo_thread import DemoThread, Reply

AMOUNTS = "category,amount\na,1\na,3\nb,10\n"
TIPS = "day,time,tip\nSun,Dinner,2\nSun,Lunch,4\nMon,Dinner,3\n"
GAPMINDER = (
    "continent,country,year,lifeExp\nAsia,X,2002,50\nAsia,X,2007,60\n"
    "Europe,Y,2007,80\nEurope,Y,2002,70\n"
)
WEATHER = "date,kind,wind\n2012-05-01,rain,1\n2013-05-01,sun,2\n2013-06-01,rain,6\n"


@pytest.fixture
def thread(tmp_path: Path) -> DemoThread:
    return DemoThread(tmp_path)


def ask(thread: DemoThread, table: str | bytes, question: str, name: str = "facts.csv") -> Reply:
    data = table.encode() if isinstance(table, str) else table
    (thread.folder / name).write_bytes(data)
    return thread.ask(question, name)


@pytest.mark.parametrize(
    ("table", "question", "rows"),
    [
        (AMOUNTS, "mean amount by category", [["a", "2"], ["b", "10"]]),
        (AMOUNTS, "count by category", [["a", "2"], ["b", "1"]]),
        (AMOUNTS, "which category has the highest amount?", [["b", "10"], ["a", "3"]]),
        (AMOUNTS, "top 1 category by amount", [["b", "10"]]),
        (AMOUNTS, "sum of amount by category where amount > 1", [["a", "3"], ["b", "10"]]),
        (TIPS, "mean tip by time", [["Dinner", "2.5"], ["Lunch", "4"]]),
        (TIPS, "mean tip per day", [["Mon", "3"], ["Sun", "3"]]),
        (GAPMINDER, "average lifeExp by continent in 2007", [["Asia", "60"], ["Europe", "80"]]),
        (GAPMINDER, "mean lifeExp by continent since 2003", [["Asia", "60"], ["Europe", "80"]]),
        (GAPMINDER, "lifeExp by continent from 2002 to 2007", [["Asia", "55"], ["Europe", "75"]]),
        (GAPMINDER, "how many country by continent", [["Asia", "1"], ["Europe", "1"]]),
        (WEATHER, "mean wind by kind in 2013", [["rain", "6"], ["sun", "2"]]),
        (WEATHER, "mean wind by kind without rain", [["sun", "2"]]),
        (AMOUNTS, "mean amount per category not a", [["b", "10"]]),
        (TIPS, "mean tip by day excluding Sun", [["Mon", "3"]]),
        (WEATHER, "total wind per year", [["2012", "1"], ["2013", "8"]]),
    ],
)
def test_groups_are_those_of_the_question(
    thread: DemoThread, table: str, question: str, rows: list[list[str]]
) -> None:
    assert ask(thread, table, question).rows[1:] == rows


def test_two_groups_are_both_kept(thread: DemoThread) -> None:
    reply = ask(thread, TIPS, "mean tip by day and time")
    assert reply.cell("Sun", "Lunch") == 4
    assert reply.cell("Sun", "Dinner") == 2


@pytest.mark.parametrize(
    ("table", "question", "number"),
    [
        (AMOUNTS, "mean amount of a", "2"),
        (AMOUNTS, "mean amount not a", "10"),
        (AMOUNTS, "mean amount of a or b", "4.6666667"),
        (AMOUNTS, "mean amount over 2", "6.5"),
        (AMOUNTS, "total amount between 1 and 3", "4"),
        (GAPMINDER, "mean lifeExp before 2003", "60"),
        (GAPMINDER, "mean lifeExp of Asia in 2007", "60"),
        (GAPMINDER, "mean lifeExp where continent is asia", "55"),
        (WEATHER, "max wind in 2013 and 2012", "6"),
        (WEATHER, "mean wind where date < 2013-01-01", "1"),
    ],
)
def test_rows_are_those_of_the_question(
    thread: DemoThread, table: str, question: str, number: str
) -> None:
    assert f"**: {number}\n" in ask(thread, table, question).text


@pytest.mark.parametrize(
    ("table", "question", "named"),
    [
        (AMOUNTS, "by group", '"by group"'),
        (AMOUNTS, "mean amount by category without flurbish a", '"without flurbish"'),
        (TIPS, "mean tip by day and time not quickly Sun", '"not quickly"'),
        (TIPS, "mean tip by day except gladly Lunch", '"except gladly"'),
        (AMOUNTS, "amount by group", '"by group"'),
        (AMOUNTS, "pie chart of amount by category", '"pie"'),
        (AMOUNTS, "mean amount by category in 2007", '"2007"'),
        (AMOUNTS, "mean amount / 2", '"/ 2"'),
        (AMOUNTS, "last 3 rows", '"last 3"'),
        (AMOUNTS, "histogram of mean amount", '"mean"'),
        (TIPS, "mean tip on Sun or Dinner", "or"),
        (TIPS, "mean tip by day and weather", '"weather"'),
        (TIPS, "mean tip in percent", '"percent"'),
        (GAPMINDER, "mean lifeExp in 2007 per capita", '"per capita"'),
        (WEATHER, "mean wind by hour", '"by hour"'),
    ],
)
def test_what_is_not_understood_is_named(
    thread: DemoThread, table: str, question: str, named: str
) -> None:
    reply = ask(thread, table, question)
    assert "Not understood: " in reply.text and named in reply.text
    assert "**" not in reply.text and reply.rows == []
    suggested = reply.text.partition("Questions that fit this table:\n")[2].partition("\n\n")[0]
    assert len(suggested.splitlines()) == 3


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ("mean kind", "kind holds no numbers"),
        ("correlation of wind and kind", "needs two columns with numbers"),
        ("mean wind where wind is high", "is not one"),
        ("kind > 3", "cannot be compared"),
        ("bar chart of wind", "needs groups"),
        ("scatter of wind", "needs two columns"),
        ("save it as a.csv; mean wind", "Only the last result"),
        ("x" * 2_001, "more than 2000 characters"),
    ],
)
def test_what_cannot_be_done_is_said(thread: DemoThread, question: str, problem: str) -> None:
    reply = ask(thread, WEATHER, question)
    assert problem in reply.text
    assert reply.figures == 0 and reply.rows == []


def test_a_value_of_several_columns_is_asked_back(thread: DemoThread) -> None:
    reply = ask(thread, "smoker,guest,tip\nyes,no,1\nno,yes,2\n", "mean tip of yes")
    assert '"yes" is a value of smoker and of guest' in reply.text
    assert "**: 1\n" in thread.ask("mean tip where smoker is yes").text


def test_a_column_called_as_a_word_of_the_grammar_is_noted(thread: DemoThread) -> None:
    reply = ask(thread, "total,kind\n1,a\n3,a\n", "mean total by kind")
    assert reply.cell("a") == 2
    assert '"total" was read as the column of this name.' in reply.text


def test_help_is_short_and_fits_the_file(thread: DemoThread) -> None:
    ask(thread, AMOUNTS, "overview")
    text = thread.ask("What can you do?").text
    assert "- mean amount by category" in text
    assert len(text.splitlines()) < 15


FILES = {
    "trailing separators": b"a,b\n1,2,\n3,6,\n",
    "trailing separators from row 0": b"a,b\n0,2,\n1,6,\n",
    "semicolons and decimal commas": b"a;b\n1;2,5\n3;5,5\n",
    "thousands": b"a;b\n1;1.002,5\n3;-994,5\n",
    "UTF-16": "ä;b\n1;2\n3;6\n".encode("utf-16"),
    "UTF-8 with a mark": b"\xef\xbb\xbfa,b\n1,2\n3,6\n",
    "Windows": "preis €,b\n1,2\n3,6\n".encode("cp1252"),
    "comment lines": b"# made by hand\n# on Monday\na,b\n1,2\n3,6\n",
    "a title line": b"Sales\n\na,b\n1,2\n3,6\n",
    "a title line with separators": b"Sales;\n;\na;b\n1;2\n3;6\n",
    "spaces and tabs": b"a\tb\n1\t2\n3\t6\n",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_it_is_meant(thread: DemoThread, name: str) -> None:
    reply = ask(thread, FILES[name], "mean b")
    assert "2 rows, 2 columns" in reply.text
    assert "**: 4\n" in reply.text


def test_title_rows_of_a_sheet_are_skipped(thread: DemoThread) -> None:
    rows = [["Sales of 2020", None], [None, None], ["a", "b"], [1, 2], [3, 6]]
    pd.DataFrame(rows).to_excel(thread.folder / "sales.xlsx", index=False, header=False)
    assert "**: 4\n" in thread.ask("mean b", "sales.xlsx").text


def test_a_very_wide_table_is_described(thread: DemoThread) -> None:
    header = ",".join(f"column {number}" for number in range(900))
    reply = ask(thread, f"{header}\n{','.join('1' * 900)}\n", "overview")
    assert "1 rows, 900 columns" in reply.text
    assert "**: 1\n" in thread.ask("mean column 7").text
    assert "200 of 900 columns" in thread.ask("mean column 890").text


def test_a_result_that_was_cut_is_not_repeated(thread: DemoThread) -> None:
    thread.say("first rows", "penguins.csv")
    table = "table: (344, 1) True string\n['species', 'str', 0, 'Adelie']\n"
    outputs = [
        table,
        "first rows: 344 rows\nspecies\nAde\n[… 9,000 characters left out …]\nlie\n\n",
    ]
    reply = thread.answer(outputs)
    assert "too long to repeat" in reply
    assert "Ade" not in reply
