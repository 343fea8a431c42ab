"""Outputs that a client submits: which a run takes, and what becomes of them.

The protocol's rules: docs/internals/protocol.md, "Required actions".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from jupyter_assistants.protocol.errors import InvalidRequest, ToolError, WrongToolOutputs
from jupyter_assistants.protocol.runs import Run, RunToolCall, ToolOutput
from jupyter_assistants.protocol.steps import FunctionCallDetails
from jupyter_assistants.runs.context import RunContext
from jupyter_assistants.runs.steps import reopen_tool_step
from jupyter_assistants.tools.base import CallStopped


def waiting_calls(run: Run) -> list[RunToolCall]:
    """Return the calls that a run waits for.

    Raises
    ------
    InvalidRequest
        If it does not wait.
    """
    if run.status != "requires_action" or run.required_action is None:
        raise does_not_wait(run)
    return run.required_action.submit_tool_outputs.tool_calls


def does_not_wait(run: Run) -> InvalidRequest:
    """Return the error for outputs that come at the wrong time."""
    return InvalidRequest(f'Runs in status "{run.status}" do not accept tool outputs.')


def check_outputs(calls: Sequence[RunToolCall], outputs: Sequence[ToolOutput]) -> None:
    """Check that these are the outputs of exactly these calls.

    Raises
    ------
    WrongToolOutputs
        If one is missing, unknown or there twice.
    """
    expected = [call.id for call in calls]
    got = [output.tool_call_id for output in outputs]
    if sorted(expected) != sorted(got):
        raise WrongToolOutputs(expected, got)


async def record_outputs(context: RunContext, posted: Mapping[str, ToolOutput]) -> None:
    """Complete the tool step that waits with what the client posted for its calls."""
    writer = await reopen_tool_step(context)
    details = getattr(writer.step.step_details, "tool_calls", [])
    for call in details:
        if call.id not in posted:
            continue
        output = posted[call.id]
        if isinstance(call, FunctionCallDetails):
            await writer.answer_text(call.id, output.output)
            continue
        tool = context.registered[call.type]
        value = {"output": output.output, "jupyter": output.jupyter}
        progress = writer.progress(call.id)
        try:
            arguments = json.dumps({"code": call.code_interpreter.input})
            result = await tool.resume(call.id, arguments, value, context.tool_context(), progress)
        except ToolError as error:
            await writer.answer_text(call.id, f"error: {error.message}")
        except CallStopped as stopped:
            await writer.answer(call.id, stopped.result)
            raise
        else:
            await writer.answer(call.id, context.repeats.add_note(result))
    await writer.close()
