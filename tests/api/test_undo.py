"""Steps that the server runs in a live kernel: written down, and undone over the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.live_kernel import live
from support.service_session import Bench

from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import NotFound, UndoRefused
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import Changes

pytestmark = pytest.mark.slow


def changes(step: Any) -> Changes:
    (kept,) = step.jupyter.calls.values()
    assert kept.changes is not None
    found: Changes = kept.changes
    return found


async def undone(b: Bench, run: Run, step: Any, **body: Any) -> Any:
    path = f"/threads/{b.thread_id}/runs/{run.id}/steps/{step.id}/undo"
    return await b.ask("POST", path, **body)


async def test_a_live_kernels_steps_are_written_down_and_undone(tmp_path: Path) -> None:
    codes = [
        "numbers = [1]",
        "numbers.append(2); open('out.txt', 'w').write('x'); extra = 1",
        "numbers.append('by the user')",
        "print(numbers, 'extra' in globals(), sorted(n for n in globals() if 'ledger' in n))",
        "numbers",
    ]
    turns = [turn for code in codes for turn in ([call("run_python", {"code": code})], ["Done."])]
    async with live(tmp_path, *turns) as (b, _):
        runs = [await b.run(jupyter={"approval": "auto"}) for _ in codes[:2]]
        step = (await b.steps(runs[1]))[0]
        found = changes(step)
        assert found.variables.model_dump() == {
            "new": ["extra"],
            "changed": ["numbers"],
            "deleted": [],
        }
        assert found.files.new == ["out.txt"] and found.undo == "full" and found.step == 2

        third = await b.run(jupyter={"approval": "auto"})
        with pytest.raises(UndoRefused, match="numbers changed since"):
            await undone(b, runs[1], step)
        await undone(b, third, (await b.steps(third))[0])
        after = await undone(b, runs[1], step)
        assert changes(after).undo == "undone"
        with pytest.raises(UndoRefused, match="undone already"):
            await undone(b, runs[1], step)
        shown = await b.run(jupyter={"approval": "auto"})
        logs = (await b.steps(shown))[0].wire()["step_details"]["tool_calls"][0]
        printed = logs["code_interpreter"]["outputs"][0]["logs"]
        assert printed == "[1] False []\n" and not (tmp_path / "out.txt").exists()
        with pytest.raises(NotFound, match="nothing to undo in this step"):
            await undone(b, shown, (await b.steps(shown))[0])


async def test_code_that_ran_too_long_is_written_down_and_undone(tmp_path: Path) -> None:
    codes = ["numbers = [1]", "numbers.append(2)\nimport time; time.sleep(600)", "print(numbers)"]
    turns = [turn for code in codes for turn in ([call("run_python", {"code": code})], ["Done."])]
    async with live(tmp_path, *turns, code_timeout=2.0) as (b, _):
        await b.run(jupyter={"approval": "auto"})
        run = await b.run(jupyter={"approval": "auto"})
        step = (await b.steps(run))[0]
        assert next(iter(step.jupyter.calls.values())).status == "timeout"
        assert changes(step).variables.changed == ["numbers"]
        await undone(b, run, step)
        shown = await b.run(jupyter={"approval": "auto"})
        logs = (await b.steps(shown))[0].wire()["step_details"]["tool_calls"][0]
        assert logs["code_interpreter"]["outputs"][0]["logs"] == "[1]\n"


async def test_code_whose_run_was_cancelled_is_written_down_and_undone(tmp_path: Path) -> None:
    slow = "numbers.append(2)\nprint('begun', flush=True)\nimport time; time.sleep(600)"
    codes = ["numbers = [1]", slow]
    turns = [turn for code in codes for turn in ([call("run_python", {"code": code})], ["Done."])]
    turns = turns[:3]
    async with live(tmp_path, *turns) as (b, kernel_id):
        await b.run(jupyter={"approval": "auto"})
        started = await b.start(jupyter={"approval": "auto"})
        async for event in started.log.read(started.start):
            if "begun" in str(event.data) and "logs" in str(event.data):
                break
        path = f"/threads/{b.thread_id}/runs/{started.run.id}"
        await b.ask("POST", f"{path}/cancel")
        run = await b.ask("GET", path, query_wait=60)
        assert run.status == "cancelled"
        (step,) = await b.steps(run)
        assert changes(step).variables.changed == ["numbers"]
        await undone(b, run, step)
        place = await b.service.executors.open(b.thread_id, kernel_id=kernel_id)
        found: list[Any] = []
        await place.run("print(numbers)", found.append)
        assert "".join(each["text"] for each in found) == "[1]\n"


async def test_a_kernel_without_this_package_says_so_and_runs_the_code(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['jupyter_assistants.kernels.ledger'] = None"
    turns = [[call("run_python", {"code": hidden})], ["Done."]]
    turns += [[call("run_python", {"code": "marker = 1\nprint(marker)"})], ["Done."]]
    async with live(tmp_path, *turns) as (b, _):
        await b.run(jupyter={"approval": "auto"})
        run = await b.run(jupyter={"approval": "auto"})
        assert run.status == "completed"
        found = changes((await b.steps(run))[0])
        assert found.undo == "none" and "not installed in this kernel" in str(found.note)


async def test_code_of_a_thread_s_own_kernel_has_no_ledger(tmp_path: Path) -> None:
    python = call("run_python", {"code": "x = 1"})
    async with live(tmp_path, [python], ["Done."]) as (b, _):
        b.thread_id = (
            await b.ask("POST", "/threads", messages=[{"role": "user", "content": "x"}])
        ).id
        run = await b.run()
        (kept,) = (await b.steps(run))[0].jupyter.calls.values()
        assert kept.changes is None
