"""The port of tools: what the model can call and this server answers.

Functions of the client are no tools in this sense; the run hands them out by itself.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from jupyter_assistants.kernels.base import NOBODY, Attendant, Caller, Executors, Handout
from jupyter_assistants.models.base import ToolSpec
from jupyter_assistants.protocol.errors import ToolError
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import CallExtension, StepToolCall
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tool_types import PluginCallDelta, PluginTool, PluginToolCall
from jupyter_assistants.retrieval.base import SearchIndex
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.tools.arguments import normalized, read_object

Progress = Callable[[dict[str, Any]], None]
"""Publishes the changed part of a step's tool call, as in ``step_details.tool_calls[]`` of a delta."""

Following = Callable[[str], dict[str, Any] | None]
"""Turns the next piece of a call's JSON arguments into the part that it adds to the step, if any."""

# Aliases, because the class below has an attribute named ``type``.
ConfigModel = type[PluginTool]
CallModel = type[PluginToolCall]
DeltaModel = type[PluginCallDelta]


@dataclass(frozen=True)
class ToolContext:
    """The run that a call belongs to, and what the call may use.

    Parameters
    ----------
    owner
        Whose thread it is; files that the tool creates are theirs.
    files
        Files that the assistant, the thread and its messages name for this tool.
    number
        How many calls there were in the thread before this one.
    attendant
        Learns what the call waits for, and may answer code that asks for input.
    room
        Tokens of output that the model's window has room for; None if that is not known.
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
    """The answer to a call.

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
        The partial result.
    """

    def __init__(self, result: ToolResult) -> None:
        super().__init__()
        self.result = result


@dataclass(frozen=True)
class ToolParts:
    """Parts of the service that a tool is built from.

    Parameters
    ----------
    caller
        The executor that hands code out to whoever started the run.
    index
        The passages that file_search searches.
    check_searchable
        Raises where the index lacks files of these vector stores. Blocking.
    code_timeout
        Seconds that code may run; the tool's description says so.
    max_approval
        The most that a person may allow in live kernels: ``ask``, ``always`` or ``auto``.
    """

    storage: Storage
    executors: Executors
    caller: Caller
    index: SearchIndex
    code_timeout: float = 120.0
    max_approval: str = "auto"
    check_searchable: Callable[[Sequence[str]], None] = lambda vector_store_ids: None


class Tool(ABC):
    """A hosted tool type, built once for the service.

    A plug-in is a subclass that the entry point group ``jupyter_assistants.tools`` names under its
    ``type``. It has to say what the model can call (:meth:`spec`) and to answer a call
    (:meth:`call`); everything else has a default. Views draw its calls with the step renderer that
    is registered under the same name, or as arguments and output.
    """

    type: ClassVar[str]
    """The tool's ``type`` on the wire, for example ``code_interpreter``."""
    config_model: ClassVar[ConfigModel] = PluginTool
    """The class of its entry in ``tools: […]``; by default any fields are taken."""
    call_model: ClassVar[CallModel] = PluginToolCall
    """The class of its calls in run steps."""
    delta_model: ClassVar[DeltaModel] = PluginCallDelta
    """The class of its calls' pieces in streams."""

    def __init__(self, parts: ToolParts) -> None:
        self.parts = parts

    @abstractmethod
    def spec(self) -> ToolSpec:
        """Return the function that the model sees. Its name should be the tool's type."""

    async def prepare(self, context: ToolContext) -> None:
        """Get ready, before the model is asked for the first time.

        Raises
        ------
        AssistantsError
            If the run cannot use the tool; it fails with this error.
        """
        return

    def default_instructions(self) -> str:
        """Return instructions for assistants that have none; empty if the tool suggests none."""
        return ""

    def briefing(self, context: ToolContext) -> str:
        """Return what the model has to know before it calls: facts, files, limits. May block."""
        return ""

    def config(self, context: ToolContext) -> PluginTool | None:
        """Return the tool's entry in the run's ``tools``."""
        named = [tool for tool in context.run.tools if tool.type == self.type]
        return next((tool for tool in named if isinstance(tool, PluginTool)), None)

    def accept(self, arguments: str, context: ToolContext) -> str:
        """Return the arguments of a call as JSON that :meth:`call` can rely on. May block.

        Models write JSON that is nearly right, leave required values out, or send something else.
        What is plainly meant is put right here, before the call is stored.

        Raises
        ------
        ToolError
            If it is not plain; the model gets the text, and the tool is not called.
        """
        return normalized(arguments, read_object(arguments, self.spec()))

    def begin(self, call_id: str, arguments: str) -> StepToolCall:
        """Return the step's tool call for JSON arguments, which may be unfinished or wrong."""
        return self._details(call_id, {"arguments": arguments})

    def extension(self, context: ToolContext) -> CallExtension | None:
        """Return what a call's step says before the call is answered; None for nothing."""
        return None

    def follow(self) -> Following:
        """Return what turns a call's arguments into deltas of the step while they stream."""
        name = self.type
        return lambda piece: {"type": name, name: {"arguments": piece}} if piece else None

    @abstractmethod
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
        """Continue a call that was handed out, with what the client posted.

        Parameters
        ----------
        posted
            ``{"output": str, "jupyter": {…} | None}``.

        Raises
        ------
        ToolError
            If the tool hands nothing out.
        """
        raise ToolError(f"{self.type} does not take outputs")

    def result(self, call_id: str, arguments: str, output: str, **facts: Any) -> ToolResult:
        """Return the answer of a call whose step shows its arguments, its output and ``facts``."""
        details = self._details(call_id, {"arguments": arguments, "output": output, **facts})
        return ToolResult(details, output, extension=CallExtension(status="ok"))

    def _details(self, call_id: str, facts: dict[str, Any]) -> PluginToolCall:
        fields = {"id": call_id, "type": self.type, self.type: facts}
        return self.call_model.model_validate(fields)
