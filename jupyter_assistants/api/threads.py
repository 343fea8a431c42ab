"""Threads (docs/internals/protocol.md, "Objects")."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.api.attachments import Attachments
from jupyter_assistants.api.messages import Messages
from jupyter_assistants.api.objects import Objects, merged
from jupyter_assistants.kernels.base import Executors
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.ids import THREAD, new_id, now
from jupyter_assistants.protocol.pages import Deleted, Page
from jupyter_assistants.protocol.thread_exports import ThreadPageQuery
from jupyter_assistants.protocol.threads import CreateThread, ModifyThread, Thread
from jupyter_assistants.runs.engine import Engine
from jupyter_assistants.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Threads:
    """Operations on threads."""

    objects: Objects
    attachments: Attachments
    work: UnitOfWork
    messages: Messages
    engine: Engine
    executors: Executors

    async def create(self, owner: str, body: CreateThread) -> Thread:
        """Create a thread, with messages if there are any."""
        thread, objects = await self.build(owner, body)
        await self.work.commit(thread, *objects, owner=owner)
        return thread

    async def build(self, owner: str, body: CreateThread) -> tuple[Thread, Sequence[WireObject]]:
        """Check and build a thread and the objects that it begins with, without persisting them."""
        resources, new = await self.attachments.with_stores(owner, body.tool_resources)
        thread = Thread(
            id=new_id(THREAD), created_at=now(), tool_resources=resources, metadata=body.metadata
        ).extended(body.jupyter)
        messages = await self.messages.build(owner, thread.id, body.messages)
        thread, more = await self.attachments.with_attachments(owner, thread, messages)
        return thread, [*messages, *new, *more]

    async def list(self, owner: str, query: ThreadPageQuery) -> Page[Thread]:
        """Return a page of threads, of all or of those that a search finds. Extension."""
        return await asyncio.to_thread(
            lambda: self.objects.storage.search_threads(
                owner,
                text=query.query or None,
                metadata=query.metadata,
                limit=query.limit,
                order=query.order,
                after=query.after,
                before=query.before,
            )
        )

    async def get(self, thread: Thread) -> Thread:
        """Return one thread."""
        return thread

    async def modify(self, owner: str, thread: Thread, body: ModifyThread) -> Thread:
        """Change the fields that are sent; the others stay."""
        await self.objects.check_resources(owner, body.tool_resources)
        changes = body.provided_fields()
        changes.pop("jupyter", None)
        if body.tool_resources is not None:
            changes["tool_resources"] = merged(thread.tool_resources, body.tool_resources)
        thread = thread.changed(**changes).extended(body.jupyter)
        await self.objects.save(thread, owner=owner)
        return thread

    async def delete(self, thread: Thread) -> Deleted:
        """Delete a thread with its messages and runs; an active run is stopped first."""
        lease = await asyncio.to_thread(self.objects.storage.lease, thread.id)
        if lease is not None:
            await self.engine.drop(lease.subject)
        await self.objects.delete(thread.id)
        await self.executors.forget(thread.id)
        return Deleted(id=thread.id, object="thread.deleted")
