"""Code in a thread's own kernel without a sandbox: a person in a front end is asked, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.echo_model import EchoModel, question
from support.house import House
from support.live_server import running
from support.sandboxes import needs_sandbox
from support.waiting import until

from jupyter_assistants.tools.code_interpreter.approval import sha256

pytestmark = pytest.mark.slow

Json = dict[str, Any]
PANEL: Json = {"place": "kernel", "approval": "ask", "attended": True, "allow_stdin": True}
"""What the panel sends with its runs."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    model = EchoModel()
    options = {
        "providers": {"echo": {"base_url": model.url, "wire": "chat"}},
        "default_model": "echo/echo",
        "sandbox": "never",
    }
    with running(tmp_path_factory.mktemp("own"), options=options) as server:
        house = House(server, model)
        body = {"model": "echo/echo", "tools": [{"type": "code_interpreter"}]}
        house.assistant_id = house.api("POST", "/assistants", body)["id"]
        yield house
    model.close()


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that code writes when it runs."""
    return tmp_path / "ran"


def new_thread(house: House, **resources: Any) -> str:
    body = {"tool_resources": {"code_interpreter": resources}} if resources else {}
    return str(house.api("POST", "/threads", body)["id"])


def started(house: House, thread: str, code: str, extension: Json = PANEL) -> Json:
    """Start a run whose model calls this code; return it when it waits or has ended."""
    message = {"role": "user", "content": question(code)}
    body = {
        "assistant_id": house.assistant_id,
        "additional_messages": [message],
        "jupyter": extension,
    }
    return settled(house, house.api("POST", f"/threads/{thread}/runs", body))


def settled(house: House, run: Json) -> Json:
    path = f"/threads/{run['thread_id']}/runs/{run['id']}"

    def rests() -> Json | None:
        found: Json = house.api("GET", path)
        return None if found["status"] in ("queued", "in_progress") else found

    return until(rests, seconds=120)


def asked(run: Json) -> tuple[str, Json]:
    """Return the id of the question that the run waits with, and what it shows."""
    assert run["status"] == "requires_action", run
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert call["function"]["name"] == "approve_code"
    return call["id"], json.loads(call["function"]["arguments"])


def answered(house: House, run: Json, **verdict: Any) -> Json:
    call_id, shown = asked(run)
    output = json.dumps({"sha256": shown["sha256"], **verdict})
    path = f"/threads/{run['thread_id']}/runs/{run['id']}/submit_tool_outputs"
    outputs = {"tool_outputs": [{"tool_call_id": call_id, "output": output}]}
    return settled(house, house.api("POST", path, outputs))


def told(house: House) -> str:
    """Return what the model was told last of its code."""
    return str(house.model.received[-1]["messages"][-1]["content"])


def test_a_run_of_the_panel_asks_and_runs_what_was_approved(house: House, marker: Path) -> None:
    thread = new_thread(house)
    code = f"open({str(marker)!r}, 'w').write('x')"
    run = started(house, thread, code)
    _, shown = asked(run)
    assert shown["own_kernel"] is True and shown["kernel_id"] == thread
    assert shown["code"] == code and shown["place"] == f"kernel {thread}"
    assert shown["hints"] == ["writes files (line 1)"]
    assert not marker.exists(), "nobody has approved anything yet"
    assert answered(house, run, approved=True)["status"] == "completed"
    assert marker.exists()


def test_edited_code_runs_and_the_model_is_told_which(house: House) -> None:
    edited = "print(6 * 7)"
    run = started(house, new_thread(house), "print('theirs')")
    answered(house, run, approved=True, code=edited, sha256=sha256(edited))
    assert "the user edited the code" in told(house) and told(house).endswith("42")


def test_rejected_code_does_not_run(house: House, marker: Path) -> None:
    thread = new_thread(house)
    run = started(house, thread, f"open({str(marker)!r}, 'w')")
    run = answered(house, run, approved=False, reason="not here")
    assert told(house).startswith("The user rejected this code: not here\n")
    steps = house.api("GET", f"/threads/{thread}/runs/{run['id']}/steps?order=asc")["data"]
    (call,) = steps[0]["jupyter"]["calls"].values()
    assert call["status"] == "rejected" and call["place"] == f"kernel {thread}"
    assert not marker.exists()


def test_an_approval_of_other_code_is_none(house: House, marker: Path) -> None:
    run = started(house, new_thread(house), "print('theirs')")
    answered(house, run, approved=True, code=f"open({str(marker)!r}, 'w')")
    assert "the approval was given for other code" in told(house)
    assert not marker.exists()


def test_always_holds_for_its_thread_and_no_other(house: House) -> None:
    thread = new_thread(house)
    run = started(house, thread, "print(1)")
    assert answered(house, run, approved=True, always=True)["status"] == "completed"
    assert house.api("GET", f"/threads/{thread}")["jupyter"]["always"] == [thread]
    assert started(house, thread, "print(2)")["status"] == "completed"
    assert started(house, new_thread(house), "print(3)")["status"] == "requires_action"
    copy = house.api("POST", f"/threads/{thread}/copy", {})["id"]
    assert started(house, copy, "print(4)")["status"] == "requires_action"


def test_always_does_not_reach_a_live_kernel_of_the_thread(house: House) -> None:
    thread = new_thread(house)
    answered(house, started(house, thread, "print(1)"), approved=True, always=True)
    kernel = house.ask("POST", "/api/kernels", {"name": "python3"})["id"]
    resources = {"tool_resources": {"code_interpreter": {"kernel_id": kernel}}}
    house.api("POST", f"/threads/{thread}", resources)
    _, shown = asked(started(house, thread, "print(2)"))
    assert shown["kernel_id"] == kernel and "own_kernel" not in shown


def test_whoever_allows_all_code_is_not_asked(house: House) -> None:
    extension = {**PANEL, "approval": "auto"}
    assert started(house, new_thread(house), "print(1)", extension)["status"] == "completed"


@pytest.mark.parametrize("extension", [{}, {"place": "kernel", "approval": "ask"}])
def test_programs_and_the_command_line_are_not_asked(house: House, extension: Json) -> None:
    assert started(house, new_thread(house), "print(1)", extension)["status"] == "completed"


@needs_sandbox
def test_code_in_a_sandbox_is_not_asked_about(house: House) -> None:
    thread = new_thread(house, sandbox=True)
    assert started(house, thread, "print(1)")["status"] == "completed"
    assert "1" in told(house)
