"""The demo model on text files: when it searches, and what it says of the results."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryMessage,
    ModelRequest,
    ToolSpec,
)
from jupyter_assistants.models.demo.documents import NOTHING
from jupyter_assistants.models.demo.steps import FinalAnswer, NextCall, next_step
from jupyter_assistants.protocol.tools import NamedToolChoice

SEARCH = ToolSpec("file_search", "", {})
PYTHON = ToolSpec("run_python", "", {})
OUTPUT = (
    "【2:0†ducks.txt】 page 3\nThey swim. Ducks eat bread and corn.\nMore.\n\n"
    "【2:1†ships.txt】\nShips.\n\nCite with the marks above, exactly as they are."
)


def request(*tools: ToolSpec, text: str = "What do ducks eat?", **options: Any) -> ModelRequest:
    return ModelRequest("demo", "", [HistoryMessage("user", text)], tools, **options)


def answer(output: str) -> str:
    asked = [HistoryMessage("user", "What do ducks eat?"), FunctionCall("c", "file_search", "{}")]
    step = next_step(ModelRequest("demo", "", [*asked, FunctionOutput("c", output)], [SEARCH]))
    assert isinstance(step, FinalAnswer)
    return step.text


@pytest.mark.parametrize("tools", [[SEARCH], [PYTHON, SEARCH]])
def test_a_question_about_no_table_is_searched(tools: list[ToolSpec]) -> None:
    assert next_step(request(*tools)) == NextCall(
        "file_search", {"queries": ["What do ducks eat?"]}
    )


def test_a_question_about_a_table_is_worked_out() -> None:
    text = "mean mass by species\n\n[attached files]\n- /mnt/data/a.csv (1 kB, id file-1)"
    step = next_step(request(PYTHON, SEARCH, text=text))
    assert isinstance(step, NextCall) and step.name == "run_python"


def test_a_forced_search_is_made_and_a_forbidden_one_is_not() -> None:
    forced = request(PYTHON, SEARCH, tool_choice=NamedToolChoice(type="file_search"))
    assert isinstance(step := next_step(forced), NextCall) and step.name == "file_search"
    assert isinstance(next_step(request(SEARCH, tool_choice="none")), FinalAnswer)


def test_the_answer_is_a_quote_with_its_mark() -> None:
    assert answer(OUTPUT) == "ducks.txt, page 3: “Ducks eat bread and corn.” 【2:0†ducks.txt】"


def test_the_best_sentence_of_all_passages_is_quoted_with_its_own_page() -> None:
    output = (
        "【2:0†a.pdf】 page 1 to page 2\n[page 1]\nNothing here.\n[page 2]\nDucks eat bread.\n\n"
        "【2:1†b.xlsx】 Sheet1!A1:B9\nDucks.\n\nCite with the marks above, exactly as they are."
    )
    assert answer(output) == "a.pdf, page 2: “Ducks eat bread.” 【2:0†a.pdf】"


def test_no_result_is_said() -> None:
    assert answer("Nothing was found. Try other words.") == NOTHING
