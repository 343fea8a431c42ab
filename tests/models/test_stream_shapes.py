"""The shapes in which endpoints stream, docs/internals/models.md, "Streams", over real HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.conversations import answer_of, client, sample_request
from support.upstream import Reply, Upstream, chunk, event, events, plain, streamed, usage

from jupyter_assistants.models.base import FunctionCall, HistoryMessage, RefusalDelta
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.runs import Usage

ONE = '{"code": "1 + 1"}'
TWO = '{"code": "2 + 2"}'


def piece(index: Any = 0, id: Any = None, name: Any = None, arguments: Any = "") -> dict[str, Any]:
    """Return one element of ``tool_calls``; a key whose value is None is left out."""
    function = {"name": name, "arguments": arguments}
    sent: dict[str, Any] = {"function": {k: v for k, v in function.items() if v is not None}}
    sent |= {k: v for k, v in {"index": index, "id": id}.items() if v is not None}
    return sent


def calling(*pieces: dict[str, Any], finish: str | None = "tool_calls") -> Reply:
    return streamed(*[{"tool_calls": [each]} for each in pieces], finish=finish)


def split(text: str) -> tuple[str, str]:
    return text[:7], text[7:]


SAID = [
    ("row 1: text and a usage chunk", streamed({"content": "Hel"}, {"content": "lo"})),
    ("row 11: finish missing", streamed({"content": "Hello"}, finish=None)),
    ("row 11: finish empty", streamed({"content": "Hello"}, finish="")),
    ("row 11: finish eos", streamed({"content": "Hello"}, finish="eos")),
    (
        "row 12: choices null, absent or empty",
        events({"choices": None}, {}, {"choices": []}, chunk({"content": "Hello"}, "stop")),
    ),
    ("row 13: delta null", streamed(None, {"content": "Hello"}, None)),
    ("row 14: content as parts", streamed({"content": [{"type": "text", "text": "Hello"}]})),
    (
        "row 14: parts of thinking",
        streamed({"content": [{"type": "thinking", "thinking": []}]}, {"content": "Hello"}),
    ),
    ("row 15: reasoning", streamed({"reasoning": "Hm."}, {"content": "Hello"})),
    ("row 15: reasoning_content", streamed({"reasoning_content": "Hm."}, {"content": "Hello"})),
    (
        "row 19: comments",
        events(b": OPENROUTER PROCESSING\n\n", chunk({"content": "Hello"}, "stop"), b": end\n\n"),
    ),
    ("row 23: no [DONE]", events(chunk({"content": "Hello"}, "stop"), done=False)),
    (
        "row 23: no empty line at the end",
        Reply([event(chunk({"content": "Hello"}, "stop")).rstrip()]),
    ),
    (
        "CRLF and no space after the colon",
        Reply([b"data:" + json.dumps(chunk({"content": "Hello"}, "stop")).encode() + b"\r\n\r\n"]),
    ),
    (
        "bytes cut anywhere",
        Reply([bytes([byte]) for byte in event(chunk({"content": "Hello"}, "stop"))]),
    ),
    ("JSON that is no object", events("null", "[]", "3", chunk({"content": "Hello"}, "stop"))),
    (
        "plain JSON instead of a stream",
        plain({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}),
    ),
    (
        "indented JSON instead of a stream",
        Reply([json.dumps({"choices": [{"message": {"content": "Hello"}}]}, indent=2).encode()]),
    ),
]

CALLED: list[tuple[str, Reply, list[str]]] = [
    (
        "row 1: arguments in pieces",
        calling(piece(0, "call_1", "run_python"), *[piece(0, arguments=p) for p in split(ONE)]),
        [ONE],
    ),
    ("row 2: whole call in one chunk", calling(piece(0, "call_1", "run_python", ONE)), [ONE]),
    (
        "row 3: no index, one call",
        calling(piece(None, "call_1", "run_python"), piece(None, arguments=ONE)),
        [ONE],
    ),
    (
        "row 3: no index, two calls",
        calling(piece(None, "call_1", "run_python", ONE), piece(None, "call_2", "run_python", TWO)),
        [ONE, TWO],
    ),
    (
        "row 3: neither index nor id, two calls",
        calling(piece(None, "", "run_python", ONE), piece(None, "", "run_python", TWO)),
        [ONE, TWO],
    ),
    (
        "row 4: same index, other id",
        calling(piece(0, "call_1", "run_python", ONE), piece(0, "call_2", "run_python", TWO)),
        [ONE, TWO],
    ),
    (
        "row 5: two objects glued",
        calling(piece(0, "call_1", "run_python", ONE), piece(0, arguments=TWO)),
        [ONE, TWO],
    ),
    (
        "rule 3: same index, no id, the name again",
        calling(piece(0, "call_1", "run_python", ONE), piece(0, None, "run_python", TWO)),
        [ONE, TWO],
    ),
    (
        "row 6: id and name on every chunk",
        calling(*[piece(0, "call_1", "run_python", p) for p in split(ONE)]),
        [ONE],
    ),
    ("row 7: id missing", calling(piece(0, None, "run_python", ONE)), [ONE]),
    ("row 7: id empty", calling(piece(0, "", "run_python", ONE)), [ONE]),
    (
        "row 8: nulls in later chunks",
        streamed(
            {"tool_calls": [piece(0, "call_1", "run_python", ONE)]},
            {"tool_calls": [{"index": 0, "id": None, "function": {"name": None}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": None}}]},
            {"tool_calls": [{"index": 0, "function": None}]},
            {"tool_calls": None},
        ),
        [ONE],
    ),
    (
        "row 9: arguments are an object",
        calling(piece(0, "call_1", "run_python", json.loads(ONE))),
        [ONE],
    ),
    (
        "row 10: finish stop although called",
        calling(piece(0, "call_1", "run_python", ONE), finish="stop"),
        [ONE],
    ),
    (
        "row 11: no finish although called",
        calling(piece(0, "call_1", "run_python", ONE), finish=None),
        [ONE],
    ),
    (
        "row 25: raw code instead of JSON",
        calling(piece(0, "call_1", "run_python", "print(1)")),
        ["print(1)"],
    ),
    ("rule 6: no arguments", calling(piece(0, "call_1", "run_python", "")), ["{}"]),
    (
        "name after the first arguments",
        calling(piece(0, "call_1", None, ONE[:7]), piece(0, None, "run_python", ONE[7:])),
        [ONE],
    ),
    (
        "two calls side by side",
        calling(
            piece(0, "call_1", "run_python", ONE[:7]),
            piece(1, "call_2", "run_python", TWO[:7]),
            piece(0, arguments=ONE[7:]),
            piece(1, arguments=TWO[7:]),
        ),
        [ONE, TWO],
    ),
    (
        "the same id for both calls",
        calling(piece(0, "call_0", "run_python", ONE), piece(1, "call_0", "run_python", TWO)),
        [ONE, TWO],
    ),
]


@pytest.mark.parametrize("reply", [r for _, r in SAID], ids=[name for name, _ in SAID])
def test_text_comes_out_of_every_shape(reply: Reply) -> None:
    with Upstream(reply) as upstream:
        answer = answer_of(client(upstream.url))
    assert answer.text == "Hello"
    assert answer.finished.reason == "stop"
    assert len(upstream.received) == 1


@pytest.mark.parametrize(
    ("reply", "arguments"), [(r, a) for _, r, a in CALLED], ids=[name for name, *_ in CALLED]
)
def test_whole_calls_come_out_of_every_shape(reply: Reply, arguments: list[str]) -> None:
    with Upstream(reply) as upstream:
        answer = answer_of(client(upstream.url))
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
    with Upstream(reply) as upstream:
        answer = answer_of(client(upstream.url))
    whole = [(c.call_id, c.name, c.arguments) for c in answer.finished.calls]
    assert [(c.call_id, c.name, c.arguments) for c in answer.streamed_calls] == whole


def test_a_missing_call_id_is_minted() -> None:
    with Upstream(calling(piece(0, None, "run_python", ONE))) as upstream:
        [made] = answer_of(client(upstream.url)).finished.calls
    assert made.call_id.startswith("call_")
    assert len(made.call_id) == len("call_") + 24


def test_a_call_id_of_the_history_is_not_used_again() -> None:
    before = [HistoryMessage("user", "Go"), FunctionCall("call_0", "run_python", ONE)]
    with Upstream(calling(piece(0, "call_0", "run_python", TWO))) as upstream:
        [made] = answer_of(client(upstream.url), sample_request(history=before)).finished.calls
    assert made.call_id != "call_0"


def test_usage_is_replaced_and_never_added() -> None:
    """Row 17: some endpoints send the count so far with every chunk."""
    reply = events(
        chunk({"content": "a"}, usage=usage(10, 1)),
        chunk({"content": "b"}, usage=usage(10, 2)),
        chunk({}, "stop", usage=usage(10, 3)),
    )
    with Upstream(reply) as upstream:
        finished = answer_of(client(upstream.url)).finished
    assert finished.usage == Usage(prompt_tokens=10, completion_tokens=3, total_tokens=13)


def test_usage_is_estimated_when_the_endpoint_does_not_count() -> None:
    with Upstream(events(chunk({"content": "Four words are here"}, "stop"))) as upstream:
        spent = answer_of(client(upstream.url)).finished.usage
    assert 3 <= spent.completion_tokens <= 5
    assert spent.prompt_tokens > 10
    assert spent.total_tokens == spent.prompt_tokens + spent.completion_tokens


def test_reasoning_is_not_shown() -> None:
    with Upstream(streamed({"reasoning": "secretly"}, {"content": "Hello"})) as upstream:
        answer = answer_of(client(upstream.url))
    assert "secretly" not in repr(answer.events)


def test_a_refusal_is_told_apart_from_text() -> None:
    with Upstream(streamed({"refusal": "I can"}, {"refusal": "not."})) as upstream:
        answer = answer_of(client(upstream.url))
    assert answer.events[:2] == [RefusalDelta("I can"), RefusalDelta("not.")]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [("length", "length"), ("max_tokens", "length"), ("content_filter", "content_filter")],
)
def test_a_limit_is_a_reason_to_stop(sent: str, reason: str) -> None:
    with Upstream(streamed({"content": "Hel"}, finish=sent)) as upstream:
        assert answer_of(client(upstream.url)).finished.reason == reason


def test_half_a_call_at_the_limit_does_not_run() -> None:
    with Upstream(calling(piece(0, "call_1", "run_python", ONE[:9]), finish="length")) as upstream:
        finished = answer_of(client(upstream.url)).finished
    assert (finished.reason, list(finished.calls)) == ("length", [])


def test_half_a_call_at_the_end_of_a_cut_stream_is_an_error() -> None:
    with (
        Upstream(calling(piece(0, "call_1", "run_python", ONE[:9]), finish=None)) as upstream,
        pytest.raises(ProviderError, match="closed the connection"),
    ):
        answer_of(client(upstream.url))


def test_geminis_signature_that_comes_alone_belongs_to_the_last_call() -> None:
    """Rows 3 and 16, rule 4."""
    signed = {"google": {"thought_signature": "abc"}}
    reply = calling(piece(None, "call_1", "run_python", ONE), {"extra_content": signed})
    with Upstream(reply) as upstream:
        [made] = answer_of(client(upstream.url)).finished.calls
    assert made.extras == {"mine": {"extra_content": signed}}


def test_call_markup_in_the_text_stays_text() -> None:
    """Row 24: it is not rescued, for a model may also quote it."""
    markup = '<tool_call>{"name": "look"}</tool_call>'
    with Upstream(streamed({"content": markup})) as upstream:
        answer = answer_of(client(upstream.url))
    assert (answer.text, answer.calls) == (markup, [])


def test_line_separators_inside_a_text_do_not_cut_it() -> None:
    with Upstream(streamed({"content": "one\u2028two\x85three"})) as upstream:
        assert answer_of(client(upstream.url)).text == "one\u2028two\x85three"


def test_an_empty_answer_with_a_reason_is_an_answer() -> None:
    with Upstream(streamed({"reasoning": "Nothing to say."})) as upstream:
        answer = answer_of(client(upstream.url))
    assert (answer.text, answer.finished.reason) == ("", "stop")
