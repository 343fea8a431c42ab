"""A tool of another package: the smallest one there is, from the assistant to the stored step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.distributions import write_distribution
from support.service_session import bench, events

from jupyter_assistants import registry
from jupyter_assistants.models.base import FunctionOutput
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.tool_types import forget_tool_types, registered_tool_types

SMALLEST = """
from jupyter_assistants.models.base import ToolSpec
from jupyter_assistants.tools.base import Tool


class Clock(Tool):
    type = "clock"

    def spec(self):
        return ToolSpec("clock", "Return the time.", {"type": "object", "properties": {}})

    async def call(self, call_id, arguments, context, progress):
        zone = getattr(self.config(context), "zone", "UTC")
        return self.result(call_id, arguments, f"12:00 {zone}")
"""
POINTS = "[jupyter_assistants.tools]\nclock = smallest_clock:Clock\n"


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    installed = tmp_path / "installed"
    write_distribution(installed, "smallest-clock", POINTS, {"smallest_clock": SMALLEST})
    with monkeypatch.context() as changed:
        changed.syspath_prepend(installed)
        registry.forget()
        yield
    registry.forget()
    forget_tool_types()


def test_the_smallest_tool_is_small() -> None:
    assert len(SMALLEST.strip().splitlines()) < 25


async def test_the_smallest_tool_is_called_and_its_step_is_kept(
    tmp_path: Path, clock: None
) -> None:
    called = call("clock", {"digits": 2})
    async with bench(tmp_path, [called], ["It is noon."], ["Still noon."]) as b:
        await b.begin({"type": "clock", "zone": "CET"})
        started = await b.start()
        found = await events(started)
        step, _ = await b.steps(started.run)
        (entry,) = step.wire()["step_details"]["tool_calls"]
        facts = {"arguments": '{"digits": 2}', "output": "12:00 CET"}
        assert (entry["type"], entry["clock"]) == ("clock", facts)
        assert step.jupyter.calls[entry["id"]].status == "ok"
        outputs = [
            each for each in b.model.requests[-1].history if isinstance(each, FunctionOutput)
        ]
        assert [each.output for each in outputs] == ["12:00 CET"]
        deltas = [each.data for each in found if each.event == "thread.run.step.delta"]
        pieces = [each["delta"]["step_details"]["tool_calls"][0] for each in deltas]
        assert "".join(each["clock"]["arguments"] for each in pieces) == '{"digits": 2}'
        forced = await b.run(tool_choice={"type": "clock"})
        assert forced.status == "completed"


async def test_another_type_is_refused_with_the_names_of_the_installed_ones(
    tmp_path: Path, clock: None
) -> None:
    async with bench(tmp_path) as b:
        with pytest.raises(InvalidRequest) as refused:
            await b.begin({"type": "cuckoo"})
        names = ["code_interpreter", "file_search", "function", *registered_tool_types()]
        assert "clock" in names
        *first, last = map(repr, names)
        assert f"{', '.join(first)} and {last}" in refused.value.message
