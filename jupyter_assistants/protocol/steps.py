"""Run steps (docs/internals/protocol.md, "Run steps"), with our field ``jupyter``."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from jupyter_assistants.protocol.base import Metadata, Part, Sparse, WireObject
from jupyter_assistants.protocol.locations import ResultExtension
from jupyter_assistants.protocol.runs import Usage
from jupyter_assistants.protocol.tool_types import OpenUnion, PluginToolCall
from jupyter_assistants.protocol.tools import RankingOptions


class LogsOutput(Part):
    """Text that code printed or returned."""

    type: Literal["logs"] = "logs"
    logs: str


class ImageRef(Part):
    """An image file."""

    file_id: str


class ImageOutput(Part):
    """An image that code displayed."""

    type: Literal["image"] = "image"
    image: ImageRef


CodeOutput = Annotated[LogsOutput | ImageOutput, Field(discriminator="type")]


class CodeInterpreter(Part):
    """Code and its outputs."""

    input: str = ""
    outputs: list[CodeOutput] = []


class CodeInterpreterCall(Part):
    """A call of the code interpreter."""

    id: str
    type: Literal["code_interpreter"] = "code_interpreter"
    code_interpreter: CodeInterpreter


class FunctionResult(Part):
    """A function's name, arguments and answer."""

    name: str
    arguments: str
    output: str | None = None


class FunctionCallDetails(Part):
    """A call of one of the client's functions."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionResult


class PassageText(Part):
    """The text of a search result."""

    type: Literal["text"] = "text"
    text: str


class FileSearchResult(Sparse):
    """A passage that file_search found; on the wire its text comes by ``include[]`` only.

    Parameters
    ----------
    jupyter
        Extension: where it stands.
    """

    file_id: str
    file_name: str
    score: float
    content: list[PassageText] | None = None
    jupyter: ResultExtension | None = None


class FileSearch(Sparse):
    """The results of a search; empty while it runs."""

    ranking_options: RankingOptions | None = None
    results: list[FileSearchResult] | None = None


class FileSearchCall(Part):
    """A call of file_search."""

    id: str
    type: Literal["file_search"] = "file_search"
    file_search: FileSearch = FileSearch()

    def without_passages(self) -> FileSearchCall:
        """Return the call without the texts of its results."""
        results = self.file_search.results
        if results is not None:
            results = [each.model_copy(update={"content": None}) for each in results]
        search = self.file_search.model_copy(update={"results": results})
        return self.model_copy(update={"file_search": search})


StepToolCall = CodeInterpreterCall | FileSearchCall | FunctionCallDetails | PluginToolCall


class ToolCallsDetails(Part):
    """Details of a step that calls tools."""

    type: Literal["tool_calls"] = "tool_calls"
    tool_calls: list[Annotated[StepToolCall, OpenUnion("call")]] = []


class MessageRef(Part):
    """The message that a step wrote."""

    message_id: str


class MessageCreationDetails(Part):
    """Details of a step that writes a message."""

    type: Literal["message_creation"] = "message_creation"
    message_creation: MessageRef


StepDetails = Annotated[ToolCallsDetails | MessageCreationDetails, Field(discriminator="type")]


class StepError(Part):
    """Why a step failed."""

    code: Literal["server_error", "rate_limit_exceeded"]
    message: str


class StepFile(Part):
    """A file that a step's code wrote."""

    file_id: str
    filename: str
    bytes: int


Names = Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=1000)]


class NamedChanges(Part):
    """Names of what is new, changed and gone."""

    new: Names = []
    changed: Names = []
    deleted: Names = []


class Changes(Sparse):
    """The changes of code in a live kernel and its folder, and whether that can be undone.

    Parameters
    ----------
    settings
        Names of settings of the process that the code changed, such as ``pandas display.max_rows``.
    undo
        ``full``; ``partial``, where the note says what cannot be restored; ``none``; or
        ``undone`` once it was.
    step
        Its number in the kernel, for ``%assistant undo``.
    id
        What names it in the kernel.
    note
        What cannot be restored, and why, and what was set back after the code.
    """

    variables: NamedChanges = NamedChanges()
    files: NamedChanges = NamedChanges()
    undo: Literal["full", "partial", "none", "undone"] = "none"
    step: int | None = None
    id: Annotated[str, Field(max_length=64)] | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None
    settings: Names | None = None


class CallExtension(Sparse):
    """The outcome of one execution, in Jupyter's own terms.

    Parameters
    ----------
    outputs
        nbformat output dicts, every mime type kept.
    files
        Files that the code wrote into the working folder.
    seconds
        How long the code ran.
    status
        ``ok``, ``error``, ``interrupted``, ``timeout``, ``died`` or ``rejected``.
    note
        Why it ended, what was cut, or why it was rejected.
    place
        Where it ran: ``caller``, or ``kernel <id>``.
    number
        The first number of the marks that cite what the call found.
    queries
        What was searched for.
    language
        The language of the code, for people; null where it is Python.
    changes
        The changes of the code, where the kernel has a ledger.
    """

    outputs: list[dict[str, Any]] = []
    files: list[StepFile] = []
    seconds: float | None = None
    status: str | None = None
    note: str | None = None
    place: str | None = None
    number: int | None = None
    queries: list[str] | None = None
    language: str | None = None
    changes: Changes | None = None


class StepExtension(Sparse):
    """Extension field ``jupyter`` of a step.

    Parameters
    ----------
    calls
        What executions gave, by tool call id.
    seen
        What the model saw when it decided on this step, for example ``34 of 61 messages``.
    """

    calls: dict[str, CallExtension] = {}
    seen: str | None = None


class RunStep(WireObject):
    """One thing that a run did."""

    kind: ClassVar[str] = "thread.run.step"

    object: Literal["thread.run.step"] = "thread.run.step"
    assistant_id: str
    thread_id: str
    run_id: str
    type: Literal["message_creation", "tool_calls"]
    status: Literal["in_progress", "cancelled", "failed", "completed", "expired"] = "in_progress"
    step_details: StepDetails
    last_error: StepError | None = None
    expires_at: int | None = None
    expired_at: int | None = None
    cancelled_at: int | None = None
    failed_at: int | None = None
    completed_at: int | None = None
    metadata: Metadata = {}
    usage: Usage | None = None
    jupyter: StepExtension = StepExtension()

    def without_passages(self) -> RunStep:
        """Return the step as it is sent when ``include[]`` does not ask for search results' texts."""
        details = self.step_details
        if not isinstance(details, ToolCallsDetails):
            return self
        if not any(isinstance(call, FileSearchCall) for call in details.tool_calls):
            return self
        calls = [
            call.without_passages() if isinstance(call, FileSearchCall) else call
            for call in details.tool_calls
        ]
        return self.changed(step_details=ToolCallsDetails(tool_calls=calls))

    @property
    def parent(self) -> str:
        """Return the run's id."""
        return self.run_id

    @property
    def key(self) -> str:
        """Return the thread's id."""
        return self.thread_id
