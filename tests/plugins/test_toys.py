"""A plug-in of each kind, from another distribution, through HTTP, a cell and the command line."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import openai
import pytest
from support.kernel_session import kernel_session
from support.live_server import LiveServer, embedded
from support.plugins import with_plugins

pytestmark = pytest.mark.slow

CLOCK = {"type": "clock", "zone": "CET"}


def request(server: LiveServer, verb: str, path: str, body: Any = None) -> Any:
    """Ask the Jupyter server itself."""
    asked = urllib.request.Request(
        f"{server.root}{path}",
        method=verb,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


@pytest.fixture
def client(toy_server: LiveServer) -> openai.OpenAI:
    return toy_server.client()


def answered(client: openai.OpenAI, question: str, tools: list[Any], **thread: Any) -> Any:
    """Return a run of the toy model, and its thread's last message."""
    assistant = client.beta.assistants.create(model="toy/it", tools=tools)
    created = client.beta.threads.create(messages=[{"role": "user", "content": question}], **thread)
    run = client.beta.threads.runs.create_and_poll(
        thread_id=created.id, assistant_id=assistant.id, poll_interval_ms=50
    )
    messages = client.beta.threads.messages.list(created.id).data
    return run, messages[0].content[0].text.value


def test_a_tool_and_a_model_of_another_package_answer_over_http(client: openai.OpenAI) -> None:
    run, text = answered(client, "clock {}", [CLOCK])
    assert (run.status, text) == ("completed", "The tool says: 12:00 CET")
    steps = client.beta.threads.runs.steps.list(run_id=run.id, thread_id=run.thread_id, order="asc")
    (call,) = steps.data[0].to_dict()["step_details"]["tool_calls"]  # type: ignore[index]
    assert call["clock"] == {"arguments": "{}", "output": "12:00 CET"}
    (tool,) = client.beta.assistants.retrieve(run.assistant_id).to_dict()["tools"]  # type: ignore[misc]
    assert tool == CLOCK


def test_the_endpoints_name_the_provider_of_another_package(toy_server: LiveServer) -> None:
    listed = request(toy_server, "GET", "/assistants/v1/endpoints")["data"]
    (toy,) = [each for each in listed if each["id"] == "toy"]
    shown = {name: toy[name] for name in ("status", "by", "host", "local", "why")}
    assert shown == {
        "status": "connected",
        "by": "plugin",
        "host": None,
        "local": False,
        "why": None,
    }
    with pytest.raises(urllib.error.HTTPError, match="403"):
        request(toy_server, "POST", "/assistants/v1/endpoints/toy/disconnect", {})


def test_a_type_that_nobody_installed_is_refused_with_the_known_ones(
    client: openai.OpenAI,
) -> None:
    with pytest.raises(openai.BadRequestError, match="'function'.* 'clock'"):
        client.beta.assistants.create(model="toy/it", tools=[{"type": "cuckoo"}])  # type: ignore[list-item]


def test_a_reader_and_an_embedder_of_another_package_find_a_passage(
    client: openai.OpenAI,
) -> None:
    # In ROT13: "The feline sleeps." The question shares no word with it.
    content = b"Gur sryvar fyrrcf."
    store = client.vector_stores.create()
    client.vector_stores.files.upload_and_poll(
        vector_store_id=store.id, file=("pets.toy", content), poll_interval_ms=50
    )
    state = embedded(client, store.id).jupyter["embeddings"]
    assert state["model"] == "toy" and state["embedded"] == 1
    resources = {"file_search": {"vector_store_ids": [store.id]}}
    question = 'file_search {"queries": ["cat"]}'
    _, text = answered(client, question, [{"type": "file_search"}], tool_resources=resources)
    assert "The feline sleeps." in text


def test_a_kernel_of_another_language_is_named_by_it(
    toy_server: LiveServer, client: openai.OpenAI
) -> None:
    kernel = request(toy_server, "POST", "/api/kernels", {"name": "toytalk"})["id"]
    resources = {"code_interpreter": {"kernel_id": kernel}}
    tools = [{"type": "code_interpreter"}]
    _, briefing = answered(client, "briefing", tools, tool_resources=resources)
    assert "a Jupyter kernel of the language Toytalk: write Toytalk" in briefing
    assistant = client.beta.assistants.create(model="toy/it", tools=tools)
    question = 'run_python {"code": "obliterate = 6 * 7\\nprint(obliterate)"}'
    thread = client.beta.threads.create(
        messages=[{"role": "user", "content": question}], tool_resources=resources
    )
    run = client.beta.threads.runs.create_and_poll(
        thread_id=thread.id, assistant_id=assistant.id, poll_interval_ms=50
    )
    (asked,) = run.required_action.submit_tool_outputs.tool_calls
    shown = json.loads(asked.function.arguments)
    assert shown["hints"] == ["deletes files (line 1)"]
    (step,) = client.beta.threads.runs.steps.list(run_id=run.id, thread_id=run.thread_id).data
    waiting = step.to_dict()["jupyter"]["calls"][asked.id]  # type: ignore[index]
    assert waiting["language"] == "Toytalk" and "status" not in waiting
    verdict = json.dumps({"approved": True, "sha256": shown["sha256"]})
    client.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=run.id,
        thread_id=thread.id,
        tool_outputs=[{"tool_call_id": asked.id, "output": verdict}],
        poll_interval_ms=50,
    )
    (step, *_) = client.beta.threads.runs.steps.list(
        run_id=run.id, thread_id=thread.id, order="asc"
    ).data
    extension = step.to_dict()["jupyter"]["calls"][asked.id]  # type: ignore[index]
    assert (extension["status"], extension["language"]) == ("ok", "Toytalk")
    request(toy_server, "DELETE", f"/api/kernels/{kernel}")


def test_the_doctor_names_the_plug_in_that_cannot_be_imported(toy_server: LiveServer) -> None:
    report = request(toy_server, "GET", "/assistants/v1/doctor")
    (plugins,) = [check for check in report["checks"] if check["id"] == "plugins"]
    assert plugins["status"] == "problem"
    assert "'broken' of the package 'broken-toys'" in plugins["detail"]
    assert "a_library_that_nobody_has" in plugins["detail"]
    assert plugins["detail"].count("is skipped") == 1


@pytest.fixture
def at_server(
    toy_server: LiveServer,
    plugins_folder: Path,
    client: openai.OpenAI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Lead kernels and commands to the server, which has an assistant with the clock."""
    for name, value in {
        **with_plugins(plugins_folder),
        "JUPYTER_ASSISTANTS_URL": toy_server.root,
        "JUPYTER_ASSISTANTS_KEY": toy_server.token,
    }.items():
        monkeypatch.setenv(name, value)
    known = {assistant.name for assistant in client.beta.assistants.list().data}
    if "timekeeper" not in known:
        tools: list[Any] = [CLOCK]
        client.beta.assistants.create(name="timekeeper", model="toy/it", tools=tools)


def test_a_cell_draws_a_call_with_the_renderer_of_the_plug_in(
    at_server: None, tmp_path: Path
) -> None:
    with kernel_session(tmp_path) as kernel:
        kernel.run("%load_ext jupyter_assistants")
        cell = "".join(kernel.run("%%assistant timekeeper\nclock {}").saved())
    assert "The clock shows 12:00 CET" in cell and "The tool says: 12:00 CET" in cell


def test_the_command_line_answers_with_the_plug_ins(at_server: None, tmp_path: Path) -> None:
    program = "import sys; from jupyter_assistants.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "ask", "clock {}", "-a", "timekeeper"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "The tool says: 12:00 CET" in done.stdout
