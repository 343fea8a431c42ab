"""Tables as models read them."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_assistants.kernels import outputs as nb
from jupyter_assistants.kernels.tables import MAX_TABLE, MIME, table_text


class Slow:
    def __repr__(self) -> str:
        raise AssertionError("nobody may ask for this")

    __str__ = __repr__


def text(value: Any) -> str:
    found = table_text(value)
    assert found is not None
    return found


def rows(value: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text(value).partition("\n")[2])))


def test_a_table_is_csv_with_its_types_and_the_number_of_rows() -> None:
    frame = pd.DataFrame({"name": ["a", None], "n": [1, 2], "x": [0.1 + 0.2, float("nan")]})
    head, *_ = text(frame).splitlines()
    assert (
        head.startswith("[table: 2 rows x 3 columns; types: name ") and "n int64, x float64" in head
    )
    assert rows(frame) == [["name", "n", "x"], ["a", "1", "0.3"], ["", "2", ""]]


def test_an_index_that_says_something_is_there() -> None:
    frame = pd.DataFrame({"k": ["u", "v", "u"], "m": ["p", "p", "q"], "n": [1, 2, 3]})
    assert rows(frame.set_index("k"))[:2] == [["k", "m", "n"], ["u", "p", "1"]]
    assert rows(frame.sort_values("n", ascending=False))[1] == ["2", "u", "q", "3"]
    grouped = frame.groupby(["k", "m"]).agg(["sum", "mean"])
    assert rows(grouped)[:2] == [["k", "m", "n/sum", "n/mean"], ["u", "p", "1", "1"]]
    assert rows(frame.describe())[0] == ["", "n"]


@pytest.mark.parametrize("count", [20, 21, 60, 61, 1_000])
def test_a_long_table_is_head_and_tail_with_the_number_of_what_was_left_out(count: int) -> None:
    lines = text(pd.DataFrame({"n": range(count)})).splitlines()
    assert lines[2] == "0" and lines[-1] == str(count - 1) and f"{count:,} rows x" in lines[0]
    left = [line for line in lines if "left out" in line]
    shown = 20 if count <= 60 else 10
    assert left == ([f"[… {count - shown:,} rows left out …]"] if count > 20 else [])


def test_texts_of_other_kinds_are_bounded() -> None:
    wide = text(pd.DataFrame(np.zeros((3, 500))))
    assert "and 470 more columns" in wide and len(wide) < 1_500
    long = text(pd.DataFrame({"a": ["x" * 100_000] * 50}))
    assert len(long) < MAX_TABLE + 100 and "characters left out" in text(
        pd.DataFrame({str(n): ["x" * 10_000] * 50 for n in range(30)})
    )
    odd = {
        "date": [date(2020, 1, 2)],
        "many": [[1] * 1_000],
        "mine": [Slow()],
        "comma": ['a,"b"\nc'],
    }
    assert rows(pd.DataFrame(odd))[1] == ["2020-01-02", "list of 1,000", "<Slow>", 'a,"b"\nc']


def test_what_is_no_table_or_a_broken_one_has_no_text() -> None:
    class DataFrame:
        shape = (1, 1)

    class Broken(pd.DataFrame):
        @property
        def shape(self) -> Any:
            raise ValueError("broken")

    for value in (1, "a", DataFrame(), Broken({"a": [1]}), pd.Series([1]), np.zeros((2, 2))):
        assert table_text(value) is None


def test_a_subclass_of_a_table_is_one() -> None:
    class Mine(pd.DataFrame):
        pass

    assert rows(Mine({"a": [1]})) == [["a"], ["1"]]


def display(frame: pd.DataFrame) -> dict[str, Any]:
    data = {"text/plain": repr(frame), "text/html": frame.to_html(), MIME: text(frame)}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def test_people_and_files_never_get_it() -> None:
    frame = pd.DataFrame({"a": [1]})
    stream = {"output_type": "stream", "name": "stdout", "text": "x"}
    kept = nb.without_tables([display(frame), stream])
    assert MIME not in kept[0]["data"] and set(kept[0]["data"]) == {"text/plain", "text/html"}
    assert kept[1] == stream and "[table" not in nb.logs_text([display(frame)])


def test_a_client_that_posts_megabytes_as_a_table_is_cut() -> None:
    output = {"output_type": "display_data", "data": {MIME: "x" * 1_000_000}, "metadata": {}}
    assert len(nb.model_text([output])) < MAX_TABLE + 100
