"""Operations on files and models (protocol.md sections 4.6, 4.11 and 7.9)."""

from __future__ import annotations

import asyncio
from typing import BinaryIO

from jupyter_assistants.api.base import Operations, merged
from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.files import (
    CreateFile,
    File,
    FileExpiration,
    FileExtension,
    Purpose,
)
from jupyter_assistants.protocol.ids import FILE, new_id, now
from jupyter_assistants.protocol.pages import Deleted, FilePageQuery, Model, Page
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tools import ToolResources
from jupyter_assistants.storage.base import Blob, FileWriter


class FileOperations(Operations):
    """Upload, list, get, download and delete files; list models."""

    def write_file(self) -> FileWriter:
        """Open a new file for writing. Blocking, as the writer's methods are."""
        return self.storage.write_file()

    async def create_file(self, owner: str, filename: str, body: CreateFile, blob: Blob) -> File:
        """Make a file of bytes that are in the storage."""
        file = new_file(filename, body.purpose, blob, body.expires_after)
        await self.put(file, owner=owner)
        return file

    async def list_files(self, owner: str, query: FilePageQuery) -> Page[File]:
        """Return a page of files."""
        return await self.page(File, owner, query, key=query.purpose)

    async def get_file(self, owner: str, file_id: str) -> File:
        """Return one file."""
        return await self.get(File, file_id, owner)

    async def open_file(self, owner: str, file_id: str) -> tuple[File, BinaryIO]:
        """Return a file and its bytes."""
        file = await self.get(File, file_id, owner)
        return file, await asyncio.to_thread(self.storage.open_file, file.jupyter.sha256)

    async def delete_file(self, owner: str, file_id: str) -> Deleted:
        """Delete a file, and take it out of every tool's resources."""
        await self.get(File, file_id, owner)
        await self.drop_file(owner, file_id)
        return Deleted(id=file_id, object="file")

    async def drop_file(self, owner: str, file_id: str) -> None:
        """Remove a file, its bytes, and every mention of it in a tool's resources."""
        await asyncio.to_thread(self._forget_file, owner, file_id)
        await self.ingestion.forget(owner, file_id)
        await asyncio.to_thread(self.storage.delete, file_id)

    async def drop_gone(self) -> None:
        """Remove what counts as deleted because its time has passed."""
        while gone := await asyncio.to_thread(self.storage.gone):
            for each in gone:
                if each.kind == File.kind:
                    await self.drop_file(each.owner, each.id)
                else:
                    await asyncio.to_thread(self.storage.delete, each.id)

    def _forget_file(self, owner: str, file_id: str) -> None:
        for assistant in self.every(Assistant, owner):
            self._take_out(assistant, owner, file_id)
        for thread in self.every(Thread, owner):
            self._take_out(thread, owner, file_id)

    def _take_out(self, holder: Assistant | Thread, owner: str, file_id: str) -> None:
        code = holder.tool_resources.code_interpreter
        if code is not None and file_id in code.file_ids:
            ids = [kept for kept in code.file_ids if kept != file_id]
            new = ToolResources(code_interpreter=code.model_copy(update={"file_ids": ids}))
            resources = merged(holder.tool_resources, new)
            self.storage.save(holder.changed(tool_resources=resources), owner=owner)

    async def list_models(self, owner: str) -> list[Model]:
        """Return the models that can be asked for, the default first."""
        return await self.models.list()

    async def get_model(self, owner: str, model: str) -> Model:
        """Return one model."""
        return await self.models.get(model)


def new_file(filename: str, purpose: Purpose, blob: Blob, expiry: FileExpiration | None) -> File:
    """Return a file of bytes that are in the storage, not stored yet itself."""
    created = now()
    return File(
        id=new_id(FILE),
        created_at=created,
        bytes=blob.bytes,
        filename=filename,
        purpose=purpose,
        expires_at=created + expiry.seconds if expiry else None,
        jupyter=FileExtension(sha256=blob.sha256),
    )
