"""The demo as a model client: events, choices, limits, honesty."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.demo_thread import DemoThread, events, text_of

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionOutput,
    HistoryMessage,
    ModelRequest,
    StreamEnd,
    TextDelta,
    ToolSpec,
)
from jupyter_assistants.models.demo import Demo
from jupyter_assistants.protocol.tools import FunctionName, NamedToolChoice

BANNER = "demo model: rules, not an AI"
WEATHER = ToolSpec(
    "get_weather",
    "Weather of a place.",
    {
        "type": "object",
        "properties": {
            "location": {"type": "string"},
            "unit": {"type": "string", "enum": ["c", "f"]},
            "days": {"type": "integer", "minimum": 2, "maximum": 7},
            "exact": {"type": ["boolean", "null"]},
            "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
        },
        "required": ["location", "unit", "days", "exact", "tags"],
        "$defs": {"tag": {"type": "object", "properties": {"name": {"const": "x"}}}},
    },
)


@pytest.fixture
def thread(tmp_path: Path) -> DemoThread:
    return DemoThread(tmp_path)


@pytest.mark.parametrize(
    "question",
    ["What can you do?", "hello", "Who are you?", "help me please"],
)
def test_a_question_about_nothing_gets_the_list_of_what_works(
    thread: DemoThread, question: str
) -> None:
    reply = thread.ask(question, "penguins.csv")
    assert reply.codes == []
    assert "OPENAI_API_KEY" in reply.text
    assert "%%assistant --model NAME" in reply.text
    assert reply.text.endswith(f"*{BANNER}*")


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Write a poem about penguins by species", "poem"),
        ("Why are Gentoo penguins heavier on average?", "heavier"),
        ("Predict the body mass of a penguin", "Predict"),
        ("Explain the histogram", "Explain"),
        ("Wie schwer sind die Pinguine?", "Wie schwer sind die Pinguine"),
    ],
)
def test_of_a_free_question_the_words_are_named_that_nobody_knows(
    thread: DemoThread, question: str, named: str
) -> None:
    reply = thread.ask(question, "penguins.csv")
    assert "Not understood: " in reply.text and named in reply.text
    assert len(reply.codes) == 1


def test_the_examples_of_the_list_use_the_real_columns_and_work(thread: DemoThread) -> None:
    thread.ask("overview", "penguins.csv")
    listed = thread.ask("What can you do?").text
    examples = listed.partition("For example:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) == 3
    for example in examples:
        reply = thread.ask(example.removeprefix("- "))
        assert "The code failed" not in reply.text
        assert reply.figures == 1


def test_a_rejection_stops_the_turn_and_names_the_reason(thread: DemoThread) -> None:
    reply = thread.ask("overview", "penguins.csv", reject="The user rejected this code: too slow")
    assert len(reply.codes) == 1
    assert "The user rejected this code: too slow" in reply.text


def test_code_that_fails_in_the_kernel_ends_the_turn(thread: DemoThread) -> None:
    reply = thread.ask("overview", "penguins.csv", reject="Traceback …\nMemoryError: no room")
    assert len(reply.codes) == 1
    assert "MemoryError: no room" in reply.text


def test_text_comes_in_words_that_add_up(thread: DemoThread) -> None:
    thread.say("hello")
    stream = events(thread.request())
    assert all(isinstance(event, TextDelta) for event in stream[:-1])
    assert len(stream) > 50
    assert isinstance(stream[-1], StreamEnd)
    assert stream[-1].reason == "stop"
    assert stream[-1].usage.completion_tokens > 50
    usage = stream[-1].usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_arguments_of_a_call_come_in_pieces(thread: DemoThread) -> None:
    thread.say("overview", "penguins.csv")
    stream = events(thread.request())
    assert sum(isinstance(event, CallDelta) for event in stream) > 5
    assert isinstance(stream[-1], StreamEnd)
    assert stream[-1].reason == "tool_calls"


def test_the_same_request_gives_the_same_events(thread: DemoThread) -> None:
    thread.ask("mean body mass by species", "penguins.csv")
    thread.say("and missing values")
    assert events(thread.request()) == events(thread.request())


def test_the_same_question_twice_gets_different_call_ids(thread: DemoThread) -> None:
    thread.ask("overview", "penguins.csv")
    thread.ask("overview")
    ids = [entry.call_id for entry in thread.history if isinstance(entry, FunctionOutput)]
    assert len(set(ids)) == len(ids) == 4


def test_without_the_tool_it_says_how_to_get_it(thread: DemoThread) -> None:
    reply = thread.ask("overview", "penguins.csv", tools=())
    assert '"type": "code_interpreter"' in reply.text


def test_no_call_is_made_where_calls_are_forbidden(thread: DemoThread) -> None:
    reply = thread.ask("overview", "penguins.csv", tool_choice="none")
    assert reply.codes == []
    assert "tool_choice" in reply.text


def test_functions_of_the_program_are_left_alone(thread: DemoThread) -> None:
    thread.say("What is the weather in San Francisco?")
    stream = events(thread.request(tools=(WEATHER,)))
    assert BANNER in text_of(stream)


@pytest.mark.parametrize(
    "choice",
    ["required", NamedToolChoice(type="function", function=FunctionName(name="get_weather"))],
)
def test_a_forced_function_is_called_with_valid_arguments(choice: Any) -> None:
    history = [HistoryMessage("user", "What will the weather in San Francisco be for 9 days?")]
    stream = events(ModelRequest("demo", "", history, (WEATHER,), choice))
    finished = stream[-1]
    assert isinstance(finished, StreamEnd)
    assert finished.calls[0].name == "get_weather"
    assert json.loads(finished.calls[0].arguments) == {
        "location": "San Francisco",
        "unit": "c",
        "days": 7,
        "exact": True,
        "tags": [{"name": "x"}],
    }
    history = [*history, finished.calls[0], FunctionOutput(finished.calls[0].call_id, "57 degrees")]
    after = events(ModelRequest("demo", "", history, (WEATHER,), choice))
    assert "57 degrees" in text_of(after)


def test_a_forced_code_interpreter_is_called_even_for_a_free_question(thread: DemoThread) -> None:
    reply = thread.ask(
        "hello", "penguins.csv", tool_choice=NamedToolChoice(type="code_interpreter")
    )
    assert len(reply.codes) == 1
    assert "histogram of body_mass_g" in reply.text


def test_an_answer_ends_at_the_token_limit(thread: DemoThread) -> None:
    thread.say("hello")
    stream = events(thread.request(max_output_tokens=20))
    assert isinstance(stream[-1], StreamEnd)
    assert stream[-1].reason == "length"
    assert stream[-1].usage.completion_tokens <= 20


def test_data_cannot_write_links_into_an_answer(thread: DemoThread) -> None:
    (thread.folder / "t.csv").write_text("a,b\n![x](http://example.com/x.png),1\n|<b>,2\n")
    reply = thread.ask("most frequent a", "t.csv")
    assert r"!\[x\](http" in reply.text
    assert r"\|\<b\>" in reply.text


def test_it_names_itself_and_its_limits() -> None:
    limits = asyncio.run(Demo().limits("demo"))
    assert (limits.window, limits.vision, limits.source) == (1_000_000, False, "demo")
    assert asyncio.run(Demo().models()) == ["demo"]
    assert Demo.id == "demo"


def test_importing_it_does_not_import_pandas() -> None:
    code = (
        "import sys, jupyter_assistants.models.demo;"
        "print([name for name in ('pandas', 'numpy', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
