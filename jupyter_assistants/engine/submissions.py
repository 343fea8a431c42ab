"""The rules for outputs that a client submits (protocol.md section 7.5)."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_assistants.errors import InvalidRequest, WrongToolOutputs
from jupyter_assistants.schema.runs import Run, RunToolCall, ToolOutput


def waiting_calls(run: Run) -> list[RunToolCall]:
    """Give the calls that a run waits for.

    Raises
    ------
    InvalidRequest
        If it does not wait.
    """
    if run.status != "requires_action" or run.required_action is None:
        raise does_not_wait(run)
    return run.required_action.submit_tool_outputs.tool_calls


def does_not_wait(run: Run) -> InvalidRequest:
    """Give the error for outputs that come at the wrong time."""
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
