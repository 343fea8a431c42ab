"""The shapes in which endpoints stream responses, docs/internals/models.md, "Streams", over real HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.conversations import answer_of, client, sample_request
from support.responses_replies import (
    HELLO,
    ONE,
    TWO,
    call_events,
    call_item,
    last_event,
    message_events,
    reasoning_events,
    reasoning_item,
    response_stream,
    usage_counts,
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
        answer = answer_of(client(upstream.url, wire="responses", **more), *requests)
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
    "usage": usage_counts(),
}

SAID = [
    ("row 1: text and usage", HELLO),
    ("row 12: an event without anything", events({}, *message_events("Hello"), last_event())),
    (
        "row 13: delta null",
        response_stream(text_delta(None), message_events("Hello"), last_event()),
    ),
    ("only the item", response_stream(item_done(MESSAGE), last_event())),
    ("only the last event", response_stream(last_event(output=[MESSAGE]))),
    ("deltas without places", response_stream(text_delta("Hel"), text_delta("lo"), last_event())),
    (
        "row 15: reasoning in the open",
        response_stream(
            {"type": "response.reasoning_text.delta", "delta": "Hm."},
            message_events("Hello"),
            last_event(),
        ),
    ),
    (
        "row 15: a summary",
        response_stream(
            {"type": "response.reasoning_summary_text.delta", "delta": "Hm."},
            message_events("Hello"),
            last_event(),
        ),
    ),
    (
        "row 19: comments",
        events(b": waiting\n\n", *message_events("Hello"), b": end\n\n", last_event()),
    ),
    ("row 23: with [DONE]", response_stream(message_events("Hello"), last_event(), done=True)),
    ("row 11: no last event", response_stream(message_events("Hello"))),
    ("row 11: no status", response_stream(message_events("Hello"), {"type": "response.completed"})),
    (
        "row 32: unknown events and items",
        response_stream(
            {"type": "response.hologram.delta", "delta": "?", "output_index": 0},
            item_done({"type": "hologram", "content": [{"text": "?"}]}, 5),
            {"type": "keepalive"},
            message_events("Hello", index=1),
            last_event(),
        ),
    ),
    ("row 22: plain JSON instead of a stream", plain(WHOLE)),
    ("indented JSON", Reply([json.dumps(WHOLE, indent=2).encode()])),
    (
        "bytes cut anywhere",
        Reply([bytes([b]) for e in [*message_events("Hello"), last_event()] for b in event(e)]),
    ),
    ("JSON that is no object", events("null", "[]", "3", *message_events("Hello"), last_event())),
    (
        "named events",
        Reply([b"event: x\n" + event(each) for each in [*message_events("Hello"), last_event()]]),
    ),
]


def without(events_: list[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in each.items() if k not in keys} for each in events_]


def started(item: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


CALLED: list[tuple[str, Reply, list[str]]] = [
    ("row 1: arguments in pieces", response_stream(call_events(), last_event()), [ONE]),
    (
        "row 2: whole call in one event",
        response_stream(item_done(call_item()), last_event()),
        [ONE],
    ),
    ("added with its arguments", response_stream(started(call_item()), last_event()), [ONE]),
    (
        "added with its arguments, and done",
        response_stream(started(call_item()), item_done(call_item()), last_event()),
        [ONE],
    ),
    (
        "row 3: no places, two calls",
        response_stream(
            item_done(call_item(), None), item_done(call_item(TWO, 2), None), last_event()
        ),
        [ONE, TWO],
    ),
    (
        "row 3: places by id alone",
        response_stream(without(call_events() + call_events(TWO, 2), "output_index"), last_event()),
        [ONE, TWO],
    ),
    (
        "row 5: two objects glued",
        response_stream(item_done(call_item(ONE + TWO)), last_event()),
        [ONE, TWO],
    ),
    (
        "row 7: call_id missing",
        response_stream(item_done(call_item(call_id=None)), last_event()),
        [ONE],
    ),
    (
        "row 7: call_id empty",
        response_stream(item_done(call_item(call_id="")), last_event()),
        [ONE],
    ),
    (
        "row 8: arguments null in the done event",
        response_stream(call_events()[:3], item_done(call_item(None)), last_event()),
        [ONE],
    ),
    (
        "row 9: arguments are an object",
        response_stream(item_done(call_item({"code": "1 + 1"}))),
        [ONE],
    ),
    (
        "row 25: raw code instead of JSON",
        response_stream(item_done(call_item("print(1)")), last_event()),
        ["print(1)"],
    ),
    ("rule 6: no arguments", response_stream(item_done(call_item("")), last_event()), ["{}"]),
    ("row 11: no last event", response_stream(call_events()), [ONE]),
    ("only the last event", response_stream(last_event(output=[call_item()])), [ONE]),
    (
        "two calls side by side",
        response_stream(
            [
                part
                for pair in zip(call_events(), call_events(TWO, 2, 1), strict=True)
                for part in pair
            ],
            last_event(),
        ),
        [ONE, TWO],
    ),
    (
        "the same call_id for both calls",
        response_stream(item_done(call_item()), item_done(call_item(TWO, 1), 1), last_event()),
        [ONE, TWO],
    ),
    (
        "name in the done event only",
        response_stream(started(call_item("", name="")), item_done(call_item()), last_event()),
        [ONE],
    ),
    (
        "text before the call",
        response_stream(message_events("I look."), call_events(index=1), last_event()),
        [ONE],
    ),
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
    [made] = answer_to(
        response_stream(call_events(TWO), last_event()), sample_request(history=before)
    ).finished.calls
    assert made.call_id.startswith("call_")
    assert made.call_id != "call_1"


def test_usage_comes_with_what_was_cached() -> None:
    finished = answer_to(
        response_stream(message_events("Hello"), last_event(usage=usage_counts(100, 3, 80)))
    ).finished
    assert finished.usage == Usage(
        prompt_tokens=100, completion_tokens=3, total_tokens=103, cached_tokens=80
    )


def test_usage_is_estimated_when_the_endpoint_does_not_count() -> None:
    spent = answer_to(
        response_stream(message_events("Four words are here"), last_event(usage=None))
    ).finished.usage
    assert 3 <= spent.completion_tokens <= 5
    assert spent.prompt_tokens > 10


def test_a_refusal_is_told_apart_from_text() -> None:
    pieces = [{"type": "response.refusal.delta", "delta": text} for text in ("I can", "not.")]
    answer = answer_to(response_stream(*pieces, last_event()))
    assert answer.events[:2] == [RefusalDelta("I can"), RefusalDelta("not.")]


def test_a_refusal_in_the_item_alone_is_told_too() -> None:
    item = {"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}
    assert answer_to(response_stream(item_done(item), last_event())).events[0] == RefusalDelta(
        "I cannot."
    )


@pytest.mark.parametrize(
    ("why", "reason"), [("max_output_tokens", "length"), ("content_filter", "content_filter")]
)
def test_a_limit_is_a_reason_to_stop(why: str, reason: str) -> None:
    stop = last_event("incomplete", incomplete_details={"reason": why})
    answer = answer_to(response_stream(message_events("Hel"), stop))
    assert (answer.text, answer.finished.reason) == ("Hel", reason)


def test_half_a_call_at_the_limit_does_not_run() -> None:
    stop = last_event("incomplete", incomplete_details={"reason": "max_output_tokens"})
    finished = answer_to(response_stream(call_events(ONE[:9]), stop)).finished
    assert (finished.reason, list(finished.calls)) == ("length", [])


def failing(reply: Reply, **more: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        answer_to(reply, max_attempts=1, **more)
    return caught.value


def test_half_a_call_at_the_end_of_a_cut_stream_is_an_error() -> None:
    assert "closed the connection" in failing(response_stream(call_events(ONE[:9]))).message


def test_a_stream_without_an_answer_is_an_error() -> None:
    assert "closed the connection" in failing(response_stream()).message


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            response_stream(
                last_event("failed", error={"code": "server_error", "message": "Oh no"})
            ),
            '("Oh no")',
        ),
        (
            response_stream(
                last_event("failed", error={"code": "rate_limit_exceeded", "message": "Slow"})
            ),
            "accepts no more requests",
        ),
        (response_stream({"type": "error", "code": "x", "message": "Oh no"}), '("Oh no")'),
        (response_stream({"type": "error", "error": {"message": "Oh no"}}), '("Oh no")'),
        (response_stream(last_event("failed")), "the response is failed"),
        (response_stream(last_event("cancelled")), "the response is cancelled"),
        (response_stream("{broken"), "not JSON"),
        (Reply([event(message_events("x")[0]), CUT]), "closed the connection"),
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
    reply = response_stream(
        reasoning_events(1, 0),
        message_events("I look.", index=1),
        reasoning_events(2, 2),
        call_events(ONE, 1, 3),
        last_event(),
    )
    answer = answer_to(reply)
    kinds = [type(each) for each in answer.events[:4]]
    assert kinds == [Reasoning, TextDelta, Reasoning, CallDelta]
    assert answer.events[0].extras == {"mine": {"model": "some-model", "item": reasoning_item(1)}}


def test_reasoning_that_leads_to_nothing_is_dropped() -> None:
    answer = answer_to(
        response_stream(message_events("Hello"), reasoning_events(1, 1), last_event())
    )
    assert Reasoning not in [type(each) for each in answer.events]


def test_reasoning_without_its_sealed_content_is_not_kept() -> None:
    """The endpoint stores nothing, so it would not find the item by its id."""
    answer = answer_to(
        response_stream(
            reasoning_events(sealed=None), message_events("Hello", index=1), last_event()
        )
    )
    assert Reasoning not in [type(each) for each in answer.events]


def test_reasoning_is_taken_from_an_answer_that_was_not_streamed() -> None:
    answer = answer_to(plain({**WHOLE, "output": [reasoning_item(), MESSAGE]}))
    assert [type(each) for each in answer.events[:2]] == [Reasoning, TextDelta]


def test_a_connection_that_breaks_after_reasoning_alone_is_tried_again() -> None:
    torn = Reply([event(each) for each in reasoning_events()] + [CUT])
    with Upstream(torn, HELLO) as upstream:
        assert answer_of(client(upstream.url, wire="responses")).text == "Hello"
    assert len(upstream.received) == 2


def test_a_model_that_thinks_silently_has_the_longer_time() -> None:
    thinking, thought_over = reasoning_events()
    reply = response_stream(
        thinking, 0.2, thought_over, message_events("Hello", index=1), last_event()
    )
    assert answer_to(reply, idle_seconds=0.05).text == "Hello"


def test_silence_in_the_middle_of_a_text_is_an_error() -> None:
    reply = response_stream(message_events("Hel")[:2], 0.5, last_event())
    assert "sent nothing for 0.1 s" in failing(reply, idle_seconds=0.1).message
