"""What docs/ names exists, and what exists docs/ names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import reduce
from typing import Any

import pytest
from openai import AzureOpenAI, OpenAI
from support.paths import DOCS

from jupyter_assistants.api.routes import ROUTES
from jupyter_assistants.config import AssistantsTraits
from jupyter_assistants.ipython.commands.words import WORDS
from jupyter_assistants.ipython.options import cell_parser, option_names
from jupyter_assistants.protocol.base import Part
from jupyter_assistants.protocol.files import FileExtension
from jupyter_assistants.protocol.locations import CitationExtension, ResultExtension
from jupyter_assistants.protocol.pages import ModelExtension
from jupyter_assistants.protocol.runs import RunExtension
from jupyter_assistants.protocol.steps import CallExtension, StepExtension
from jupyter_assistants.protocol.threads import ThreadExtension
from jupyter_assistants.protocol.tools import CodeInterpreterResources

API = (DOCS / "api.md").read_text()
SWITCH_OFF = (DOCS / "after-the-switch-off.md").read_text()
TRAITS = AssistantsTraits.class_traits(config=True)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_api_md_has_a_row_for_each_operation_and_no_others() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `([A-Z]+) (\S+)` \| ([^|]+) \|", API, re.MULTILINE)
    also = [", ".join(f"`{name}`" for name in route.also) for route in ROUTES]
    assert sorted(rows) == sorted(
        (r.id, r.verb, r.path, f"{r.action} (also on {more})" if more else r.action)
        for r, more in zip(ROUTES, also, strict=True)
    )


def test_api_md_has_a_row_for_each_setting_with_its_default() -> None:
    rows = dict(
        re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \|$", API.split("## Settings")[1], re.M)
    )
    assert set(rows) == set(TRAITS)
    for name, shown in rows.items():
        if shown.startswith("`") and shown.endswith("`"):
            assert shown.strip("`") == TRAITS[name].default_value_repr(), name


def test_api_md_has_a_row_for_each_field_that_we_add() -> None:
    fields: list[tuple[type[Part], str]] = [
        (RunExtension, "jupyter."),
        (StepExtension, "jupyter."),
        (ThreadExtension, "jupyter."),
        (CallExtension, "jupyter.calls.*."),
        (FileExtension, "jupyter."),
        (ModelExtension, "jupyter."),
        (CitationExtension, "jupyter."),
        (ResultExtension, "jupyter."),
    ]
    for kind, prefix in fields:
        for name in kind.model_fields:
            assert f"`{prefix}{name}`" in API, f"docs/api.md lacks a row for {prefix}{name}"
    assert "kernel_id" in CodeInterpreterResources.model_fields


@pytest.mark.parametrize("text", [API, SWITCH_OFF], ids=["api", "switch-off"])
def test_every_setting_that_is_named_exists(text: str) -> None:
    named = set(re.findall(r"JupyterAssistantsApp\.(\w+)", text))
    assert named
    assert named <= set(TRAITS)


@pytest.mark.parametrize("text", [API, SWITCH_OFF], ids=["api", "switch-off"])
def test_every_path_that_is_named_exists(text: str) -> None:
    known = {(route.verb, route.path) for route in ROUTES}
    named = set(re.findall(r"`(GET|POST|DELETE) (/\S*)`", text))
    assert named
    assert named <= known


def test_every_call_that_is_named_exists_in_the_sdk() -> None:
    client = OpenAI(api_key="k")
    azure = AzureOpenAI(api_key="k", azure_endpoint="http://x", api_version="v")
    chains = set(re.findall(r"\bclient((?:\.\w+)+)", SWITCH_OFF.split("```js")[0]))
    chains |= set(re.findall(r"`client((?:\.\w+)+)`", SWITCH_OFF))
    assert len(chains) > 10
    for chain in chains:
        for each in (client, azure):
            found: Any = reduce(getattr, chain.strip(".").split("."), each)
            assert callable(found), chain


def test_every_snippet_is_python() -> None:
    snippets = list(python_snippets(SWITCH_OFF))
    assert len(snippets) == 4
    for snippet in snippets:
        ast.parse(snippet)


def python_snippets(text: str) -> Iterator[str]:
    for indent, code in re.findall(r"^( *)```python\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        yield re.sub(rf"^{indent}", "", code, flags=re.MULTILINE)


def test_each_file_that_is_linked_exists() -> None:
    for text in (API, SWITCH_OFF):
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (DOCS / target).exists(), target


def test_the_readme_has_a_row_for_each_word_and_option() -> None:
    text = (DOCS.parent / "README.md").read_text()
    cells, words = text.split("| `%%assistant")[1], text.split("| `%assistant …` |")[1]
    for option in option_names(cell_parser()):
        assert f"`{option}" in cells, f"README.md lacks the option {option}"
    for name in WORDS:
        assert re.search(rf"`{name}[ `]", words), f"README.md lacks the word {name}"
