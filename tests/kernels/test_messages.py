"""Messages of kernels that are too large or nested too deep are replaced by a notice."""

from __future__ import annotations

import time
from typing import Any

import pytest
import zmq
import zmq.asyncio
from jupyter_client.session import Session
from support.stalls import LIMIT

from jupyter_assistants.kernels import messages
from jupyter_assistants.kernels.messages import parse_message, receive
from jupyter_assistants.kernels.outputs import from_message

DEEP = b'{"a":' * 5_000 + b"1" + b"}" * 5_000


def frames(kind: str, content: bytes, key: bytes = b"k") -> tuple[Session, list[bytes]]:
    session = Session(key=key)
    header, parent = session.pack(session.msg_header(kind)), session.pack({"msg_id": "asked"})
    parts = [header, parent, session.pack({}), content]
    return Session(key=b"k"), [session.sign(parts), *parts]


@pytest.mark.parametrize("kind", ["display_data", "execute_result", "error", "stream"])
def test_an_output_that_is_nested_too_deep_for_the_parser_is_a_notice(kind: str) -> None:
    message = parse_message(*frames(kind, DEEP))
    assert message["parent_header"] == {"msg_id": "asked"}
    output = from_message(kind, message["content"])
    assert "An output was left out: it is nested too deep" in str(output)


def test_an_output_that_is_too_large_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MAX_CONTENT", 1_000_000)
    content = b'{"data":{"text/html":"' + b"x" * 2_000_000 + b'"},"metadata":{}}'
    message = parse_message(*frames("display_data", content))
    assert message["content"]["data"] == {"text/plain": "[An output was left out: it has 2.0 MB.]"}


def test_a_failure_that_is_too_large_is_still_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MAX_CONTENT", 1_000)
    content = b'{"status":"error","evalue":"' + b"x" * 2_000 + b'"}'
    assert parse_message(*frames("execute_reply", content))["content"]["status"] == "error"


@pytest.mark.parametrize("content", [DEEP, b'{"data":{}}' + b" " * 2_000_000])
def test_what_is_replaced_must_be_signed_as_well(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MAX_CONTENT", 1_000_000)
    with pytest.raises(ValueError, match="(?i)sign"):
        parse_message(*frames("display_data", content, key=b"another"))


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("mime", ["application/json", "application/vnd.plotly.v1+json"])
def test_a_value_that_is_nested_too_deep_is_a_notice_beside_the_text(mime: str) -> None:
    content = {"data": {mime: nested(900), "text/plain": "a value"}, "metadata": {"a": nested(900)}}
    output = from_message("display_data", content)
    assert output is not None
    assert output["metadata"] == {}
    assert output["data"] == {
        "text/plain": f"a value\n[An output of type {mime} was left out: it is nested more than 80 "
        "levels deep.]"
    }


def test_a_value_of_usual_depth_is_shown() -> None:
    output = from_message("display_data", {"data": {"application/json": nested(80)}})
    assert output is not None and output["data"] == {"application/json": nested(80)}


async def test_an_output_of_many_megabytes_is_read_off_the_event_loop() -> None:
    content = b'{"data":{"text/html":"' + b"x" * 60_000_000 + b'"},"metadata":{}}'
    session, parts = frames("display_data", content)
    context = zmq.asyncio.Context()
    with context.socket(zmq.PUSH) as kernel, context.socket(zmq.PULL) as ours:
        kernel.bind("inproc://kernel")
        ours.connect("inproc://kernel")
        await kernel.send_multipart([b"<IDS|MSG>", *parts], copy=False)
        before = time.thread_time()
        message = await receive(session, ours)
        assert time.thread_time() - before < LIMIT
    context.term()
    assert len(message["content"]["data"]["text/html"]) == 60_000_000
