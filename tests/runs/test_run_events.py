"""How streams of runs that do not complete end, by what is in flight."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from support.service_session import ANSWERED, FUNCTION, Bench, bench, events, names

from jupyter_assistants.api import Started
from jupyter_assistants.models.base import FunctionCall, StreamEnd
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.events import Event
from jupyter_assistants.protocol.runs import Usage

pytestmark = pytest.mark.slow

CODE = {"type": "code_interpreter"}
SLEEP = call("run_python", {"code": "print('begun', flush=True)\nimport time; time.sleep(60)"})
WEATHER = call("weather", {"city": "Oslo"})


async def reach(started: Started, text: str) -> None:
    """Read until an event holds a text."""
    async with asyncio.timeout(20):
        async for event in started.log.read(started.start):
            if text in json.dumps(event.data):
                return


async def cancel(b: Bench, started: Started) -> None:
    await b.ask("POST", f"/threads/{b.thread_id}/runs/{started.run.id}/cancel")


async def rest(started: Started) -> list[Event]:
    async with asyncio.timeout(20):
        return [event async for event in started.log.read(started.start, until_done=False)]


def ends(found: list[Event]) -> list[str]:
    """Return what follows the last delta, step or action of a run that was under way."""
    short = names(found)
    return short[
        -next(i for i, name in enumerate(reversed(short), 1) if name.endswith("delta")) + 1 :
    ]


async def test_cancelled_while_code_runs(tmp_path: Path) -> None:
    async with bench(tmp_path, [SLEEP]) as b:
        await b.begin(CODE)
        started = await b.start()
        await reach(started, "begun\\n")
        await cancel(b, started)
        found = await rest(started)
        assert ends(found) == ["run.step.cancelled", "run.cancelling", "run.cancelled", "done"]
        step, run = found[-4].data, found[-2].data
        assert step["cancelled_at"] and step["status"] == "cancelled" and run["cancelled_at"]


async def test_expired_while_code_runs(tmp_path: Path) -> None:
    async with bench(tmp_path, [SLEEP], run_expiry=3) as b:
        await b.begin(CODE)
        found = await rest(await b.start())
        assert ends(found) == ["run.step.expired", "run.expired", "done"]
        assert found[-3].data["expired_at"] and found[-2].data["expires_at"] is None


async def test_failed_behind_code_that_ran(tmp_path: Path) -> None:
    code = call("run_python", {"code": "print(1)"})
    async with bench(tmp_path, [code], [ProviderError("It is down.")]) as b:
        await b.begin(CODE)
        found = await rest(await b.start())
        assert names(found)[-3:] == ["run.step.completed", "run.failed", "done"]
        assert found[-2].data["last_error"]["message"] == "It is down."


async def test_failed_while_a_call_is_being_written(tmp_path: Path) -> None:
    async with bench(tmp_path, [WEATHER, ProviderError("Cut off.")]) as b:
        await b.begin(FUNCTION)
        found = await rest(await b.start())
        assert ends(found) == ["run.step.failed", "run.failed", "done"]
        step = found[-3].data
        assert step["failed_at"] and step["last_error"]["message"] == "Cut off."


async def test_incomplete_behind_a_call_that_was_cut(tmp_path: Path) -> None:
    async with bench(tmp_path, [WEATHER, StreamEnd("length")]) as b:
        await b.begin(FUNCTION)
        found = await rest(await b.start())
        assert names(found)[-2:] == ["run.incomplete", "done"]
        assert found[-2].data["incomplete_details"] == {"reason": "max_completion_tokens"}
        (step,) = await b.steps((await b.ask("GET", f"/threads/{b.thread_id}/runs")).data[0])
        assert step.status == "completed"


async def test_incomplete_behind_outputs_that_used_up_the_budget(tmp_path: Path) -> None:
    used = Usage(prompt_tokens=300, completion_tokens=1, total_tokens=301)
    asked = StreamEnd("tool_calls", [FunctionCall("call_1", "weather", "{}")], used)
    async with bench(tmp_path, [WEATHER, asked], "never said") as b:
        await b.begin(FUNCTION)
        started = await b.start(max_prompt_tokens=256)
        await events(started)
        run = await b.get_run(started.run)
        assert run.required_action is not None
        wanted = run.required_action.submit_tool_outputs.tool_calls[0].id
        again = await b.submit(run, {"tool_call_id": wanted, "output": "-3"})
        assert names(await events(again)) == [
            "run.step.completed",
            "run.queued",
            "run.in_progress",
            "run.incomplete",
            "done",
        ]


async def test_cancelled_while_it_waits_for_its_client(tmp_path: Path) -> None:
    async with bench(tmp_path, [WEATHER]) as b:
        await b.begin(FUNCTION)
        started = await b.start()
        await events(started)
        await cancel(b, started)
        found = names(await rest(started))
        assert found[found.index("done") + 1 :] == [
            "run.step.cancelled",
            "run.cancelling",
            "run.cancelled",
            "done",
        ]


async def test_expired_while_it_waits_for_its_client(tmp_path: Path) -> None:
    async with bench(tmp_path, [WEATHER], run_expiry=1) as b:
        await b.begin(FUNCTION)
        found = names(await rest(await b.start()))
        assert found[-4:] == ["done", "run.step.expired", "run.expired", "done"]


@pytest.mark.parametrize("tool", [CODE, FUNCTION])
async def test_hosted_and_client_tools_are_told_in_the_documented_order(
    tmp_path: Path, tool: dict[str, Any]
) -> None:
    turns = [call("run_python", {"code": "1"}) if tool is CODE else WEATHER]
    async with bench(tmp_path, turns, "Done.") as b:
        await b.begin(tool)
        found = names(await events(await b.start()))
        head = ["run.created", "run.queued", "run.in_progress", "run.step.created"]
        assert found[:6] == [*head, "run.step.in_progress", "run.step.delta"]
        if tool is FUNCTION:
            assert found[6:] == ["run.requires_action", "done"]
            return
        assert found[6:] == ["run.step.completed", *ANSWERED]
