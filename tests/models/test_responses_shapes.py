"""The shapes in which endpoints stream responses, models.md section 3.1, over real HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.conversations import asking, client, heard
from support.responses_replies import (
    HELLO,
    ONE,
    TWO,
    call_item,
    called,
    counted,
    end,
    responding,
    said,
    thought,
    thought_item,
)
from support.upstream import CUT, Reply, Upstream, event, events, page, plain

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionCall,
    HistoryMessage,
    Reasoning,
    RefusalDelta,
    TextDelta,
)
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.runs import Usage


def answer_to(reply: Reply, *requests: Any, **more: Any) -> Any:
    with Upstream(reply) as upstream:
        answer = heard(client(upstream.url, wire="responses", **more), *requests)
    assert {received.path for received in upstream.received} == {"/v1/responses"}
    return answer


def text_delta(delta: Any, **more: Any) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "delta": delta, **more}


def item_done(item: dict[str, Any], index: int | None = 0) -> dict[str, Any]:
    place = {} if index is None else {"output_index": index}
    return {"type": "response.output_item.done", "item": item, **place}


MESSAGE = {
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Hello"}],
}
WHOLE = {
    "object": "response",
    "status": "completed",
    "error": None,
    "output": [MESSAGE],
    "usage": counted(),
}

SAID = [
    ("row 1: text and usage", HELLO),
    ("row 12: an event without anything", events({}, *said("Hello"), end())),
    ("row 13: delta null", responding(text_delta(None), said("Hello"), end())),
    ("only the item", responding(item_done(MESSAGE), end())),
    ("only the last event", responding(end(output=[MESSAGE]))),
    ("deltas without places", responding(text_delta("Hel"), text_delta("lo"), end())),
    (
        "row 15: reasoning in the open",
        responding({"type": "response.reasoning_text.delta", "delta": "Hm."}, said("Hello"), end()),
    ),
    (
        "row 15: a summary",
        responding(
            {"type": "response.reasoning_summary_text.delta", "delta": "Hm."}, said("Hello"), end()
        ),
    ),
    ("row 19: comments", events(b": waiting\n\n", *said("Hello"), b": end\n\n", end())),
    ("row 23: with [DONE]", responding(said("Hello"), end(), done=True)),
    ("row 11: no last event", responding(said("Hello"))),
    ("row 11: no status", responding(said("Hello"), {"type": "response.completed"})),
    (
        "row 32: unknown events and items",
        responding(
            {"type": "response.hologram.delta", "delta": "?", "output_index": 0},
            item_done({"type": "hologram", "content": [{"text": "?"}]}, 5),
            {"type": "keepalive"},
            said("Hello", index=1),
            end(),
        ),
    ),
    ("row 22: plain JSON instead of a stream", plain(WHOLE)),
    ("indented JSON", Reply([json.dumps(WHOLE, indent=2).encode()])),
    (
        "bytes cut anywhere",
        Reply([bytes([b]) for e in [*said("Hello"), end()] for b in event(e)]),
    ),
    ("JSON that is no object", events("null", "[]", "3", *said("Hello"), end())),
    (
        "named events",
        Reply([b"event: x\n" + event(each) for each in [*said("Hello"), end()]]),
    ),
]


def without(events_: list[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in each.items() if k not in keys} for each in events_]


def started(item: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


CALLED: list[tuple[str, Reply, list[str]]] = [
    ("row 1: arguments in pieces", responding(called(), end()), [ONE]),
    ("row 2: whole call in one event", responding(item_done(call_item()), end()), [ONE]),
    ("added with its arguments", responding(started(call_item()), end()), [ONE]),
    (
        "added with its arguments, and done",
        responding(started(call_item()), item_done(call_item()), end()),
        [ONE],
    ),
    (
        "row 3: no places, two calls",
        responding(item_done(call_item(), None), item_done(call_item(TWO, 2), None), end()),
        [ONE, TWO],
    ),
    (
        "row 3: places by id alone",
        responding(without(called() + called(TWO, 2), "output_index"), end()),
        [ONE, TWO],
    ),
    ("row 5: two objects glued", responding(item_done(call_item(ONE + TWO)), end()), [ONE, TWO]),
    (
        "row 7: call_id missing",
        responding(item_done(call_item(call_id=None)), end()),
        [ONE],
    ),
    ("row 7: call_id empty", responding(item_done(call_item(call_id="")), end()), [ONE]),
    (
        "row 8: arguments null in the done event",
        responding(called()[:3], item_done(call_item(None)), end()),
        [ONE],
    ),
    ("row 9: arguments are an object", responding(item_done(call_item({"code": "1 + 1"}))), [ONE]),
    (
        "row 25: raw code instead of JSON",
        responding(item_done(call_item("print(1)")), end()),
        ["print(1)"],
    ),
    ("rule 6: no arguments", responding(item_done(call_item("")), end()), ["{}"]),
    ("row 11: no last event", responding(called()), [ONE]),
    ("only the last event", responding(end(output=[call_item()])), [ONE]),
    (
        "two calls side by side",
        responding(
            [part for pair in zip(called(), called(TWO, 2, 1), strict=True) for part in pair], end()
        ),
        [ONE, TWO],
    ),
    (
        "the same call_id for both calls",
        responding(item_done(call_item()), item_done(call_item(TWO, 1), 1), end()),
        [ONE, TWO],
    ),
    (
        "name in the done event only",
        responding(started(call_item("", name="")), item_done(call_item()), end()),
        [ONE],
    ),
    ("text before the call", responding(said("I look."), called(index=1), end()), [ONE]),
    ("plain JSON", plain({**WHOLE, "output": [call_item()]}), [ONE]),
]


@pytest.mark.parametrize("reply", [r for _, r in SAID], ids=[name for name, _ in SAID])
def test_text_comes_out_of_every_shape(reply: Reply) -> None:
    answer = answer_to(reply)
    assert answer.text == "Hello"
    assert answer.finished.reason == "stop"


@pytest.mark.parametrize(
    ("reply", "arguments"), [(r, a) for _, r, a in CALLED], ids=[name for name, *_ in CALLED]
)
def test_whole_calls_come_out_of_every_shape(reply: Reply, arguments: list[str]) -> None:
    answer = answer_to(reply)
    assert answer.calls == [("run_python", text) for text in arguments]
    assert answer.finished.reason == "tool_calls"
    ids = [call.call_id for call in answer.finished.calls]
    assert len(set(ids)) == len(ids)
    assert all(ids)


@pytest.mark.parametrize(
    "reply",
    [reply for name, reply, _ in CALLED if "glued" not in name and "no arguments" not in name],
    ids=[name for name, *_ in CALLED if "glued" not in name and "no arguments" not in name],
)
def test_the_deltas_add_up_to_the_calls(reply: Reply) -> None:
    answer = answer_to(reply)
    whole = [(c.call_id, c.name, c.arguments) for c in answer.finished.calls]
    assert [(c.call_id, c.name, c.arguments) for c in answer.streamed_calls] == whole


def test_a_call_id_of_the_history_is_not_used_again() -> None:
    before = [HistoryMessage("user", "Go"), FunctionCall("call_1", "run_python", ONE)]
    [made] = answer_to(responding(called(TWO), end()), asking(history=before)).finished.calls
    assert made.call_id.startswith("call_")
    assert made.call_id != "call_1"


def test_usage_comes_with_what_was_cached() -> None:
    finished = answer_to(responding(said("Hello"), end(usage=counted(100, 3, 80)))).finished
    assert finished.usage == Usage(
        prompt_tokens=100, completion_tokens=3, total_tokens=103, cached_tokens=80
    )


def test_usage_is_estimated_when_the_endpoint_does_not_count() -> None:
    spent = answer_to(responding(said("Four words are here"), end(usage=None))).finished.usage
    assert 3 <= spent.completion_tokens <= 5
    assert spent.prompt_tokens > 10


def test_a_refusal_is_told_apart_from_text() -> None:
    pieces = [{"type": "response.refusal.delta", "delta": text} for text in ("I can", "not.")]
    answer = answer_to(responding(*pieces, end()))
    assert answer.events[:2] == [RefusalDelta("I can"), RefusalDelta("not.")]


def test_a_refusal_in_the_item_alone_is_told_too() -> None:
    item = {"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}
    assert answer_to(responding(item_done(item), end())).events[0] == RefusalDelta("I cannot.")


@pytest.mark.parametrize(
    ("why", "reason"), [("max_output_tokens", "length"), ("content_filter", "content_filter")]
)
def test_a_limit_is_a_reason_to_stop(why: str, reason: str) -> None:
    stop = end("incomplete", incomplete_details={"reason": why})
    answer = answer_to(responding(said("Hel"), stop))
    assert (answer.text, answer.finished.reason) == ("Hel", reason)


def test_half_a_call_at_the_limit_does_not_run() -> None:
    stop = end("incomplete", incomplete_details={"reason": "max_output_tokens"})
    finished = answer_to(responding(called(ONE[:9]), stop)).finished
    assert (finished.reason, list(finished.calls)) == ("length", [])


def failing(reply: Reply, **more: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        answer_to(reply, max_attempts=1, **more)
    return caught.value


def test_half_a_call_at_the_end_of_a_cut_stream_is_an_error() -> None:
    assert "ended the connection" in failing(responding(called(ONE[:9]))).message


def test_a_stream_without_an_answer_is_an_error() -> None:
    assert "ended the connection" in failing(responding()).message


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            responding(end("failed", error={"code": "server_error", "message": "Oh no"})),
            '("Oh no")',
        ),
        (
            responding(end("failed", error={"code": "rate_limit_exceeded", "message": "Slow"})),
            "takes no more requests",
        ),
        (responding({"type": "error", "code": "x", "message": "Oh no"}), '("Oh no")'),
        (responding({"type": "error", "error": {"message": "Oh no"}}), '("Oh no")'),
        (responding(end("failed")), "the response is failed"),
        (responding(end("cancelled")), "the response is cancelled"),
        (responding("{broken"), "not JSON"),
        (Reply([event(said("x")[0]), CUT]), "ended the connection"),
        (plain({**WHOLE, "error": {"message": "Oh no"}}), '("Oh no")'),
        (page("<html><title>Sign in</title></html>"), "is this a login page"),
        (plain({"detail": "Hello"}), "is this a login page"),
    ],
    ids=[
        "failed",
        "failed: rate",
        "row 18: error event",
        "row 18: error in an event",
        "failed without a reason",
        "cancelled",
        "row 20: broken JSON",
        "row 21: cut",
        "error in a 200 answer",
        "row 22: login page",
        "row 22: other JSON",
    ],
)
def test_what_went_wrong_is_one_sentence(reply: Reply, words: str) -> None:
    assert words in failing(reply).message


def test_sealed_reasoning_comes_before_what_it_led_to() -> None:
    reply = responding(
        thought(1, 0), said("I look.", index=1), thought(2, 2), called(ONE, 1, 3), end()
    )
    answer = answer_to(reply)
    kinds = [type(each) for each in answer.events[:4]]
    assert kinds == [Reasoning, TextDelta, Reasoning, CallDelta]
    assert answer.events[0].extras == {"mine": {"model": "some-model", "item": thought_item(1)}}


def test_reasoning_that_leads_to_nothing_is_dropped() -> None:
    answer = answer_to(responding(said("Hello"), thought(1, 1), end()))
    assert Reasoning not in [type(each) for each in answer.events]


def test_reasoning_without_its_sealed_content_is_not_kept() -> None:
    """The endpoint stores nothing, so it would not find the item by its id."""
    answer = answer_to(responding(thought(sealed=None), said("Hello", index=1), end()))
    assert Reasoning not in [type(each) for each in answer.events]


def test_reasoning_is_taken_from_an_answer_that_was_not_streamed() -> None:
    answer = answer_to(plain({**WHOLE, "output": [thought_item(), MESSAGE]}))
    assert [type(each) for each in answer.events[:2]] == [Reasoning, TextDelta]


def test_a_connection_that_breaks_after_reasoning_alone_is_tried_again() -> None:
    torn = Reply([event(each) for each in thought()] + [CUT])
    with Upstream(torn, HELLO) as upstream:
        assert heard(client(upstream.url, wire="responses")).text == "Hello"
    assert len(upstream.received) == 2


def test_a_model_that_thinks_silently_has_the_longer_time() -> None:
    thinking, thought_over = thought()
    reply = responding(thinking, 0.2, thought_over, said("Hello", index=1), end())
    assert answer_to(reply, idle_seconds=0.05).text == "Hello"


def test_silence_in_the_middle_of_a_text_is_an_error() -> None:
    reply = responding(said("Hel")[:2], 0.5, end())
    assert "sent nothing for 0.1 s" in failing(reply, idle_seconds=0.1).message
