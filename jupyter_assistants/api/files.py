"""Files (docs/internals/protocol.md, "Files and uploads")."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from jupyter_assistants.api.answers import Download
from jupyter_assistants.api.forms import ReceivedFile
from jupyter_assistants.api.objects import Objects, merged
from jupyter_assistants.data_files import first_rows_of, has_first_rows
from jupyter_assistants.data_files.description import HEAD_BYTES
from jupyter_assistants.kernels.attached_files import is_loaded_unasked
from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.documents import TableHead
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.files import (
    CreateFile,
    File,
    FileExpiration,
    FileExtension,
    Purpose,
)
from jupyter_assistants.protocol.ids import FILE, new_id, now
from jupyter_assistants.protocol.pages import Deleted, FilePageQuery, Page
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tools import ToolResources
from jupyter_assistants.retrieval.ingestion.queue import Ingestion
from jupyter_assistants.storage.base import Blob

_PREVIEWED_ROWS = 20


@dataclass(frozen=True)
class Files:
    """Operations on files."""

    objects: Objects
    ingestion: Ingestion

    async def create(self, owner: str, fields: CreateFile, received: ReceivedFile) -> File:
        """Create a file from bytes that are in storage."""
        # In a thread: the first name of a module has all installed packages listed.
        file = await asyncio.to_thread(
            new_file, received.filename, fields.purpose, received.blob, fields.expires_after
        )
        await self.objects.save(file, owner=owner)
        return file

    async def list(self, owner: str, query: FilePageQuery) -> Page[File]:
        """Return a page of files."""
        return await self.objects.page(File, owner, query, key=query.purpose)

    async def get(self, file: File) -> File:
        """Return one file."""
        return file

    async def open(self, file: File) -> Download:
        """Return a file's bytes."""
        content = await asyncio.to_thread(self.objects.storage.open_file, file.jupyter.sha256)
        return Download(file.filename, file.bytes, content)

    async def table(self, file: File) -> TableHead:
        """Return the first rows of a table in text, and how pandas reads it. Extension.

        Raises
        ------
        InvalidRequest
            If the file is no table in text, by its name.
        """
        if not has_first_rows(file.filename):
            text = (
                f"{file.filename} has no preview: only tables in text have one, such as CSV files."
            )
            raise InvalidRequest(text, code="unsupported_file")
        # In a thread: what is linear in a file does not belong on the event loop.
        return await asyncio.to_thread(self._table, file)

    def _table(self, file: File) -> TableHead:
        with self.objects.storage.open_file(file.jupyter.sha256) as content:
            head = content.read(HEAD_BYTES)
        found = first_rows_of(
            file.filename, head, whole=len(head) >= file.bytes, most=_PREVIEWED_ROWS
        )
        name = file.filename.rpartition("/")[2]
        return TableHead(
            header=found.header,
            rows=found.rows,
            more=found.more,
            code="\n".join(found.reading.code("table", name)),
            remarks=list(found.reading.remarks),
        )

    async def delete(self, owner: str, file: File) -> Deleted:
        """Delete a file, and take it out of every tool's resources."""
        await self._remove(owner, file.id)
        return Deleted(id=file.id, object="file")

    async def delete_expired(self) -> None:
        """Delete the objects whose time has passed; they count as deleted already."""
        storage = self.objects.storage
        while gone := await asyncio.to_thread(storage.expired):
            for each in gone:
                if each.kind == File.kind:
                    await self._remove(each.owner, each.id)
                else:
                    await self.objects.delete(each.id)

    async def _remove(self, owner: str, file_id: str) -> None:
        """Delete a file, its bytes, and every mention of it in a tool's resources."""
        # The file goes last: after a crash in between, deleting it again finishes the work.
        await asyncio.to_thread(self._remove_mentions, owner, file_id)
        await self.ingestion.forget(owner, file_id)
        await self.objects.delete(file_id)

    def _remove_mentions(self, owner: str, file_id: str) -> None:
        for assistant in self.objects.every(Assistant, owner):
            self._remove_mention(assistant, owner, file_id)
        for thread in self.objects.every(Thread, owner):
            self._remove_mention(thread, owner, file_id)

    def _remove_mention(self, holder: Assistant | Thread, owner: str, file_id: str) -> None:
        code = holder.tool_resources.code_interpreter
        if code is not None and file_id in code.file_ids:
            ids = [other for other in code.file_ids if other != file_id]
            new = ToolResources(code_interpreter=code.model_copy(update={"file_ids": ids}))
            resources = merged(holder.tool_resources, new)
            self.objects.storage.save(holder.changed(tool_resources=resources), owner=owner)


def new_file(filename: str, purpose: Purpose, blob: Blob, expiry: FileExpiration | None) -> File:
    """Return a file for bytes that are in storage, not stored yet itself."""
    created = now()
    return File(
        id=new_id(FILE),
        created_at=created,
        bytes=blob.bytes,
        filename=filename,
        purpose=purpose,
        expires_at=created + expiry.seconds if expiry else None,
        jupyter=FileExtension(sha256=blob.sha256, apart=is_loaded_unasked(filename) or None),
    )
