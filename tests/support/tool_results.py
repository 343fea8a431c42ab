"""Calls of the code interpreter in scripts, and what their steps store."""

from __future__ import annotations

from typing import Any

from jupyter_assistants.models.scripted import call
from support.service_session import Bench


def python(code: str) -> list[Any]:
    return [call("run_python", {"code": code})]


async def result_of(b: Bench) -> Any:
    """Return what the step of a new run stores of its only call."""
    run = await b.run()
    assert run.status == "completed", run.last_error
    [step] = [s for s in await b.steps(run) if s.type == "tool_calls"]
    [shown] = step.jupyter.calls.values()
    return shown


def text_of(shown: Any) -> str:
    return "".join(str(o.get("text") or o.get("evalue")) for o in shown.outputs or ())
