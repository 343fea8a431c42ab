"""What a server that was killed in the middle of runs finds when it starts again.

One server is killed once, with a run of each kind in flight. Hundreds of kills are a campaign of
``make trust`` (benchmarks/trust/kills.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI
from support.live_server import LiveServer
from support.upstream import Reply, Upstream, paced, streamed
from support.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

CODE = "import time\nopen('ran.txt', 'a').write('x')\nprint('begun', flush=True)\ntime.sleep(60)"
INTERPRETER: Any = {"type": "code_interpreter"}
FUNCTION: Any = {"type": "function", "function": {"name": "f"}}


def choose(body: dict[str, Any]) -> Reply:
    """Speak for minutes, or run code which takes a minute, as the question asks."""
    if "speak" in str(body["messages"]):
        return paced(5000, gap=0.02)
    call = {"name": "run_python", "arguments": json.dumps({"code": CODE})}
    delta = {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": call}]}
    answered = any(message["role"] == "tool" for message in body["messages"])
    return streamed({"content": "ok"}) if answered else streamed(delta, finish="tool_calls")


@dataclass
class Crashed:
    """A server that was killed and started again, and the runs that were in flight."""

    server: LiveServer
    model: Upstream
    runs: dict[str, Any] = field(default_factory=dict)
    integrity: str = ""

    def begin(self, client: OpenAI, question: str, *tools: Any, **more: Any) -> None:
        """Start a run of the slow model, or of another."""
        model = more.pop("model", "slow/model")
        assistant = client.beta.assistants.create(model=model, tools=list(tools))
        messages: Any = [{"role": "user", "content": question}]
        self.runs[question] = client.beta.threads.create_and_run(
            assistant_id=assistant.id, thread={"messages": messages}, **more
        )

    def trace(self, question: str) -> Path:
        """Return the file that the code of a run writes to."""
        return self.server.data_dir / "threads" / self.runs[question].thread_id / "ran.txt"

    def ended(self, client: OpenAI, question: str) -> Any:
        run = self.runs[question]
        return client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)

    def cancel(self, client: OpenAI, question: str) -> str:
        run = self.runs[question]
        client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
        return str(self.ended(client, question).status)

    def go_on(self, client: OpenAI, question: str) -> str:
        """Return how another run on the thread ends."""
        run = self.runs[question]
        client.beta.threads.messages.create(run.thread_id, role="user", content="Again")
        again = client.beta.threads.runs.create_and_poll(
            thread_id=run.thread_id, assistant_id=run.assistant_id, model="demo"
        )
        return str(again.status)


def text_in(client: OpenAI, thread: str) -> str:
    """Return what is stored of the assistant's answer."""
    newest = client.beta.threads.messages.list(thread, limit=1).data[0]
    content: Any = newest.content
    return str(content[0].text.value) if newest.role == "assistant" and content else ""


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crashed]:
    """Kill a server with three runs in flight, and start it again."""
    home = tmp_path_factory.mktemp("crash")
    with Upstream(choose=choose) as model:
        endpoint = {"base_url": model.url, "api_key_env": "SLOW_KEY"}
        environ = {"SLOW_KEY": "k", "OPENAI_API_KEY": "sk-canary-canary-canary"}
        server = LiveServer(home, {"providers": {"slow": endpoint}}, environ)
        server.start()
        found = Crashed(server, model)
        try:
            with server.client() as client:
                found.begin(client, "speak")
                found.begin(client, "code", INTERPRETER)
                found.begin(client, "function", FUNCTION, model="demo", tool_choice=FUNCTION)
                assert found.ended(client, "function").status == "requires_action"
                thread = found.runs["speak"].thread_id
                until(lambda: text_in(client, thread).startswith("word0 word1 word2"))
                until(found.trace("code").exists)
            server.kill()
            with sqlite3.connect(server.data_dir / "assistants.db") as database:
                found.integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
            server.start()
            yield found
        finally:
            server.stop()


def test_the_database_is_whole(crashed: Crashed) -> None:
    assert crashed.integrity == "ok"


def test_a_run_that_was_speaking_fails_and_its_text_and_thread_are_kept(crashed: Crashed) -> None:
    with crashed.server.client() as client:
        run = crashed.ended(client, "speak")
        assert run.status == "failed"
        assert run.last_error is not None
        assert run.last_error.code == "server_error"
        assert "the server restarted" in run.last_error.message
        answer, question = client.beta.threads.messages.list(run.thread_id)
        assert question.role == "user"
        assert answer.status == "incomplete"
        assert answer.content[0].text.value.startswith("word0 word1 word2")  # type: ignore[union-attr]
        assert crashed.go_on(client, "speak") == "completed"


def test_code_that_was_running_is_not_run_again(crashed: Crashed) -> None:
    with crashed.server.client() as client:
        assert crashed.ended(client, "code").status == "failed"
        assert crashed.go_on(client, "code") == "completed"
        # Whatever was going to run again would have done so before this run's end.
        assert crashed.trace("code").read_text() == "x"
        asked = [str(each.body["messages"]) for each in crashed.model.received]
        assert sum("'code'" in each for each in asked) == 1


def test_a_run_that_waits_for_its_client_still_waits(crashed: Crashed) -> None:
    with crashed.server.client() as client:
        run = crashed.ended(client, "function")
        assert run.required_action is not None
        (call,) = run.required_action.submit_tool_outputs.tool_calls
        run = client.beta.threads.runs.submit_tool_outputs_and_poll(
            run_id=run.id,
            thread_id=run.thread_id,
            tool_outputs=[{"tool_call_id": call.id, "output": "1"}],
        )
        assert run.status == "completed"


def test_cancelling_stops_a_model_that_speaks(crashed: Crashed) -> None:
    with crashed.server.client() as client:
        crashed.begin(client, "speak until cancelled")
        thread = crashed.runs["speak until cancelled"].thread_id
        until(lambda: text_in(client, thread))
        assert crashed.cancel(client, "speak until cancelled") == "cancelled"


def test_cancelling_stops_code_that_runs(crashed: Crashed) -> None:
    with crashed.server.client() as client:
        crashed.begin(client, "run until cancelled", INTERPRETER)
        until(crashed.trace("run until cancelled").exists)
        assert crashed.cancel(client, "run until cancelled") == "cancelled"


def test_the_log_of_a_server_has_no_secrets(crashed: Crashed) -> None:
    server = crashed.server
    with server.client(max_retries=0) as client:
        client.beta.assistants.list()
        client.beta.assistants.with_raw_response.list(extra_query={"token": server.token})
    server.stop()
    assert "/assistants/v1, default model: demo" in server.log
    assert "canary" not in server.log
    assert server.token not in server.log
