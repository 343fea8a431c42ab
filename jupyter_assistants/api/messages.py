"""Messages of threads (docs/internals/protocol.md, "Messages and annotations")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.api.attachments import Attachments
from jupyter_assistants.api.objects import Objects
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.events import Notices
from jupyter_assistants.protocol.ids import MESSAGE, new_id, now
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
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Messages:
    """Operations on messages."""

    objects: Objects
    attachments: Attachments
    work: UnitOfWork
    notices: Notices

    async def create(self, owner: str, thread: Thread, body: CreateMessage) -> Message:
        """Add a message.

        Raises
        ------
        ThreadLocked
            While a run is active.
        """
        (message,) = await self.build(owner, thread.id, [body])
        await self.objects.check_thread_is_free(thread.id, adding=True)
        changed, more = await self.attachments.with_attachments(owner, thread, [message])
        also = [changed] if changed != thread else []
        await self.work.commit(message, *also, *more, owner=owner)
        self.notices.announce(thread.id, "thread.message.created", message.wire())
        return message

    async def build(
        self, owner: str, thread_id: str, bodies: Sequence[CreateMessage]
    ) -> Sequence[Message]:
        """Check and build messages without persisting them."""
        for body in bodies:
            ids = [attachment.file_id for attachment in body.attachments]
            await self.objects.check_files(owner, ids, "file_id")
            await self.objects.check_files(owner, _images(body.content), "file_id")
        return [_message(thread_id, body) for body in bodies]

    async def list(self, owner: str, thread_id: str, query: MessagePageQuery) -> Page[Message]:
        """Return a page of messages."""
        return await self.objects.page(Message, owner, query, parent=thread_id, key=query.run_id)

    async def get(self, message: Message) -> Message:
        """Return one message."""
        return message

    async def modify(self, owner: str, message: Message, body: ModifyMessage) -> Message:
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
        changes = body.provided_fields()
        if body.content is not None:
            await self.objects.check_files(owner, _images(body.content), "file_id")
            if message.run_id is not None:
                text = f"The content of {message.id} was written by a run and cannot be changed."
                raise InvalidRequest(text, param="content")
            await self.objects.check_thread_is_free(message.thread_id, adding=True)
            changes["content"] = [_stored(part) for part in body.content]
        message = message.changed(**changes)
        await self.objects.save(message, owner=owner)
        self.notices.announce(message.thread_id, "thread.message.modified", message.wire())
        return message

    async def delete(self, message: Message) -> Deleted:
        """Delete a message."""
        await self.objects.delete(message.id)
        deleted = Deleted(id=message.id, object="thread.message.deleted")
        self.notices.announce(message.thread_id, deleted.object, deleted.wire())
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
