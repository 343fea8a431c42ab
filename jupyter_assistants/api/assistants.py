"""Assistants (docs/internals/protocol.md, "Objects")."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_assistants.api.attachments import Attachments
from jupyter_assistants.api.objects import Objects, merged
from jupyter_assistants.protocol.assistants import Assistant, CreateAssistant, ModifyAssistant
from jupyter_assistants.protocol.ids import ASSISTANT, new_id, now
from jupyter_assistants.protocol.pages import Deleted, Page, PageQuery
from jupyter_assistants.protocol.tools import (
    CodeInterpreterResources,
    CodeInterpreterTool,
    ToolResources,
)
from jupyter_assistants.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Assistants:
    """Operations on assistants."""

    objects: Objects
    attachments: Attachments
    work: UnitOfWork

    async def create(self, owner: str, body: CreateAssistant) -> Assistant:
        """Create an assistant."""
        resources, new = await self.attachments.with_stores(
            owner, body.tool_resources, lasting=True
        )
        fields = body.provided_fields() | {"tool_resources": resources}
        assistant = _normalized(Assistant(id=new_id(ASSISTANT), created_at=now(), **fields))
        await self.work.commit(assistant, *new, owner=owner)
        return assistant

    async def list(self, owner: str, query: PageQuery) -> Page[Assistant]:
        """Return a page of assistants."""
        return await self.objects.page(Assistant, owner, query)

    async def get(self, assistant: Assistant) -> Assistant:
        """Return one assistant."""
        return assistant

    async def modify(self, owner: str, assistant: Assistant, body: ModifyAssistant) -> Assistant:
        """Change the fields that are sent; the others stay."""
        await self.objects.check_resources(owner, body.tool_resources)
        changes = body.provided_fields()
        if body.tool_resources is not None:
            changes["tool_resources"] = merged(assistant.tool_resources, body.tool_resources)
        assistant = _normalized(assistant.changed(**changes))
        await self.objects.save(assistant, owner=owner)
        return assistant

    async def delete(self, assistant: Assistant) -> Deleted:
        """Delete an assistant; its threads and runs stay."""
        await self.objects.delete(assistant.id)
        return Deleted(id=assistant.id, object="assistant.deleted")


def _normalized(assistant: Assistant) -> Assistant:
    """Show an empty file list once the code interpreter is on, as the hosted API does."""
    resources = assistant.tool_resources
    on = any(isinstance(tool, CodeInterpreterTool) for tool in assistant.tools)
    if on and resources.code_interpreter is None:
        new = ToolResources(code_interpreter=CodeInterpreterResources())
        return assistant.changed(tool_resources=merged(resources, new))
    return assistant
