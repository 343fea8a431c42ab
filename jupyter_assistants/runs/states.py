"""The state machine of runs, and the fields that each status sets.

The protocol's rules: docs/internals/protocol.md, "Runs and their states".
"""

from __future__ import annotations

from typing import Any

from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.runs import Run, RunStatus
from jupyter_assistants.protocol.steps import RunStep

TERMINAL: frozenset[RunStatus] = frozenset(
    {"cancelled", "failed", "completed", "incomplete", "expired"}
)

_NEXT: dict[RunStatus, frozenset[RunStatus]] = {
    "queued": frozenset({"in_progress", "cancelling", "failed", "expired"}),
    "in_progress": frozenset(
        {"requires_action", "cancelling", "completed", "failed", "incomplete", "expired"}
    ),
    "requires_action": frozenset({"queued", "cancelling", "expired", "failed"}),
    "cancelling": frozenset({"cancelled", "failed"}),
}

_STAMPS: dict[RunStatus, str] = {
    "in_progress": "started_at",
    "cancelled": "cancelled_at",
    "failed": "failed_at",
    "completed": "completed_at",
}


def is_over(run: Run) -> bool:
    """Return whether the run has ended."""
    return run.status in TERMINAL


def advance(run: Run, status: RunStatus, **fields: Any) -> Run:
    """Return the run with its next status, and the times, usage and cleared fields that go with it.

    Raises
    ------
    InvalidRequest
        If a run with its status cannot get this one.
    """
    if status not in _NEXT.get(run.status, frozenset()):
        raise InvalidRequest(f"A run with status '{run.status}' cannot become '{status}'.")
    changes: dict[str, Any] = {"status": status, "required_action": None, **fields}
    if status in _STAMPS:
        changes[_STAMPS[status]] = now()
    if status in TERMINAL:
        over = run.jupyter.model_copy(update={"waiting": None, "input_request": None})
        changes |= {"expires_at": None, "usage": run.spent, "jupyter": over}
    return run.changed(**changes)


def end_step(step: RunStep, status: RunStatus, **fields: Any) -> RunStep:
    """Return a step in flight as the end of its run leaves it."""
    if status in ("completed", "incomplete"):
        return step.changed(status="completed", completed_at=now(), **fields)
    stamp = {"cancelled": "cancelled_at", "failed": "failed_at", "expired": "expired_at"}[status]
    return step.changed(status=status, **{stamp: now()}, **fields)
