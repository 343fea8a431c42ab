"""The calls of one turn: answered here, or handed to the client."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from jupyter_assistants.kernels.base import Handout
from jupyter_assistants.models.base import FunctionCall
from jupyter_assistants.protocol.errors import AssistantsError, ToolError
from jupyter_assistants.protocol.runs import CalledFunction, RunToolCall
from jupyter_assistants.runs.context import RunContext
from jupyter_assistants.runs.prompt.builder import PromptBuilder
from jupyter_assistants.runs.steps import ToolStepWriter
from jupyter_assistants.storage.background import outlast
from jupyter_assistants.tools.base import CallStopped, ToolResult

log = logging.getLogger(__name__)


async def answer_calls(
    context: RunContext,
    prompt: PromptBuilder,
    step: ToolStepWriter,
    calls: Sequence[FunctionCall],
) -> list[RunToolCall]:
    """Answer calls in their order, and return those that the client has to answer.

    Raises
    ------
    ProviderError
        If the model calls wrongly again and again.
    """
    waiting: list[RunToolCall] = []
    wrong = 0
    for at, call in enumerate(calls):
        if call.name not in context.hosted and call.name in context.functions:
            waiting.append(_required(call.call_id, call.name, call.arguments))
            continue
        try:
            result = await _call(context, prompt, step, call, prompt.calls_before + at)
        except ToolError as error:
            wrong += 1
            await step.answer_text(call.call_id, f"error: {error.message}")
            continue
        if isinstance(result, Handout):
            waiting.append(_required(call.call_id, result.name, result.json))
        else:
            await step.answer(call.call_id, context.repeats.add_note(result))
    context.repeats.count_turn(all_wrong=wrong == len(calls))
    if not waiting:
        await step.close()
    return waiting


async def _call(
    context: RunContext,
    prompt: PromptBuilder,
    step: ToolStepWriter,
    call: FunctionCall,
    number: int,
) -> ToolResult | Handout:
    tool = context.hosted.get(call.name)
    if tool is None:
        names = ", ".join([*context.hosted, *context.functions]) or "none"
        raise ToolError(f"there is no tool named '{call.name}'; the tools are: {names}")
    # A call id is executed at most once, whatever happens to this process in between.
    key = f"{context.run.id}/{call.call_id}"
    if not await outlast(partial(context.storage.claim_once, key)):
        raise ToolError(f"the call id '{call.call_id}' was used before in this run")
    progress = step.progress(call.call_id)
    tool_context = context.tool_context(number=number, room=prompt.output_room)
    try:
        arguments = tool.accept(call.arguments, tool_context)
        return await tool.call(call.call_id, arguments, tool_context, progress)
    except CallStopped as stopped:
        # What the code has produced stays in the step, also where the run was cancelled.
        await step.answer(call.call_id, stopped.result)
        raise
    except AssistantsError:
        raise
    except Exception as error:
        # The fault of one tool, most often for arguments that it did not expect, is no reason to
        # lose the run: the model can call otherwise, or say what did not work.
        log.exception("a call of the tool %s failed", call.name)
        raise ToolError(f"the tool {call.name} failed: {type(error).__name__}: {error}") from error


def _required(call_id: str, name: str, arguments: str) -> RunToolCall:
    return RunToolCall(id=call_id, function=CalledFunction(name=name, arguments=arguments))
