"""Makes attached files searchable: reads, cuts and indexes them in the background.

A file's entry is stored as ``in_progress`` before the request that attached it is answered; what
follows needs nobody's patience. Entries whose process died are taken up by the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from jupyter_assistants.errors import AssistantsError, NotFound, StoreError
from jupyter_assistants.liveness import is_gone, mark
from jupyter_assistants.schema.base import WireObject
from jupyter_assistants.schema.files import File
from jupyter_assistants.schema.filters import Scalar
from jupyter_assistants.schema.ids import new_id
from jupyter_assistants.schema.vector_stores import (
    FileError,
    VectorStore,
    VectorStoreFile,
    VectorStoreFileBatch,
    entry_id,
)
from jupyter_assistants.search.base import Document, Reader, SearchIndex
from jupyter_assistants.search.blocks import Unreadable
from jupyter_assistants.search.chunking import passages
from jupyter_assistants.store.base import Claim, Store

log = logging.getLogger(__name__)

AT_ONCE = 4
LOOK_AGAIN_SECONDS = 30.0
_PAGE = 500


class Ingestion:
    """Everything that changes what vector stores hold goes through here.

    Entries and index are changed together, by one thread at a time, so that a result that comes
    late meets the entry as it is by then: deleted, cancelled, or attached anew.
    """

    def __init__(self, store: Store, index: SearchIndex, reader: Reader) -> None:
        self._store = store
        self._index = index
        self._reader = reader
        self._turn = threading.Lock()
        self._slots = asyncio.Semaphore(AT_ONCE)
        # One thread at a time computes: more would only take turns with the event loop's.
        self._working = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._looking: asyncio.Task[None] | None = None

    def supports(self, filename: str) -> bool:
        """Say whether a file with this name can be made searchable."""
        return self._reader.supports(filename)

    # -- what requests do -----------------------------------------------------------------------

    async def attach(self, *objects: WireObject, owner: str, claim: Claim | None = None) -> None:
        """Persist objects, and begin with the files of vector stores that are among them."""
        worker = mark()
        stored = [
            each.changed(worker=worker, attempt=new_id(""))
            if isinstance(each, VectorStoreFile)
            else each
            for each in objects
        ]
        await asyncio.to_thread(self._put, stored, owner, claim)
        for each in stored:
            if isinstance(each, VectorStoreFile):
                self._begin(each)

    def _put(self, objects: Sequence[WireObject], owner: str, claim: Claim | None = None) -> None:
        with self._turn:
            self._store.put(*objects, owner=owner, claim=claim)

    async def describe(
        self, entry: VectorStoreFile, attributes: Mapping[str, Scalar]
    ) -> VectorStoreFile:
        """Replace the attributes of a vector store's file."""

        def change() -> VectorStoreFile:
            with self._turn:
                fresh = self._store.get(VectorStoreFile, entry.store_id)
                fresh = fresh.changed(attributes=dict(attributes))
                self._store.put(fresh, owner=self._store.owner_of(entry.store_id))
                self._index.describe(entry.vector_store_id, entry.id, attributes)
                return fresh

        return await asyncio.to_thread(change)

    async def cancel(self, batch: VectorStoreFileBatch) -> None:
        """Cancel what is not done of a batch; a batch without such files stays as it is."""
        for entry in await asyncio.to_thread(self._cancel, batch):
            self._stop(entry.store_id)

    def _cancel(self, batch: VectorStoreFileBatch) -> list[VectorStoreFile]:
        with self._turn:
            waiting = list(self._waiting(batch.vector_store_id, batch.id))
            if waiting:
                owner = self._store.owner_of(batch.id)
                ended = [entry.changed(status="cancelled") for entry in waiting]
                self._store.put(batch.changed(was_cancelled=True), *ended, owner=owner)
                for entry in waiting:
                    self._index.remove(entry.vector_store_id, entry.id)
            return waiting

    async def remove(self, vector_store_id: str, file_id: str | None = None) -> None:
        """Delete a vector store's file, or the vector store; the files themselves stay."""

        def delete() -> None:
            with self._turn:
                self._store.delete(
                    entry_id(vector_store_id, file_id) if file_id else vector_store_id
                )
                self._index.remove(vector_store_id, file_id)

        await asyncio.to_thread(delete)
        prefix = entry_id(vector_store_id, file_id or "")
        for store_id in [each for each in self._tasks if each.startswith(prefix)]:
            self._stop(store_id)

    async def forget(self, owner: str, file_id: str) -> None:
        """Take a file that is deleted out of every vector store of its owner."""
        for vector_store_id in await asyncio.to_thread(self._stores_with, owner, file_id):
            await self.remove(vector_store_id, file_id)

    def _stores_with(self, owner: str, file_id: str) -> list[str]:
        found: list[str] = []
        after: str | None = None
        while True:
            page = self._store.list(VectorStore, owner=owner, limit=_PAGE, after=after)
            for each in page.data:
                with contextlib.suppress(NotFound):
                    self._store.get(VectorStoreFile, entry_id(each.id, file_id))
                    found.append(each.id)
            if not page.has_more:
                return found
            after = page.data[-1].id

    # -- the work -------------------------------------------------------------------------------

    def _begin(self, entry: VectorStoreFile) -> None:
        self._stop(entry.store_id)
        task = asyncio.create_task(self._ingest(entry))
        self._tasks[entry.store_id] = task
        task.add_done_callback(lambda done: self._done(entry, done))

    def _stop(self, store_id: str) -> None:
        task = self._tasks.pop(store_id, None)
        if task is not None:
            task.cancel()

    def _done(self, entry: VectorStoreFile, task: asyncio.Task[None]) -> None:
        if self._tasks.get(entry.store_id) is task:
            del self._tasks[entry.store_id]
        if not task.cancelled() and task.exception() is not None:
            log.error("the state of %s is lost", entry.store_id, exc_info=task.exception())

    async def _ingest(self, entry: VectorStoreFile) -> None:
        async with self._slots:
            # A task of its own: whatever it ends with, the file does not stay in progress.
            reading = asyncio.create_task(self._read(entry))
            try:
                await asyncio.wait({reading})
            finally:
                reading.cancel()
                await asyncio.wait({reading})
            async with self._working:
                await asyncio.to_thread(self._record, entry, _outcome(entry, reading))

    async def _read(self, entry: VectorStoreFile) -> Document:
        file = await asyncio.to_thread(self._store.get, File, entry.id)
        with await asyncio.to_thread(self._store.open_file, file.jupyter.sha256) as content:
            blocks = await self._reader.read(file.filename, content)
        sizes = entry.chunking_strategy.static
        async with self._working:
            cut = await asyncio.to_thread(
                passages,
                blocks,
                size=sizes.max_chunk_size_tokens,
                overlap=sizes.chunk_overlap_tokens,
            )
        return Document(entry.vector_store_id, file.id, file.filename, blocks, cut)

    def _record(self, entry: VectorStoreFile, outcome: Document | FileError) -> None:
        with self._turn:
            try:
                fresh = self._store.get(VectorStoreFile, entry.store_id)
            except NotFound:
                return
            if fresh.attempt != entry.attempt or fresh.status != "in_progress":
                return
            ended = self._index_it(fresh, outcome)
            self._store.put(ended, owner=self._store.owner_of(entry.store_id))

    def _index_it(self, entry: VectorStoreFile, outcome: Document | FileError) -> VectorStoreFile:
        try:
            if isinstance(outcome, Document):
                size = self._index.add(replace(outcome, attributes=entry.attributes))
                return entry.changed(status="completed", usage_bytes=size)
            self._index.remove(entry.vector_store_id, entry.id)
        except StoreError as error:
            outcome = FileError(code="server_error", message=error.message)
        return entry.changed(status="failed", last_error=outcome)

    # -- restarts -------------------------------------------------------------------------------

    async def open(self) -> None:
        """Take up what dead processes left behind, now and again and again."""
        await self._take_up()
        self._looking = asyncio.create_task(self._look_again())

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            await self._take_up()

    async def _take_up(self) -> None:
        for entry in await asyncio.to_thread(self._adopt):
            self._begin(entry)

    def _adopt(self) -> list[VectorStoreFile]:
        """Mark abandoned entries as ours."""
        with self._turn:
            adopted: list[VectorStoreFile] = []
            for entry in self._waiting():
                if not entry.worker or is_gone(entry.worker):
                    ours = entry.changed(worker=mark(), attempt=new_id(""))
                    self._store.put(ours, owner=self._store.owner_of(ours.store_id))
                    adopted.append(ours)
            return adopted

    def _waiting(
        self, parent: str | None = None, batch_id: str | None = None
    ) -> Iterator[VectorStoreFile]:
        after: str | None = None
        more = True
        while more:
            page = self._store.list(
                VectorStoreFile,
                parent=parent,
                key=batch_id,
                status="in_progress",
                limit=_PAGE,
                order="asc",
                after=after,
            )
            yield from page.data
            more = page.has_more
            after = page.data[-1].store_id if page.data else None

    async def close(self) -> None:
        """Stop; what is not done is left for the next process, or the next service in this one."""
        tasks = [*self._tasks.values(), *([self._looking] if self._looking else [])]
        unfinished = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await asyncio.to_thread(self._abandon, unfinished)

    def _abandon(self, store_ids: Sequence[str]) -> None:
        with self._turn:
            for store_id in store_ids:
                with contextlib.suppress(NotFound):
                    entry = self._store.get(VectorStoreFile, store_id)
                    if entry.status == "in_progress":
                        owner = self._store.owner_of(store_id)
                        self._store.put(entry.changed(worker=""), owner=owner)


def _outcome(entry: VectorStoreFile, reading: asyncio.Task[Document]) -> Document | FileError:
    error = reading.exception()
    if error is None:
        return reading.result()
    if isinstance(error, Unreadable):
        return FileError(code=error.kind, message=error.message)
    if isinstance(error, AssistantsError):
        return FileError(code="server_error", message=error.message)
    log.error("file %s could not be ingested", entry.store_id, exc_info=error)
    text = "The server had an internal error. Its log has the details."
    return FileError(code="server_error", message=text)
