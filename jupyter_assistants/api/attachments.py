"""Files that become searchable through vector stores, threads and messages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from jupyter_assistants.api.objects import Objects, check_file_count, merged
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.ids import VECTOR_STORE, new_id, now
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tools import (
    CodeInterpreterResources,
    FileSearchResources,
    ToolResources,
    ToolResourcesInput,
)
from jupyter_assistants.protocol.vector_stores import (
    HELPER_DAYS,
    CreateVectorStoreFile,
    StaticChunkingInput,
    VectorStore,
    VectorStoreExpiration,
    VectorStoreFile,
    chosen,
    entry_id,
)
from jupyter_assistants.retrieval.ingestion.queue import Ingestion

_REFUSED = (
    "Files with extensions [{}] are not supported for retrieval. See "
    "https://platform.openai.com/docs/assistants/tools/file-search/supported-files"
)
_HELPER_EXPIRATION = VectorStoreExpiration(anchor="last_active_at", days=HELPER_DAYS)


@dataclass(frozen=True)
class Attachments:
    """Builder of vector stores and their entries. Nothing here persists them."""

    objects: Objects
    ingestion: Ingestion

    async def entries(
        self,
        owner: str,
        vector_store_id: str,
        files: Sequence[CreateVectorStoreFile],
        *,
        param: str = "file_ids",
        batch_id: str | None = None,
    ) -> list[VectorStoreFile]:
        """Check files and return their entries for a vector store; the last one of an id counts.

        Raises
        ------
        NotFound
            If an id is no file of this owner.
        InvalidRequest
            If a file is of a type that cannot be searched.
        """
        wanted = {each.file_id: each for each in files}
        await self.objects.check_files(owner, list(wanted), param)
        found = await asyncio.to_thread(self._files, list(wanted))
        self._check_types(found, param)
        return await asyncio.to_thread(
            lambda: [
                self._entry(vector_store_id, file, wanted[file.id], batch_id) for file in found
            ]
        )

    def _files(self, ids: Sequence[str]) -> list[File]:
        return [self.objects.storage.get(File, file_id) for file_id in ids]

    def _check_types(self, files: Iterable[File], param: str) -> None:
        refused = [each.filename for each in files if not self.ingestion.supports(each.filename)]
        if refused:
            kinds = dict.fromkeys(PurePath(name).suffix.lower() or "none" for name in refused)
            text = _REFUSED.format(", ".join(kinds))
            raise InvalidRequest(text, param=param, code="unsupported_file")

    def _entry(
        self,
        vector_store_id: str,
        file: File,
        wanted: CreateVectorStoreFile,
        batch_id: str | None,
    ) -> VectorStoreFile:
        created_at = now()
        try:
            # An entry that is attached again keeps its position: lists are in order of creation.
            entry = entry_id(vector_store_id, wanted.file_id)
            created_at = self.objects.storage.get(VectorStoreFile, entry).created_at
        except NotFound:
            pass
        return VectorStoreFile(
            id=wanted.file_id,
            created_at=created_at,
            vector_store_id=vector_store_id,
            chunking_strategy=chosen(wanted.chunking_strategy),
            auto_chunks=not isinstance(wanted.chunking_strategy, StaticChunkingInput),
            attributes=wanted.attributes,
            batch_id=batch_id,
            size=file.bytes,
            attempt=new_id(""),
        )

    async def with_stores(
        self, owner: str, resources: ToolResourcesInput, *, lasting: bool = False
    ) -> tuple[ToolResources, list[WireObject]]:
        """Return the resources of a new assistant or thread, and the objects that come with them.

        Parameters
        ----------
        lasting
            Whether a vector store that is created along never expires, as an assistant's.
        """
        search = resources.file_search
        ids = FileSearchResources(vector_store_ids=search.vector_store_ids) if search else None
        plain = ToolResources(code_interpreter=resources.code_interpreter, file_search=ids)
        await self.objects.check_resources(owner, plain)
        if search is None or not search.vector_stores:
            return plain, []
        helper = search.vector_stores[0]
        created = _new_store(lasting).changed(metadata=helper.metadata)
        files = [
            CreateVectorStoreFile(file_id=file_id, chunking_strategy=helper.chunking_strategy)
            for file_id in helper.file_ids
        ]
        entries = await self.entries(owner, created.id, files)
        return _naming(plain, created.id), [created, *entries]

    async def with_attachments(
        self, owner: str, thread: Thread, messages: Sequence[Message]
    ) -> tuple[Thread, list[WireObject]]:
        """Return the thread with the messages' files among its resources.

        Files for file_search go into the thread's vector store. Where there is none, one comes
        with the result, and the entries of the files do in any case.
        """
        thread = _with_code_files(thread, messages)
        ids = _attached(messages, "file_search")
        if not ids:
            return thread, []
        search = thread.tool_resources.file_search
        named = search.vector_store_ids if search else []
        created = [] if named else [_new_store(lasting=False)]
        vector_store_id = named[0] if named else created[0].id
        new = await asyncio.to_thread(self._not_yet_in, vector_store_id, ids)
        files = [CreateVectorStoreFile(file_id=file_id) for file_id in new]
        entries = await self.entries(owner, vector_store_id, files, param="attachments")
        resources = _naming(thread.tool_resources, vector_store_id)
        return thread.changed(tool_resources=resources), [*created, *entries]

    def _not_yet_in(self, vector_store_id: str, file_ids: Iterable[str]) -> list[str]:
        """Return the files that no entry covers: messages name the same files repeatedly."""
        missing = []
        for file_id in file_ids:
            try:
                entry = self.objects.storage.get(
                    VectorStoreFile, entry_id(vector_store_id, file_id)
                )
            except NotFound:
                missing.append(file_id)
            else:
                if entry.status in ("failed", "cancelled"):
                    missing.append(file_id)
        return missing


def _new_store(lasting: bool) -> VectorStore:
    time = now()
    expires_after = None if lasting else _HELPER_EXPIRATION
    return VectorStore(
        id=new_id(VECTOR_STORE), created_at=time, last_active_at=time, expires_after=expires_after
    )


def _naming(resources: ToolResources, vector_store_id: str) -> ToolResources:
    search = FileSearchResources(vector_store_ids=[vector_store_id])
    return merged(resources, ToolResources(file_search=search))


def _attached(messages: Iterable[Message], tool_type: str) -> list[str]:
    ids = [
        attachment.file_id
        for message in messages
        for attachment in message.attachments or []
        if any(tool.type == tool_type for tool in attachment.tools)
    ]
    return list(dict.fromkeys(ids))


def _with_code_files(thread: Thread, messages: Iterable[Message]) -> Thread:
    attached = _attached(messages, "code_interpreter")
    if not attached:
        return thread
    old = thread.tool_resources.code_interpreter or CodeInterpreterResources()
    ids = list(dict.fromkeys([*old.file_ids, *attached]))
    new = ToolResources(code_interpreter=old.model_copy(update={"file_ids": ids}))
    resources = merged(thread.tool_resources, new)
    check_file_count(resources)
    return thread.changed(tool_resources=resources)
