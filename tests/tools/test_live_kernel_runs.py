"""Runs in a person's own kernel, executed by the server: nothing runs without an approval."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from support.kernel_runs import begun
from support.live_kernel import live
from support.service_session import OWNER, Bench, events, names

from jupyter_assistants.kernels.connection import KernelConnection
from jupyter_assistants.kernels.execution import KernelExecution
from jupyter_assistants.kernels.outputs import Output
from jupyter_assistants.models.base import FunctionOutput
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.tools.code_interpreter.approval import sha256
from jupyter_assistants.tools.code_interpreter.prompt import REJECTED_ADVICE

pytestmark = pytest.mark.slow

CODE = {"type": "code_interpreter"}
SNIPPET = "made_here = 6 * 7\nprint(made_here)"


def asked(run: Run) -> tuple[str, dict[str, Any]]:
    """Return the id of the approval that the run waits for, and what it shows."""
    assert run.required_action is not None
    (wanted,) = run.required_action.submit_tool_outputs.tool_calls
    assert wanted.function.name == "approve_code"
    return wanted.id, json.loads(wanted.function.arguments)


async def test_code_for_a_live_kernel_waits_for_an_approval_and_then_runs_there(
    tmp_path: Path,
) -> None:
    python = call("run_python", {"code": SNIPPET})
    async with live(tmp_path, [python], ["Forty-two."]) as (b, kernel_id):
        call_id, shown = asked(run := await b.run())
        assert shown["code"] == SNIPPET and kernel_id in shown["place"]
        verdict = {"approved": True, "sha256": shown["sha256"]}
        found = await events(await b.submit(run, {"tool_call_id": call_id, "jupyter": verdict}))
        assert names(found)[:4] == [
            "run.queued",
            "run.in_progress",
            "run.step.delta",
            "run.step.completed",
        ]
        step = (await b.steps(run))[0]
        wire = step.wire()["step_details"]["tool_calls"][0]["code_interpreter"]
        assert wire["outputs"] == [{"type": "logs", "logs": "42\n"}]
        assert kernel_id in str(step.jupyter.calls[call_id].place)


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ({"approved": False, "reason": "not now"}, "The user rejected this code: not now"),
        ({"approved": True, "sha256": "0" * 64}, "the approval was given for other code"),
        ({"approved": True}, "the approval was given for other code"),
        ({"approved": "yes"}, "The user rejected this code"),
        ({}, "The user rejected this code"),
    ],
)
async def test_without_an_approval_of_exactly_this_code_nothing_runs(
    tmp_path: Path, verdict: dict[str, Any], told: str
) -> None:
    marker = tmp_path / "ran"
    python = call("run_python", {"code": f"open({str(marker)!r}, 'w')"})
    async with live(tmp_path, [python], ["Very well."]) as (b, _):
        call_id, _ = asked(run := await b.run())
        await events(await b.submit(run, {"tool_call_id": call_id, "jupyter": verdict}))
        answered = b.model.requests[-1].history[-1]
        assert isinstance(answered, FunctionOutput) and told in answered.output
        assert not marker.exists()


async def answer(b: Bench, run: Run, **verdict: Any) -> str:
    """Answer the approval that a run waits for, as a stock SDK can; give what the model is told."""
    call_id, shown = asked(run)
    verdict = {"sha256": shown["sha256"], **verdict}
    await events(await b.submit(run, {"tool_call_id": call_id, "output": json.dumps(verdict)}))
    (told,) = [e for e in b.model.requests[-1].history if isinstance(e, FunctionOutput)][-1:]
    return told.output


async def test_the_question_names_the_kernel_and_what_the_code_seems_to_do(tmp_path: Path) -> None:
    python = call("run_python", {"code": "import os\nos.remove('x')"})
    async with live(tmp_path, [python], ["Well."]) as (b, kernel_id):
        _, shown = asked(run := await b.run())
        assert shown["kernel_id"] == kernel_id and shown["hints"] == ["deletes files (line 2)"]
        assert shown["max_approval"] == "auto"
        told = await answer(b, run, approved=False, reason="keep it")
        assert told == f"The user rejected this code: keep it\n{REJECTED_ADVICE}"


async def test_the_question_names_files_that_are_put_beside_the_notebook_by_an_import(
    tmp_path: Path,
) -> None:
    python = call("run_python", {"code": "import json\nprint(json.dumps(1))"})
    async with live(tmp_path, [python], ["One."]) as (b, _):
        file = await b.upload("json.py", b"raise SystemExit('loaded')")
        attachment = {"file_id": file.id, "tools": [CODE]}
        said = [{"role": "user", "content": "go", "attachments": [attachment]}]
        run = await b.run(additional_messages=said)
        assert "attached-files: json.py." in asked(run)[1]["hints"][-1]
        assert not (tmp_path / "attached-files").exists(), "nobody has approved anything yet"
        assert (await answer(b, run, approved=True)).startswith("1\n")
        assert (tmp_path / "attached-files" / "json.py").exists()
        assert not (tmp_path / "json.py").exists()
        (done,) = (await b.steps(run))[0].jupyter.calls.values()
        assert done.note is not None and "attached-files: json.py." in done.note


async def test_edited_code_runs_in_place_of_the_models_and_the_model_is_told(
    tmp_path: Path,
) -> None:
    edited = "made_here = 43\nprint(made_here)"
    python = call("run_python", {"code": SNIPPET})
    async with live(tmp_path, [python], ["Forty-three."]) as (b, _):
        run = await b.run()
        told = await answer(b, run, approved=True, code=edited, sha256=sha256(edited))
        assert told == (
            "[the user edited the code before it ran; this is what ran:]\n"
            f"```python\n{edited}\n```\n43"
        )
        (step, *_) = await b.steps(run)
        shown = step.wire()["step_details"]["tool_calls"][0]["code_interpreter"]
        assert shown["input"] == edited and shown["outputs"][0]["logs"] == "43\n"


async def test_an_approval_of_the_models_code_is_none_of_the_edited_code(tmp_path: Path) -> None:
    python = call("run_python", {"code": SNIPPET})
    async with live(tmp_path, [python], ["Well."]) as (b, _):
        told = await answer(b, await b.run(), approved=True, code="open('sneaked', 'w')")
        assert "the approval was given for other code" in told
        assert not (tmp_path / "sneaked").exists()


async def test_always_holds_for_the_thread_and_the_kernel_and_can_be_taken_back(
    tmp_path: Path,
) -> None:
    turns = [[call("run_python", {"code": f"print({n})"})] for n in range(3)]
    async with live(tmp_path, turns[0], turns[1], "Done.", turns[2]) as (b, kernel_id):
        run = await b.run()
        assert await answer(b, run, approved=True, always=True) == "1"
        assert (await b.get_run(run)).status == "completed"
        thread = await b.ask("GET", f"/threads/{b.thread_id}")
        assert thread.jupyter.always == [kernel_id]
        copy = await b.ask("POST", f"/threads/{b.thread_id}/copy")
        assert not copy.jupyter.always, "an approval is not copied"
        body = {"jupyter": {"always": ["another"]}}
        thread = await b.ask("POST", f"/threads/{b.thread_id}", **body)
        assert thread.jupyter.always == [], "nobody adds kernels here"
        assert (await b.run()).status == "requires_action"


async def test_code_is_rejected_also_when_its_kernel_is_gone(tmp_path: Path) -> None:
    python = call("run_python", {"code": SNIPPET})
    async with live(tmp_path, [python], "Then not.") as (b, kernel_id):
        run = await b.run()
        await b.extra["kernels"].shutdown_kernel(kernel_id, now=True)
        told = await answer(b, run, approved=False, reason="the notebook is closed")
        assert "the notebook is closed" in told
        assert (await b.get_run(run)).status == "completed"
        (step, _) = await b.steps(run)
        assert step.jupyter.calls[step.wire()["step_details"]["tool_calls"][0]["id"]].status == (
            "rejected"
        )


async def test_an_administrator_can_forbid_always(tmp_path: Path) -> None:
    turns = [[call("run_python", {"code": f"print({n})"})] for n in range(2)]
    async with live(tmp_path, *turns, max_approval="ask") as (b, _):
        run = await b.run()
        assert asked(run)[1]["max_approval"] == "ask"
        told = await answer(b, run, approved=True, always=True)
        assert told.startswith("0") and "switched off here" in told
        assert (await b.get_run(run)).status == "requires_action"


async def test_an_approval_holds_for_ten_minutes_and_one_kernel(tmp_path: Path) -> None:
    turns = [[call("run_python", {"code": "open('sneaked', 'w')"})], "Well."] * 2
    async with live(tmp_path, *turns, run_expiry=10_000) as (b, _):
        run = await b.run()
        stored = await asyncio.to_thread(b.service.storage.get, Run, run.id)
        (call_id,) = stored.handed
        old = {call_id: stored.handed[call_id].model_copy(update={"at": now() - 601})}
        b.service.storage.save(stored.changed(handed=old), owner=OWNER)
        assert "it holds for 10 minutes" in await answer(b, run, approved=True)
        run = await b.run()
        other = {"code_interpreter": {"kernel_id": await b.extra["start"]()}}
        await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=other)
        assert "given for another kernel" in await answer(b, run, approved=True)
        assert not list(tmp_path.rglob("sneaked"))


async def test_auto_runs_in_a_live_kernel_without_asking(tmp_path: Path) -> None:
    python = call("run_python", {"code": SNIPPET})
    async with live(tmp_path, [python], ["Forty-two."]) as (b, _):
        assert (await b.run(jupyter={"approval": "auto"})).status == "completed"


async def test_an_unknown_kernel_is_a_clear_error(tmp_path: Path) -> None:
    python = call("run_python", {"code": SNIPPET})
    async with live(tmp_path, [python]) as (b, _):
        resources = {"code_interpreter": {"kernel_id": "no-such-kernel"}}
        await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=resources)
        run = await b.run()
        assert run.status == "failed" and run.last_error is not None
        assert "no-such-kernel" in run.last_error.message


async def test_the_model_is_told_what_the_live_kernel_is_and_nothing_is_left_in_it(
    tmp_path: Path,
) -> None:
    names = "print(sorted(n for n in globals() if n in ('facts', 'metadata', 'PACKAGES')))"
    python = call("run_python", {"code": names})
    async with live(tmp_path, [python], ["Nothing."]) as (b, _):
        call_id, shown = asked(run := await b.run())
        told = b.model.requests[0].instructions
        assert "The kernel runs Python 3." in told and "pandas " in told
        assert f"Its folder is {tmp_path}." in told
        verdict = {"approved": True, "sha256": shown["sha256"]}
        await events(await b.submit(run, {"tool_call_id": call_id, "jupyter": verdict}))
        (answer,) = [e for e in b.model.requests[1].history if isinstance(e, FunctionOutput)]
        assert answer.output == "[]"
        assert b.model.requests[1].instructions == told
        assert not list(tmp_path.glob(".jupyter_assistants"))


async def test_a_person_answers_code_that_asks_for_input(tmp_path: Path) -> None:
    python = call("run_python", {"code": "print('got', input('Which one? '))"})
    async with live(tmp_path, [python], ["Thanks."]) as (b, _):
        started = await b.start(jupyter={"approval": "auto", "allow_stdin": True})
        run = await b.run_when(
            started.run, lambda run: run.jupyter.waiting == "waiting for your input"
        )
        assert run.jupyter.input_request is not None
        assert run.jupyter.input_request.prompt == "Which one? "
        path = f"/threads/{run.thread_id}/runs/{run.id}/input_reply"
        await b.ask("POST", path, value="the second")
        found = await events(started)
        told = [
            e.data["jupyter"].get("waiting") for e in found if e.event == "thread.run.in_progress"
        ]
        assert "waiting for your input" in told and told[-1] is None
        run = await b.get_run(run)
        assert run.status == "completed" and run.jupyter.input_request is None
        (answered,) = [e for e in b.model.requests[-1].history if isinstance(e, FunctionOutput)]
        assert "got the second" in answered.output
        with pytest.raises(InvalidRequest, match="does not wait for input"):
            await b.ask("POST", path, value="too late")


async def test_a_run_says_that_it_waits_for_the_kernel_and_can_be_cancelled_then(
    tmp_path: Path,
) -> None:
    python = call("run_python", {"code": "open('sneaked', 'w')"})
    async with live(tmp_path, [python], ["Well."]) as (b, kernel_id):
        # Another thread's code is as good as a cell of the notebook.
        other = await b.service.executors.open("thread_other", kernel_id=kernel_id)
        busy = await begun(other, "import time; time.sleep(3600)")
        started = await b.start(jupyter={"approval": "auto"})
        run = await b.run_when(
            started.run, lambda run: run.jupyter.waiting == "waiting for the kernel"
        )
        await b.ask("POST", f"/threads/{run.thread_id}/runs/{run.id}/cancel")
        await events(started)
        run = await b.get_run(run)
        assert run.status == "cancelled" and run.jupyter.waiting is None
        assert not busy.done(), "the other code goes on"
        await other.interrupt()
        await busy
        assert not (tmp_path / "sneaked").exists()


async def test_tables_of_the_persons_own_cells_stay_as_they_are(tmp_path: Path) -> None:
    table = "import pandas as pd\npd.DataFrame({'a': [1]})"
    python = call("run_python", {"code": table})
    async with live(tmp_path, [python], ["One."]) as (b, kernel_id):
        await b.run(jupyter={"approval": "auto"})
        (answer,) = [e for e in b.model.requests[-1].history if isinstance(e, FunctionOutput)]
        assert answer.output == "[table: 1 rows x 1 columns; types: a int64]\na\n1"
        connection = KernelConnection(b.extra["kernels"].get_kernel(kernel_id))
        await connection.open(30)
        try:
            shown: list[Output] = []
            execution = KernelExecution(connection, table, shown.append)
            execution.send()
            assert (await execution.finish(60, 1)).status == "ok"
        finally:
            connection.close()
        assert [set(each["data"]) for each in shown] == [{"text/plain", "text/html"}]
