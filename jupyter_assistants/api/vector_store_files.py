"""Operations on the files of vector stores and on batches (protocol.md 4.9, 4.10 and 7.10)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from jupyter_assistants.api.vector_stores import VectorStoreOperations
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.ids import FILE_BATCH, new_id, now
from jupyter_assistants.protocol.pages import Deleted, Page
from jupyter_assistants.protocol.vector_stores import (
    CreateVectorStoreFile,
    CreateVectorStoreFileBatch,
    FileContent,
    ModifyVectorStoreFile,
    TextPart,
    VectorStoreFile,
    VectorStoreFileBatch,
    VectorStoreFilePageQuery,
    entry_id,
)


class VectorStoreFileOperations(VectorStoreOperations):
    """Attach, list, get, modify, read and remove files of vector stores, one by one or batched."""

    async def create_vector_store_file(
        self, owner: str, vector_store_id: str, body: CreateVectorStoreFile
    ) -> VectorStoreFile:
        """Attach a file. One that is attached already is ingested anew."""
        entries = await self.entries(owner, vector_store_id, [body], param="file_id")
        await self.usable_store(owner, vector_store_id)
        await self.work.commit(*entries, owner=owner)
        return entries[0]

    async def list_vector_store_files(
        self, owner: str, vector_store_id: str, query: VectorStoreFilePageQuery
    ) -> Page[VectorStoreFile]:
        """Return a page of a vector store's files."""
        return await asyncio.to_thread(self._entries_page, owner, vector_store_id, query)

    def _entries_page(
        self,
        owner: str,
        vector_store_id: str,
        query: VectorStoreFilePageQuery,
        batch_id: str | None = None,
    ) -> Page[VectorStoreFile]:
        cursors = {
            side: entry_id(vector_store_id, file_id)
            for side, file_id in (("after", query.after), ("before", query.before))
            if file_id is not None
        }
        for cursor in cursors.values():
            self._entry_at(cursor)
        page = self.storage.list(
            VectorStoreFile,
            owner=owner,
            parent=vector_store_id,
            key=batch_id,
            status=query.filter,
            limit=query.limit,
            order=query.order,
            **cursors,
        )
        return Page(data=self._sized(vector_store_id, page.data), has_more=page.has_more)

    def _sized(
        self, vector_store_id: str, entries: Sequence[VectorStoreFile]
    ) -> list[VectorStoreFile]:
        """Return entries with what they take by now: vectors come after a file is completed."""
        sizes = self.index.sizes(vector_store_id, [each.id for each in entries])
        return [each.changed(usage_bytes=sizes.get(each.id, 0)) for each in entries]

    def _entry_at(self, storage_id: str) -> VectorStoreFile:
        try:
            return self.storage.get(VectorStoreFile, storage_id)
        except NotFound:
            parent, _, file_id = storage_id.partition("/")
            raise NotFound.of(VectorStoreFile.kind, file_id, parent=parent) from None

    async def get_vector_store_file(
        self, owner: str, vector_store_id: str, file_id: str
    ) -> VectorStoreFile:
        """Return one file of a vector store."""

        def shown() -> VectorStoreFile:
            entry = self._entry_at(entry_id(vector_store_id, file_id))
            return self._sized(vector_store_id, [entry])[0]

        return await asyncio.to_thread(shown)

    async def modify_vector_store_file(
        self, owner: str, vector_store_id: str, file_id: str, body: ModifyVectorStoreFile
    ) -> VectorStoreFile:
        """Replace a file's attributes."""
        entry = await asyncio.to_thread(self._entry_at, entry_id(vector_store_id, file_id))
        changed = await self.ingestion.describe(entry, body.attributes or {})
        (shown,) = await asyncio.to_thread(self._sized, vector_store_id, [changed])
        return shown

    async def delete_vector_store_file(
        self, owner: str, vector_store_id: str, file_id: str
    ) -> Deleted:
        """Take a file out of a vector store; the file itself stays."""
        await self.ingestion.remove(vector_store_id, file_id)
        return Deleted(id=file_id, object="vector_store.file.deleted")

    async def get_vector_store_file_content(
        self, owner: str, vector_store_id: str, file_id: str
    ) -> FileContent:
        """Return a file's text as it was parsed; nothing before that is done."""

        def content() -> FileContent:
            blocks = self.index.blocks(vector_store_id, file_id)
            return FileContent(data=[TextPart(text=block.text) for block in blocks])

        return await asyncio.to_thread(content)

    # -- batches --------------------------------------------------------------------------------

    async def create_file_batch(
        self, owner: str, vector_store_id: str, body: CreateVectorStoreFileBatch
    ) -> VectorStoreFileBatch:
        """Attach several files at once."""
        batch = VectorStoreFileBatch(
            id=new_id(FILE_BATCH), created_at=now(), vector_store_id=vector_store_id
        )
        param = "files" if body.files is not None else "file_ids"
        entries = await self.entries(
            owner, vector_store_id, body.each(), param=param, batch_id=batch.id
        )
        await self.usable_store(owner, vector_store_id)
        await self.work.commit(batch, *entries, owner=owner)
        return await self.get_file_batch(owner, vector_store_id, batch.id)

    async def get_file_batch(
        self, owner: str, vector_store_id: str, batch_id: str
    ) -> VectorStoreFileBatch:
        """Return one batch."""

        def shown() -> VectorStoreFileBatch:
            batch = self.storage.get(VectorStoreFileBatch, batch_id, owner=owner)
            return batch.counted(self.counts(vector_store_id, batch_id))

        return await asyncio.to_thread(shown)

    async def cancel_file_batch(
        self, owner: str, vector_store_id: str, batch_id: str
    ) -> VectorStoreFileBatch:
        """Cancel what is not done yet."""
        batch = await self.get(VectorStoreFileBatch, batch_id, owner)
        await self.ingestion.cancel(batch)
        return await self.get_file_batch(owner, vector_store_id, batch_id)

    async def list_file_batch_files(
        self, owner: str, vector_store_id: str, batch_id: str, query: VectorStoreFilePageQuery
    ) -> Page[VectorStoreFile]:
        """Return a page of a batch's files."""
        return await asyncio.to_thread(self._entries_page, owner, vector_store_id, query, batch_id)
