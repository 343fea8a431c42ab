"""Where the demo takes tables from, and where it puts them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest
from support.demo_thread import DATA, DemoThread

PENGUINS = pd.read_csv(DATA / "penguins.csv")
MEAN = f"{PENGUINS['body_mass_g'].mean():.8g}"


@pytest.fixture
def thread(tmp_path: Path) -> DemoThread:
    return DemoThread(tmp_path)


def write(folder: Path, name: str) -> None:
    path = folder / name
    writers = {
        "p.csv": lambda: PENGUINS.to_csv(path, index=False),
        "p.csv.gz": lambda: PENGUINS.to_csv(path, index=False),
        "p.tsv": lambda: PENGUINS.to_csv(path, index=False, sep="\t"),
        "semicolon.csv": lambda: PENGUINS.to_csv(path, index=False, sep=";", decimal=","),
        "p.xlsx": lambda: PENGUINS.to_excel(path, index=False),
        "p.parquet": lambda: PENGUINS.to_parquet(path),
        "p.json": lambda: PENGUINS.to_json(path, orient="records"),
        "p.jsonl": lambda: PENGUINS.to_json(path, orient="records", lines=True),
        "p.ndjson": lambda: PENGUINS.to_json(path, orient="records", lines=True),
    }
    writers[name]()


@pytest.mark.parametrize(
    "name",
    [
        "p.csv",
        "p.csv.gz",
        "p.tsv",
        "semicolon.csv",
        "p.xlsx",
        "p.parquet",
        "p.json",
        "p.jsonl",
        "p.ndjson",
    ],
)
def test_every_kind_of_table_file_is_read(thread: DemoThread, name: str) -> None:
    write(thread.folder, name)
    assert f"**: {MEAN}" in thread.ask("mean body mass", name).text


def test_a_file_in_a_folder_is_read_where_it_is(thread: DemoThread) -> None:
    (thread.folder / "data").mkdir()
    write(thread.folder / "data", "p.csv")
    assert f"**: {MEAN}" in thread.ask("mean body mass in data/p.csv").text


def test_a_file_in_latin_1_is_read(thread: DemoThread) -> None:
    (thread.folder / "orte.csv").write_bytes("ort;größe\nKöln;1,5\nBonn;2,5\n".encode("latin-1"))
    assert "**: 2\n" in thread.ask("mean größe", "orte.csv").text


def test_only_the_first_sheet_is_read_and_the_answer_says_so(thread: DemoThread) -> None:
    with pd.ExcelWriter(thread.folder / "two.xlsx") as book:
        PENGUINS.to_excel(book, sheet_name="birds", index=False)
        PENGUINS.head().to_excel(book, sheet_name="few", index=False)
    assert (
        "Only the first of its sheets was read: birds, few."
        in thread.ask("how many rows", "two.xlsx").text
    )


@pytest.mark.parametrize(
    "name", ["out.csv", "out.tsv", "out.xlsx", "out.parquet", "out.json", "out.jsonl"]
)
def test_a_result_is_saved_by_its_ending(thread: DemoThread, name: str) -> None:
    reply = thread.ask(f"mean body mass by species, save the result to {name}", "penguins.csv")
    assert f"[{name}](sandbox:/mnt/data/{name})" in reply.text
    path = thread.folder / name
    readers = {
        "csv": pd.read_csv,
        "tsv": lambda file: pd.read_csv(file, sep="\t"),
        "xlsx": pd.read_excel,
        "parquet": pd.read_parquet,
        "json": pd.read_json,
        "jsonl": lambda file: pd.read_json(file, lines=True),
    }
    saved = readers[path.suffix[1:]](path)
    expected = PENGUINS.groupby("species")["body_mass_g"].mean()
    assert saved.set_index("species")["mean"].to_dict() == pytest.approx(expected.to_dict())


def test_a_save_without_a_name_gets_one(thread: DemoThread) -> None:
    reply = thread.ask("most frequent species, save as excel", "penguins.csv")
    assert "[penguins_result.xlsx](sandbox:/mnt/data/penguins_result.xlsx)" in reply.text


def test_a_save_never_replaces_an_attached_file(thread: DemoThread) -> None:
    reply = thread.ask("mean body mass by sex, save it as penguins.csv", "penguins.csv")
    assert "[penguins_result.csv](" in reply.text
    assert len(pd.read_csv(thread.folder / "penguins.csv")) == len(PENGUINS)


def test_a_save_stays_in_the_folder(thread: DemoThread) -> None:
    reply = thread.ask("mean body mass by sex, save it as ../../out.csv", "penguins.csv")
    assert "[out.csv](sandbox:/mnt/data/out.csv)" in reply.text
    assert (thread.folder / "out.csv").exists()


def test_a_chart_is_saved_as_an_image(thread: DemoThread) -> None:
    thread.ask("histogram of body mass, save the plot as mass.png", "penguins.csv")
    assert (thread.folder / "mass.png").read_bytes().startswith(b"\x89PNG")


def test_a_file_of_an_earlier_message_stays_usable(thread: DemoThread) -> None:
    thread.ask("overview", "penguins.csv")
    reply = thread.ask("now a histogram of body mass")
    assert reply.figures == 1
    assert MEAN in reply.text


def test_a_message_that_only_saves_takes_the_wish_before(thread: DemoThread) -> None:
    thread.ask("mean body mass by species", "penguins.csv")
    thread.ask("save it as later.csv")
    assert list(pd.read_csv(thread.folder / "later.csv")) == ["species", "mean"]


def test_a_message_that_only_plots_takes_the_wish_before(thread: DemoThread) -> None:
    thread.ask("mean body mass by species", "penguins.csv")
    assert thread.ask("now plot it").figures == 1


def test_the_newest_file_is_the_default(thread: DemoThread) -> None:
    thread.ask("overview", "penguins.csv")
    assert "`seattle-weather.csv`" in thread.ask("mean wind", "seattle-weather.csv").text


def test_a_file_named_in_the_question_wins_and_stays(thread: DemoThread) -> None:
    reply = thread.ask("mean body mass in penguins.csv", "penguins.csv", "seattle-weather.csv")
    assert f"**: {MEAN}" in reply.text
    assert "Other tables: `seattle-weather.csv`" in reply.text
    assert f"{PENGUINS['body_mass_g'].median():g}" in thread.ask("median body mass").text


def test_the_file_may_come_in_the_message_before_the_question(thread: DemoThread) -> None:
    thread.say("", "penguins.csv")
    assert f"**: {MEAN}" in thread.ask("mean body mass").text


def test_a_dataframe_of_the_kernel_is_used(tmp_path: Path) -> None:
    thread = DemoThread(tmp_path, df=PENGUINS.copy())
    reply = thread.ask("mean body mass by sex")
    expected = PENGUINS.groupby("sex")["body_mass_g"].mean()
    assert reply.cell("female") == pytest.approx(expected["female"], rel=1e-6)
    assert list(thread.globals["df"]) == list(PENGUINS)


def test_the_dataframe_that_the_question_names_wins_over_a_file(tmp_path: Path) -> None:
    thread = DemoThread(tmp_path, df=PENGUINS.head(10), sales=PENGUINS.head(20))
    assert "`df`" in thread.ask("how many rows in df?", "penguins.csv").text
    assert "`sales`" in thread.ask("how many rows in `sales`?").text


def test_without_a_name_the_newest_dataframe_with_the_columns_is_used(tmp_path: Path) -> None:
    thread = DemoThread(tmp_path, old=PENGUINS, other=pd.DataFrame({"a": [1, 2]}))
    assert f"**: {MEAN}" in thread.ask("mean body mass").text


def test_tables_that_the_demo_made_are_not_taken_for_data(tmp_path: Path) -> None:
    thread = DemoThread(tmp_path, df=PENGUINS)
    thread.ask("missing values")
    assert "`df`, 344 rows" in thread.ask("how many rows").text


def test_dates_in_the_index_work_like_a_column(tmp_path: Path) -> None:
    weather = pd.read_csv(DATA / "seattle-weather.csv", parse_dates=["date"], index_col="date")
    reply = DemoThread(tmp_path, weather=weather).ask("mean wind per year")
    assert reply.cell("2014") == pytest.approx(weather.loc["2014", "wind"].mean(), rel=1e-6)


def test_nothing_to_work_on_is_said(thread: DemoThread) -> None:
    assert "no table to work on" in thread.ask("missing values").text


def test_a_broken_file_is_explained_in_one_sentence(thread: DemoThread) -> None:
    (thread.folder / "broken.csv").write_text("a,b\n1,2\n3,4,5,6\n")
    reply = thread.ask("overview", "broken.csv")
    assert "ParserError" in reply.text
    assert "more cells than the header" in reply.text
    # The plain code, then the careful code, then no more.
    assert len(reply.codes) == 2


@pytest.mark.parametrize(
    ("name", "data", "hint"),
    [
        ("empty.csv", b"", "seems to be empty"),
        ("no.xlsx", b"no workbook", "XLSX"),
        ("no.json", b"{broken", "JSON"),
        ("no.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "The code failed"),
        ("no.parquet", b"nothing", "The code failed"),
    ],
    ids=["empty", "no workbook", "broken JSON", "cut gzip", "no parquet"],
)
def test_a_file_that_cannot_be_read_is_explained(
    thread: DemoThread, name: str, data: bytes, hint: str
) -> None:
    (thread.folder / name).write_bytes(data)
    reply = thread.ask("overview", name)
    assert hint in reply.text
    assert len(reply.codes) == 1


def test_a_missing_file_is_explained(thread: DemoThread) -> None:
    reply = thread.ask("overview", "gone.csv")
    assert "FileNotFoundError" in reply.text
    assert "Attach the file again" in reply.text


@pytest.mark.parametrize("name", ["photo.png", "paper.pdf", "old.xls"])
def test_other_files_are_declined(thread: DemoThread, name: str) -> None:
    reply = thread.ask("overview", name)
    assert "handles tables only" in reply.text
    assert f"`{name}`" in reply.text
    assert reply.codes == []


def test_names_that_look_like_code_stay_names(thread: DemoThread) -> None:
    trap = 'x"]; open("pwned", "w"); y["'
    pd.DataFrame({trap: [1, 3], "b": [2, 4]}).to_csv(thread.folder / "class.csv", index=False)
    reply = thread.ask("correlation and missing values and overview", "class.csv")
    assert "Correlation of" in reply.text
    assert not Path("pwned").exists()
