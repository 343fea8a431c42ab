"""The code that reads a file is the plainest that works."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from support.demo_thread import DATA, DemoThread

from jupyter_assistants.models.demo.table_profile import parse_profile

PENGUINS = pd.read_csv(DATA / "penguins.csv")
PLAIN = 'penguins = pd.read_csv("/mnt/data/penguins.csv")'


@pytest.fixture
def thread(tmp_path: Path) -> DemoThread:
    return DemoThread(tmp_path)


def test_a_csv_is_read_as_a_person_would(thread: DemoThread) -> None:
    reply = thread.ask("mean body mass", "penguins.csv")
    assert PLAIN in reply.codes[0].splitlines()
    assert len(reply.codes) == 2


def test_a_later_turn_reads_the_file_again_as_plainly(thread: DemoThread) -> None:
    thread.ask("mean body mass", "penguins.csv")
    thread.globals["penguins"] = None
    reply = thread.ask("median body mass")
    assert PLAIN in reply.codes[0].splitlines()
    assert f"**: {PENGUINS['body_mass_g'].median():g}" in reply.text


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_seen_in_the_header(thread: DemoThread, separator: str) -> None:
    PENGUINS.to_csv(thread.folder / "p.csv", index=False, sep=separator)
    reply = thread.ask("overview", "p.csv")
    assert 'pd.read_csv("/mnt/data/p.csv")' in reply.codes[0]
    assert "How does the file begin?" in reply.codes[1]
    assert f'pd.read_csv("/mnt/data/p.csv", sep={json.dumps(separator)})' in reply.codes[2]
    assert "344 rows, 8 columns" in reply.text


def test_commas_in_the_names_of_a_semicolon_file_do_not_hide_its_separator(
    thread: DemoThread,
) -> None:
    (thread.folder / "p.csv").write_text("length, mm;mass;island\n15;25;Biscoe\n")
    assert "1 rows, 3 columns" in thread.ask("overview", "p.csv").text


def test_decimal_commas_that_break_the_plain_code_are_read(thread: DemoThread) -> None:
    (thread.folder / "p.csv").write_text("place;size\nBonn;1,5\nUlm, Donau;2,5\n")
    assert "**: 2\n" in thread.ask("mean size", "p.csv").text


def test_a_file_that_is_not_utf_8_is_read_after_a_look_at_it(thread: DemoThread) -> None:
    (thread.folder / "orte.csv").write_bytes("ort,größe\nKöln,1\nBonn,3\n".encode("latin-1"))
    reply = thread.ask("mean größe", "orte.csv")
    assert "UnicodeDecodeError" in reply.outputs[0]
    assert "**: 2\n" in reply.text
    assert 'encoding="latin-1"' in reply.codes[2]
    assert len(reply.codes) == 4


def test_a_file_that_needed_care_is_read_with_care_in_later_turns(thread: DemoThread) -> None:
    PENGUINS.to_csv(thread.folder / "p.csv", index=False, sep=";")
    thread.ask("overview", "p.csv")
    reply = thread.ask("mean body mass")
    assert 'sep=";"' in reply.codes[0]
    assert len(reply.codes) == 2


def test_a_single_column_is_no_reason_for_care(thread: DemoThread) -> None:
    PENGUINS[["species"]].to_csv(thread.folder / "p.csv", index=False)
    assert len(thread.ask("overview", "p.csv").codes) == 2


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("p.csv.gz", 'p = pd.read_csv("/mnt/data/p.csv.gz")'),
        ("p.tsv", 'p = pd.read_csv("/mnt/data/p.tsv", sep="\\t")'),
        ("p.xlsx", "p = pd.read_excel(p_book)"),
        ("p.parquet", 'p = pd.read_parquet("/mnt/data/p.parquet")'),
        ("p.json", 'p = pd.read_json("/mnt/data/p.json")'),
        ("p.jsonl", 'p = pd.read_json("/mnt/data/p.jsonl", lines=True)'),
    ],
)
def test_every_kind_of_file_has_its_plain_line(thread: DemoThread, name: str, line: str) -> None:
    reply = thread.ask("overview", name)
    assert line in [written.strip() for written in reply.codes[0].splitlines()]


def test_columns_named_by_numbers_get_names_at_the_second_call(thread: DemoThread) -> None:
    pd.DataFrame({"place": ["a", "b"], 2020: [1, 3]}).to_excel(
        thread.folder / "years.xlsx", index=False
    )
    reply = thread.ask('mean of "2020"', "years.xlsx")
    assert "rename(columns=str)" in reply.codes[1]
    assert "**: 2\n" in reply.text


def test_columns_named_by_dates_get_names_at_the_second_call(thread: DemoThread) -> None:
    table = pd.DataFrame({"place": ["a"], pd.Timestamp(2020, 1, 1): [1]})
    table.to_excel(thread.folder / "dates.xlsx", index=False)
    assert "1 rows, 2 columns" in thread.ask("missing values", "dates.xlsx").text


def test_quotes_in_a_column_name_are_read_back(thread: DemoThread) -> None:
    (thread.folder / "p.csv").write_text('it\'s "big",b\n1,2\n3,4\n')
    assert 'it\'s "big"' in thread.ask("overview", "p.csv").text


def test_columns_of_a_very_wide_table_are_read_from_what_is_left() -> None:
    output = (
        "table: (2, 900) True string\n['a', 'int64', 0]\n[\"it's\", 'datetime64[ns, UTC]', 1]\n"
        "['c\n[… 9,000 characters left out …]\n64', 0]\n['z', 'str', 0, 'x']\n"
    )
    table = parse_profile(output, "t", "t.csv")
    assert table is not None
    assert (table.width, [*table.columns]) == (900, ["a", "it's", "z"])
    assert table.columns["it's"].is_date
    assert table.columns["z"].values == ("x",)
