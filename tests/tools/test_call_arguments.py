"""Arguments of calls that are nearly JSON, or not what the tool takes: they are read, or answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.distributions import write_distribution
from support.service_session import Bench, bench, events

from jupyter_assistants import registry
from jupyter_assistants.models.base import FunctionCall, FunctionOutput
from jupyter_assistants.models.loose_json import split_objects
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import ToolError
from jupyter_assistants.protocol.tool_types import forget_tool_types
from jupyter_assistants.tools.code_interpreter.tool import code_of
from jupyter_assistants.tools.file_search.tool import queries_of

CODE = {"type": "code_interpreter"}
FORM = '{"code": "…"}'

RUNS = {
    "quotes escaped as in JavaScript": (r"""{"code":"print(\'hi\')"}""", "hi"),
    "Python's repr": (r"""{'code': 'print("a", len("b\\n"))'}""", "a 2"),
    "a comma at the end": ('{"code": "print(1)",}', "1"),
    "triple quotes": ('{"code": """x = "t"\nprint(x)"""}', "t"),
    "a pattern": (r"""{"code": "import re\nprint(re.findall(r'\b\d+\b', 'a 12 b3'))"}""", "['12']"),
    "JSON in JSON": (json.dumps(json.dumps({"code": "print(2)"})), "2"),
    "JSON in the code": (json.dumps({"code": json.dumps({"code": "print(3)"})}), "3"),
    "a raw line break": ('{"code": "x = 4\nprint(x)"}', "4"),
    "a fence around it": ('```json\n{"code": "print(5)"}\n```', "5"),
    "fenced code": ("```python\nprint(6)\n```", "6"),
    "fenced code in JSON": (json.dumps({"code": "```python\nprint(7)\n```"}), "7"),
    "single quotes": ("{'code': 'print(8)'}", "8"),
    "comments": ('{"code": "print(9)" /* it */ } // done', "9"),
    "a text": ('"print(10)"', "10"),
    "no JSON": ("print(11)", "11"),
    "a set, and no JSON": ("{12}.pop()", "12"),
    "JSON that is as it should be": ('{"code": "print(13)", "why": "so"}', "13"),
}

ANSWERED = {
    "cut": ('{"code": "print(1); pri', "stops in the middle"),
    "cut behind the code": ('{"code": "print(1)"', "stops in the middle"),
    "a quote in the code": ('{"code": "print("1")"}', "should be a comma"),
    "several objects": ('{"code": "1"}, {"code": "2"}', "something follows the JSON"),
    "an object": ("{}", 'there is no "code" in the arguments, but nothing'),
    "an empty text": ('""', "the code is empty"),
    "blanks": ('{"code": "  "}', "the code is empty"),
    "another name": ('{"input": "print(1)"}', 'there is no "code" in the arguments, but "input"'),
    "another name, nearly JSON": ("{'input': 'code',}", 'but "input"'),
    "a list": ('["print(1)"]', "the code has to be a text, and is a list"),
    "a list of objects": ("[{'code': 'print(1)'}]", "the code has to be a text, and is a list"),
    "null": ("null", "the code has to be a text, and is null"),
    "a number": ("5", "the code has to be a text, and is a number"),
    "a number as code": ('{"code": 5}', "the code has to be a text, and is a number"),
    "too deep": ('{"code": ' + "[" * 500, "nested more than 100 levels deep"),
}


def outputs(b: Bench) -> list[str]:
    """Return the outputs that the model got with its last request."""
    history = b.model.requests[-1].history
    return [entry.output for entry in history if isinstance(entry, FunctionOutput)]


async def test_code_in_arguments_that_are_nearly_json_runs(tmp_path: Path) -> None:
    turns = [[call("run_python", text)] for text, _ in RUNS.values()]
    async with bench(tmp_path, *turns, ["Done."]) as b:
        await b.begin(CODE)
        started = await b.start()
        found = await events(started)
        run = await b.get_run(started.run)
        assert run.status == "completed", run.last_error
        shown = [output.strip().strip("'") for output in outputs(b)]
        assert dict(zip(RUNS, shown, strict=True)) == {
            case: said for case, (_, said) in RUNS.items()
        }
        # It is shown, stored and sent again as the code that ran.
        sent = [c.arguments for c in b.model.requests[-1].history if isinstance(c, FunctionCall)]
        assert json.loads(sent[0]) == {"code": "print('hi')"}
        assert sent[-1] == RUNS["JSON that is as it should be"][0]
        steps = (await b.steps(run))[:-1]
        inputs = [
            s.wire()["step_details"]["tool_calls"][0]["code_interpreter"]["input"] for s in steps
        ]
        assert inputs == [code_of(text) for text, _ in RUNS.values()]
        told = [each.data for each in found if each.event == "thread.run.step.in_progress"]
        first = [e["step_details"]["tool_calls"] for e in told if e["id"] == steps[0].id]
        assert first[-1][0]["code_interpreter"]["input"] == "print('hi')"


@pytest.mark.parametrize("case", ANSWERED)
async def test_a_call_without_clear_code_is_an_answer_to_the_model(
    case: str, tmp_path: Path
) -> None:
    text, reason = ANSWERED[case]
    async with bench(tmp_path, [call("run_python", text)], ["I see."]) as b:
        await b.begin(CODE)
        run = await b.run()
        assert run.status == "completed", run.last_error
        (told,) = outputs(b)
        assert told.startswith("error: run_python was not called: ")
        assert reason in told and FORM in told
        step = (await b.steps(run))[0]
        detail = step.wire()["step_details"]["tool_calls"][0]["code_interpreter"]
        assert (detail["input"], detail["outputs"]) == (text, [])
        assert next(iter(step.jupyter.calls.values())).status == "error"


async def test_objects_that_are_glued_together_are_several_calls(tmp_path: Path) -> None:
    parts = split_objects("""{'code': 'print(1)',}\n{'code': 'print(2)',}""")
    turn = [call("run_python", part) for part in parts]
    async with bench(tmp_path, turn, ["Done."]) as b:
        await b.begin(CODE)
        await b.run()
        assert outputs(b) == ["1", "2"]


@given(st.text(min_size=1).filter(str.strip))
def test_code_in_valid_json_stays_as_it_is(code: str) -> None:
    inner = code.strip()
    if inner.startswith("```") or ("code" in inner and inner[0] in "{[(\"'`"):
        return
    assert code_of(json.dumps({"code": code})) == code
    assert code_of(json.dumps({"code": code}, ensure_ascii=False)) == code


@pytest.mark.parametrize(
    ("arguments", "queries"),
    [
        ('{"queries": ["a", "b"]}', ["a", "b"]),
        ("{'queries': ['a', 'b'],}", ["a", "b"]),
        (r"""{"queries": ["it\'s"]}""", ["it's"]),
        ('{"query": "a"}', ["a"]),
        ('"a"', ["a"]),
        ("['a', 'b']", ["a", "b"]),
        ("some words", ["some words"]),
        ("[draft] contract", ["[draft] contract"]),
        ('"an exact phrase" and words', ['"an exact phrase" and words']),
        (json.dumps('{"queries": ["a"]}'), ["a"]),
    ],
)
def test_queries_are_read_in_every_form_that_is_plain(arguments: str, queries: list[str]) -> None:
    assert queries_of(arguments) == queries


@pytest.mark.parametrize(
    "arguments", ["{}", '""', "", '{"input": "x"}', "[]", "null", "5", '{"queries": ["cut']
)
def test_a_search_without_queries_is_an_answer_to_the_model(arguments: str) -> None:
    with pytest.raises(ToolError, match=r'of this form, as valid JSON: \{"queries": \["…"\]\}'):
        queries_of(arguments)


LOOKUP = """
import json

from jupyter_assistants.models.base import ToolSpec
from jupyter_assistants.tools.base import Tool

SCHEMA = {
    "type": "object",
    "properties": {
        "word": {"type": "string"},
        "most": {"type": "integer"},
        "kind": {"enum": ["noun", "verb"]},
    },
    "required": ["word", "kind"],
}


class Lookup(Tool):
    type = "lookup"

    def spec(self):
        return ToolSpec("lookup", "Look a word up.", SCHEMA)

    async def call(self, call_id, arguments, context, progress):
        word = json.loads(arguments)["word"]
        return self.result(call_id, arguments, f"{word.upper()}!")
"""


@pytest.fixture
def lookup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    installed = tmp_path / "installed"
    points = "[jupyter_assistants.tools]\nlookup = lookup_of_words:Lookup\n"
    write_distribution(installed, "lookup-of-words", points, {"lookup_of_words": LOOKUP})
    with monkeypatch.context() as changed:
        changed.syspath_prepend(installed)
        registry.forget()
        yield
    registry.forget()
    forget_tool_types()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("{'word': 'tree', 'kind': 'noun'}", "TREE!"),
        ('{"word": "tree", "kind": "noun",}', "TREE!"),
        ("{}", "the arguments lack 'word' and 'kind'"),
        ('{"kind": "noun"}', "the arguments lack 'word'"),
        ('""', "the arguments are a text instead of an object"),
        ("[1]", "the arguments are a list instead of an object"),
        ("null", "the arguments are null instead of an object"),
        ("tree", "the arguments are not valid JSON"),
        ('{"word": 5, "kind": "noun"}', "the tool lookup failed: AttributeError"),
    ],
)
async def test_a_tool_of_another_package_gets_arguments_that_it_can_read(
    tmp_path: Path, lookup: None, arguments: str, told: str
) -> None:
    async with bench(tmp_path, [call("lookup", arguments)], ["Done."]) as b:
        await b.begin({"type": "lookup"})
        run = await b.run()
        assert run.status == "completed", run.last_error
        (output,) = outputs(b)
        assert told in output
        assert "was not called" not in output or '{"word": "…", "kind": "noun"}' in output
