"""The first line of a cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.ipython.options import parse_cell, split


def test_all_options_at_once() -> None:
    options = parse_cell(
        "tutor --model m/x --file a.csv -f 'b c.csv' --thread thread_1 --yes --raw -o answer -s papers "
        '--instructions "Be brief" --timeout 1.5 --no-context'
    )
    assert vars(options) == {
        "name": "tutor",
        "model": "m/x",
        "file": ["a.csv", "b c.csv"],
        "thread": "thread_1",
        "new": False,
        "yes": True,
        "raw": True,
        "output": "answer",
        "instructions": "Be brief",
        "timeout": 1.5,
        "store": "papers",
        "no_context": True,
        "record": None,
        "replay": False,
        "strict": False,
    }


def test_options_of_one_cell_are_not_those_of_the_next() -> None:
    parse_cell("--file a.csv")
    assert parse_cell("").file == []


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("--fil a", "did you mean --file?"),
        ("--instruction a", "did you mean --instructions?"),
        ("--zzz", "There is no option --zzz ("),
        ("tutor explain this", "the prompt goes below this line: explain"),
        ("--file", "expected one argument"),
        ("--timeout -1", "--timeout"),
        ("--timeout inf", "not a number of seconds: inf"),
        ("it's", "A quotation mark is not closed"),
    ],
)
def test_mistakes_are_explained(line: str, text: str) -> None:
    with pytest.raises(AssistantError) as caught:
        parse_cell(line)
    assert text in caught.value.message
    assert "\n" not in caught.value.message


@given(st.text(max_size=60))
def test_any_line_gives_options_or_one_of_our_errors(line: str) -> None:
    try:
        parse_cell(line)
    except AssistantError as error:
        assert error.message


@given(st.lists(st.text(alphabet="abc -#=/.", min_size=1, max_size=8), max_size=5))
def test_quoted_words_come_back_whole(words: list[str]) -> None:
    assert split(" ".join(f'"{word}"' for word in words)) == words
