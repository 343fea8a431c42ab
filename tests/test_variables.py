"""What a model is told of a notebook's variables."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import pandas as pd

from jupyter_assistants import variables
from jupyter_assistants.variables import summary


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
            "password": "correct horse",
            "sizes": [1, 2, 3],
            "grid": np.zeros((3, 4)),
            "count": 42,
            "area": area,
            "Slow": Slow,
        }
    )
    assert told.splitlines() == [
        "- password: str, 13 characters",
        "- sizes: list, 3 items",
        "- grid: numpy.ndarray, shape (3, 4), float64",
        "- count: int",
        "- area: function(width, height)",
        "- Slow: class Slow",
    ]


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
    started = time.perf_counter()
    told = summary({"df": frame, **names})
    assert time.perf_counter() - started < 0.2  # four times what it may take on an idle machine
    assert len(told) < variables.MAX_CHARACTERS + 50
    assert "and 4,960 more" in told.splitlines()[0] and told.endswith("more")
