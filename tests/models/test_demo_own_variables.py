"""The demo's code leaves the person's variables alone, and answers about theirs."""

from __future__ import annotations

import pytest

from jupyter_assistants.models.base import HistoryMessage
from jupyter_assistants.models.demo.files import variable_for
from jupyter_assistants.models.demo.free_names import with_free_names
from jupyter_assistants.models.demo.history import own_variables
from jupyter_assistants.models.notebook_block import wrap_context


@pytest.mark.parametrize(
    ("code", "taken", "free"),
    [
        ("fig, ax = f()\nax.plot(ax=ax)", ["ax"], "fig, ax_2 = f()\nax_2.plot(ax=ax_2)"),
        ("a = 1\na_2 = a", ["a"], "a_3 = 1\na_2 = a_3"),
        ("b = a.sum()", ["a"], "b = a.sum()"),
        ('ä = {"a": 1}; a = ä', ["a"], 'ä = {"a": 1}; a_2 = ä'),
        ("print([a for a in x])", ["a"], "print([a for a in x])"),
        ("a = 1", [], "a = 1"),
    ],
)
def test_code_binds_no_name_of_the_person(code: str, taken: list[str], free: str) -> None:
    assert with_free_names(code, taken) == free


def test_a_file_gets_a_variable_of_its_own() -> None:
    assert variable_for("a.csv") == "a"
    assert variable_for("a.csv", {"a": "int"}) == "a_data"
    assert variable_for("a.csv", {"a": "int", "a_data": "int"}) == "a_2"


def test_variables_are_the_person_s_unless_an_assistant_made_them() -> None:
    first = wrap_context(
        "[variables]\n- a: int\n- b: DataFrame 2 rows x 1 columns: n (int64)\n- c: str"
    )
    then = wrap_context(
        "[variables, only what changed since the last list]\n"
        "- b: DataFrame 1 rows x 1 columns: n (int64) (made by your code)\n- gone: c"
    )
    history = [HistoryMessage("user", f"{text}\n\nQuestion\n- d: int") for text in (first, then)]
    assert own_variables(history) == {"a": "int"}
