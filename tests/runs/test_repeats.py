"""A model that runs the same failing code again and again is told so, and then stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.service_session import Bench, bench, events

from jupyter_assistants.models.base import FunctionOutput
from jupyter_assistants.models.scripted import call
from jupyter_assistants.runs.repeated_calls import AGAIN, STOP_NOTE

pytestmark = pytest.mark.slow

CODE = {"type": "code_interpreter"}
FAILING = "print('so far')\n1 / 0"


def python(code: str) -> Any:
    return [call("run_python", {"code": code})]


def told(b: Bench) -> list[bool]:
    """Say for each output of the last prompt whether it tells of the repetition."""
    history = b.model.requests[-1].history
    return [AGAIN in entry.output for entry in history if isinstance(entry, FunctionOutput)]


async def test_the_second_time_it_is_told_and_the_third_time_it_is_stopped(tmp_path: Path) -> None:
    async with bench(tmp_path, *[python(FAILING)] * 3, "It did not work.") as b:
        await b.begin(CODE)
        run = await b.run()
        assert run.status == "completed", run.last_error
        assert told(b) == [False, True, True]
        assert b.model.requests[-1].tool_choice == "none"
        assert STOP_NOTE in b.model.requests[-1].history[-1].output
        assert b.model.requests[-1].instructions == b.model.requests[0].instructions
        assert [request.tool_choice for request in b.model.requests[:-1]] == ["auto"] * 3


async def test_other_code_or_another_error_counts_anew(tmp_path: Path) -> None:
    turns = [python(FAILING), python("1 + 1"), python(FAILING), python("nothing"), python(FAILING)]
    async with bench(tmp_path, *turns, "Done.") as b:
        await b.begin(CODE)
        assert (await b.run()).status == "completed"
        assert told(b) == [False] * 5
        assert b.model.requests[-1].tool_choice == "auto"


async def test_code_that_the_caller_runs_is_counted_as_well(tmp_path: Path) -> None:
    outputs = [{"output_type": "error", "ename": "E", "evalue": "no", "traceback": []}]
    result = {"status": "error", "outputs": outputs, "note": "", "seconds": 0.1}
    async with bench(tmp_path, *[python(FAILING)] * 3, "It did not work.") as b:
        await b.begin(CODE)
        run = await b.run(jupyter={"place": "caller", "approval": "auto"})
        while run.required_action is not None:
            [asked] = run.required_action.submit_tool_outputs.tool_calls
            answer = {"tool_call_id": asked.id, "output": "", "jupyter": result}
            await events(await b.submit(run, answer))
            run = await b.get_run(run)
        assert run.status == "completed", run.last_error
        assert told(b) == [False, True, True]
        assert b.model.requests[-1].tool_choice == "none"
