"""The port of tools: what the model can call and this server answers.

Functions of the client are no tools in this sense; the engine hands them out by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jupyter_assistants.kernels.base import NOBODY, Attendant, Caller, Executors, Handout
from jupyter_assistants.models.base import ToolSpec
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import CallExtension, StepToolCall
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.retrieval.base import SearchIndex
from jupyter_assistants.storage.base import Storage

Progress = Callable[[dict[str, Any]], None]
"""Takes the changed part of a step's tool call, as in ``step_details.tool_calls[]`` of a delta."""

Following = Callable[[str], dict[str, Any] | None]
"""Takes the next piece of a call's JSON arguments; gives the part that it adds to the step, if any."""


@dataclass(frozen=True)
class ToolContext:
    """What a call may use.

    Parameters
    ----------
    owner
        Whose thread it is; files that the tool makes are theirs.
    files
        Files that the assistant, the thread and its messages name for this tool.
    number
        How many calls there were in the thread before this one.
    attendant
        Who is told what the call waits for, and may answer code that asks for input.
    room
        How many tokens of output the model's window has room for; None if that is not known.
    """

    run: Run
    thread: Thread
    owner: str
    files: Sequence[File] = ()
    number: int = 0
    attendant: Attendant = NOBODY
    room: int | None = None


@dataclass
class ToolResult:
    """What a call gave.

    Parameters
    ----------
    details
        The finished tool call of the step.
    output
        The text that the model gets.
    image_file_ids
        Images for models that see.
    extension
        What the step keeps beside the protocol's fields.
    kept_at
        Where the model can read the whole output later, as it names the file.
    """

    details: StepToolCall
    output: str
    image_file_ids: list[str] = field(default_factory=list)
    extension: CallExtension | None = None
    kept_at: str = ""


class CallStopped(asyncio.CancelledError):
    """The run was cancelled in the middle of a call.

    Parameters
    ----------
    result
        What the call had given until then.
    """

    def __init__(self, result: ToolResult) -> None:
        super().__init__()
        self.result = result


@dataclass(frozen=True)
class ToolParts:
    """What a tool is built from; the entry point group ``jupyter_assistants.tools`` names classes
    that take one of these.

    Parameters
    ----------
    caller
        The place that hands code out to whoever started the run.
    index
        What file_search looks into.
    code_timeout
        Seconds that code may run; said to the model.
    max_approval
        The most that a person may allow in live kernels: ``ask``, ``always`` or ``auto``.
    """

    storage: Storage
    executors: Executors
    caller: Caller
    index: SearchIndex
    code_timeout: float = 120.0
    max_approval: str = "auto"


class Tool(Protocol):
    """One hosted tool type of the protocol."""

    type: str
    """The tool's ``type`` on the wire, for example ``code_interpreter``."""

    def spec(self) -> ToolSpec:
        """Return the function that the model is told of."""

    async def prepare(self, context: ToolContext) -> None:
        """Get ready, before the model is asked for the first time.

        Raises
        ------
        AssistantsError
            If the run cannot use the tool; it fails with this error.
        """

    def briefing(self, context: ToolContext) -> str:
        """Return what the model has to know before it calls: facts, files, limits. May block."""

    def begin(self, call_id: str, arguments: str) -> StepToolCall:
        """Return the step's tool call for (possibly unfinished) JSON arguments."""

    def follow(self) -> Following:
        """Return what turns a call's arguments into deltas of the step while they come."""

    async def call(
        self, call_id: str, arguments: str, context: ToolContext, progress: Progress
    ) -> ToolResult | Handout:
        """Answer a call, or hand it out.

        Raises
        ------
        ToolError
            With a text for the model.
        """

    async def resume(
        self,
        call_id: str,
        arguments: str,
        posted: dict[str, Any],
        context: ToolContext,
        progress: Progress,
    ) -> ToolResult:
        """Go on with a call that was handed out, with what the client posted.

        Parameters
        ----------
        posted
            ``{"output": str, "jupyter": {…} | None}``.
        """
