"""What a person is asked before code runs in a live kernel."""

from __future__ import annotations

import pytest

from jupyter_assistants.tools.code_interpreter.approval import question


@pytest.mark.parametrize(("language", "named"), [("python", None), ("r", "R")])
def test_it_names_the_language_of_a_kernel_that_is_not_python(
    language: str, named: str | None
) -> None:
    asked = question(
        "1 + 1", kernel_id="k", place="kernel k", max_approval="ask", language=language
    )
    assert asked.arguments.get("language") == named
    assert asked.arguments["max_approval"] == "ask"
