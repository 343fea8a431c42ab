"""Variables in prompts, and everything in prompts that is no variable."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_assistants.ipython.prompt import MAX_CHARACTERS, interpolate

PIECES = st.sampled_from(
    [
        "{",
        "}",
        "{{",
        "}}",
        "{x}",
        "{y}",
        "{{x}}",
        "{{y}}",
        "x",
        " ",
        '{"a": 1}',
        "{x.y}",
        "{x[0]}",
        "{x!r}",
        "{x:>10}",
        "{}",
        "\\{x}",
        "{ x }",
        "$x$",
        "\\frac{1}{2}",
        "{0}",
        "{é}",
        "{x}{x}",
    ]
)
PROMPTS = st.lists(PIECES, max_size=12).map("".join)


def test_a_name_in_braces_stands_for_the_variable() -> None:
    prompt = interpolate("Add {a} and {b}.", {"a": 1, "b": "two"})
    assert prompt.text == "Add 1 and two."
    assert prompt.names == ["a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        "{missing}",
        "{a.__class__}",
        "{a[0]}",
        "{a!r}",
        "{a:>10}",
        "{ a }",
        "{}",
        "{",
        "}",
        "\\frac{1}{2}",
        "{{missing}}",
        "{% for %}",
        "f'{1+1}'",
        "{a()}",
        "{__name__}",
        "{In}",
    ],
)
def test_other_braces_are_left_alone(text: str) -> None:
    variables = {"a": 1, "__name__": "__main__", "In": []}
    assert interpolate(text, variables).text == text


def test_doubled_braces_stand_for_the_text_in_single_ones() -> None:
    assert interpolate("{{a}} is {a}", {"a": 1}).text == "{a} is 1"


def test_values_are_not_looked_into_again() -> None:
    variables = {"a": "{b} {{b}} {a.__class__.__mro__}", "b": "secret"}
    assert interpolate("{a}", variables).text == "{b} {{b}} {a.__class__.__mro__}"


@given(PROMPTS)
def test_prompts_without_known_names_stay_as_they_are(text: str) -> None:
    assert interpolate(text, {"other": 1}).text == text


@given(PROMPTS, st.text(max_size=20))
def test_only_known_names_are_touched(text: str, value: str) -> None:
    result = interpolate(text, {"x": value}).text
    # Undone by hand: the same text with each occurrence replaced in one pass.
    expected = "".join(
        "{x}" if piece == "{{x}}" else value if piece == "{x}" else piece
        for piece in re.split(r"(\{\{x\}\}|\{x\})", text)
    )
    assert result == expected


def test_a_data_frame_is_described_by_size_columns_and_first_rows() -> None:
    frame = pd.DataFrame({"n": range(100), "word": ["w"] * 100})
    prompt = interpolate("{frame}", {"frame": frame})
    assert prompt.text.splitlines()[0] == "DataFrame: 100 rows x 2 columns"
    assert "n (int64)" in prompt.text
    assert frame.head(5).to_string() in prompt.text
    assert prompt.notes == ["{frame}: the first 5 of 100 rows"]


def test_a_series_is_described_too() -> None:
    series = pd.Series(range(3), name="s")
    assert interpolate("{s}", {"s": series}).text.startswith("Series: 3 rows\nFirst 3 rows:")


def test_long_values_are_cut_and_it_is_said() -> None:
    prompt = interpolate("{a} {a}", {"a": "y" * 50_000})
    assert len(prompt.text) < 2 * MAX_CHARACTERS + 200
    assert prompt.notes == ["{a}: the first 8,000 of 50,000 characters"]
    assert prompt.text.count("[… the first 8,000 of 50,000 characters …]") == 2
