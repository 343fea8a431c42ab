"""Streams of events: their frames, their order, their readers."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest
from openai._streaming import SSEDecoder
from support.upstream import Upstream, paced
from support.waiting import eventually
from tornado.iostream import StreamClosedError

from jupyter_assistants.protocol.events import Event, EventLog
from jupyter_assistants.server import streams

ANSWER = [
    "thread.run.created",
    "thread.run.queued",
    "thread.run.in_progress",
    "thread.run.step.created",
    "thread.run.step.in_progress",
    "thread.message.created",
    "thread.message.in_progress",
    "thread.message.delta",
    "thread.message.completed",
    "thread.run.step.completed",
    "thread.run.completed",
    "done",
]


class Reader:
    """The client's side of a response: keeps what was flushed, as slowly as it likes."""

    def __init__(self, *, seconds: float = 0, stuck: bool = False, closed: bool = False) -> None:
        self.received = b""
        self._written = b""
        self._seconds, self._stuck, self._closed = seconds, stuck, closed

    def write(self, chunk: bytes) -> None:
        self._written += chunk

    async def flush(self) -> None:
        if self._closed:
            raise StreamClosedError
        await asyncio.sleep(3600 if self._stuck else self._seconds)
        self.received, self._written = self.received + self._written, b""


def log_of(*names: str, close: bool = True) -> EventLog:
    log = EventLog()
    for name in names:
        log.append(name, "[DONE]" if name == "done" else {"id": name})
    if close:
        log.close()
    return log


async def test_the_pieces_of_an_answer_are_no_work_for_the_garbage_collector() -> None:
    log = EventLog()
    gc.collect()
    before = len(gc.get_objects())
    for number in range(5_000):
        log.append("thread.message.delta", {"delta": {"content": [{"index": number}]}})
    gc.collect()
    assert len(gc.get_objects()) - before < 1_000
    log.close()
    found = [event async for event in log.read(4_998)]
    assert found == [
        Event(number, "thread.message.delta", {"delta": {"content": [{"index": number}]}})
        for number in (4_998, 4_999)
    ]


def test_a_frame_has_its_data_on_one_line_whatever_is_in_it() -> None:
    nasty = "a\nb\r\nc\u2028d\x0b\x85ü😀"
    frame = streams.frame(Event(0, "thread.message.delta", {"text": nasty}))
    assert frame.count(b"\n") == 4
    (found,) = SSEDecoder().iter_bytes(iter([frame]))
    assert found.id == "0"
    assert found.event == "thread.message.delta"
    assert json.loads(found.data) == {"text": nasty}


def test_the_last_frame_is_literally_done() -> None:
    assert streams.frame(Event(3, "done", "[DONE]")) == b"event: done\ndata: [DONE]\n\n"


async def test_a_stream_ends_behind_done() -> None:
    log = log_of("thread.run.created", "done", "thread.run.queued", close=False)
    reader = Reader()
    await streams.send(reader, log.read(0), asyncio.Event())
    assert reader.received.endswith(b"event: done\ndata: [DONE]\n\n")


async def test_a_stream_ends_with_its_log() -> None:
    reader = Reader()
    await streams.send(reader, log_of("thread.run.created").read(0), asyncio.Event())
    assert reader.received == streams.frame(
        Event(0, "thread.run.created", {"id": "thread.run.created"})
    )


async def test_silence_is_filled_with_comments() -> None:
    log, reader = log_of(close=False), Reader()
    sending = asyncio.ensure_future(
        streams.send(reader, log.read(0), asyncio.Event(), heartbeat=0.01)
    )
    await eventually(lambda: reader.received.startswith(b": keep-alive\n\n: keep-alive\n\n"))
    log.append("done", "[DONE]")
    await sending
    assert [e.event for e in SSEDecoder().iter_bytes(iter([reader.received]))] == ["done"]


async def test_a_client_that_goes_away_ends_its_reader_only() -> None:
    log, gone = log_of("thread.run.created", close=False), asyncio.Event()
    first, second = Reader(), Reader()
    leaving = asyncio.ensure_future(streams.send(first, log.read(0), gone))
    staying = asyncio.ensure_future(streams.send(second, log.read(0), asyncio.Event()))
    await eventually(lambda: first.received and second.received)
    gone.set()
    await asyncio.wait_for(leaving, 30)
    log.append("done", "[DONE]")
    await asyncio.wait_for(staying, 30)
    assert b"done" in second.received
    assert b"done" not in first.received


async def test_a_closed_connection_ends_its_reader_without_an_error() -> None:
    await streams.send(Reader(closed=True), log_of("done").read(0), asyncio.Event())


async def test_a_stuck_reader_stops_neither_the_run_nor_other_readers() -> None:
    log = log_of("thread.run.created", close=False)
    stuck = asyncio.ensure_future(streams.send(Reader(stuck=True), log.read(0), asyncio.Event()))
    reader = Reader()
    for _ in range(1000):
        log.append("thread.message.delta", {})
    log.append("done", "[DONE]")
    await asyncio.wait_for(streams.send(reader, log.read(0), asyncio.Event()), 5)
    assert reader.received.count(b"thread.message.delta") == 1000
    assert not stuck.done()
    stuck.cancel()


# -- over HTTP -----------------------------------------------------------------------------------


async def started(made: Any, **fields: Any) -> tuple[str, dict[str, Any]]:
    """Return a path that starts runs of the demo model, and a body for it."""
    assistant = await made("POST", "/assistants", {"model": "demo", **fields})
    thread = await made("POST", "/threads", {"messages": [{"role": "user", "content": "Hello"}]})
    return f"/threads/{thread['id']}/runs", {"assistant_id": assistant["id"]}


def events_of(body: bytes) -> list[Any]:
    return list(SSEDecoder().iter_bytes(iter([body])))


async def test_an_answer_is_streamed_in_the_order_of_the_protocol(ask: Any, made: Any) -> None:
    path, body = await started(made)
    answer = await ask("POST", path, {**body, "stream": True})
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-cache"
    names = [event.event for event in events_of(answer.body)]
    deltas = names.count("thread.message.delta")
    first = names.index("thread.message.delta")
    assert deltas >= 1
    assert names[: first + 1] + names[first + deltas :] == ANSWER


async def test_a_new_thread_is_the_first_event(ask: Any, made: Any) -> None:
    _, body = await started(made)
    answer = await ask("POST", "/threads/runs", {**body, "stream": True})
    events = events_of(answer.body)
    assert [event.event for event in events[:2]] == ["thread.created", "thread.run.created"]
    assert json.loads(events[0].data)["object"] == "thread"


async def test_without_stream_the_run_is_the_answer(ask: Any, made: Any) -> None:
    path, body = await started(made)
    for stream in (False, None):
        run = await made("POST", path, {**body, "stream": stream})
        assert (run["object"], run["status"]) == ("thread.run", "queued")
        await finished(made, path, run["id"])


async def test_an_error_before_the_stream_is_ordinary_json(ask: Any, made: Any) -> None:
    path, _ = await started(made)
    answer = await ask("POST", path, {"assistant_id": "asst_X", "stream": True})
    assert answer.status == 404
    assert answer.error["param"] == "assistant_id"


async def test_a_run_goes_on_when_its_client_goes_away(
    http_server: Any, jp_http_port: int, jp_base_url: str, token: str, made: Any
) -> None:
    path, body = await started(made)
    raw = json.dumps({**body, "stream": True}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    writer.write(head("POST", f"{jp_base_url}assistants/v1{path}", token, len(raw)) + raw)
    await asyncio.wait_for(reader.readuntil(b"thread.run.created"), 10)
    writer.transport.abort()
    (run,) = (await made("GET", path))["data"]
    assert (await finished(made, path, run["id"]))["status"] == "completed"


async def finished(made: Any, path: str, run_id: str) -> dict[str, Any]:
    """Wait for the end of a run."""

    async def ended() -> dict[str, Any] | None:
        run: dict[str, Any] = await made("GET", f"{path}/{run_id}")
        return None if run["status"] in ("queued", "in_progress") else run

    found = await eventually(ended)
    assert found is not None
    return found


# -- failures in the middle ----------------------------------------------------------------------


class TestASpeakingModel:
    """A run that goes on for long enough to be disturbed."""

    @pytest.fixture
    def upstream(self) -> Iterator[Upstream]:
        with Upstream(paced(2000, gap=0.02)) as upstream:
            yield upstream

    @pytest.fixture
    def assistants_config(self, upstream: Upstream) -> dict[str, Any]:
        return {"providers": {"slow": {"base_url": upstream.url, "api_key_env": "HOME"}}}

    async def test_tells_the_client_when_its_stream_cannot_go_on(
        self, ask: Any, made: Any, jp_serverapp: Any
    ) -> None:
        path, body = await started(made, model="slow/model")
        streaming = asyncio.ensure_future(ask("POST", path, {**body, "stream": True}))
        service = await jp_serverapp.web_app.settings["jupyter_assistants"].ready()

        async def listed() -> Any:
            return (await made("GET", path))["data"]

        runs = await eventually(listed)
        service.engine.logs.get(runs[0]["id"]).append("thread.message.delta", {"not": object()})
        events = events_of((await asyncio.wait_for(streaming, 10)).body)
        assert events[-1].event == "error"
        error = json.loads(events[-1].data)["error"]
        assert error["type"] == "server_error"
        assert "object" not in error["message"]
        await made("POST", f"{path}/{runs[0]['id']}/cancel")

    async def test_comes_word_by_word(
        self, http_server: Any, jp_http_port: int, jp_base_url: str, token: str, made: Any
    ) -> None:
        path, body = await started(made, model="slow/model")
        raw = json.dumps({**body, "stream": True}).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        writer.write(head("POST", f"{jp_base_url}assistants/v1{path}", token, len(raw)) + raw)
        for number in range(5):
            found = await asyncio.wait_for(reader.readuntil(f"word{number} ".encode()), 10)
            assert f"word{number + 1} ".encode() not in found
        writer.transport.abort()
        (run,) = (await made("GET", path))["data"]
        assert run["status"] == "in_progress"
        await made("POST", f"{path}/{run['id']}/cancel")


def head(verb: str, path: str, token: str, length: int) -> bytes:
    """Return the head of a request that is written by hand."""
    lines = [f"{verb} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode()
