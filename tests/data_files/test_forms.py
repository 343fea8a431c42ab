"""Data files in the forms that people and programs write them: the call of pandas, and what is said."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jupyter_assistants.data_files import Reading, describe

TABLE = {"a": [1, 3], "b": [2, 6]}
JOINED = ["region", "2019 q1", "2019 q2", "2020 q1", "2020 q2"]


def read(folder: Path, name: str, data: bytes) -> tuple[Reading, pd.DataFrame]:
    """Return how a file is read, and what its code makes in a namespace of its own."""
    (folder / name).write_bytes(data)
    reading = describe(name, data, whole=True)
    space: dict[str, Any] = {"pd": pd}
    exec("\n".join(reading.code("table", (folder / name).as_posix())), space)
    return reading, space["table"]


# The bytes, the arguments of the call, what comes back, and a word of the remarks; empty for none.
TEXTS: dict[str, tuple[bytes, str, dict[str, list[Any]], str]] = {
    "plain": (b"a,b\n1,2\n3,6\n", "", TABLE, ""),
    "semicolons": (b"a;b\n1;2\n3;6\n", 'sep=";"', TABLE, ""),
    "tabs": (b"a\tb\n1\t2\n3\t6\n", 'sep="\\t"', TABLE, ""),
    "old Mac lines": (b"a,b\r1,2\r3,6\r", "", TABLE, ""),
    "a sep line": (b"sep=;\r\na;b\r\n1;2\r\n3;6\r\n", 'sep=";", skiprows=1', TABLE, ""),
    "a sep line with a mark": (b"\xef\xbb\xbfsep=|\na|b\n1|2\n3|6\n", 'sep="|", skiprows=1', TABLE, ""),
    "UTF-16": ("a;b\n1;2\n3;6\n".encode("utf-16"), 'sep=";", encoding="utf-16"', TABLE, ""),
    "big-endian UTF-16 with a mark": (
        b"\xfe\xff" + "a,b\n1,2\n3,6\n".encode("utf-16-be"), 'encoding="utf-16"', TABLE, "",
    ),
    "UTF-16 without a mark": (
        "a\tb\n1\t2\n3\t6\n".encode("utf-16-le"), 'sep="\\t", encoding="utf-16-le"', TABLE, "",
    ),
    "big-endian UTF-16 without a mark, in Japanese": (
        "日本,b\n東京,2\n大阪,6\n".encode("utf-16-be"), 'encoding="utf-16-be"', {"日本": ["東京", "大阪"], "b": [2, 6]}, "",
    ),
    "Windows-1252": (
        "größe;b\n1;2\n3;6\n".encode("cp1252"), 'sep=";", encoding="cp1252"', {"größe": [1, 3], "b": [2, 6]}, "Windows-1252",
    ),
    "spaces": (b"  a    b\n  1.5  2\n 10    6\n", r'sep="\\s+"', {"a": [1.5, 10], "b": [2, 6]}, ""),
    "spaces behind commas": (b'a, b\n1, "x y"\n3, z\n', "skipinitialspace=True", {"a": [1, 3], "b": ["x y", "z"]}, ""),
    # -- lines above the header
    "a title": (b"Sales\n\na,b\n1,2\n3,6\n", "skiprows=2", TABLE, "One line above the header"),
    "a title filled up with separators": (
        b"Sales 2023,,\n,,\na,b,c\n1,2,x\n3,6,y\n", "skiprows=2", {**TABLE, "c": ["x", "y"]}, "(title or note)",
    ),
    "notes of two cells": (
        b"Source:,NOAA\nMade:,today\na,b,c,d\n1,2,x,x\n3,6,y,y\n", "skiprows=2",
        {**TABLE, "c": ["x", "y"], "d": ["x", "y"]}, "2 lines above the header",
    ),
    "comments": (b"# by hand, today\n# yes\na,b\n1,2\n3,6\n", "skiprows=2", TABLE, "(comment)"),
    "comments between the rows": (b"a,b\n1,2\n# a pause\n3,6\n", 'comment="#"', TABLE, "begin with #"),
    "a header in a comment": (
        b"# made by hand\n# year co2\n1959 315.9\n1960 316.9\n",
        r'sep="\\s+", names=["year", "co2"], skiprows=2', {"year": [1959, 1960], "co2": [315.9, 316.9]}, "last comment line",
    ),
    "a number sign in the data": (b"a,b\n1,#ff0000\n3,#00ff00\n", "", {"a": [1, 3], "b": ["#ff0000", "#00ff00"]}, ""),
    "lines of signs": (
        b"A title\n=======\na b\n-----\n1 2\n3 6\n", r'sep="\\s+", names=["a", "b"], skiprows=4', TABLE, "2 lines above",
    ),
    "a quoted note of several lines": (
        b'Made:,"by hand\n\nand slowly"\na,b,c,d\n1,2,x,x\n3,6,y,y\n', "skiprows=1",
        {**TABLE, "c": ["x", "y"], "d": ["x", "y"]}, "One line above",
    ),
    "a number sign as a name": (b"#,b\n1,2\n3,6\n", "", {"#": [1, 3], "b": [2, 6]}, ""),
    "a first line of another kind": (
        b"2,3,x\n1.5,2,3,4,5,6\n3.5,2,3,4,5,7\n", "header=None, skiprows=1",
        {f"column_{at}": list(pair) for at, pair in enumerate(zip((1.5, 2, 3, 4, 5, 6), (3.5, 2, 3, 4, 5, 7), strict=True))},
        "The first line has 3 cells",
    ),
    "names in apostrophes": (b"'a'\t'b'\n1\t2\n3\t6\n", 'sep="\\t", quotechar="\'"', TABLE, ""),
    "one column without a header": (b"1.5\n2.5\n3.5\n", "header=None", {"column_0": [1.5, 2.5, 3.5]}, "no header line"),
    # -- headers
    "two header lines, merged": (
        b"region,2019,,2020,\n,q1,q2,q1,q2\nN,1,2,3,4\nS,5,6,7,8\n",
        f"names={json.dumps(JOINED)}, skiprows=2",
        {"region": ["N", "S"], "2019 q1": [1, 5], "2019 q2": [2, 6], "2020 q1": [3, 7], "2020 q2": [4, 8]},
        "Two header lines were joined",
    ),
    "units below the names": (
        b"time,temp,who\ns,C,\n0,12,a\n1,13,b\n",
        'names=["time s", "temp C", "who"], skiprows=2',
        {"time s": [0, 1], "temp C": [12, 13], "who": ["a", "b"]}, "Two header lines",
    ),
    "no units but a first row of words": (
        b"a,b\nx,unknown\ny,3\nz,4\n", "", {"a": ["x", "y", "z"], "b": ["unknown", "3", "4"]}, "",
    ),
    "no header": (
        b"5.1,3.5,setosa\n4.9,3.0,setosa\n", "header=None",
        {"column_0": [5.1, 4.9], "column_1": [3.5, 3.0], "column_2": ["setosa", "setosa"]}, "no header line",
    ),
    "years as names": (b"land,1990,1991\nA,1,2\nB,3,4\n", "", {"land": ["A", "B"], "1990": [1, 3], "1991": [2, 4]}, ""),
    "numbers as names": (b",0,1,2\n0,5,6,7\n1,5,6,8\n", "", {"Unnamed: 0": [0, 1], "0": [5, 5], "1": [6, 6], "2": [7, 8]}, ""),
    # -- ragged rows
    "a separator at the end of each row": (b"a,b\n1,2,\n3,6,\n", "index_col=False", TABLE, ""),
    "a separator at the end of some rows": (b"a,b\n1,2,,\n3,6\n", "usecols=range(2)", TABLE, ""),
    "rows that are too short": (b"a,b\n1,2\n3\n", "", {"a": [1, 3], "b": [2, None]}, "One row has fewer cells"),
    "rows that are too long": (
        b"a,b\n1,2\n3,6,x,y\n", 'names=["a", "b", "extra_1", "extra_2"], skiprows=1',
        {**TABLE, "extra_1": [None, "x"], "extra_2": [None, "y"]}, "more cells than the header",
    ),
    # -- numbers
    "decimal commas": (b"a;b\n1;2,5\n3;5,5\n", 'sep=";", decimal=","', {"a": [1, 3], "b": [2.5, 5.5]}, "decimal sign"),
    "points and decimal commas": (
        b"a;b\n1;1.234,56\n3;-994,5\n", 'sep=";", decimal=",", thousands="."', {"a": [1, 3], "b": [1234.56, -994.5]}, "decimal sign",
    ),
    "commas between thousands": (
        b'a,b\n1,"1,234,567"\n3,"12,000"\n', 'thousands=","', {"a": [1, 3], "b": [1234567, 12000]}, '"1,234,567" is read as 1234567',
    ),
    "dollars": (b'a,b\n1,"$1,234.50"\n3,-$6\n', "", {"a": [1, 3], "b": [1234.5, -6]}, '"$1,234.50" is read as 1234.50'),
    "euros": ("a;b\n1;1.234,50 €\n3;6,00 €\n".encode(), 'sep=";"', {"a": [1, 3], "b": [1234.5, 6]}, "is read as 1234.50"),
    "percent": (b"a,b\n1,12.5%\n3,6%\n", "", {"a": [1, 3], "b": [12.5, 6]}, '"12.5%" is read as 12.5, in percent'),
    "French numbers": (b"a;b\n1;1 234,5\n3;6,0\n", 'sep=";"', {"a": [1, 3], "b": [1234.5, 6]}, "decimal sign"),
    "Swiss numbers": (b"a;b\n1;1'234.50\n3;6.00\n", 'sep=";"', {"a": [1, 3], "b": [1234.5, 6]}, "is read as 1234.50"),
    "one and a half, or fifteen hundred": (
        b"a;b\n1;1,500\n3;2,500\n", 'sep=";"', {"a": [1, 3], "b": ["1,500", "2,500"]}, "may mean two numbers",
    ),
    "decimal commas beside decimal points": (
        b"a;b;c\n1;2,5;1.5\n3;5,5;2.5\n", 'sep=";"', {"a": [1, 3], "b": [2.5, 5.5], "c": [1.5, 2.5]}, "decimal sign",
    ),
    "dates with points": (b"a;b\n1;01.02.2024\n3;02.02.2024\n", 'sep=";"', {"a": [1, 3], "b": ["01.02.2024", "02.02.2024"]}, ""),
    "a mark for missing values": (b"a,b\n1,?\n3,6\n", 'na_values=["?"]', {"a": [1, 3], "b": [None, 6]}, '"?" is a missing value'),
    # -- what is no number
    "leading zeros": (b"a,b\n01234,2\n98101,6\n", 'dtype={"a": "str"}', {"a": ["01234", "98101"], "b": [2, 6]}, "leading zeros"),
    "codes with an E": (b"a,b\n1E5,2\n12E3,6\n", 'dtype={"a": "str"}', {"a": ["1E5", "12E3"], "b": [2, 6]}, "look like codes"),
    "scientific numbers": (b"a,b\n1.5E5,2\n1E-3,6\n", "", {"a": [150000.0, 0.001], "b": [2, 6]}, ""),
    "telephone numbers": (b"a,b\n+4930123456,2\n+4930123457,6\n", 'dtype={"a": "str"}', {"a": ["+4930123456", "+4930123457"], "b": [2, 6]}, "leading plus"),
    "Namibia": (
        b"a,b\nDE,2\nNA,6\nFR,7\n", 'keep_default_na=False, na_values=[""]', {"a": ["DE", "NA", "FR"], "b": [2, 6, 7]}, '"NA" is a code',
    ),
    "Namibia, and a missing number": (
        b"a,b\nDE,2\nNA,NA\n,7\nFR,7\n", 'keep_default_na=False, na_values={"a": [""], "b": ["", "NA"]}',
        {"a": ["DE", "NA", None, "FR"], "b": [2, None, 7, 7]}, '"NA" is a code',
    ),
    "no answer in states": (
        b"state,b\nTX,2\nNA,6\nCA,7\n", "", {"state": ["TX", None, "CA"], "b": [2, 6, 7]}, "it may be a code",
    ),
    "a missing value": (b"a,b\nmale,2\nNA,6\n", "", {"a": ["male", None], "b": [2, 6]}, ""),
}  # fmt: skip


def values_of(table: pd.DataFrame) -> dict[str, list[Any]]:
    found = table.astype(object).where(table.notna(), None)
    return {str(name): column.tolist() for name, column in found.items()}


@pytest.mark.parametrize("name", TEXTS)
def test_a_table_in_text_is_read_as_it_is_meant(tmp_path: Path, name: str) -> None:
    data, arguments, expected, word = TEXTS[name]
    reading, table = read(tmp_path, "facts.csv", data)
    given = f", {arguments}" if arguments else ""
    call = reading.call("facts.csv").removesuffix('.add_prefix("column_")')
    assert call == f'pd.read_csv("facts.csv"{given})'
    assert values_of(table) == expected
    assert (word in " ".join(reading.remarks)) if word else not reading.remarks


JSONS: dict[str, tuple[str, str, dict[str, list[Any]], str]] = {
    "one record": ('{"a": 1, "b": "x"}', 'pd.read_json("f.json", lines=True)', {"a": [1], "b": ["x"]}, "one record"),
    "records": ('[{"a": 1}, {"a": 2}]', 'pd.read_json("f.json")', {"a": [1, 2]}, ""),
    "lines": ('{"a": 1}\n{"a": 2}\n', 'pd.read_json("f.json", lines=True)', {"a": [1, 2]}, "Each line"),
    "columns": ('{"a": [1, 2], "b": [3, 4]}', 'pd.read_json("f.json")', {"a": [1, 2], "b": [3, 4]}, ""),
    "records behind a key": (
        '{"meta": {"note": "a [{ b"}, "rows": [{"a": 1}, {"a": 2}]}',
        'pd.json_normalize(pd.read_json("f.json", typ="series")["rows"])', {"a": [1, 2]}, '"rows" were read',
    ),
    "records two keys deep": (
        '{"result": {"count": 1, "items": [{"a": 1}]}}',
        'pd.json_normalize(pd.read_json("f.json", typ="series")["result"]["items"])', {"a": [1]}, '"result.items" were read',
    ),
    "nested records": (
        '[{"a": 1, "at": {"x": 2}}]', 'pd.json_normalize(pd.read_json("f.json", typ="series").tolist())', {"a": [1], "at.x": [2]}, "columns of their own: at",
    ),
    "nested lines": (
        '{"a": 1, "at": {"x": 2}}\n{"a": 2, "at": {"x": 3}}\n',
        'pd.json_normalize(pd.read_json("f.json", lines=True).to_dict("records"))', {"a": [1, 2], "at.x": [2, 3]}, "columns of their own",
    ),
    "two lists": (
        '{"nodes": [{"a": 1}], "links": [{"b": 2}]}', 'pd.json_normalize(pd.read_json("f.json", typ="series")["nodes"])', {"a": [1]}, "also has links",
    ),
    "columns and rows apart": (
        '{"columns": ["a"], "index": [0], "data": [[1]]}', 'pd.read_json("f.json", orient="split")', {"a": [1]}, "apart",
    ),
    "codes": ('[{"a": "007"}, {"a": "123"}]', 'pd.read_json("f.json", dtype=False)', {"a": ["007", "123"]}, "leading zeros"),
    "UTF-16": ('[{"a": 1}]', 'pd.read_json("f.json", encoding="utf-16")', {"a": [1]}, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", JSONS)
def test_json_is_read_as_it_is_meant(tmp_path: Path, name: str) -> None:
    text, call, expected, word = JSONS[name]
    data = text.encode("utf-16" if name == "UTF-16" else "utf-8")
    reading, table = read(tmp_path, "f.json", data)
    assert reading.call("f.json") == call
    assert values_of(table) == expected
    assert (word in " ".join(reading.remarks)) if word else not reading.remarks


def test_names_and_values_cannot_leave_their_quotes(tmp_path: Path) -> None:
    trap = 'x"]; raise SystemExit; y["'
    buffer = io.StringIO()
    pd.DataFrame({trap: ["$1.50", "$2.50"], "zip": ["01", "02"]}).to_csv(buffer, index=False)
    reading, table = read(tmp_path, "f.csv", buffer.getvalue().encode())
    assert table[trap].tolist() == [1.5, 2.5]
    assert reading.arguments == {"dtype": {"zip": "str"}}


def test_a_code_late_in_the_head_counts(tmp_path: Path) -> None:
    rows = [f"{number},{number / 7}" for number in range(10_000, 30_000)]
    data = "\n".join(["zip,share", *rows, "01234,0.5"]).encode()
    assert describe("f.csv", data, whole=True).arguments == {"dtype": {"zip": "str"}}


HOSTILE = {
    "commas": b"," * 1_000_000,
    "quotes": b'"' * 1_000_000,
    "quotes and commas": b'",' * 500_000,
    "lines": b"\n" * 1_000_000,
    "short rows": b"1\n2,\n" * 200_000,
    "wide rows": (b"1," * 50_000 + b"\n") * 10,
    "brackets": b"[" * 1_000_000,
    "objects": b'{"a":' * 200_000,
    "a text without end": b'{"' + b"a" * 1_000_000,
    "backslashes": b'{"a": "' + b"\\" * 1_000_000,
    "keys": b"{" + b'"a": 1,' * 140_000 + b"}",
    "spaces": b"a" + b" " * 1_000_000,
    "zeros": b"\0" * 1_000_000,
    "digits": b"a\n" + b"1" * 1_000_000,
    "signs": b"a\n" + b"1,1 " * 250_000,
    "UTF-16": b"\xff\xfe" + b",\0\n\0" * 250_000,
    "different codes": b"a,b\n" + b"".join(b"0%d,-%d\n" % (i, i) for i in range(60_000)),
}


@pytest.mark.parametrize("name", ["f.csv", "f.json", "f.jsonl", "f.tsv"])
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_described_in_linear_time(case: str, name: str) -> None:
    data = HOSTILE[case]
    assert isinstance(describe(name, data, whole=False), Reading)
    assert isinstance(describe(name, data[:1_000], whole=False), Reading)
