"""Operations on threads and their messages (protocol.md sections 4.2, 4.3, 7.4 and 7.7)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from jupyter_assistants.api.attachments import Attaching
from jupyter_assistants.api.base import merged
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.ids import MESSAGE, THREAD, new_id, now
from jupyter_assistants.protocol.messages import (
    Attachment,
    Content,
    ContentInput,
    CreateMessage,
    ImageFileContent,
    Message,
    ModifyMessage,
    TextContent,
    TextInput,
    TextValue,
)
from jupyter_assistants.protocol.pages import Deleted, MessagePageQuery, Page
from jupyter_assistants.protocol.threads import CreateThread, ModifyThread, Thread


class ThreadOperations(Attaching):
    """Create, list, get, modify and delete threads and messages."""

    async def create_thread(self, owner: str, body: CreateThread) -> Thread:
        """Create a thread, with messages if there are any."""
        thread, objects = await self.new_thread(owner, body)
        await self.work.commit(thread, *objects, owner=owner)
        return thread

    async def new_thread(self, owner: str, body: CreateThread) -> tuple[Thread, list[WireObject]]:
        """Check and build a thread and what it begins with, without persisting them."""
        resources, made = await self.with_stores(owner, body.tool_resources)
        thread = Thread(
            id=new_id(THREAD), created_at=now(), tool_resources=resources, metadata=body.metadata
        ).extended(body.jupyter)
        messages = await self.new_messages(owner, thread.id, body.messages)
        thread, more = await self.with_attachments(owner, thread, messages)
        return thread, [*messages, *made, *more]

    async def new_messages(
        self, owner: str, thread_id: str, bodies: Sequence[CreateMessage]
    ) -> list[Message]:
        """Check and build messages without persisting them."""
        for body in bodies:
            ids = [attachment.file_id for attachment in body.attachments]
            await self.check_files(owner, ids, "file_id")
            await self.check_files(owner, _images(body.content), "file_id")
        return [_message(thread_id, body) for body in bodies]

    async def get_thread(self, owner: str, thread_id: str) -> Thread:
        """Return one thread."""
        return await self.get(Thread, thread_id, owner)

    async def modify_thread(self, owner: str, thread_id: str, body: ModifyThread) -> Thread:
        """Change what is given; what is not given stays."""
        await self.check_resources(owner, body.tool_resources)
        thread = await self.get(Thread, thread_id, owner)
        changes = body.given()
        changes.pop("jupyter", None)
        if body.tool_resources is not None:
            changes["tool_resources"] = merged(thread.tool_resources, body.tool_resources)
        thread = thread.changed(**changes).extended(body.jupyter)
        await self.put(thread, owner=owner)
        return thread

    async def delete_thread(self, owner: str, thread_id: str) -> Deleted:
        """Delete a thread with its messages and runs; an active run is stopped first."""
        await self.get(Thread, thread_id, owner)
        lease = await asyncio.to_thread(self.storage.lease, thread_id)
        if lease is not None:
            await self.engine.drop(lease.subject)
        await asyncio.to_thread(self.storage.delete, thread_id)
        await self.executors.forget(thread_id)
        return Deleted(id=thread_id, object="thread.deleted")

    async def create_message(self, owner: str, thread_id: str, body: CreateMessage) -> Message:
        """Add a message.

        Raises
        ------
        ThreadLocked
            While a run is active.
        """
        thread = await self.get(Thread, thread_id, owner)
        (message,) = await self.new_messages(owner, thread_id, [body])
        await self.check_free(thread_id, adding=True)
        changed, more = await self.with_attachments(owner, thread, [message])
        also = [changed] if changed != thread else []
        await self.work.commit(message, *also, *more, owner=owner)
        self.notices.tell(thread_id, "thread.message.created", message.wire())
        return message

    async def list_messages(
        self, owner: str, thread_id: str, query: MessagePageQuery
    ) -> Page[Message]:
        """Return a page of messages."""
        return await self.page(Message, owner, query, parent=thread_id, key=query.run_id)

    async def get_message(self, owner: str, thread_id: str, message_id: str) -> Message:
        """Return one message."""
        return await self.get(Message, message_id, owner)

    async def modify_message(
        self, owner: str, thread_id: str, message_id: str, body: ModifyMessage
    ) -> Message:
        """Change a message's metadata and, as an extension, its content.

        Content can be changed of messages that no run wrote: what a run wrote belongs to its
        record. What follows the message stays as it is; copy the thread up to a message to go
        on differently.

        Raises
        ------
        InvalidRequest
            If a run wrote the message whose content is to be changed.
        ThreadLocked
            If its content is to be changed while a run is active.
        """
        message = await self.get(Message, message_id, owner)
        changes = body.given()
        if body.content is not None:
            await self.check_files(owner, _images(body.content), "file_id")
            if message.run_id is not None:
                text = f"The content of {message_id} was written by a run and cannot be changed."
                raise InvalidRequest(text, param="content")
            await self.check_free(thread_id, adding=True)
            changes["content"] = [_stored(part) for part in body.content]
        message = message.changed(**changes)
        await self.put(message, owner=owner)
        self.notices.tell(thread_id, "thread.message.modified", message.wire())
        return message

    async def delete_message(self, owner: str, thread_id: str, message_id: str) -> Deleted:
        """Delete a message."""
        await self.get(Message, message_id, owner)
        await asyncio.to_thread(self.storage.delete, message_id)
        deleted = Deleted(id=message_id, object="thread.message.deleted")
        self.notices.tell(thread_id, deleted.object, deleted.wire())
        return deleted


def _message(thread_id: str, body: CreateMessage) -> Message:
    time = now()
    return Message(
        id=new_id(MESSAGE),
        created_at=time,
        completed_at=time,
        thread_id=thread_id,
        role=body.role,
        content=[_stored(part) for part in body.content],
        attachments=[Attachment(file_id=a.file_id, tools=a.tools) for a in body.attachments],
        metadata=body.metadata,
    )


def _stored(part: ContentInput) -> Content:
    if isinstance(part, TextInput):
        return TextContent(text=TextValue(value=part.text))
    return part


def _images(content: Sequence[ContentInput]) -> list[str]:
    return [part.image_file.file_id for part in content if isinstance(part, ImageFileContent)]
