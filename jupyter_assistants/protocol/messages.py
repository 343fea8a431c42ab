"""Messages and their content (docs/internals/protocol.md, "Messages and annotations")."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from jupyter_assistants.protocol.base import (
    Body,
    InputPart,
    MaxItems,
    Metadata,
    Part,
    Sparse,
    WireObject,
)
from jupyter_assistants.protocol.locations import CitationExtension

MAX_TEXT = 256_000
IMAGE_SCHEMES = ("https://", "http://", "data:")


class FilePathTarget(Part):
    """The file behind a ``file_path`` annotation."""

    file_id: str


class FilePathAnnotation(Part):
    """A link ``sandbox:/mnt/data/<name>`` in the text, and the file that it means."""

    type: Literal["file_path"] = "file_path"
    text: str
    start_index: int = Field(ge=0)
    end_index: int = Field(ge=0)
    file_path: FilePathTarget


class FileCitationTarget(Part):
    """The file behind a ``file_citation`` annotation."""

    file_id: str


class FileCitationAnnotation(Sparse):
    """A mark ``【1:0†source】`` in the text, and the file that it cites.

    Parameters
    ----------
    jupyter
        Extension: the quote and its place.
    """

    type: Literal["file_citation"] = "file_citation"
    text: str
    start_index: int = Field(ge=0)
    end_index: int = Field(ge=0)
    file_citation: FileCitationTarget
    jupyter: CitationExtension | None = None


Annotation = Annotated[FilePathAnnotation | FileCitationAnnotation, Field(discriminator="type")]


class TextValue(Part):
    """Text of a message; indices of annotations count Unicode code points of ``value``."""

    value: str
    annotations: list[Annotation] = []


class TextContent(Part):
    """A text part."""

    type: Literal["text"] = "text"
    text: TextValue


class ImageFile(InputPart):
    """An image in a file."""

    file_id: str
    detail: Literal["auto", "low", "high"] = "auto"


class ImageFileContent(Part):
    """An image part whose bytes are a file of ours."""

    type: Literal["image_file"] = "image_file"
    image_file: ImageFile


class ImageUrl(InputPart):
    """An image by its address. Neither the server nor a view ever fetches it.

    A ``data:`` URL holds its image itself; models that see are shown it. (The hosted API took
    addresses only.)
    """

    url: str = Field(max_length=12_001_000)
    detail: Literal["auto", "low", "high"] = "auto"


class ImageUrlContent(Part):
    """An image part given by address."""

    type: Literal["image_url"] = "image_url"
    image_url: ImageUrl


class RefusalContent(Part):
    """A refusal in place of an answer."""

    type: Literal["refusal"] = "refusal"
    refusal: str


Content = Annotated[
    TextContent | ImageFileContent | ImageUrlContent | RefusalContent, Field(discriminator="type")
]


class AttachmentTool(Part):
    """The tool that an attached file is for."""

    type: Literal["code_interpreter", "file_search"]


class Attachment(Sparse):
    """A file given with a message."""

    file_id: str
    tools: list[AttachmentTool] = []


class IncompleteMessage(Part):
    """Why a message stops before its end."""

    reason: Literal["content_filter", "max_tokens", "run_cancelled", "run_expired", "run_failed"]


class Message(WireObject):
    """One message of a thread."""

    kind: ClassVar[str] = "thread.message"

    object: Literal["thread.message"] = "thread.message"
    thread_id: str
    status: Literal["in_progress", "incomplete", "completed"] = "completed"
    incomplete_details: IncompleteMessage | None = None
    completed_at: int | None = None
    incomplete_at: int | None = None
    role: Literal["user", "assistant"]
    content: list[Content] = []
    assistant_id: str | None = None
    run_id: str | None = None
    attachments: list[Attachment] | None = []
    metadata: Metadata = {}

    @property
    def parent(self) -> str:
        """Return the thread's id."""
        return self.thread_id

    @property
    def key(self) -> str | None:
        """Return the id of the run that wrote the message."""
        return self.run_id

    @property
    def text(self) -> str:
        """Return the text parts, joined."""
        return "".join(part.text.value for part in self.content if isinstance(part, TextContent))

    @property
    def words(self) -> str:
        """Return the text."""
        return self.text


class TextInput(Part):
    """A text part as a client sends it."""

    type: Literal["text"]
    text: str = Field(max_length=MAX_TEXT)


def _checked_address(url: str) -> str:
    # The text goes to the model's endpoint, where some programs open files and sockets by it.
    if not url.lower().startswith(IMAGE_SCHEMES):
        raise PydanticCustomError(
            "image_address", "the address of an image must begin with https://, http:// or data:"
        )
    return url


class ImageUrlGiven(ImageUrl):
    """An image by an address that a client sends; stored ones of imports may be others."""

    url: Annotated[str, AfterValidator(_checked_address)] = Field(
        max_length=12_001_000,
        json_schema_extra={
            "pattern": "^([Hh][Tt][Tt][Pp][Ss]?://|[Dd][Aa][Tt][Aa]:)",
        },
    )


class ImageUrlInput(ImageUrlContent):
    """An image part as a client sends it."""

    image_url: ImageUrlGiven


ContentInput = Annotated[
    TextInput | ImageFileContent | ImageUrlInput,
    Field(discriminator="type"),
]


def _as_parts(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if len(value) > MAX_TEXT:
        raise PydanticCustomError("string_too_long", "too long", {"max_length": MAX_TEXT})
    if not value:
        raise PydanticCustomError("string_too_short", "too short", {"min_length": 1})
    return [{"type": "text", "text": value}]


_Parts = Annotated[list[ContentInput], Field(min_length=1), MaxItems(500)]
_Plain = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
GivenContent = Annotated[_Parts, BeforeValidator(_as_parts, json_schema_input_type=_Plain | _Parts)]
"""What a message is to say; text alone is one text part."""


class CreateMessage(Body):
    """Body of ``POST /threads/{thread_id}/messages``. Text alone is one text part."""

    replaced = {
        "file_ids": "give each one in attachments, as {'file_id': …, 'tools': [{'type': "
        "'code_interpreter'}]}."
    }

    role: Literal["user", "assistant"]
    content: GivenContent
    attachments: Annotated[list[Attachment], MaxItems(500)] = []
    metadata: Metadata = {}


class ModifyMessage(Body):
    """Body of ``POST /threads/{thread_id}/messages/{message_id}``.

    Parameters
    ----------
    content
        Extension: what the message says from now on.
    """

    metadata: Metadata | None = None
    content: GivenContent | None = None
