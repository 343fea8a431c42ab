"""What a model is told of a notebook's variables."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_assistants.kernels import variables
from jupyter_assistants.kernels.variables import is_secret, mentioned, summary, value_of


class Slow:
    def __repr__(self) -> str:
        raise AssertionError("nobody may ask for this")

    __str__ = __len__ = __repr__  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nobody may ask for {name}")


def test_names_types_and_shapes_are_told_and_no_value() -> None:
    def area(width: float, height: float = 1) -> float:
        return width * height

    told = summary(
        {
            "phrase": "correct horse",
            "sizes": [1, 2, 3],
            "grid": np.zeros((3, 4)),
            "count": 42,
            "area": area,
            "Slow": Slow,
        }
    )
    assert told.splitlines() == [
        "- phrase: str, 13 characters",
        "- sizes: list, 3 items",
        "- grid: numpy.ndarray, shape (3, 4), float64",
        "- count: int",
        "- area: function(width, height)",
        "- Slow: class Slow",
    ]


def test_missing_values_the_index_and_the_range_of_dates_are_told() -> None:
    days = pd.date_range("2020-01-01", periods=4, name="day")
    frame = pd.DataFrame(
        {"a": [1.0, None, None, 4.0], "b": ["x", None, "y", "z"], "on": days, "c": [1, 2, 3, 4]},
        index=days,
    )
    (line,) = summary({"frame": frame}).splitlines()
    assert "a (float64, 2 missing)" in line and "c (int64)" in line
    assert ", 1 missing), on (datetime64" in line
    assert ", from 2020-01-01 to 2020-01-04), c" in line
    assert line.endswith(", from 2020-01-01 to 2020-01-04)") and "; index day (datetime64" in line
    assert "; index (str)" in summary({"f": frame.set_index("b").rename_axis(None)}) or (
        "; index (object)" in summary({"f": frame.set_index("b").rename_axis(None)})
    )
    grouped = frame.groupby(["b", "c"]).sum(numeric_only=True)
    assert "; index b, c (MultiIndex)" in summary({"grouped": grouped})
    periods = frame.set_index(pd.period_range("2020-01", periods=4, freq="M"))
    assert "(period[M], from 2020-01 to 2020-04)" in summary({"periods": periods})
    for odd in (frame.iloc[:0], frame.assign(on=pd.NaT), pd.DataFrame()):
        assert " from " not in summary({"odd": odd.reset_index(drop=True)}), "no date, no range"


def test_dates_are_not_told_where_no_values_may_be() -> None:
    frame = pd.DataFrame({"on": pd.date_range("2020-01-01", periods=4)})
    found = variables.describe_variables({"frame": frame}, names=["frame"], head=0)
    assert "2020" not in str(found)
    assert "2020-01-04" in str(variables.describe_variables({"frame": frame}, head=5))


def test_missing_values_of_huge_tables_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variables, "MAX_COUNTED", 100)
    small, large = (pd.DataFrame({"a": [None, 1.0] * n}) for n in (10, 100))
    told = summary({"small": small, "large": large, "last": small.copy()}).splitlines()
    assert ["missing" in line for line in told] == [True, False, True]
    texts = pd.DataFrame({"a": ["x", None, "y", "z"]})
    assert "missing" not in summary({"texts": texts}), "texts cost more"


def test_data_frames_come_first_with_their_columns_and_dtypes() -> None:
    frame = pd.DataFrame({"n": [1, 2], 7: [0.5, 1.5]})
    told = summary({"x": 1, "sales": frame, "one": frame["n"]})
    assert told.splitlines() == [
        "- sales: DataFrame 2 rows x 2 columns: n (int64), 7 (float64)",
        "- x: int",
        "- one: pandas.Series, shape (2,), int64",
    ]


def test_first_rows_are_told_only_when_asked_for() -> None:
    frame = pd.DataFrame({"n": range(100)})
    assert "99" not in summary({"df": frame}) and "\n" not in summary({"df": frame})
    assert summary({"df": frame}, rows=2).splitlines()[1:] == ["       n", "    0  0", "    1  1"]


def test_modules_hidden_names_and_those_of_the_shell_are_left_out() -> None:
    mine = object()
    names = {"sys": sys, "_x": 1, "In": [], "Out": {}, "display": mine, "exit": 1}
    assert summary(names, hidden={"display": mine}) == ""
    assert summary({"display": 5}, hidden={"display": mine}) == "- display: int"


def test_nothing_of_the_users_is_called() -> None:
    assert summary({"it": Slow()}) == "- it: test_variables.Slow"


def test_very_many_variables_are_told_in_part_and_soon() -> None:
    frame = pd.DataFrame({f"a_column_with_a_long_name_{i}": [0] for i in range(5000)})
    names: dict[str, Any] = {f"x{i}": "word " * 10_000 for i in range(10_000)} | {"df": frame}
    started = time.process_time()
    told = summary({"df": frame, **names})
    # To read all of it takes seconds.
    assert time.process_time() - started < 1
    assert len(told) < variables.MAX_CHARACTERS + 50
    assert "and 4,960 more" in told.splitlines()[0] and told.endswith("more")


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        *((name, True) for name in ("password", "API_KEY", "apiKey", "my_token", "db_passwd")),
        *((name, True) for name in ("OPENAI_API_KEY", "authToken", "aws_secret", "credentials")),
        *((name, False) for name in ("key", "monkey", "tokens", "sort_key", "keyboard", "author")),
    ],
)
def test_names_that_look_secret_are_left_out(name: str, secret: bool) -> None:
    assert is_secret(name) is secret
    assert (name not in summary({name: "correct horse"})) is secret
    assert ("correct horse" not in value_of({name: "correct horse"}, name)) is secret


def test_a_value_is_given_within_a_budget_and_nothing_of_the_users_is_called() -> None:
    class Loud:
        def __repr__(self) -> str:
            raise AssertionError("it was called")

    names = {"text": "x" * 100_000, "many": [Loud()] * 3, "nested": {"a": {"api_key": "abc"}}}
    assert len(value_of(names, "text")) < 5_000
    assert value_of(names, "many") == "list, 3 items\n[<" + "test_variables.Loud>, <" * 2 + (
        "test_variables.Loud>]"
    )
    assert "abc" not in value_of(names, "nested")
    assert value_of(names, "nested", rows=0) == "dict, 1 items"
    frame = pd.DataFrame({"age": range(100)})
    assert value_of({"frame": frame}, "frame", rows=2).splitlines()[-1].split() == ["1", "1"]
    assert "no variable" in value_of({}, "missing") and "no variable" in value_of({"_x": 1}, "_x")


def test_mentions_are_names_behind_an_at_sign() -> None:
    text = "plot @sales and @ages, not ada@example.org, nor @@x or a/@b; again @sales @über"
    assert mentioned(text) == ["sales", "ages", "über"]
