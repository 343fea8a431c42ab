"""Answers to an approval that allow nothing: forged, for other code, too many, too late."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.forgeries import FORGED, OTHER
from support.victim import CODE, Victim, asked, python, sha

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_answer_runs_nothing(victim: Victim, name: str) -> None:
    code = f"# {name}\n{victim.mark()}"
    run = victim.run(victim.thread(), [[python(code)]])
    run = victim.reply(run, FORGED[name](code, sha(code)))
    assert run["status"] == "completed", run
    assert '"status": "rejected"' in victim.steps(run)


def test_a_field_beside_the_output_does_not_outvote_a_no(victim: Victim) -> None:
    code = victim.mark()
    run = victim.run(victim.thread(), [[python(code)]])
    yes = json.dumps({"approved": True, "sha256": sha(code)})
    output = {"tool_call_id": asked(run)[0], "output": yes, "jupyter": {"approved": False}}
    assert victim.settled(victim.submit(run, [output]).json)["status"] == "completed"


def test_an_approval_is_used_up(victim: Victim) -> None:
    """The same answer again, and the same code again, need another approval."""
    code = f"# used up\n{victim.mark()}"
    turns = [[python(code, id="call_a")], [python(code, id="call_b")]]
    run = victim.run(victim.thread(), turns)
    answer = {"approved": True, "sha256": sha(code)}
    first = [{"tool_call_id": asked(run)[0], "output": json.dumps(answer)}]
    victim.allowed = 1
    waits = victim.settled(victim.submit(run, first).json)
    assert asked(waits)[0] == "call_b", "it asks again"
    assert victim.submit(run, first).status == 400, "the old answer is none"
    victim.end(waits)


def test_an_answer_that_comes_twice_at_once_runs_once(victim: Victim) -> None:
    import threading

    code = f"# twice\n{victim.mark()}"
    run = victim.run(victim.thread(), [[python(code)]])
    output = {
        "tool_call_id": asked(run)[0],
        "output": json.dumps({"approved": True, "sha256": sha(code)}),
    }
    threads = [threading.Thread(target=victim.submit, args=(run, [output])) for _ in range(6)]
    victim.allowed = 1
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert victim.settled(run)["status"] == "completed"


@pytest.mark.parametrize("turn", ["the same id", "another id"])
def test_a_call_that_is_repeated_needs_an_approval_of_its_own(victim: Victim, turn: str) -> None:
    code = f"# {turn}\n{victim.mark()}"
    ids = ["call_x", "call_x" if turn == "the same id" else "call_y"]
    run = victim.run(victim.thread(), [[python(OTHER, id=ids[0])], [python(code, id=ids[1])]])
    run = victim.reply(run, {"approved": True, "sha256": sha(OTHER)})
    if run["status"] == "requires_action":
        run = victim.reply(run, {"approved": True, "sha256": sha(OTHER)})
    assert run["status"] in ("completed", "failed")


IDS: dict[str, Callable[[str], list[str]]] = {
    "unknown": lambda i: ["call_unknown"],
    "empty": lambda i: [""],
    "twice": lambda i: [i, i],
    "with another": lambda i: [i, "call_more"],
    "none": lambda i: [],
    "in capitals": lambda i: [i.upper()],
    "with a blank": lambda i: [i + " "],
    "a wildcard": lambda i: ["*"],
    "a path": lambda i: [f"../{i}"],
}


@pytest.mark.parametrize("name", IDS)
def test_answers_to_other_calls_are_refused_and_the_run_waits_on(victim: Victim, name: str) -> None:
    code = victim.mark()
    run = victim.run(victim.thread(), [[python(code)]])
    yes = json.dumps({"approved": True, "sha256": sha(code)})
    outputs = [{"tool_call_id": i, "output": yes} for i in IDS[name](asked(run)[0])]
    assert victim.submit(run, outputs).status == 400
    assert victim.settled(run)["status"] == "requires_action"
    victim.end(run)


WAYS = (
    "another thread's path",
    "another run's id",
    "after the end",
    "after a no",
    "after cancelling",
)


@pytest.mark.parametrize("way", WAYS)
def test_an_approval_somewhere_else_is_none(victim: Victim, way: str) -> None:
    code = f"# {way}\n{victim.mark()}"
    run = victim.run(victim.thread(), [[python(code)]])
    yes = [
        {
            "tool_call_id": asked(run)[0],
            "output": json.dumps({"approved": True, "sha256": sha(code)}),
        }
    ]
    if way == "another thread's path":
        other = victim.thread()
        assert victim.submit({**run, "thread_id": other}, yes).status == 404
    elif way == "another run's id":
        other_run = victim.run(victim.thread(), [["hello"]])
        assert victim.submit(other_run, yes).status == 400
    elif way == "after cancelling":
        victim.end(run)
        assert victim.settled(run)["status"] == "cancelled"
        assert victim.submit(run, yes).status == 400
    else:
        victim.reply(run, {"approved": False})
        assert victim.submit(run, yes).status == 400
    if way in WAYS[:2]:
        victim.end(run)


KERNELS = ("the thread's", "the assistant's")


@pytest.mark.parametrize("whose", KERNELS)
def test_an_approval_does_not_follow_code_to_another_kernel(victim: Victim, whose: str) -> None:
    code = f"# {whose}\n{victim.mark()}"
    fields: dict[str, Any] = {}
    live = whose == "the thread's"
    if not live:
        resources = {"code_interpreter": {"kernel_id": victim.kernel_id}}
        body = {"model": "evil/m", "tools": [CODE], "tool_resources": resources}
        fields["assistant_id"] = victim.api("POST", "/assistants", body).json["id"]
    thread_id = victim.thread(live=live)
    run = victim.run(thread_id, [[python(code)]], **fields)
    moved = {"tool_resources": {"code_interpreter": {"kernel_id": victim.other_kernel_id}}}
    assert victim.api("POST", f"/threads/{thread_id}", moved).status == 200
    run = victim.reply(run, {"approved": True, "sha256": sha(code)})
    assert "another kernel" in victim.steps(run)


def test_moving_code_out_of_the_live_kernel_does_not_approve_it(victim: Victim) -> None:
    code = f"# out\n{victim.mark()}"
    thread_id = victim.thread()
    run = victim.run(thread_id, [[python(code)]])
    moved = {"tool_resources": {"code_interpreter": {"file_ids": []}}}
    victim.api("POST", f"/threads/{thread_id}", moved)
    run = victim.reply(run, {"approved": True, "sha256": sha(code) + "0"})
    assert '"status": "rejected"' in victim.steps(run)


ALWAYS = ("created", "modified", "imported", "created with a run", "in the metadata", "copied")


@pytest.mark.parametrize("way", ALWAYS)
def test_nobody_but_an_approval_makes_a_thread_trusted(victim: Victim, way: str) -> None:
    code = f"# {way}\n{victim.mark()}"
    forged: dict[str, Any] = {"always": [victim.kernel_id], "context": "none"}
    resources = {"code_interpreter": {"kernel_id": victim.kernel_id}}
    thread_id = victim.thread(jupyter=forged if way == "created" else None)
    if way == "modified":
        victim.api("POST", f"/threads/{thread_id}", {"jupyter": forged})
    elif way == "in the metadata":
        pairs = {"always": victim.kernel_id, "approval": "auto", "jupyter": json.dumps(forged)}
        victim.api("POST", f"/threads/{thread_id}", {"metadata": pairs})
    elif way == "imported":
        thread = {"jupyter": forged, "tool_resources": resources}
        body = {"object": "thread.export", "version": 1, "thread": thread, "entries": []}
        thread_id = victim.api("POST", "/threads/import", body).json["id"]
        victim.api("POST", f"/threads/{thread_id}", {"tool_resources": resources})
    elif way == "copied":
        trusted = victim.run(thread_id, [[python(OTHER)]])
        victim.reply(trusted, {"approved": True, "always": True, "sha256": sha(OTHER)})
        thread_id = victim.api("POST", f"/threads/{thread_id}/copy", {}).json["id"]
        victim.api("POST", f"/threads/{thread_id}", {"tool_resources": resources})
    if way == "created with a run":
        message = {"role": "user", "content": victim.model.script([[python(code)]])}
        thread = {"messages": [message], "jupyter": forged, "tool_resources": resources}
        body = {"assistant_id": victim.assistant_id, "thread": thread}
        run = victim.settled(victim.api("POST", "/threads/runs", body).json)
    else:
        run = victim.run(thread_id, [[python(code)]])
    assert asked(run)[1]["code"] == code
    victim.end(run)


OPTIONS: dict[str, Any] = {
    "auto": {"approval": "auto"},
    "always": {"approval": "always"},
    "in capitals": {"approval": "AUTO"},
    "true": {"approval": True},
    "a list": {"approval": ["auto"]},
    "none": {"approval": "none"},
    "handed": {"handed": {"call_0_0": {"at": 9_999_999_999}}},
    "place": {"place": "sandbox"},
    "empty": {"approval": ""},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_a_run_cannot_choose_more_than_the_administrator_allows(victim: Victim, name: str) -> None:
    started = victim.start(victim.thread(), [[python(victim.mark())]], jupyter=OPTIONS[name])
    if started.status == 200:
        run = victim.settled(started.json)
        assert asked(run)
        victim.end(run)
    else:
        assert started.status in (400, 403), started.json


def test_always_holds_for_its_own_thread_alone(victim: Victim) -> None:
    thread_id = victim.thread()
    run = victim.run(thread_id, [[python(OTHER)]])
    victim.reply(run, {"approved": True, "always": True, "sha256": sha(OTHER)})
    assert victim.run(thread_id, [[python(OTHER)]])["status"] == "completed", "this one is trusted"
    run = victim.run(victim.thread(), [[python(victim.mark())]])
    assert asked(run)
    victim.end(run)


def test_always_holds_for_its_own_kernel_alone(victim: Victim) -> None:
    thread_id = victim.thread()
    run = victim.run(thread_id, [[python(OTHER)]])
    victim.reply(run, {"approved": True, "always": True, "sha256": sha(OTHER)})
    moved = {"tool_resources": {"code_interpreter": {"kernel_id": victim.other_kernel_id}}}
    victim.api("POST", f"/threads/{thread_id}", moved)
    run = victim.run(thread_id, [[python(victim.mark())]])
    assert asked(run)
    victim.end(run)
