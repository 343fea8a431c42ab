"""Where the demo takes tables from, and how it reads them: by the plainest code that works."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest
from support.demo_thread import DATA, DemoThread

from jupyter_assistants.models.demo.tables import parse_tables

PENGUINS = pd.read_csv(DATA / "penguins.csv")
HEAVY = PENGUINS[PENGUINS["body_mass_g"] > 5000]
MEAN = f"**: {PENGUINS['body_mass_g'].mean():.8g}"


@pytest.fixture
def thread(tmp_path: Path) -> DemoThread:
    return DemoThread(tmp_path)


@pytest.fixture
def heavy(tmp_path: Path) -> DemoThread:
    """Return a thread with a file that was read, and two DataFrames of the user."""
    thread = DemoThread(tmp_path, heavy=HEAVY.copy(), heavy_penguins=HEAVY.head(9).copy())
    thread.ask("overview", "penguins.csv")
    return thread


WRITERS = {
    "p.csv": lambda path: PENGUINS.to_csv(path, index=False),
    "p.csv.gz": lambda path: PENGUINS.to_csv(path, index=False),
    "p.tsv": lambda path: PENGUINS.to_csv(path, index=False, sep="\t"),
    "p.xlsx": lambda path: PENGUINS.to_excel(path, index=False),
    "p.parquet": lambda path: PENGUINS.to_parquet(path),
    "p.json": lambda path: PENGUINS.to_json(path, orient="records"),
    "p.jsonl": lambda path: PENGUINS.to_json(path, orient="records", lines=True),
}
LINES = {
    "p.csv": 'p = pd.read_csv("/mnt/data/p.csv")',
    "p.csv.gz": 'p = pd.read_csv("/mnt/data/p.csv.gz")',
    "p.tsv": 'p = pd.read_csv("/mnt/data/p.tsv", sep="\\t")',
    "p.xlsx": 'p_sheets = pd.read_excel("/mnt/data/p.xlsx", sheet_name=None)',
    "p.parquet": 'p = pd.read_parquet("/mnt/data/p.parquet")',
    "p.json": 'p = pd.read_json("/mnt/data/p.json")',
    "p.jsonl": 'p = pd.read_json("/mnt/data/p.jsonl", lines=True)',
}


@pytest.mark.parametrize("name", LINES)
def test_every_kind_of_file_is_read_as_a_person_would(thread: DemoThread, name: str) -> None:
    WRITERS[name](thread.folder / name)
    reply = thread.ask("mean body mass", name)
    assert LINES[name] in reply.codes[0].splitlines()
    assert MEAN in reply.text
    assert len(reply.codes) == 2


def test_a_file_in_a_folder_is_read_where_it_is(thread: DemoThread) -> None:
    (thread.folder / "data").mkdir()
    PENGUINS.to_csv(thread.folder / "data" / "p.csv", index=False)
    assert MEAN in thread.ask("mean body mass in data/p.csv").text


def test_only_the_first_sheet_is_read_and_the_answer_says_so(thread: DemoThread) -> None:
    with pd.ExcelWriter(thread.folder / "two.xlsx") as book:
        PENGUINS.to_excel(book, sheet_name="birds", index=False)
        PENGUINS.head().to_excel(book, sheet_name="few", index=False)
    reply = thread.ask("how many rows", "two.xlsx").text
    assert "**: 344\n" in reply and "Only the first of its sheets was read: birds, few." in reply


FILES = {
    "plain": b"a,b\n1,2\n3,6\n",
    "trailing separators": b"a,b\n1,2,\n3,6,\n",
    "trailing separators from row 0": b"a,b\n0,2,\n1,6,\n",
    "semicolons": b"a;b\n1;2\n3;6\n",
    "bars": b"a|b\n1|2\n3|6\n",
    "tabs": b"a\tb\n1\t2\n3\t6\n",
    "semicolons and decimal commas": b"a;b\n1;2,5\n3;5,5\n",
    "commas in a name": b"a, mm;b\n1;2\n3;6\n",
    "UTF-16": "ä;b\n1;2\n3;6\n".encode("utf-16"),
    "UTF-8 with a mark": b"\xef\xbb\xbfa,b\n1,2\n3,6\n",
    "Windows": "preis €,b\n1,2\n3,6\n".encode("cp1252"),
    "Latin-1 with all of it": "größe;b\n1,5;2,5\n2;5,5\n".encode("latin-1"),
    "points and commas": b"a;b\n1;1.002,5\n3;-994,5\n",
    "a title line": b"Sales\n\na,b\n1,2\n3,6\n",
    "comment lines": b"# by hand\n# today\na,b\n1,2\n3,6\n",
    "a sep line": b"sep=;\na;b\n1;2\n3;6\n",
    "UTF-16 without a mark": "a\tb\n1\t2\n3\t6\n".encode("utf-16-le"),
    "spaces": b"a  b\n1  2\n3 6\n",
    "dollars": b'a,b\n1,"$1,002.50"\n3,-$994.50\n',
    "percent": b"a,b\n1,2.5%\n3,5.5%\n",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_it_is_meant(thread: DemoThread, name: str) -> None:
    (thread.folder / "facts.csv").write_bytes(FILES[name])
    reply = thread.ask("mean b", "facts.csv")
    assert "2 rows, 2 columns" in reply.text
    assert "**: 4\n" in reply.text
    assert len(thread.ask("mean b").codes) == 2


UNCLEAR = {
    # One and a half, or fifteen hundred?
    "thousands": (b"a;b\n1;1,500\n3;2,500\n", "b holds no numbers"),
    "row names": (b"a\nx,1\ny,3\n", "Its rows have more cells than its header"),
    "a quote that does not end": (b'a,b\n1,"2\n3,6\n', "ParserError"),
    "a title line with separators": (b"Sales,\na,b\n1,2\n", "The first line names only 1 of them"),
    "more cells than the header": (b"a,b\n1,2\n3,4,5,6\n", "more cells than the header"),
    "nothing": (b"", "seems to be empty"),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_a_file_that_is_not_clear_is_refused_with_a_word(thread: DemoThread, name: str) -> None:
    data, word = UNCLEAR[name]
    (thread.folder / "facts.csv").write_bytes(data)
    reply = thread.ask("overview" if "header" in word or "names" in word else "mean b", "facts.csv")
    assert word in reply.text
    assert "**Mean" not in reply.text


@pytest.mark.parametrize(
    ("name", "data", "hint"),
    [
        ("no.xlsx", b"no workbook", "XLSX"),
        ("no.json", b"{broken", "JSON"),
        ("no.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "The code failed"),
        ("no.parquet", b"nothing", "The code failed"),
        ("gone.csv", None, "Attach the file again"),
    ],
    ids=["no workbook", "broken JSON", "cut gzip", "no parquet", "no file"],
)
def test_a_file_that_cannot_be_read_is_explained(
    thread: DemoThread, name: str, data: bytes | None, hint: str
) -> None:
    if data is not None:
        (thread.folder / name).write_bytes(data)
    reply = thread.ask("overview", name)
    assert hint in reply.text
    assert len(reply.codes) == 1


@pytest.mark.parametrize("name", ["photo.png", "paper.pdf", "old.xls"])
def test_other_files_are_declined(thread: DemoThread, name: str) -> None:
    reply = thread.ask("overview", name)
    assert "handles tables only" in reply.text and f"`{name}`" in reply.text
    assert reply.codes == []


def test_names_that_look_like_code_stay_names(thread: DemoThread) -> None:
    trap = 'x"]; open("pwned", "w"); y["'
    pd.DataFrame({trap: [1, 3], 'it\'s "b"': [2, 4]}).to_csv(
        thread.folder / "class.csv", index=False
    )
    reply = thread.ask("overview", "class.csv")
    assert 'it\'s "b"' in reply.text and "pwned" in reply.text
    assert not Path("pwned").exists() and not (thread.folder / "pwned").exists()


def test_a_very_wide_table_is_described(thread: DemoThread) -> None:
    header = ",".join(f"column {number}" for number in range(900))
    (thread.folder / "wide.csv").write_text(f"{header}\n{','.join('1' * 900)}\n")
    assert "1 rows, 900 columns" in thread.ask("overview", "wide.csv").text
    assert "**: 1\n" in thread.ask('mean "column 7"').text
    assert "200 of 900 columns" in thread.ask("mean of column 890").text


def test_columns_are_read_from_what_is_left_of_a_listing() -> None:
    output = (
        "tables:\n['t', 2, 900, False, True]\n['t', 'a', 'int64', 0]\n"
        "['t', \"it's\", 'datetime64[ns, UTC]', 1]\n"
        "['t', 'c\n[… 9,000 characters left out …]\n64', 0]\n['t', 'z', 'str', 0, 'x']\n"
    )
    (table,) = parse_tables(output) or []
    assert (table.width, [*table.columns]) == (900, ["a", "it's", "z"])
    assert table.columns["it's"].is_date
    assert table.columns["z"].values == ("x",)


# -- the thread ----------------------------------------------------------------------------------


def test_a_file_of_an_earlier_message_stays_usable(thread: DemoThread) -> None:
    thread.ask("overview", "penguins.csv")
    assert MEAN in thread.ask("now the mean body mass").text


def test_a_file_that_the_kernel_has_forgotten_is_read_again(thread: DemoThread) -> None:
    thread.ask("mean body mass", "penguins.csv")
    thread.globals["penguins"] = None
    reply = thread.ask("mean body mass")
    assert 'pd.read_csv("/mnt/data/penguins.csv")' in reply.codes[1] and MEAN in reply.text


def test_a_file_that_was_attached_but_never_read_wins_over_a_dataframe(tmp_path: Path) -> None:
    thread = DemoThread(tmp_path, other=HEAVY)
    thread.ask("hello", "penguins.csv")
    assert MEAN in thread.ask("mean body mass").text


def test_the_newest_file_is_the_default(thread: DemoThread) -> None:
    thread.ask("overview", "penguins.csv")
    assert "`seattle-weather.csv`" in thread.ask("mean wind", "seattle-weather.csv").text


def test_a_file_named_in_the_question_wins_and_stays(thread: DemoThread) -> None:
    reply = thread.ask("mean body mass in penguins.csv", "penguins.csv", "seattle-weather.csv")
    assert MEAN in reply.text
    assert f"{PENGUINS['body_mass_g'].median():g}" in thread.ask("median body mass").text


def test_the_file_may_come_in_the_message_before_the_question(thread: DemoThread) -> None:
    thread.say("", "penguins.csv")
    assert MEAN in thread.ask("mean body mass").text


def test_a_dataframe_of_the_kernel_is_used(tmp_path: Path) -> None:
    thread = DemoThread(tmp_path, df=PENGUINS.copy(), table=1, column="mine")
    reply = thread.ask("mean body mass by sex")
    expected = PENGUINS.groupby("sex")["body_mass_g"].mean()
    assert reply.cell("female") == pytest.approx(expected["female"], rel=1e-6)
    assert (thread.globals["table"], thread.globals["column"]) == (1, "mine")


def test_without_a_name_the_newest_dataframe_with_the_columns_is_used(tmp_path: Path) -> None:
    thread = DemoThread(tmp_path, old=PENGUINS, other=pd.DataFrame({"a": [1, 2]}))
    assert MEAN in thread.ask("mean body mass").text


def test_tables_that_the_demo_made_are_not_taken_for_data(tmp_path: Path) -> None:
    thread = DemoThread(tmp_path, df=PENGUINS)
    thread.ask("missing values")
    assert "`df`, 344 rows" in thread.ask("how many rows").text


def test_dates_in_the_index_work_like_a_column(tmp_path: Path) -> None:
    weather = pd.read_csv(DATA / "seattle-weather.csv", parse_dates=["date"], index_col="date")
    reply = DemoThread(tmp_path, weather=weather).ask("mean wind per year")
    assert reply.cell("2014") == pytest.approx(weather.loc["2014", "wind"].mean(), rel=1e-6)
    assert weather.index.name == "date"


def test_nothing_to_work_on_is_said(thread: DemoThread) -> None:
    assert "no table to work on" in thread.ask("missing values").text


@pytest.mark.parametrize(
    "question",
    [
        "histogram of flipper_length_mm in heavy",
        "histogram of flipper length from heavy, please",
        "using heavy, histogram of flipper length",
        "heavy: missing values",
        "overview of Heavy",
        "describe `heavy`",
        "how many rows in heavy?",
        "mean body mass in heavy where sex is male",
        "mean body mass by species in heavy and save it as x.csv",
    ],
)
def test_a_dataframe_that_the_question_names_is_used(heavy: DemoThread, question: str) -> None:
    reply = heavy.ask(question)
    assert f"Data: `heavy`, {len(HEAVY)} rows" in reply.text
    assert "Not understood" not in reply.text


@pytest.mark.parametrize("said", ["heavy_penguins", "`heavy_penguins`"])
def test_a_dataframe_named_like_the_file_and_more_is_not_the_file(
    heavy: DemoThread, said: str
) -> None:
    assert "Data: `heavy_penguins`, 9 rows" in heavy.ask(f"mean body mass in {said}").text


def test_the_next_question_stays_with_the_dataframe(heavy: DemoThread) -> None:
    heavy.ask("histogram of flipper length in heavy")
    assert "Data: `heavy`" in heavy.ask("now the mean body mass").text
    assert "Data: `penguins`, 344 rows" in heavy.ask("mean body mass of the penguins").text


def test_a_word_that_is_no_dataframe_is_reported_and_nothing_is_computed(
    heavy: DemoThread,
) -> None:
    reply = heavy.ask("mean body mass in summer")
    assert 'Not understood: "summer"' in reply.text
    assert "Without it, the answer would be: mean of body_mass_g." in reply.text
    assert len(reply.codes) == 1
