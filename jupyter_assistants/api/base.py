"""What every group of operations stands on: the parts, and the checks that all of them make."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from jupyter_assistants.api.model_catalog import Models
from jupyter_assistants.config import Settings
from jupyter_assistants.kernels.base import Executors
from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound, ThreadLocked
from jupyter_assistants.protocol.events import Notices
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.pages import Page, PageQuery
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tools import ToolResources
from jupyter_assistants.protocol.uploads import Upload
from jupyter_assistants.protocol.vector_stores import (
    VectorStore,
    VectorStoreFile,
    VectorStoreFileBatch,
    entry_id,
)
from jupyter_assistants.retrieval.base import SearchIndex
from jupyter_assistants.retrieval.ingestion.queue import Ingestion
from jupyter_assistants.runs.loop import Engine
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.pages import every
from jupyter_assistants.storage.unit_of_work import UnitOfWork

W = TypeVar("W", bound=WireObject)

_PATH_KINDS: dict[str, type[WireObject]] = {
    "assistant_id": Assistant,
    "thread_id": Thread,
    "message_id": Message,
    "run_id": Run,
    "step_id": RunStep,
    "vector_store_id": VectorStore,
    "batch_id": VectorStoreFileBatch,
    "file_id": File,
    "upload_id": Upload,
}
_PATH_PARENTS = {
    "message_id": "thread_id",
    "run_id": "thread_id",
    "step_id": "run_id",
    "batch_id": "vector_store_id",
}


@dataclass
class Operations:
    """The parts that the operations use."""

    settings: Settings
    storage: Storage
    engine: Engine
    executors: Executors
    models: Models
    ingestion: Ingestion
    work: UnitOfWork
    index: SearchIndex
    notices: Notices = field(default_factory=Notices)
    _background: set[asyncio.Task[None]] = field(default_factory=set)

    async def check_parents(self, owner: str, names: Mapping[str, str]) -> None:
        """Check that every id of a path names an object of this owner, under its parent.

        Raises
        ------
        NotFound
            For the first that does not.
        """

        def check() -> None:
            for name, kind in _PATH_KINDS.items():
                if name == "file_id" and "vector_store_id" in names:
                    self._check_entry(owner, names)
                elif name in names:
                    self._check_object(owner, names, name, kind)

        await asyncio.to_thread(check)

    def _check_object(
        self, owner: str, names: Mapping[str, str], name: str, kind: type[WireObject]
    ) -> None:
        id, parent = names[name], names.get(_PATH_PARENTS.get(name, ""), "")
        try:
            found = self.storage.get(kind, id, owner=owner)
        except NotFound:
            raise NotFound.of(kind.kind, id, parent=parent) from None
        if parent and found.parent != parent:
            raise NotFound.of(kind.kind, id, parent=parent)

    def _check_entry(self, owner: str, names: Mapping[str, str]) -> None:
        if "file_id" not in names:
            return
        parent, id = names["vector_store_id"], names["file_id"]
        try:
            self.storage.get(VectorStoreFile, entry_id(parent, id), owner=owner)
        except NotFound:
            raise NotFound.of(VectorStoreFile.kind, id, parent=parent) from None

    async def get(self, kind: type[W], id: str, owner: str) -> W:
        """Return one object of this owner."""
        return await asyncio.to_thread(self.storage.get, kind, id, owner=owner)

    async def put(self, *objects: WireObject, owner: str) -> None:
        """Persist objects."""
        await self.work.commit(*objects, owner=owner)

    async def page(
        self,
        kind: type[W],
        owner: str,
        query: PageQuery,
        *,
        parent: str | None = None,
        key: str | None = None,
    ) -> Page[W]:
        """Return a page of objects of this owner."""
        return await asyncio.to_thread(
            self.storage.list,
            kind,
            owner=owner,
            parent=parent,
            key=key,
            limit=query.limit,
            order=query.order,
            after=query.after,
            before=query.before,
        )

    async def check_files(self, owner: str, ids: list[str], param: str) -> None:
        """Check that file ids named in a body are files of this owner.

        Raises
        ------
        NotFound
            For the first that is not.
        """

        def check() -> None:
            for file_id in ids:
                try:
                    self.storage.get(File, file_id, owner=owner)
                except NotFound:
                    raise NotFound.of("file", file_id, param=param) from None

        await asyncio.to_thread(check)

    async def check_resources(self, owner: str, resources: ToolResources | None) -> None:
        """Check the files that tool resources name."""
        if resources is not None and resources.code_interpreter is not None:
            ids = resources.code_interpreter.file_ids
            await self.check_files(owner, ids, "file_ids")
        if resources is not None and resources.file_search is not None:
            for id in resources.file_search.vector_store_ids:
                try:
                    await self.get(VectorStore, id, owner)
                except NotFound:
                    raise NotFound.of("vector_store", id, param="vector_store_ids") from None

    def every(self, kind: type[W], owner: str) -> Iterator[W]:
        """Return all objects of a kind of this owner, page by page. Blocking."""
        return every(self.storage, kind, owner=owner)

    def steps_of(self, run_id: str) -> Iterator[RunStep]:
        """Return the steps of a run, oldest first. Blocking."""
        return every(self.storage, RunStep, parent=run_id, order="asc")

    async def check_free(self, thread_id: str, *, adding: bool) -> None:
        """Check that no run is active on a thread.

        Raises
        ------
        ThreadLocked
            With the protocol's text for new messages (``adding``) or for a second run.
        """
        lease = await asyncio.to_thread(self.storage.lease, thread_id)
        if lease is not None:
            raise ThreadLocked(thread_id, lease.subject, adding=adding)


def merged(old: ToolResources, new: ToolResources) -> ToolResources:
    """Return tool resources after an update: a tool that is given replaces its entry."""
    given = {name: value for name, value in new if value is not None}
    return old.model_copy(update=given)


def limit_files(resources: ToolResources) -> None:
    """Check that attachments did not bring more files than the code interpreter takes.

    Raises
    ------
    InvalidRequest
        Above 20 files.
    """
    files = resources.code_interpreter.file_ids if resources.code_interpreter else []
    if len(files) > 20:
        text = (
            "Invalid 'attachments': array too long. Expected an array with maximum length 20, "
            f"but got an array with length {len(files)} instead."
        )
        raise InvalidRequest(text, param="attachments", code="array_above_max_length")
