"""Batches of files that a vector store ingests together (docs/internals/protocol.md, "Vector stores")."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from jupyter_assistants.api.attachments import Attachments
from jupyter_assistants.api.objects import Objects
from jupyter_assistants.api.vector_store_files import VectorStoreFiles
from jupyter_assistants.api.vector_stores import VectorStores
from jupyter_assistants.protocol.ids import FILE_BATCH, new_id, now
from jupyter_assistants.protocol.pages import Page
from jupyter_assistants.protocol.vector_stores import (
    CreateVectorStoreFileBatch,
    VectorStore,
    VectorStoreFile,
    VectorStoreFileBatch,
    VectorStoreFilePageQuery,
)
from jupyter_assistants.retrieval.ingestion.queue import Ingestion
from jupyter_assistants.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class FileBatches:
    """Operations on batches."""

    objects: Objects
    attachments: Attachments
    vector_stores: VectorStores
    files: VectorStoreFiles
    ingestion: Ingestion
    work: UnitOfWork

    async def create(
        self, owner: str, vector_store: VectorStore, body: CreateVectorStoreFileBatch
    ) -> VectorStoreFileBatch:
        """Attach several files at once."""
        batch = VectorStoreFileBatch(
            id=new_id(FILE_BATCH), created_at=now(), vector_store_id=vector_store.id
        )
        param = "files" if body.files is not None else "file_ids"
        entries = await self.attachments.entries(
            owner, vector_store.id, body.each(), param=param, batch_id=batch.id
        )
        await self.vector_stores.check_not_expired(vector_store)
        await self.work.commit(batch, *entries, owner=owner)
        return await self.get(batch)

    async def get(self, batch: VectorStoreFileBatch) -> VectorStoreFileBatch:
        """Return one batch."""
        counts = await asyncio.to_thread(self.vector_stores.counts, batch.vector_store_id, batch.id)
        return batch.counted(counts)

    async def cancel(self, owner: str, batch: VectorStoreFileBatch) -> VectorStoreFileBatch:
        """Cancel the files that are not ingested yet."""
        await self.ingestion.cancel(batch)
        return await self.get(await self.objects.get(VectorStoreFileBatch, batch.id, owner))

    async def list_files(
        self, owner: str, batch: VectorStoreFileBatch, query: VectorStoreFilePageQuery
    ) -> Page[VectorStoreFile]:
        """Return a page of a batch's files."""
        return await asyncio.to_thread(
            self.files.page, owner, batch.vector_store_id, query, batch.id
        )
