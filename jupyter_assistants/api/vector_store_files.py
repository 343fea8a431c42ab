"""Files of vector stores (docs/internals/protocol.md, "Vector stores")."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.api.attachments import Attachments
from jupyter_assistants.api.objects import Objects
from jupyter_assistants.api.vector_stores import VectorStores
from jupyter_assistants.protocol.pages import Deleted, Page
from jupyter_assistants.protocol.vector_stores import (
    CreateVectorStoreFile,
    FileContent,
    ModifyVectorStoreFile,
    TextPart,
    VectorStore,
    VectorStoreFile,
    VectorStoreFilePageQuery,
    entry_id,
)
from jupyter_assistants.retrieval.base import IndexUnavailable, SearchIndex
from jupyter_assistants.retrieval.ingestion.queue import Ingestion
from jupyter_assistants.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class VectorStoreFiles:
    """Operations on the files of vector stores."""

    objects: Objects
    attachments: Attachments
    vector_stores: VectorStores
    ingestion: Ingestion
    work: UnitOfWork
    index: SearchIndex

    async def create(
        self, owner: str, vector_store: VectorStore, body: CreateVectorStoreFile
    ) -> VectorStoreFile:
        """Attach a file. One that is attached already is ingested again."""
        entries = await self.attachments.entries(owner, vector_store.id, [body], param="file_id")
        await self.vector_stores.check_not_expired(vector_store)
        await self.work.commit(*entries, owner=owner)
        return entries[0]

    async def list(
        self, owner: str, vector_store_id: str, query: VectorStoreFilePageQuery
    ) -> Page[VectorStoreFile]:
        """Return a page of a vector store's files."""
        return await asyncio.to_thread(self.page, owner, vector_store_id, query)

    def page(
        self,
        owner: str,
        vector_store_id: str,
        query: VectorStoreFilePageQuery,
        batch_id: str | None = None,
    ) -> Page[VectorStoreFile]:
        """Return a page of the files of a vector store, or of one batch. Blocking."""
        cursors = {
            side: entry_id(vector_store_id, file_id)
            for side, file_id in (("after", query.after), ("before", query.before))
            if file_id is not None
        }
        page = self.objects.storage.list(
            VectorStoreFile,
            owner=owner,
            parent=vector_store_id,
            key=batch_id,
            status=query.filter,
            limit=query.limit,
            order=query.order,
            **cursors,
        )
        return Page(data=[*self._sized(vector_store_id, page.data)], has_more=page.has_more)

    def _sized(
        self, vector_store_id: str, entries: Sequence[VectorStoreFile]
    ) -> Sequence[VectorStoreFile]:
        """Return entries with their current size: vectors come after a file is completed."""
        try:
            sizes = self.index.sizes(vector_store_id, [each.id for each in entries])
        except IndexUnavailable:
            # The files are there all the same; searches say what is wrong.
            sizes = {}
        return [each.changed(usage_bytes=sizes.get(each.id, 0)) for each in entries]

    async def get(self, vector_store_file: VectorStoreFile) -> VectorStoreFile:
        """Return one file of a vector store."""
        parent = vector_store_file.vector_store_id
        (sized,) = await asyncio.to_thread(self._sized, parent, [vector_store_file])
        return sized

    async def modify(
        self, vector_store_file: VectorStoreFile, body: ModifyVectorStoreFile
    ) -> VectorStoreFile:
        """Replace a file's attributes."""
        return await self.get(
            await self.ingestion.describe(vector_store_file, body.attributes or {})
        )

    async def delete(self, vector_store_id: str, file_id: str) -> Deleted:
        """Remove a file from a vector store; the file itself stays."""
        await self.ingestion.remove(vector_store_id, file_id)
        return Deleted(id=file_id, object="vector_store.file.deleted")

    async def content(self, vector_store_id: str, file_id: str) -> FileContent:
        """Return a file's text as it was parsed; no text until that is done."""
        blocks = await asyncio.to_thread(self.index.blocks, vector_store_id, file_id)
        return FileContent(data=[TextPart(text=block.text) for block in blocks])
