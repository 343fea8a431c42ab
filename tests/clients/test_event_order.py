"""The order of events, read by a plain client (docs/internals/protocol.md, "Events and streaming")."""

from __future__ import annotations

import http.client
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pytest
from support.live_server import LiveServer
from support.suite import CODE, HANDBOOK, MODEL, SEARCH, WEATHER, Program, streamed, text_of
from support.waiting import until

pytestmark = pytest.mark.slow

STARTED = ["run.created", "run.queued", "run.in_progress"]
STEP = ["step.created", "step.in_progress"]
WRITTEN = [
    *STEP,
    "message.created",
    "message.in_progress",
    "message.delta",
    "message.completed",
    "step.completed",
    "run.completed",
    "done",
]


@dataclass(frozen=True)
class Caller:
    """Speaks HTTP and nothing else."""

    server: LiveServer

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        """Return the JSON of an answer."""
        with self._send(verb, path, body) as answer:
            assert answer.status == 200, answer.read()
            return json.load(answer)

    def stream(self, path: str, body: Any) -> Iterator[tuple[str, Any]]:
        """Yield the name and the data of each event as it comes."""
        with self._send("POST", path, {**body, "stream": True}) as answer:
            assert answer.status == 200, answer.read()
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            yield from _events(answer)

    def _send(self, verb: str, path: str, body: Any) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        headers = {
            "Authorization": f"Bearer {self.server.token}",
            "Content-Type": "application/json",
        }
        raw = None if body is None else json.dumps(body)
        connection.request(verb, f"/assistants/v1{path}", raw, headers)
        return connection.getresponse()

    def assistant(self, *tools: Any, **more: Any) -> str:
        made = self.ask("POST", "/assistants", {"model": MODEL, "tools": list(tools), **more})
        return str(made["id"])

    def runs_of(self, question: str) -> str:
        """Make a thread that asks; give the path of its runs."""
        messages = [{"role": "user", "content": question}]
        return f"/threads/{self.ask('POST', '/threads', {'messages': messages})['id']}/runs"

    def told(self, question: str, *tools: Any) -> list[tuple[str, Any]]:
        """Ask in a new thread; give every event of the run."""
        body = {"assistant_id": self.assistant(*tools)}
        return list(self.stream(self.runs_of(question), body))


def _events(lines: Any) -> Iterator[tuple[str, Any]]:
    name = ""
    for raw in lines:
        field, _, value = raw.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, None if name == "done" else json.loads(value)
        else:
            assert field in ("", "id"), "one line of data an event, and an id at most"


def names(events: list[tuple[str, Any]]) -> list[str]:
    """Return the names in order, deltas that follow each other once, without what all begin with."""
    short = [
        name.replace("thread.run.step.", "thread.step.").removeprefix("thread.")
        for name, _ in events
    ]
    assert all(data == "[DONE]" or name != "done" for name, data in events if data is not None)
    return [name for name, _ in groupby(short)]


@pytest.fixture(scope="module")
def caller(server: LiveServer) -> Caller:
    return Caller(server)


def test_a_text_is_told_in_the_documented_order(caller: Caller) -> None:
    events = caller.told("say hello")
    assert names(events) == [*STARTED, *WRITTEN]
    deltas = [data["delta"]["content"][0] for name, data in events if name.endswith("e.delta")]
    assert deltas[0]["text"] == {"value": "Hello", "annotations": []}
    assert [delta["text"] for delta in deltas[1:]] == [{"value": " there"}, {"value": ". 👋"}]
    run = events[-2][1]
    assert run["usage"] == {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    assert run["expires_at"] is None


def test_a_thread_made_with_its_run_is_told_first(caller: Caller) -> None:
    thread = {"messages": [{"role": "user", "content": "say hello"}]}
    body = {"assistant_id": caller.assistant(), "thread": thread}
    events = list(caller.stream("/threads/runs", body))
    assert names(events) == ["created", *STARTED, *WRITTEN]
    assert events[0][1]["object"] == "thread"


def test_a_function_call_ends_the_stream_and_its_answer_begins_another(caller: Caller) -> None:
    events = caller.told("call weather", WEATHER)
    assert names(events) == [*STARTED, *STEP, "step.delta", "run.requires_action", "done"]
    calls = [
        data["delta"]["step_details"]["tool_calls"] for n, data in events if n.endswith("delta")
    ]
    assert calls[0][0]["id"] and "id" not in calls[1][0]
    run = events[-2][1]
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = [{"tool_call_id": call["id"], "output": "sunny"}]
    path = f"/threads/{run['thread_id']}/runs/{run['id']}/submit_tool_outputs"
    events = list(caller.stream(path, {"tool_outputs": outputs}))
    assert names(events) == ["step.completed", "run.queued", "run.in_progress", *WRITTEN]
    (call,) = events[0][1]["step_details"]["tool_calls"]
    assert call["function"]["output"] == "sunny"


def test_two_function_calls_share_a_step(caller: Caller) -> None:
    events = caller.told("call weather twice", WEATHER)
    assert names(events) == [*STARTED, *STEP, "step.delta", "run.requires_action", "done"]
    pieces = [data["delta"]["step_details"]["tool_calls"][0] for n, data in events if "delta" in n]
    assert {piece["index"] for piece in pieces} == {0, 1}
    assert len({piece["id"] for piece in pieces if "id" in piece}) == 2


def test_code_is_told_with_its_outputs_before_the_answer(caller: Caller) -> None:
    events = caller.told("run code", CODE)
    assert names(events) == [*STARTED, *STEP, "step.delta", "step.completed", *WRITTEN]
    calls = [
        data["delta"]["step_details"]["tool_calls"][0]["code_interpreter"]
        for name, data in events
        if name == "thread.run.step.delta"
    ]
    shown = [(o["index"], o["type"]) for call in calls for o in call.get("outputs", [])]
    assert list(dict.fromkeys(shown)) == [(0, "logs"), (1, "image"), (2, "logs")]
    step = next(data for name, data in events if name == "thread.run.step.completed")
    (call,) = step["step_details"]["tool_calls"]
    assert "".join(call.get("input", "") for call in calls) == call["code_interpreter"]["input"]
    parts = [data["delta"]["content"][0] for name, data in events if name.endswith("message.delta")]
    assert [kind for kind, _ in groupby(part["type"] for part in parts)] == ["image_file", "text"]


def test_an_announced_image_can_be_fetched_at_once(caller: Caller) -> None:
    path, body = caller.runs_of("run code"), {"assistant_id": caller.assistant(CODE)}
    seen = 0
    for name, data in caller.stream(path, body):
        if name != "thread.run.step.delta":
            continue
        call = data["delta"]["step_details"]["tool_calls"][0]
        for output in call.get("code_interpreter", {}).get("outputs", []):
            if output["type"] == "image":
                seen += caller.ask("GET", f"/files/{output['image']['file_id']}")["bytes"] > 0
    assert seen == 1


def test_a_search_is_told_before_the_answer(caller: Caller, server: LiveServer) -> None:
    with server.client() as client:
        store = client.vector_stores.create()
        client.vector_stores.files.upload_and_poll(
            vector_store_id=store.id, file=("handbook.md", HANDBOOK)
        )
    resources = {"file_search": {"vector_store_ids": [store.id]}}
    body = {"assistant_id": caller.assistant(SEARCH, tool_resources=resources)}
    events = list(caller.stream(caller.runs_of("search for pancakes"), body))
    assert names(events) == [*STARTED, *STEP, "step.delta", "step.completed", *WRITTEN]
    first = next(data for name, data in events if name == "thread.run.step.delta")
    (call,) = first["delta"]["step_details"]["tool_calls"]
    assert (call["type"], call["index"]) == ("file_search", 0)


def test_an_answer_cut_off_ends_as_incomplete(caller: Caller) -> None:
    ends = ["message.delta", "message.incomplete", "step.completed", "run.incomplete", "done"]
    assert names(caller.told("be cut off"))[-5:] == ends


def test_a_failure_ends_what_was_in_flight(caller: Caller) -> None:
    events = caller.told("fail in a stream")
    ends = ["message.delta", "message.incomplete", "step.failed", "run.failed", "done"]
    assert names(events)[-5:] == ends
    assert events[-4][1]["incomplete_details"] == {"reason": "run_failed"}
    assert events[-4][1]["content"][0]["text"]["value"] == "I was"
    assert events[-3][1]["last_error"]["code"] == "server_error"


def test_a_failure_before_the_first_word_ends_the_run_alone(caller: Caller) -> None:
    assert names(caller.told("fail for quota")) == [*STARTED, "run.failed", "done"]


def test_a_cancelled_run_ends_what_was_in_flight(caller: Caller) -> None:
    path, body = caller.runs_of("speak slowly"), {"assistant_id": caller.assistant()}
    events = []
    for name, data in caller.stream(path, body):
        if name == "thread.message.delta" and not any(name == seen for seen, _ in events):
            answer = caller.ask("POST", f"{path}/{events[0][1]['id']}/cancel")
            assert answer["status"] == "cancelling"
        events.append((name, data))
    assert names(events)[-5:] == [
        "message.incomplete",
        "step.cancelled",
        "run.cancelling",
        "run.cancelled",
        "done",
    ]
    assert events[-5][1]["incomplete_details"] == {"reason": "run_cancelled"}


def test_code_that_runs_is_cancelled(caller: Caller) -> None:
    path, body = caller.runs_of("take a nap"), {"assistant_id": caller.assistant(CODE)}
    events = []
    for name, data in caller.stream(path, body):
        if name == "thread.run.step.delta" and '"logs": "asleep' in json.dumps(data):
            caller.ask("POST", f"{path}/{events[0][1]['id']}/cancel")
        events.append((name, data))
    assert names(events)[-4:] == ["step.cancelled", "run.cancelling", "run.cancelled", "done"]


@pytest.mark.slow
def test_a_run_that_takes_too_long_expires(hasty_server: LiveServer) -> None:
    events = Caller(hasty_server).told("speak slowly")
    ends = ["message.delta", "message.incomplete", "step.expired", "run.expired", "done"]
    assert names(events)[-5:] == ends
    assert events[-4][1]["incomplete_details"] == {"reason": "run_expired"}
    assert events[-3][1]["expired_at"] and events[-2][1]["status"] == "expired"


@pytest.mark.slow
def test_a_run_that_nobody_answers_expires(hasty_server: LiveServer) -> None:
    caller = Caller(hasty_server)
    run = caller.told("call weather", WEATHER)[-2][1]
    path = f"/threads/{run['thread_id']}/runs/{run['id']}"
    until(lambda: caller.ask("GET", path)["status"] != "requires_action")
    assert caller.ask("GET", path)["status"] == "expired"


@pytest.mark.slow
def test_the_stock_helper_survives_a_run_that_expires(hasty_server: LiveServer) -> None:
    warnings.simplefilter("ignore", DeprecationWarning)
    with hasty_server.client() as client:
        handler = streamed(Program(client), "speak slowly")
        assert handler.get_final_run().status == "expired"
        (message,) = handler.get_final_messages()
        assert text_of(message).startswith("word0 ")
