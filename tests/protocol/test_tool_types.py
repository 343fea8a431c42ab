"""Tool types of plug-ins in requests, stored objects and streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from pydantic import Field
from pydantic.json_schema import models_json_schema

from jupyter_assistants.protocol.assistants import Assistant, CreateAssistant, ModifyAssistant
from jupyter_assistants.protocol.base import Part
from jupyter_assistants.protocol.deltas import RunStepDelta
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.runs import CreateRun
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.protocol.tool_types import (
    PluginTool,
    ToolType,
    forget_tool_types,
    register_tool_type,
    registered_tool_types,
)
from jupyter_assistants.protocol.validation import parse

CLOCK = {"type": "clock", "clock": {"zone": "UTC", "digits": 2}}
THREE = "'code_interpreter', 'file_search'"


class ClockOptions(Part):
    zone: str
    digits: int = Field(default=0, le=9)


class ClockTool(PluginTool):
    type: Literal["clock"]
    clock: ClockOptions


@pytest.fixture(autouse=True)
def no_tool_types() -> Iterator[None]:
    forget_tool_types()
    yield
    forget_tool_types()


@pytest.fixture
def clock() -> None:
    register_tool_type(ToolType("clock", ClockTool))


def assistant(**fields: Any) -> dict[str, Any]:
    return {"id": "asst_1", "created_at": 1, "model": "m", **fields}


def step(call: dict[str, Any]) -> dict[str, Any]:
    ids = {"id": "step_1", "assistant_id": "asst_1", "thread_id": "thread_1", "run_id": "run_1"}
    details = {"type": "tool_calls", "tool_calls": [call]}
    return {**ids, "created_at": 1, "type": "tool_calls", "step_details": details}


def refused(model: type[Any], data: dict[str, Any]) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        parse(model, data, strict=True)
    return caught.value


def test_a_registered_type_is_taken_in_every_request(clock: None) -> None:
    for model in (CreateAssistant, ModifyAssistant, CreateRun):
        given = {"model": "m", "assistant_id": "asst_1", "tools": [CLOCK]}
        (tool,) = parse(model, given, strict=True).tools
        assert isinstance(tool, ClockTool) and tool.clock.digits == 2


def test_another_type_is_refused_with_the_names_of_the_known_ones(clock: None) -> None:
    error = refused(CreateAssistant, {"model": "m", "tools": [{"type": "cuckoo"}]})
    known = f"{THREE}, 'function' and 'clock'"
    assert error.message == f"Invalid value: 'cuckoo'. Supported values are: {known}."
    assert (error.param, error.code) == ("tools[0].type", "invalid_value")


def test_without_plug_ins_the_protocol_names_its_own_types() -> None:
    error = refused(CreateAssistant, {"model": "m", "tools": [CLOCK]})
    known = f"{THREE} and 'function'"
    assert error.message == f"Invalid value: 'clock'. Supported values are: {known}."
    assert error.param == "tools[0].type"


def test_errors_in_a_plug_ins_configuration_have_their_path(clock: None) -> None:
    tools = [{"type": "function", "function": {"name": "f"}}, {"type": "clock", "clock": {}}]
    error = refused(CreateAssistant, {"model": "m", "tools": tools})
    assert error.message == "Missing required parameter: 'tools[1].clock.zone'."
    tools[1] = {"type": "clock", "clock": {"zone": "UTC", "digits": "2"}}
    error = refused(CreateAssistant, {"model": "m", "tools": tools})
    assert (error.param, error.code) == ("tools[1].clock.digits", "invalid_type")


def test_stored_objects_outlive_their_plug_in(clock: None) -> None:
    stored = Assistant.model_validate(assistant(tools=[CLOCK])).stored()
    call = {"id": "call_1", "type": "clock", "clock": {"output": "12:00", "parts": [1, None]}}
    forget_tool_types()
    kept = Assistant.model_validate(stored)
    assert kept.stored() == stored and kept.wire()["tools"] == [CLOCK]
    assert Assistant.model_validate(assistant(tools=kept.tools)).tools == kept.tools
    assert RunStep.model_validate(step(call)).stored()["step_details"]["tool_calls"] == [call]
    register_tool_type(ToolType("clock", ClockTool))
    again = Assistant.model_validate(assistant(tools=kept.tools))
    assert isinstance(again.tools[0], ClockTool) and again.wire()["tools"] == [CLOCK]


def test_what_an_earlier_version_of_a_plug_in_stored_is_kept(clock: None) -> None:
    old = {"type": "clock", "timezone": "UTC"}
    assert Assistant.model_validate(assistant(tools=[old])).wire()["tools"] == [old]


def test_deltas_of_a_plug_in_hold_what_it_says() -> None:
    call = {"index": 0, "type": "clock", "clock": {"output": "12"}}
    pieces = {"step_details": {"type": "tool_calls", "tool_calls": [call]}}
    data = {"id": "step_1", "object": "thread.run.step.delta", "delta": pieces}
    assert RunStepDelta.model_validate(data).model_dump(exclude_none=True) == data


def test_a_registered_type_can_be_chosen(clock: None) -> None:
    given = {"assistant_id": "asst_1", "tool_choice": {"type": "clock"}}
    choice = parse(CreateRun, given, strict=True).tool_choice
    assert choice.type == "clock"
    error = refused(CreateRun, {"assistant_id": "asst_1", "tool_choice": {"type": "cuckoo"}})
    known = f"'function', {THREE} and 'clock'"
    assert error.message == f"Invalid value: 'cuckoo'. Supported values are: {known}."
    forget_tool_types()
    error = refused(CreateRun, {"assistant_id": "asst_1", "tool_choice": {"type": "cuckoo"}})
    assert error.message == (
        f"Invalid value: 'cuckoo'. Supported values are: 'function', {THREE.replace(', ', ' and ')}."
    )


def test_registered_types_are_described(clock: None) -> None:
    assert list(registered_tool_types()) == ["clock"]
    _, described = models_json_schema([(Assistant, "serialization")])
    tools = described["$defs"]["Assistant"]["properties"]["tools"]["items"]
    (clock_tool,) = [each for each in tools["oneOf"] if each.get("title") == "ClockTool"]
    assert clock_tool["properties"]["clock"] == {"$ref": "#/$defs/ClockOptions"}
