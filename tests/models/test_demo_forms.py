"""The demo reads data in the forms that people have them, and says what it did."""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import io
import lzma
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from support.demo_thread import DemoThread

TABLE = pd.DataFrame({"a": [1, 3], "b": [2, 6]})
PLAIN = b"a;b\n1;2\n3;6\n"
ROWS = [["a", "b"], [1, 2], [3, 6]]


@pytest.fixture
def thread(tmp_path: Path) -> DemoThread:
    return DemoThread(tmp_path)


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return buffer.getvalue()


def write_workbook(path: Path, merged: Sequence[str] = (), **sheets: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cells in merged:
            sheet.merge_cells(cells)
    book.save(path)


BYTES = {
    "p.csv.gz": gzip.compress(PLAIN, mtime=0),
    "p.csv.bz2": bz2.compress(PLAIN),
    "p.csv.xz": lzma.compress("a\tb\n1\t2\n3\t6\n".encode("utf-16")),
    "p.zip": packed({"p.csv": PLAIN}),
    "p.csv.zip": packed({"p.csv": PLAIN, "__MACOSX/._p.csv": b"\0\1"}),
    "q.zip": packed({"photo.png": b"\0", "data/p.jsonl": b'{"a": 1, "b": 2}\n{"a": 3, "b": 6}\n'}),
    "p.json": b'{"n": 2, "rows": [{"a": 1, "b": 2}, {"a": 3, "b": 6}]}',
    "p.jsonl.gz": gzip.compress(b'{"a": 1, "b": 2}\n{"a": 3, "b": 6}\n', mtime=0),
    "p.txt": b"a b\n1 2\n3 6\n",
    "p.dat": b"# a b\n1 2\n3 6\n",
}


@pytest.mark.parametrize("name", BYTES)
def test_a_file_is_unpacked_and_read_as_it_is_meant(thread: DemoThread, name: str) -> None:
    (thread.folder / name).write_bytes(BYTES[name])
    reply = thread.ask("mean b", name)
    assert "2 rows, 2 columns" in reply.text and "**: 4\n" in reply.text
    # What is shown last can be run by itself.
    pd.testing.assert_frame_equal(rerun(thread, reply.codes[-2]), TABLE)


def rerun(thread: DemoThread, code: str) -> pd.DataFrame:
    again = DemoThread(thread.folder)
    again.run(code, thread.ask("hello"))
    return next(each for each in again.globals.values() if isinstance(each, pd.DataFrame))


def test_formats_of_statistics_programs_are_read(thread: DemoThread) -> None:
    TABLE.to_feather(thread.folder / "p.feather")
    TABLE.to_stata(thread.folder / "q.dta", write_index=False)
    for name, call in (("p.feather", "pd.read_feather"), ("q.dta", "pd.read_stata")):
        reply = thread.ask("mean b", name)
        assert call in reply.codes[0] and "**: 4\n" in reply.text


@pytest.mark.parametrize(
    ("name", "module", "package"),
    [("p.sav", "pyreadstat", "pyreadstat"), ("p.h5", "tables", "tables")],
)
def test_a_format_whose_package_is_missing_names_it(
    thread: DemoThread, name: str, module: str, package: str
) -> None:
    if importlib.util.find_spec(module):
        pytest.skip(f"{module} is installed")
    (thread.folder / name).write_bytes(b"?")
    assert f"`%pip install {package}`" in thread.ask("overview", name).text


def test_the_sheet_that_holds_a_table_is_read(thread: DemoThread) -> None:
    notes: list[list[object]] = [["Made by us"], ["in a hurry"]]
    write_workbook(thread.folder / "f.xlsx", notes=notes, numbers=ROWS)
    reply = thread.ask("mean b", "f.xlsx")
    assert "**: 4\n" in reply.text and 'Only the sheet "numbers" holds a table.' in reply.text
    assert 'f = pd.read_excel("/mnt/data/f.xlsx", sheet_name="numbers")' in reply.codes[1]


def test_a_sheet_that_the_question_names_is_read(thread: DemoThread) -> None:
    more: list[list[object]] = [["a", "b"], [10, 20], [30, 60]]
    write_workbook(thread.folder / "f.xlsx", birds=ROWS, few=more)
    assert "**: 40\n" in thread.ask("mean b in few", "f.xlsx").text
    first = thread.ask("mean b", "f.xlsx").text
    assert "**: 4\n" in first and "name it in the question" in first


def test_titles_and_merged_headers_of_sheets_are_understood(thread: DemoThread) -> None:
    rows: list[list[object]] = [
        ["Sales report"], [], ["region", "old", None, "new", None],
        [None, "q1", "q2", "q1", "q2"], ["N", 1, 2, 3, 4], ["S", 5, 6, 7, 8],
    ]  # fmt: skip
    write_workbook(thread.folder / "f.xlsx", ["B3:C3", "D3:E3"], sales=rows)
    reply = thread.ask('mean "new q2"', "f.xlsx")
    assert "**: 6\n" in reply.text
    assert (
        "One line above the header" in reply.text and "Two header lines were joined" in reply.text
    )


def test_a_table_in_the_middle_of_a_sheet_is_found(thread: DemoThread) -> None:
    rows: list[list[object]] = [[], [], *[[None, None, *row] for row in ROWS]]
    write_workbook(thread.folder / "f.xlsx", sales=rows)
    reply = thread.ask("mean b", "f.xlsx")
    assert "**: 4\n" in reply.text and "begins in column C" in reply.text


def test_codes_in_sheets_stay_text(thread: DemoThread) -> None:
    rows: list[list[object]] = [["zip", "land"], ["01234", "DE"], ["98101", "NA"], ["00501", "FR"]]
    write_workbook(thread.folder / "f.xlsx", sales=rows)
    reply = thread.ask("rows", "f.xlsx")
    assert reply.rows[1:] == [["01234", "DE"], ["98101", "NA"], ["00501", "FR"]]
    assert "leading zeros" in reply.text and '"NA" is a code' in reply.text


def test_a_file_in_a_zip_file_can_be_named(thread: DemoThread) -> None:
    (thread.folder / "f.zip").write_bytes(packed({"x.csv": PLAIN, "y.csv": b"a,b\n1,20\n3,60\n"}))
    assert "**: 40\n" in thread.ask("mean b in y.csv", "f.zip").text
    assert "It also holds y.csv" in thread.ask("mean b", "f.zip").text


def test_a_zip_file_without_a_table_is_refused(thread: DemoThread) -> None:
    (thread.folder / "f.zip").write_bytes(packed({"x.png": b"\0"}))
    assert "holds no table" in thread.ask("mean b", "f.zip").text
    (thread.folder / "f.zip").write_bytes(b"no package")
    assert "The code failed" in thread.ask("mean b", "f.zip").text


def test_values_behind_the_beginning_count(thread: DemoThread) -> None:
    rows = [f"{number},1" for number in range(10_000, 14_000)]
    (thread.folder / "f.csv").write_text("\n".join(["zip,n", *rows, "01234,1"]))
    reply = thread.ask("top 1 zip", "f.csv")
    assert "zip is kept as text, because of leading zeros." in reply.text
    assert 'dtype={"zip": "str"}' in reply.codes[1]


def test_a_word_among_amounts_leaves_the_column_as_text(thread: DemoThread) -> None:
    rows = [f"1,${number}.50" for number in range(1_000)]
    (thread.folder / "f.csv").write_text("\n".join(["a,price", *rows, "1,unknown"]))
    reply = thread.ask("how many rows", "f.csv")
    assert "**: 1001\n" in reply.text and "kept as text: price" in reply.text


def test_what_unpacks_to_too_much_is_not_read(
    thread: DemoThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_assistants.models.demo.files._MOST_BYTES", 1_000)
    monkeypatch.setattr("jupyter_assistants.models.demo.files._MOST_WORKBOOK_BYTES", 1_000)
    much = b"a,b\n" + b"1,2\n" * 1_000
    write_workbook(thread.folder / "f.xlsx", sales=ROWS)
    (thread.folder / "f.csv.gz").write_bytes(gzip.compress(much, mtime=0))
    (thread.folder / "f.zip").write_bytes(packed({"f.csv": much}))
    for name, word in (
        ("f.xlsx", "MemoryError"),
        ("f.csv.gz", "MemoryError"),
        ("f.zip", "less than"),
    ):
        reply = thread.ask("mean b", name)
        assert word in reply.text and "**Mean" not in reply.text
        assert "tables:" not in "".join(reply.outputs)


def test_a_text_file_is_searched_where_there_is_a_search(thread: DemoThread) -> None:
    (thread.folder / "f.txt").write_text("This is a text.\nIt has no columns.\n")
    assert "This is a text." in thread.ask("overview", "f.txt").text
