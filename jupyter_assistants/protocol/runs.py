"""Runs (docs/internals/protocol.md, "Runs and their states"), with our field ``jupyter``."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from jupyter_assistants.protocol.assistants import Instructions, Temperature, TopP
from jupyter_assistants.protocol.base import (
    FROM_DECIMAL,
    Body,
    InputPart,
    MaxItems,
    Metadata,
    Part,
    Sparse,
    WireObject,
)
from jupyter_assistants.protocol.threads import CreateThread, Messages
from jupyter_assistants.protocol.tools import (
    ReasoningEffort,
    ResponseFormat,
    ToolChoice,
    ToolResources,
    Tools,
    ToolsInput,
    TruncationStrategy,
)

RunStatus = Literal[
    "queued",
    "in_progress",
    "requires_action",
    "cancelling",
    "cancelled",
    "failed",
    "completed",
    "incomplete",
    "expired",
]
Approval = Literal["ask", "auto"]
Place = Literal["kernel", "caller"]


class Usage(Sparse):
    """Tokens as the model's endpoint counted them.

    Parameters
    ----------
    cached_tokens
        Extension: those of the prompt that the endpoint had in its cache, where it says so.
    estimated_tokens
        Extension: those of the total that are our estimate, where the endpoint does not count or the
        answer was cut short.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    cached_tokens: int | None = None
    estimated_tokens: int | None = None

    @classmethod
    def of(
        cls,
        prompt: int,
        completion: int,
        *,
        total: int = 0,
        cached: int = 0,
        estimated: bool = False,
    ) -> Usage:
        """Return a usage from its counts; without a total it is their sum."""
        return cls(
            prompt_tokens=prompt,
            completion_tokens=completion,
            total_tokens=total or prompt + completion,
            cached_tokens=cached or None,
            estimated_tokens=(total or prompt + completion) if estimated else None,
        )

    def __add__(self, other: Usage) -> Usage:
        """Return the sum of two usages."""
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            total_tokens=self.total_tokens + other.total_tokens,
            cached_tokens=(self.cached_tokens or 0) + (other.cached_tokens or 0) or None,
            estimated_tokens=(self.estimated_tokens or 0) + (other.estimated_tokens or 0) or None,
        )


class CalledFunction(Part):
    """Name and JSON arguments of a call."""

    name: str
    arguments: str


class RunToolCall(Part):
    """A call that the client answers.

    Functions of the assistant come under their own name. Two names are ours: ``run_python``
    (the caller executes the code, ``place: caller``) and ``approve_code`` (a person decides).
    """

    id: str
    type: Literal["function"] = "function"
    function: CalledFunction


class SubmitToolOutputs(Part):
    """The calls that wait for an answer."""

    tool_calls: list[RunToolCall]


class RequiredAction(Part):
    """The calls that the client has to answer before the run goes on."""

    type: Literal["submit_tool_outputs"] = "submit_tool_outputs"
    submit_tool_outputs: SubmitToolOutputs


class LastError(Part):
    """Why a run or a step failed."""

    code: Literal["server_error", "rate_limit_exceeded", "invalid_prompt"]
    message: str


class IncompleteRun(Part):
    """Which budget ended the run."""

    reason: Literal["max_completion_tokens", "max_prompt_tokens"]


class InputRequest(Part):
    """A question of code to a person, in the words of Jupyter's protocol.

    Parameters
    ----------
    password
        Whether what is typed must not be shown.
    """

    prompt: str
    password: bool = False


class Handed(Part):
    """A call that was handed out to the client, as it was, and when."""

    call: RunToolCall
    at: int


class RunExtension(Sparse):
    """Extension field ``jupyter`` of a run; a stock SDK does not notice it.

    Parameters
    ----------
    place
        Who executes code: this server in a kernel, or whoever started the run.
    approval
        Whether a person is asked before code runs in a live kernel.
    attended
        Whether a person follows the run in a front end and answers its questions. Then they are also
        asked before code runs in an own kernel that is in no sandbox.
    process
        For the place ``caller``: the process that executes the code
        (:func:`jupyter_assistants.storage.liveness.mark`). The run fails when it dies.
    resolved_model
        The model that answered, when an alias or the default stands behind the requested name.
    seen
        What the model saw, for example ``34 of 61 messages``.
    note
        One sentence for the person, for example that the requested model was replaced.
    waiting
        Why nothing happens just now: ``waiting 12 s: rate limit of api.example.org``, ``waiting for
        the kernel``.
    allow_stdin
        Whether somebody answers when code in a kernel asks for ``input()``.
    input_request
        What the code asks for just now; ``input_reply`` answers it.
    """

    place: Place = "kernel"
    approval: Approval | None = None
    attended: bool | None = None
    process: str | None = None
    resolved_model: str | None = None
    seen: str | None = None
    note: str | None = None
    waiting: str | None = None
    allow_stdin: bool | None = None
    input_request: InputRequest | None = None


ContextText = Annotated[str, Field(max_length=100_000)]


class ContextCell(InputPart):
    """A cell of the notebook that the person works in.

    Parameters
    ----------
    output
        What stands below it, as text.
    """

    cell_type: Literal["code", "markdown", "raw"] = "code"
    source: ContextText = ""
    output: ContextText = ""
    execution_count: int | None = None


def _cell(value: Any) -> Any:
    return {"source": value} if isinstance(value, str) else value


AnyCell = Annotated[ContextCell, BeforeValidator(_cell)]


def _values(value: Any) -> Any:
    # A list of anything else is refused by the type behind.
    names = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return dict.fromkeys(value, "") if names else value


class CallerContext(InputPart):
    """Facts about the kernel and the notebook that a client adds for the model; it is shown to nobody else.

    How much of it the model is told, the thread says (:data:`.threads.ContextLevel`).

    Parameters
    ----------
    kernel
        Facts: ``python``, ``folder`` and ``packages``.
    files
        The paths of files that the kernel sees where the person has them, by file id. They are not
        copied; code names them by these paths.
    variables
        The variables, one to a line. For a kernel of this server they are looked up here.
    cells
        The cells above the selected one, in order; each as an object or as its source alone.
    selected
        The selected cell.
    error
        The last traceback.
    mentions
        Variables that the prompt mentions as ``@name``: names, or values by name.
    """

    kernel: Annotated[
        dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=2000)]],
        MaxItems(20),
    ] = {}
    files: Annotated[
        dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=4096)]],
        MaxItems(1000),
    ] = {}
    variables: Annotated[str, Field(max_length=20_000)] = ""
    cells: Annotated[list[AnyCell], MaxItems(500)] = []
    selected: AnyCell | None = None
    error: ContextText = ""
    mentions: Annotated[
        dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=20_000)]],
        MaxItems(20),
        BeforeValidator(_values, json_schema_input_type=list[str] | dict[str, str]),
    ] = {}


class RunExtensionInput(RunExtension):
    """The extension field of a new run."""

    context: CallerContext | None = None


class Run(WireObject):
    """One go of an assistant over a thread."""

    kind: ClassVar[str] = "thread.run"
    internal: ClassVar[frozenset[str]] = frozenset(
        {"reasoning_effort", "spent", "turns", "shows_passages", "context", "handed", "copied"}
        | {"follows_defaults"}
    )

    object: Literal["thread.run"] = "thread.run"
    thread_id: str
    assistant_id: str
    status: RunStatus = "queued"
    required_action: RequiredAction | None = None
    last_error: LastError | None = None
    expires_at: int | None = None
    started_at: int | None = None
    cancelled_at: int | None = None
    failed_at: int | None = None
    completed_at: int | None = None
    incomplete_details: IncompleteRun | None = None
    model: str
    instructions: str = ""
    tools: Tools = []
    tool_resources: ToolResources = ToolResources()
    metadata: Metadata = {}
    usage: Usage | None = None
    temperature: float | None = 1.0
    top_p: float | None = 1.0
    max_prompt_tokens: int | None = None
    max_completion_tokens: int | None = None
    truncation_strategy: TruncationStrategy | None = TruncationStrategy()
    tool_choice: ToolChoice | None = "auto"
    parallel_tool_calls: bool = True
    response_format: ResponseFormat = "auto"
    jupyter: RunExtension = RunExtension()
    reasoning_effort: ReasoningEffort | None = None
    spent: Usage = Usage()
    """Usage so far; ``usage`` shows it only once the run is over."""
    turns: int = 0
    """Model calls so far."""
    shows_passages: bool = False
    """Whether its events carry the texts of search results (``include[]`` of its creation)."""
    follows_defaults: bool = False
    """Whether neither the assistant nor the request had instructions, so that its tools' apply."""
    context: CallerContext | None = None
    """What the caller tells the model of its kernel."""
    handed: dict[str, Handed] = {}
    """Calls that were handed out, by id, until they are answered."""
    copied: bool = False
    """Whether it came with a copy of its thread; what it took was paid for there."""

    @property
    def parent(self) -> str:
        """Return the thread's id."""
        return self.thread_id


Budget = Annotated[int, Field(ge=256), FROM_DECIMAL]


class RunOptions(Body):
    """Options of a new run, whether its thread exists already or not."""

    assistant_id: str
    model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    reasoning_effort: ReasoningEffort | None = None
    instructions: Instructions | None = None
    additional_instructions: Instructions | None = None
    additional_messages: Messages = []
    tools: ToolsInput | None = None
    metadata: Metadata = {}
    temperature: Temperature | None = None
    top_p: TopP | None = None
    stream: bool = False
    max_prompt_tokens: Budget | None = None
    max_completion_tokens: Budget | None = None
    truncation_strategy: TruncationStrategy | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool = True
    response_format: ResponseFormat | None = None
    jupyter: RunExtensionInput = RunExtensionInput()


class CreateRun(RunOptions):
    """Body of ``POST /threads/{thread_id}/runs``."""


class CreateThreadAndRun(RunOptions):
    """Body of ``POST /threads/runs``."""

    thread: CreateThread = CreateThread()
    tool_resources: ToolResources | None = None


class ModifyRun(Body):
    """Body of ``POST /threads/{thread_id}/runs/{run_id}``."""

    metadata: Metadata | None = None


class ToolOutput(Body):
    """One answer to one call.

    Parameters
    ----------
    output
        The text for the model.
    jupyter
        Extension, for ``run_python`` calls: what the caller's execution gave, as
        :class:`jupyter_assistants.kernels.base.Result` in JSON.
    """

    tool_call_id: str = ""
    output: Annotated[str, Field(max_length=1_048_576)] = ""
    jupyter: dict[str, Any] | None = None


class SubmitOutputs(Body):
    """Body of ``POST …/submit_tool_outputs``."""

    tool_outputs: Annotated[list[ToolOutput], MaxItems(1000, named=False)]
    stream: bool = False


class InputReply(Body):
    """Body of ``POST …/runs/{run_id}/input_reply``: what the person typed. It is kept nowhere."""

    value: Annotated[str, Field(max_length=100_000)] = ""
