"""The wish for a sandbox: it stays, wherever code of its thread or assistant is run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.sandboxes import needs_sandbox
from support.service_session import Bench, bench, events

from jupyter_assistants.kernels.thread_folders import SET_ASIDE
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import ExecutorError
from jupyter_assistants.protocol.runs import Run

CODE = {"type": "code_interpreter"}
LOCKED = {"code_interpreter": {"sandbox": True}}
FREE = {"code_interpreter": {"sandbox": False}}
WHERE = call(
    "run_python",
    {
        "code": "import os; print(os.environ.get('USER'), sorted(f for f in os.listdir() if f[0] != '.'))"
    },
)
LEAVE = call(
    "run_python", {"code": "open('leftover.py', 'w').write('raise SystemExit')\nprint('left')"}
)
IMPORT = call("run_python", {"code": "import os, leftover"})


def flag(holder: Any) -> bool | None:
    resources = holder.tool_resources.code_interpreter
    return resources.sandbox if resources else None


async def printed(b: Bench, run: Run) -> str:
    """Return what the code of a run printed or raised, after its last code."""
    [step] = [s for s in await b.steps(run) if s.type == "tool_calls"]
    [shown] = step.jupyter.calls.values()
    texts = [str(o.get("text") or o.get("evalue")) for o in shown.outputs or ()]
    return f"{shown.place}: {''.join(texts)}{shown.note or ''}"


@pytest.mark.parametrize("again", [{"file_ids": []}, {}, {"sandbox": None}], ids=json.dumps)
async def test_resources_that_are_sent_again_without_the_flag_keep_it(
    tmp_path: Path, again: dict[str, Any]
) -> None:
    async with bench(tmp_path, "Hi.", "Hi.") as b:
        await b.begin(CODE, tool_resources=LOCKED)
        await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=LOCKED)
        resources = {"code_interpreter": again}
        for path in (f"/threads/{b.thread_id}", f"/assistants/{b.assistant_id}"):
            assert flag(await b.ask("POST", path, tool_resources=resources)) is True
        started = await b.ask(
            "POST", "/threads/runs", assistant_id=b.assistant_id, tool_resources=resources
        )
        await events(started)
        assert flag(await b.get_run(started.run)) is True


async def test_only_false_on_the_thread_or_the_assistant_ends_it(tmp_path: Path) -> None:
    async with bench(tmp_path, "Hi.", "Hi.") as b:
        await b.begin(CODE, tool_resources=LOCKED)
        await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=LOCKED)
        started = await b.ask(
            "POST", "/threads/runs", assistant_id=b.assistant_id, tool_resources=FREE
        )
        await events(started)
        assert flag(await b.get_run(started.run)) is True
        for path in (f"/threads/{b.thread_id}", f"/assistants/{b.assistant_id}"):
            assert flag(await b.ask("POST", path, tool_resources=FREE)) is False


async def test_a_thread_that_is_exported_or_copied_keeps_it(tmp_path: Path) -> None:
    async with bench(tmp_path, "Hi.") as b:
        # Only the assistant asks for it, and an export has no assistant.
        await b.begin(CODE, tool_resources=LOCKED)
        await b.run()
        data = (await b.ask("GET", f"/threads/{b.thread_id}/export")).read()
        assert flag(await b.ask("POST", "/threads/import", **json.loads(data))) is True
        await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=LOCKED)
        assert flag(await b.ask("POST", f"/threads/{b.thread_id}/copy")) is True


@pytest.mark.slow
@needs_sandbox
async def test_code_of_a_caller_runs_in_the_sandbox_and_not_in_the_callers_kernel(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, [WHERE], "Done.") as b:
        await b.begin(CODE, tool_resources=LOCKED)
        run = await b.run(jupyter={"place": "caller"})
        assert run.status == "completed", run
        assert await printed(b, run) == f"sandbox {b.thread_id}: sandbox []\n"


@pytest.mark.slow
@needs_sandbox
async def test_cells_are_checked_in_a_sandbox_where_they_ran_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, [WHERE], "Done.") as b:
        await b.begin(CODE, tool_resources=LOCKED)
        run = await b.run()
        path = f"/threads/{b.thread_id}/runs/{run.id}/cells/check"
        [cell] = (await b.ask("POST", path)).cells
        assert (cell.status, cell.agrees) == ("ok", True), cell
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(ExecutorError, match="needs bubblewrap"):
            await b.ask("POST", path)


@pytest.mark.slow
@needs_sandbox
async def test_what_a_sandbox_left_is_not_imported_outside_of_it(tmp_path: Path) -> None:
    script = ([LEAVE], "1", [WHERE], "2", [IMPORT], "3", [WHERE], "4")
    async with bench(tmp_path, *script) as b:
        await b.begin(CODE, tool_resources=LOCKED)
        assert "left" in await printed(b, await b.run())
        # Another assistant, which asks for nothing: the thread had a sandbox, so it has one.
        plain = await b.ask("POST", "/assistants", model="scripted/it", tools=[CODE])
        b.assistant_id = plain.id
        assert (await printed(b, await b.run())).startswith(f"sandbox {b.thread_id}: sandbox")
        await b.ask("POST", f"/threads/{b.thread_id}", tool_resources=FREE)
        said = await printed(b, await b.run())
        assert said.startswith(f"kernel {b.thread_id}: No module named 'leftover'"), said
        assert f"Files that the sandbox wrote are in /mnt/data/{SET_ASIDE}" in said
        assert f"['{SET_ASIDE}'" in await printed(b, await b.run())
