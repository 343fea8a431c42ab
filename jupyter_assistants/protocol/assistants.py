"""Assistants (docs/internals/protocol.md, "Objects")."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from jupyter_assistants.protocol.base import Body, Metadata, WireObject
from jupyter_assistants.protocol.tools import (
    ReasoningEffort,
    ResponseFormat,
    ToolResources,
    ToolResourcesInput,
    Tools,
    ToolsInput,
)

Name = Annotated[str, Field(max_length=256)]
Description = Annotated[str, Field(max_length=512)]
Instructions = Annotated[str, Field(max_length=256_000)]
FILES_IN_VERSION_2 = (
    "give them in tool_resources.code_interpreter.file_ids, or put them into a vector store named "
    "in tool_resources.file_search.vector_store_ids."
)
EARLIER_DEFAULTS = frozenset(
    {
        "You help in the user's Jupyter notebook. Your code runs in their live kernel: their "
        "variables and files are there, so look before you assume, and do not overwrite their "
        "variables. Answer briefly, in the language of the question."
    }
)
"""Texts that clients of earlier versions stored as default instructions. Assistants that still have
one follow today's: they are stored without any."""


def _without_earlier_default(value: Any) -> Any:
    return None if isinstance(value, str) and value in EARLIER_DEFAULTS else value


StoredInstructions = Annotated[str | None, BeforeValidator(_without_earlier_default)]
SentInstructions = Annotated[Instructions | None, BeforeValidator(_without_earlier_default)]
Temperature = Annotated[float, Field(ge=0, le=2)]
TopP = Annotated[float, Field(ge=0, le=1)]


class Assistant(WireObject):
    """Instructions, a model and tools under one id."""

    kind: ClassVar[str] = "assistant"
    internal: ClassVar[frozenset[str]] = frozenset({"reasoning_effort"})

    object: Literal["assistant"] = "assistant"
    name: str | None = None
    description: str | None = None
    model: str
    instructions: StoredInstructions = None
    tools: Tools = []
    tool_resources: ToolResources = ToolResources()
    metadata: Metadata = {}
    temperature: float | None = 1.0
    top_p: float | None = 1.0
    response_format: ResponseFormat | None = "auto"
    reasoning_effort: ReasoningEffort | None = None
    """Request only: the protocol's Assistant object does not show it."""


class CreateAssistant(Body):
    """Body of ``POST /assistants``."""

    replaced = {"file_ids": FILES_IN_VERSION_2}

    model: str = Field(min_length=1, max_length=256)
    name: Name | None = None
    description: Description | None = None
    instructions: SentInstructions = None
    reasoning_effort: ReasoningEffort | None = None
    tools: ToolsInput = []
    tool_resources: ToolResourcesInput = ToolResourcesInput()
    metadata: Metadata = {}
    temperature: Temperature | None = None
    top_p: TopP | None = None
    response_format: ResponseFormat | None = None


class ModifyAssistant(Body):
    """Body of ``POST /assistants/{assistant_id}``: what is not given stays."""

    clearable = frozenset(
        {"name", "description", "instructions", "temperature", "top_p"}
        | {"response_format", "reasoning_effort"}
    )
    replaced = {"file_ids": FILES_IN_VERSION_2}

    model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    name: Name | None = None
    description: Description | None = None
    instructions: SentInstructions = None
    reasoning_effort: ReasoningEffort | None = None
    tools: ToolsInput | None = None
    tool_resources: ToolResources | None = None
    metadata: Metadata | None = None
    temperature: Temperature | None = None
    top_p: TopP | None = None
    response_format: ResponseFormat | None = None
