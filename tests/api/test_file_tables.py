"""The preview of a data file: its first rows as they are written, and how pandas reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.service_session import bench

from jupyter_assistants.protocol.errors import InvalidRequest

ROWS = [["1", "x"], ["3", "y"]]
PREVIEWS: dict[str, tuple[str, bytes, list[str], list[list[str]], str, str]] = {
    "plain": ("f.csv", b"a,b\n1,x\n3,y\n", ["a", "b"], ROWS, 'table = pd.read_csv("f.csv")', ""),
    "quotes": (
        "f.tsv", b'a\tb\n"x\ty"\t"say ""hi"""\n', ["a", "b"], [["x\ty", 'say "hi"']], 'table = pd.read_csv("f.tsv", sep="\\t")', "",
    ),
    "a line break in a cell": (
        "f.csv", b'a,b\n"two\nlines",2\n', ["a", "b"], [["two\nlines", "2"]], 'table = pd.read_csv("f.csv")', "",
    ),
    "decimal commas": (
        "f.csv", b"a;b\r\n1,5;x\r\n3,5;y", ["a", "b"], [["1,5", "x"], ["3,5", "y"]], 'sep=";", decimal=","', "decimal sign",
    ),
    "UTF-16 and a sep line": (
        "f.csv", "sep=;\na;b\n1;x\n3;y\n".encode("utf-16"), ["a", "b"], ROWS, 'encoding="utf-16", skiprows=1', "",
    ),
    "a title": ("f.csv", b"Sales\n\na,b\n1,x\n3,y\n", ["a", "b"], ROWS, "skiprows=2", "title or note"),
    "two header lines": (
        "f.csv", b"time,temp\ns,C\n1,2\n3,4\n", ["time s", "temp C"], [["1", "2"], ["3", "4"]], "names=", "Two header lines",
    ),
    "no header": ("f.csv", b"1.5,x\n3.5,y\n", ["column_0", "column_1"], [["1.5", "x"], ["3.5", "y"]], "header=None", "no header"),
    "comments": ("f.csv", b"a,b\n1,x\n# no\n3,y\n", ["a", "b"], ROWS, 'comment="#"', "begin with #"),
    "codes": ("f.csv", b"a,b\n007,x\n", ["a", "b"], [["007", "x"]], 'dtype={"a": "str"}', "leading zeros"),
    "nothing": ("f.csv", b"", [], [], 'table = pd.read_csv("f.csv")', ""),
    "no text": ("f.csv", b"\0\1\2\3" * 9, [], [], "pd.read_csv", "does not look like text"),
}  # fmt: skip


@pytest.mark.parametrize("case", PREVIEWS)
async def test_a_table_in_text_has_a_preview(tmp_path: Path, case: str) -> None:
    name, data, header, rows, code, remark = PREVIEWS[case]
    async with bench(tmp_path) as b:
        file = await b.upload(name, data)
        found: Any = await b.ask("GET", f"/files/{file.id}/table")
    assert (found.header, found.rows, found.more) == (header, rows, False)
    assert code in found.code
    assert (remark in " ".join(found.remarks)) if remark else found.remarks == []


async def test_of_a_long_table_the_first_rows_are_shown(tmp_path: Path) -> None:
    data = b"n\n" + b"".join(b"%d\n" % number for number in range(400_000))
    async with bench(tmp_path) as b:
        file = await b.upload("long.csv", data)
        found: Any = await b.ask("GET", f"/files/{file.id}/table")
    assert (len(found.rows), found.more) == (20, True)


async def test_wide_rows_and_long_cells_are_cut(tmp_path: Path) -> None:
    data = b",".join(b"c%d" % at for at in range(900)) + b"\n" + b"x" * 9_000 + b",1" * 899 + b"\n"
    async with bench(tmp_path) as b:
        file = await b.upload("wide.csv", data)
        found: Any = await b.ask("GET", f"/files/{file.id}/table")
    assert (len(found.header), len(found.rows[0]), len(found.rows[0][0])) == (200, 200, 500)


@pytest.mark.parametrize("name", ["photo.png", "book.xlsx", "f.json", "f.csv.gz"])
async def test_other_files_have_no_preview(tmp_path: Path, name: str) -> None:
    async with bench(tmp_path) as b:
        file = await b.upload(name, b"a,b\n")
        with pytest.raises(InvalidRequest, match="has no preview"):
            await b.ask("GET", f"/files/{file.id}/table")
