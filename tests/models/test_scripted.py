"""The scripted model, which users' tests rely on too."""

from __future__ import annotations

import pytest
from support.conversations import answer_of, sample_request

from jupyter_assistants.models.base import (
    HistoryMessage,
    ModelRequest,
    RefusalDelta,
    StreamEnd,
    TextDelta,
)
from jupyter_assistants.models.scripted import Scripted, call
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.errors import ProviderError


def test_text_is_streamed_word_by_word() -> None:
    answer = answer_of(Scripted(["One two\nthree "]))
    assert answer.text == "One two\nthree "
    assert TextDelta(" two") in answer.events
    assert answer.finished.reason == "stop"


def test_calls_are_streamed_and_whole_at_the_end() -> None:
    answer = answer_of(Scripted([["I look.", call("look"), call("run_python", {"code": "1"})]]))
    assert answer.calls == [("look", "{}"), ("run_python", '{"code": "1"}')]
    assert answer.streamed_calls == list(answer.finished.calls)
    assert answer.finished.reason == "tool_calls"


def test_call_ids_are_unique_over_the_turns() -> None:
    model = Scripted([[call("look")], [call("look"), call("look", call_id="call_x")]])
    assert [
        c.call_id for c in answer_of(model, sample_request(), sample_request()).finished.calls
    ] == [
        "call_2",
        "call_x",
    ]


def test_arguments_need_not_be_json() -> None:
    assert answer_of(Scripted([[call("run_python", "print(1)")]])).calls == [
        ("run_python", "print(1)")
    ]


def test_events_pass_as_they_are() -> None:
    end = StreamEnd("length")
    assert answer_of(Scripted([[RefusalDelta("No."), end, "never said"]])).events == [
        RefusalDelta("No."),
        end,
    ]


def test_an_exception_is_raised_where_it_stands() -> None:
    came = []

    async def listener() -> None:
        async for event in Scripted([["Hel", ProviderError("down")]]).stream(sample_request()):
            came.append(event)

    import asyncio

    with pytest.raises(ProviderError, match="down"):
        asyncio.run(listener())
    assert came == [TextDelta("Hel")]


def test_a_function_of_the_request_makes_a_turn() -> None:
    def echo(request: ModelRequest) -> str:
        [said] = request.history
        assert isinstance(said, HistoryMessage)
        return said.text

    assert answer_of(Scripted([echo]), sample_request("Say this")).text == "Say this"


def test_the_requests_are_kept() -> None:
    model = Scripted(["a", "b"])
    answer_of(model, sample_request("first"), sample_request("second"))
    assert model.requests == [sample_request("first"), sample_request("second")]


def test_asking_for_more_than_the_script_has_is_an_error() -> None:
    with pytest.raises(ProviderError, match="has 1 turns and was asked 2 times"):
        answer_of(Scripted(["a"]), sample_request(), sample_request())


def test_usage_is_counted() -> None:
    spent = answer_of(Scripted(["One two three"])).finished.usage
    assert spent.completion_tokens == 3
    assert spent.prompt_tokens > 0


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("hello world", 2), ("1234567", 3), ("日本語", 3), ("😀", 1), ("a,b", 3)],
)
def test_tokens_are_estimated(text: str, tokens: int) -> None:
    assert estimate(text) == tokens
