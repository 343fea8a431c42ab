"""What a server that was killed in the middle of a run finds when it starts again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI
from support.live_server import LiveServer
from support.upstream import Upstream, paced, streamed
from support.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

CODE = "import time\nopen('ran.txt', 'a').write('x')\nprint('begun', flush=True)\ntime.sleep(60)"


@pytest.fixture
def slow_model() -> Iterator[Upstream]:
    """A model that speaks for minutes."""
    with Upstream(paced(5000, gap=0.02)) as upstream:
        yield upstream


@pytest.fixture
def coding_model() -> Iterator[Upstream]:
    """A model that runs code which takes a minute."""
    call = {"name": "run_python", "arguments": json.dumps({"code": CODE})}
    delta = {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": call}]}
    with Upstream(streamed(delta, finish="tool_calls"), streamed({"content": "ok"})) as upstream:
        yield upstream


def server_of(upstream: Upstream, home: Path) -> LiveServer:
    endpoint = {"base_url": upstream.url, "api_key_env": "SLOW_KEY"}
    server = LiveServer(home, {"providers": {"slow": endpoint}}, {"SLOW_KEY": "k"})
    server.start()
    return server


def begun(client: OpenAI, tools: Any = ()) -> tuple[str, str]:
    """Start a run of the slow model; give the ids of thread and run."""
    assistant = client.beta.assistants.create(model="slow/model", tools=list(tools))
    run = client.beta.threads.create_and_run(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hello"}]}
    )
    return run.thread_id, run.id


def text_in(client: OpenAI, thread: str) -> str:
    """Return what is stored of the assistant's answer."""
    newest = client.beta.threads.messages.list(thread, limit=1).data[0]
    content: Any = newest.content
    return str(content[0].text.value) if newest.role == "assistant" and content else ""


def integrity(server: LiveServer) -> str:
    with sqlite3.connect(server.data_dir / "assistants.db") as database:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])


def test_a_run_that_was_speaking_fails_and_its_text_and_thread_are_kept(
    slow_model: Upstream, tmp_path: Path
) -> None:
    server = server_of(slow_model, tmp_path)
    try:
        with server.client() as client:
            thread, run_id = begun(client)
            until(lambda: text_in(client, thread).startswith("word0 word1 word2"))
        server.kill()
        assert integrity(server) == "ok"
        server.start()
        with server.client() as client:
            run = client.beta.threads.runs.poll(run_id, thread_id=thread)
            assert run.status == "failed"
            assert run.last_error is not None
            assert run.last_error.code == "server_error"
            assert "the server restarted" in run.last_error.message.lower().replace("jupyter ", "")
            answer, question = client.beta.threads.messages.list(thread)
            assert question.role == "user"
            assert answer.status == "incomplete"
            assert answer.content[0].text.value.startswith("word0 word1 word2")  # type: ignore[union-attr]
            client.beta.threads.messages.create(thread, role="user", content="Again")
            again = client.beta.threads.runs.create(
                thread, assistant_id=run.assistant_id, model="demo"
            )
            again = client.beta.threads.runs.poll(again.id, thread_id=thread)
            assert again.status == "completed"
    finally:
        server.stop()


def test_code_that_was_running_is_not_run_again(coding_model: Upstream, tmp_path: Path) -> None:
    server = server_of(coding_model, tmp_path)
    try:
        with server.client() as client:
            thread, run_id = begun(client, [{"type": "code_interpreter"}])
            until(lambda: list(server.data_dir.rglob("ran.txt")))
        server.kill()
        server.start()
        with server.client() as client:
            run = client.beta.threads.runs.poll(run_id, thread_id=thread)
            assert run.status == "failed"
            client.beta.threads.messages.create(thread, role="user", content="Again")
            again = client.beta.threads.runs.create_and_poll(
                thread_id=thread, assistant_id=run.assistant_id, model="demo"
            )
            assert again.status == "completed"
            # Whatever was going to run again would have done so before this run's end.
            (trace,) = server.data_dir.rglob("ran.txt")
            assert trace.read_text() == "x"
            assert len(coding_model.received) == 1
    finally:
        server.stop()


def test_a_run_that_waits_for_its_client_still_waits(tmp_path: Path) -> None:
    server = LiveServer(tmp_path)
    server.start()
    function: Any = {"type": "function", "function": {"name": "f"}}
    try:
        with server.client() as client:
            assistant = client.beta.assistants.create(model="demo", tools=[function])
            run = client.beta.threads.create_and_run_poll(
                assistant_id=assistant.id,
                thread={"messages": [{"role": "user", "content": "Hello"}]},
                tool_choice=function,
            )
            assert run.status == "requires_action"
        server.kill()
        server.start()
        with server.client() as client:
            assert run.required_action is not None
            (call,) = run.required_action.submit_tool_outputs.tool_calls
            run = client.beta.threads.runs.submit_tool_outputs_and_poll(
                run_id=run.id,
                thread_id=run.thread_id,
                tool_outputs=[{"tool_call_id": call.id, "output": "1"}],
            )
            assert run.status == "completed"
    finally:
        server.stop()


def test_cancelling_stops_a_model_that_speaks(slow_model: Upstream, tmp_path: Path) -> None:
    server = server_of(slow_model, tmp_path)
    try:
        with server.client() as client:
            thread, run_id = begun(client)
            until(lambda: text_in(client, thread))
            assert cancelled(client, thread, run_id)
    finally:
        server.stop()


def test_cancelling_stops_code_that_runs(coding_model: Upstream, tmp_path: Path) -> None:
    server = server_of(coding_model, tmp_path)
    try:
        with server.client() as client:
            thread, run_id = begun(client, [{"type": "code_interpreter"}])
            until(lambda: list(server.data_dir.rglob("ran.txt")))
            assert cancelled(client, thread, run_id)
    finally:
        server.stop()


def cancelled(client: OpenAI, thread: str, run_id: str) -> bool:
    client.beta.threads.runs.cancel(run_id, thread_id=thread)
    return client.beta.threads.runs.poll(run_id, thread_id=thread).status == "cancelled"


def test_the_log_of_a_server_has_no_secrets(tmp_path: Path) -> None:
    server = LiveServer(tmp_path, environ={"OPENAI_API_KEY": "sk-canary-canary-canary"})
    server.start()
    try:
        with server.client(max_retries=0) as client:
            client.beta.assistants.list()
            client.beta.assistants.with_raw_response.list(extra_query={"token": server.token})
        server.stop()
        assert "/assistants/v1, default model: demo" in server.log
        assert "canary" not in server.log
        assert server.token not in server.log
    finally:
        server.stop()
