"""Threads (protocol.md A.3)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from jupyter_assistants.schema.base import Body, Metadata, WireObject
from jupyter_assistants.schema.messages import CreateMessage
from jupyter_assistants.schema.tools import ToolResources, ToolResourcesInput

Messages = Annotated[list[CreateMessage], Field(max_length=1000)]


class Thread(WireObject):
    """A conversation that lasts."""

    kind: ClassVar[str] = "thread"

    object: Literal["thread"] = "thread"
    tool_resources: ToolResources = ToolResources()
    metadata: Metadata = {}

    @property
    def words(self) -> str:
        """Give the values of the metadata, where views keep a thread's title."""
        return "\n".join(self.metadata.values())


class CreateThread(Body):
    """Body of ``POST /threads``."""

    messages: Messages = []
    tool_resources: ToolResourcesInput = ToolResourcesInput()
    metadata: Metadata = {}


class ModifyThread(Body):
    """Body of ``POST /threads/{thread_id}``: what is not given stays."""

    tool_resources: ToolResources | None = None
    metadata: Metadata | None = None
