"""Bodies, queries and answers of the extensions on whole threads: search, copy, export, totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from jupyter_assistants.protocol.base import Body, MaxItems, Metadata, Part, Seconds, Sparse
from jupyter_assistants.protocol.files import Purpose
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.pages import PageQuery
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.protocol.threads import ContextLevel
from jupyter_assistants.protocol.tools import ToolResources

MAX_EXPORTED_BYTES = 32 * 1024 * 1024


class ThreadPageQuery(PageQuery):
    """The query of ``GET /threads``, which the hosted API did not have.

    Parameters
    ----------
    query
        Only threads that have this text in a message or in a value of their metadata.
    metadata
        Only threads with these pairs, each as ``metadata[key]=value``.
    """

    query: Annotated[str, Field(max_length=512)] | None = None
    metadata: Metadata = {}

    @model_validator(mode="before")
    @classmethod
    def _gather_pairs(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        pairs = {k[9:-1]: v for k, v in data.items() if k.startswith("metadata[") and k[-1] == "]"}
        match data.get("metadata"):
            # Clients spell a set without pairs as an empty "metadata[]".
            case [""]:
                return {**data, "metadata": pairs}
            # With a value, that is the pair with an empty name.
            case [str(value)]:
                pairs[""] = value
        return {**data, "metadata": pairs} if pairs else data


class CopyThread(Body):
    """Body of ``POST /threads/{thread_id}/copy``.

    Parameters
    ----------
    until
        The last message of the copy; without it everything is copied.
    metadata
        Of the copy; without it that of the original.
    """

    until: str | None = None
    metadata: Metadata | None = None


class TranscriptQuery(Body):
    """The query of ``GET /threads/{thread_id}/transcript``: the newest part first.

    Parameters
    ----------
    limit
        How many messages.
    after
        Only what is older than this message.
    runs_after
        Only runs that are older than this one, besides those that wrote the messages.
    fold
        Whether runs that are over come as ``views`` instead of by their steps.
    """

    limit: int = Field(40, ge=1, le=100)
    after: str | None = None
    runs_after: str | None = None
    fold: bool = False


class ThreadTranscript(Part):
    """A part of a thread: messages, and the runs of that time with their steps, oldest first.

    Parameters
    ----------
    views
        What there is to draw of runs that are over, by the runs' ids, where the query asked for it:
        :class:`~jupyter_assistants.protocol.transcript.View` as JSON. Their steps are left out. None
        where it did not.
    """

    object: Literal["thread.transcript"] = "thread.transcript"
    messages: list[Message]
    runs: list[Run]
    steps: list[RunStep]
    has_more: bool
    views: dict[str, dict[str, Any]] | None = None

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "object": self.object,
            "messages": [each.wire() for each in self.messages],
            "runs": [each.wire() for each in self.runs],
            "steps": [each.wire() for each in self.steps],
            "has_more": self.has_more,
            "views": self.views,
        }


class ExportQuery(Body):
    """The query of ``GET /threads/{thread_id}/export``.

    Parameters
    ----------
    files
        Whether a JSON export holds the bytes of the thread's files.
    """

    format: Literal["json", "markdown", "notebook"] = "json"
    files: bool = False


class ExportedFile(Sparse):
    """A file of an exported thread; ``content`` is base64, if it was asked for."""

    id: str
    filename: str
    purpose: Purpose
    bytes: int
    content: str | None = None


class ExportedThreadExtension(Sparse):
    """The part of a thread's extension field that is exported: how much models may see."""

    context: ContextLevel | None = None


class ExportedThread(Part):
    """The thread in an export."""

    id: str = ""
    created_at: Seconds = 0
    metadata: Metadata = {}
    tool_resources: ToolResources = ToolResources()
    jupyter: ExportedThreadExtension = ExportedThreadExtension()


Entry = Annotated[Message | Item, Field(discriminator="object")]


class ThreadExport(Body):
    """A thread in one JSON object; the body of ``POST /threads/import`` too.

    Parameters
    ----------
    entries
        Messages and what else the model said and saw, in order.
    """

    object: Literal["thread.export"]
    version: Literal[1]
    thread: ExportedThread = ExportedThread()
    entries: Annotated[list[Entry], MaxItems(100_000)] = []
    files: Annotated[list[ExportedFile], MaxItems(10_000)] = []


@dataclass(frozen=True)
class Exported:
    """A document to be saved."""

    filename: str
    mime: str
    data: bytes


class ModelUsage(Part):
    """Usage of the runs of one model. ``cost`` is null where no price is configured."""

    model: str
    runs: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    cost: float | None = None


class ThreadUsage(Part):
    """Usage of the runs of a thread. ``cost`` is in dollars, null where a price is missing."""

    object: Literal["thread.usage"] = "thread.usage"
    thread_id: str
    runs: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cost: float | None
    models: list[ModelUsage]

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
