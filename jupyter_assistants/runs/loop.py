"""The run loop: one turn after another, until the run is over or waits for its client.

There is no other loop: streaming and polling are two ways to read what this one writes
(docs/internals/runs.md, "The life of a run").
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from jupyter_assistants.protocol.runs import IncompleteRun, RunToolCall, ToolOutput
from jupyter_assistants.runs.context import RunContext
from jupyter_assistants.runs.endings import end_run
from jupyter_assistants.runs.prompt.builder import PromptBuilder
from jupyter_assistants.runs.submissions import record_outputs
from jupyter_assistants.runs.turn import Again, Done, Wait, take_turn


async def run_loop(
    context: RunContext,
    prompt: PromptBuilder,
    hand_over: Callable[[Sequence[RunToolCall]], Awaitable[None]],
    outputs: Mapping[str, ToolOutput] | None = None,
) -> None:
    """Drive a run that is in progress.

    Parameters
    ----------
    hand_over
        Lets the run wait for its client, who has to answer these calls.
    outputs
        Verdicts of a person on code that runs first.

    Raises
    ------
    AssistantsError
        If the run fails; whoever calls this ends it.
    """
    for tool in context.hosted.values():
        await tool.prepare(context.tool_context())
    if outputs:
        await record_outputs(context, outputs)
    while True:
        match await take_turn(context, prompt):
            case Again():
                continue
            case Wait(calls):
                return await hand_over(calls)
            case Done(status, reason):
                details = IncompleteRun(reason=reason) if reason else None
                return await end_run(context.recorder, status, incomplete_details=details)
