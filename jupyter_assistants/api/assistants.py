"""Operations on assistants (protocol.md sections 4.1 and 7.8)."""

from __future__ import annotations

import asyncio

from jupyter_assistants.api.attachments import Attaching
from jupyter_assistants.api.base import merged
from jupyter_assistants.protocol.assistants import Assistant, CreateAssistant, ModifyAssistant
from jupyter_assistants.protocol.ids import ASSISTANT, new_id, now
from jupyter_assistants.protocol.pages import Deleted, Page, PageQuery
from jupyter_assistants.protocol.tools import (
    CodeInterpreterResources,
    CodeInterpreterTool,
    ToolResources,
)


class AssistantOperations(Attaching):
    """Create, list, get, modify and delete assistants."""

    async def create_assistant(self, owner: str, body: CreateAssistant) -> Assistant:
        """Create an assistant."""
        resources, made = await self.with_stores(owner, body.tool_resources, lasting=True)
        fields = body.given() | {"tool_resources": resources}
        assistant = _normal(Assistant(id=new_id(ASSISTANT), created_at=now(), **fields))
        await self.work.commit(assistant, *made, owner=owner)
        return assistant

    async def list_assistants(self, owner: str, query: PageQuery) -> Page[Assistant]:
        """Return a page of assistants."""
        return await self.page(Assistant, owner, query)

    async def get_assistant(self, owner: str, assistant_id: str) -> Assistant:
        """Return one assistant."""
        return await self.get(Assistant, assistant_id, owner)

    async def modify_assistant(
        self, owner: str, assistant_id: str, body: ModifyAssistant
    ) -> Assistant:
        """Change what is given; what is not given stays."""
        await self.check_resources(owner, body.tool_resources)
        assistant = await self.get(Assistant, assistant_id, owner)
        changes = body.given()
        if body.tool_resources is not None:
            changes["tool_resources"] = merged(assistant.tool_resources, body.tool_resources)
        assistant = _normal(assistant.changed(**changes))
        await self.put(assistant, owner=owner)
        return assistant

    async def delete_assistant(self, owner: str, assistant_id: str) -> Deleted:
        """Delete an assistant; its threads and runs stay."""
        await self.get(Assistant, assistant_id, owner)
        await asyncio.to_thread(self.storage.delete, assistant_id)
        return Deleted(id=assistant_id, object="assistant.deleted")


def _normal(assistant: Assistant) -> Assistant:
    """Show an empty file list once the code interpreter is on, as hosted."""
    resources = assistant.tool_resources
    on = any(isinstance(tool, CodeInterpreterTool) for tool in assistant.tools)
    if on and resources.code_interpreter is None:
        new = ToolResources(code_interpreter=CodeInterpreterResources())
        return assistant.changed(tool_resources=merged(resources, new))
    return assistant
