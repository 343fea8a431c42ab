"""What a stream carries beside whole objects, and the names of all stream events.

Deltas are published as plain JSON, because the SDKs concatenate every field that is sent
(docs/internals/protocol.md, "Events and streaming"). These classes say what that JSON may hold; they forbid anything
else.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from jupyter_assistants.protocol.messages import ImageFile, Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import ImageRef, RunStep
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tool_types import OpenUnion, PluginCallDelta


class Delta(BaseModel):
    """A piece of an object; what it does not hold has not changed."""

    model_config = ConfigDict(extra="forbid")


class IndexedAnnotation(Delta):
    """An annotation and its place in the list; it is sent whole, and once."""

    model_config = ConfigDict(extra="allow")

    index: int
    type: Literal["file_path", "file_citation"]
    text: str
    start_index: int
    end_index: int


class TextPiece(Delta):
    """More text, or annotations of the text so far."""

    value: str | None = None
    annotations: list[IndexedAnnotation] | None = None


class TextContentPiece(Delta):
    """A piece of a text part."""

    index: int
    type: Literal["text"]
    text: TextPiece


class ImageContentPiece(Delta):
    """An image part, sent once."""

    index: int
    type: Literal["image_file"]
    image_file: ImageFile


class RefusalContentPiece(Delta):
    """A piece of a refusal."""

    index: int
    type: Literal["refusal"]
    refusal: str


ContentPart = Annotated[
    TextContentPiece | ImageContentPiece | RefusalContentPiece, Field(discriminator="type")
]


class MessagePieces(Delta):
    """The content of a message delta."""

    content: list[ContentPart]


class MessageDelta(Delta):
    """Data of ``thread.message.delta``."""

    id: str
    object: Literal["thread.message.delta"]
    delta: MessagePieces


class LogsPiece(Delta):
    """More text that code printed."""

    index: int
    type: Literal["logs"]
    logs: str


class ImagePiece(Delta):
    """An image that code displayed, sent once."""

    index: int
    type: Literal["image"]
    image: ImageRef


OutputPiece = Annotated[LogsPiece | ImagePiece, Field(discriminator="type")]


class CodePiece(Delta):
    """More code, or outputs."""

    input: str | None = None
    outputs: list[OutputPiece] | None = None


class CodeCallPiece(Delta):
    """A piece of a code interpreter call; the id comes with the first one only."""

    index: int
    id: str | None = None
    type: Literal["code_interpreter"]
    code_interpreter: CodePiece


class FunctionPiece(Delta):
    """Name once, arguments bit by bit, the output once."""

    name: str | None = None
    arguments: str | None = None
    output: str | None = None


class FunctionCallPiece(Delta):
    """A piece of a function call; the id comes with the first one only."""

    index: int
    id: str | None = None
    type: Literal["function"]
    function: FunctionPiece


class FileSearchCallPiece(Delta):
    """A file search, told once; its results stand in the step."""

    model_config = ConfigDict(extra="allow")

    index: int
    id: str | None = None
    type: Literal["file_search"]


CallPiece = CodeCallPiece | FunctionCallPiece | FileSearchCallPiece | PluginCallDelta


class CallPieces(Delta):
    """The tool calls of a step delta."""

    type: Literal["tool_calls"]
    tool_calls: list[Annotated[CallPiece, OpenUnion("delta")]]


class StepPieces(Delta):
    """The details of a step delta."""

    step_details: CallPieces


class RunStepDelta(Delta):
    """Data of ``thread.run.step.delta``."""

    id: str
    object: Literal["thread.run.step.delta"]
    delta: StepPieces


_RUN = ("created", "queued", "in_progress", "requires_action", "completed", "incomplete")
_RUN_ENDS = ("failed", "cancelling", "cancelled", "expired")
_STEP = ("created", "in_progress", "completed", "failed", "cancelled", "expired")
_MESSAGE = ("created", "in_progress", "completed", "incomplete")

STREAM_EVENTS: dict[str, type[BaseModel]] = {
    "thread.created": Thread,
    **{f"thread.run.{name}": Run for name in (*_RUN, *_RUN_ENDS)},
    **{f"thread.run.step.{name}": RunStep for name in _STEP},
    "thread.run.step.delta": RunStepDelta,
    **{f"thread.message.{name}": Message for name in _MESSAGE},
    "thread.message.delta": MessageDelta,
}
"""The class of each event's data; ``error`` and ``done`` carry none."""
