"""The ingestion queue: attached files are read, cut and indexed in the background.

The queue is in the storage: an entry is stored as ``in_progress`` before the request that attached it
is answered, and stays so until it is done. Whoever ingests it holds a lease on it. What a dead
process left behind is taken up by any other one on the same database.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from jupyter_assistants.protocol.errors import (
    AssistantsError,
    NotFound,
    StorageUnavailable,
)
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.filters import Scalar
from jupyter_assistants.protocol.vector_stores import (
    FileError,
    VectorStoreFile,
    VectorStoreFileBatch,
    entry_id,
)
from jupyter_assistants.retrieval.base import (
    Block,
    DocumentReader,
    IndexedDocument,
    IndexIncomplete,
    IndexUnavailable,
    SearchIndex,
    source_of,
)
from jupyter_assistants.retrieval.blocks import Unreadable
from jupyter_assistants.retrieval.ingestion.cleanup import IndexCleanup
from jupyter_assistants.retrieval.ingestion.entries import (
    LEASE_SECONDS,
    Entries,
    cancelled,
    ended_as,
    is_of,
)
from jupyter_assistants.retrieval.ingestion.index_check import IndexCheck
from jupyter_assistants.retrieval.ingestion.progress import Progress
from jupyter_assistants.retrieval.ingestion.schedule import QUICK_SECONDS, FileSchedule, slots
from jupyter_assistants.storage.background import BackgroundLoop
from jupyter_assistants.storage.base import Claim, Storage
from jupyter_assistants.storage.renewal import held_lease

log = logging.getLogger(__name__)

CONCURRENT_VIEWS = 4
"""How many files that are in no vector store are read at a time, to be shown."""
SWEEP_SECONDS = 30.0
CHECK_SECONDS = 2.0
"""How often this looks whether the index is still the same one."""
PATIENCE_SECONDS = 300.0
"""How long new files wait for an index that cannot be used, before they fail."""


class Ingestion:
    """Everything that changes what vector stores hold goes through here.

    Entries and index are changed together, by one thread at a time, so that a result that comes
    late meets the entry as it is by then: deleted, cancelled, or attached anew. Other processes
    are held off by :meth:`.Storage.replace`.
    """

    def __init__(self, storage: Storage, index: SearchIndex, reader: DocumentReader) -> None:
        self.progress = Progress()
        self._storage = storage
        self._entries = Entries(storage)
        self._index = index
        self._reader = reader
        self._lock = threading.Lock()
        self.cleanup = IndexCleanup(storage, index, self._lock)
        self._check = IndexCheck(index, self.cleanup, self._sweep)
        # The index has one writer. Who waits for it here takes none of the threads of everybody.
        self._writing = asyncio.Lock()
        self._viewing = asyncio.Semaphore(CONCURRENT_VIEWS)
        self._queue = FileSchedule(slots())
        self._tasks: dict[str, tuple[VectorStoreFile, asyncio.Task[None]]] = {}
        self._stopping: set[asyncio.Task[None]] = set()
        self._set_back: set[str] = set()
        self._background = [
            BackgroundLoop("sweep of waiting files", self._sweep, seconds=SWEEP_SECONDS),
            BackgroundLoop(
                "check of the search index",
                self._check.run,
                seconds=CHECK_SECONDS,
                delay=0.0,
                longest_retry=CHECK_SECONDS,
            ),
        ]
        self._closed = False
        self._waiting_since: dict[str, float] = {}

    def supports(self, filename: str) -> bool:
        """Return whether a file with this name can be made searchable."""
        return self._reader.supports(filename)

    async def parsed(self, file: File) -> Sequence[Block]:
        """Return a file's text; one that is in no vector store is read now.

        Raises
        ------
        Unreadable
            If it cannot be read.
        """
        source = source_of(file.jupyter.sha256, file.filename)
        with contextlib.suppress(IndexUnavailable):
            if known := await asyncio.to_thread(self._index.parsed, source):
                return known
        if not self.supports(file.filename):
            raise Unreadable("unsupported_file", "Files of this type have no text to be shown.")
        async with self._viewing:
            with await asyncio.to_thread(self._storage.open_file, file.jupyter.sha256) as content:
                return await self._reader.read(file.filename, content)

    def check_searchable(self, vector_store_ids: Sequence[str]) -> None:
        """Check that the index has every file of these vector stores that it should have. Blocking.

        Raises
        ------
        IndexIncomplete
            If it lacks some; they are looked for soon, and ingested again.
        """
        try:
            self.cleanup.check_searchable(vector_store_ids)
        except IndexIncomplete:
            self._check.suspect()
            raise

    # -- what requests do -----------------------------------------------------------------------

    def enqueue(self, entries: Sequence[VectorStoreFile], owner: str) -> None:
        """Begin with files of vector stores that were just committed; never blocks."""
        for entry in entries:
            if entry.status == "in_progress":
                self._enqueue(entry, owner)
        self._start_next()

    async def describe(
        self, entry: VectorStoreFile, attributes: Mapping[str, Scalar]
    ) -> VectorStoreFile:
        """Replace the attributes of a vector store's file."""

        def change() -> VectorStoreFile:
            with self._lock:
                fresh = self._entries.change(
                    entry.storage_id, lambda found: found.changed(attributes=dict(attributes))
                )
                if fresh is None:
                    raise NotFound.of(VectorStoreFile.kind, entry.id)
                try:
                    self._index.describe(entry.vector_store_id, entry.id, attributes)
                except IndexUnavailable:
                    # The entry has them, and the next check compares.
                    self._check.suspect()
                return fresh

        return await asyncio.to_thread(change)

    async def cancel(self, batch: VectorStoreFileBatch) -> None:
        """Cancel what is not done of a batch; a batch without such files stays as it is."""
        for entry in await asyncio.to_thread(self._cancel, batch):
            self._stop(entry)
        self._start_next()

    def _cancel(self, batch: VectorStoreFileBatch) -> list[VectorStoreFile]:
        with self._lock:
            waiting = list(self._entries.waiting(batch.vector_store_id, batch.id))
            if waiting:
                owner = self._storage.owner_of(batch.id)
                self._storage.save(batch.changed(was_cancelled=True), owner=owner)
            ended = [self._entries.change(each.storage_id, cancelled) for each in waiting]
            for entry in filter(None, ended):
                self._entries.revoke(entry)
                self._unindex(entry.vector_store_id, entry.id)
            return waiting

    def _unindex(self, vector_store_id: str, file_id: str | None) -> None:
        """Remove documents from the index now, or when it can be used again."""
        try:
            self._index.remove(vector_store_id, file_id)
        except IndexUnavailable as error:
            # Their entries are gone, so the next check finds them.
            self._check.suspect()
            log.warning("%s is removed from the search index later: %s", vector_store_id, error)

    async def remove(self, vector_store_id: str, file_id: str | None = None) -> None:
        """Delete a vector store's file, or the vector store; the files themselves stay."""

        def delete() -> None:
            with self._lock:
                # First, so that a crash leaves an entry without text, which can be deleted again,
                # and never text without an entry; and last, because another process may have put
                # the file there in between.
                self._unindex(vector_store_id, file_id)
                self._storage.delete(
                    entry_id(vector_store_id, file_id) if file_id else vector_store_id
                )
                self._unindex(vector_store_id, file_id)

        await asyncio.to_thread(delete)
        known = [*self._queue, *(entry for entry, _ in self._tasks.values())]
        for entry in known:
            if entry.vector_store_id == vector_store_id and file_id in (None, entry.id):
                self._stop(entry)
        self._start_next()

    async def forget(self, owner: str, file_id: str) -> None:
        """Remove a deleted file from every vector store of its owner."""
        for vector_store_id in await asyncio.to_thread(self._entries.stores_with, owner, file_id):
            await self.remove(vector_store_id, file_id)

    # -- the queue ------------------------------------------------------------------------------

    def _enqueue(self, entry: VectorStoreFile, owner: str) -> None:
        self._stop(entry)
        self._queue.add(entry, owner)
        self.progress.add(entry)

    def _start_next(self) -> None:
        if self._closed:
            return
        while (entry := self._queue.next_file()) is not None:
            task = asyncio.create_task(self._ingest(entry))
            self._tasks[entry.storage_id] = (entry, task)
            task.add_done_callback(functools.partial(self._done, entry))
            # It may make way for others by then.
            asyncio.get_running_loop().call_later(QUICK_SECONDS + 0.1, self._start_next)
        self._make_room()

    def _make_room(self) -> None:
        """Set one file back if all places are taken by files that take long, and others wait."""
        if self._set_back:
            return
        for entry in self._queue.in_the_way():
            # What is read already is done soon, and would be read for nothing.
            if self.progress.state_of(entry).stage == "reading":
                # It waits again once its lease is released: it could not be acquired before.
                self._set_back.add(entry.storage_id)
                self._tasks[entry.storage_id][1].cancel()
                return

    def _stop(self, entry: VectorStoreFile) -> None:
        self._queue.discard(entry.storage_id)
        _, task = self._tasks.pop(entry.storage_id, (None, None))
        if task is not None:
            task.cancel()
            # It still has its lease to give back.
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)
            self._queue.release(entry.storage_id)
        self.progress.remove(entry, ended=False)

    def _done(self, entry: VectorStoreFile, task: asyncio.Task[None]) -> None:
        is_set_back = entry.storage_id in self._set_back
        self._set_back.discard(entry.storage_id)
        if self._tasks.get(entry.storage_id, (None, None))[1] is task:
            del self._tasks[entry.storage_id]
            if is_set_back:
                self._queue.set_back(entry.storage_id)
                self.progress.add(entry)
            else:
                self._queue.release(entry.storage_id)
                self.progress.remove(entry, ended=True)
            self._start_next()
        if not task.cancelled() and task.exception() is not None:
            log.error("the state of %s is lost", entry.storage_id, exc_info=task.exception())

    # -- the work -------------------------------------------------------------------------------

    async def _ingest(self, queued: VectorStoreFile) -> None:
        acquire = functools.partial(self._claim, queued)
        async with held_lease(self._storage, acquire, seconds=LEASE_SECONDS) as lease:
            if lease is None:
                return
            # A task of its own: whatever it ends with, the file does not stay in progress.
            reading = asyncio.create_task(self._read(queued))
            try:
                # What was cancelled, deleted or attached anew elsewhere is not worked on any more.
                await asyncio.wait({reading, lease.lost}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                reading.cancel()
                await asyncio.wait({reading})
            if reading.cancelled() or self._is_worth_waiting(queued, reading.exception()):
                return
            outcome = _outcome(queued, reading)
            async with self._writing:
                try:
                    await asyncio.to_thread(self._record, queued, lease.claim, outcome)
                except StorageUnavailable as error:
                    if self._is_worth_waiting(queued, error):
                        return
                    failure = FileError(code="server_error", message=error.message)
                    await asyncio.to_thread(self._record, queued, lease.claim, failure)
                self._waiting_since.pop(queued.storage_id, None)

    def _is_worth_waiting(self, entry: VectorStoreFile, error: BaseException | None) -> bool:
        """Return whether a file stays in progress, because index or storage may be usable again soon.

        The next sweep tries again. What was searchable once waits as long as it takes.
        """
        if not isinstance(error, StorageUnavailable):
            return False
        log.warning("file %s waits: %s", entry.storage_id, error.message)
        since = self._waiting_since.setdefault(entry.storage_id, time.monotonic())
        return entry.restoring or time.monotonic() - since < PATIENCE_SECONDS

    def _claim(self, queued: VectorStoreFile) -> Claim | None:
        return None if self._closed else self._entries.claim(queued)

    async def _read(self, entry: VectorStoreFile) -> IndexedDocument:
        state = self.progress.state_of(entry)
        file = await asyncio.to_thread(self._storage.get, File, entry.id)
        state.filename, state.stage = file.filename, "reading"
        self.progress.notify(entry.vector_store_id)
        # One that is there already is only cut anew.
        blocks = await asyncio.to_thread(self._index.blocks, entry.vector_store_id, entry.id)
        if not blocks:
            with await asyncio.to_thread(self._storage.open_file, file.jupyter.sha256) as content:
                blocks = await self._reader.read(
                    file.filename, content, functools.partial(self.progress.record_parts, entry)
                )
        sizes = None if entry.auto_chunks else entry.chunking_strategy.static
        cut = await self._reader.cut(blocks, sizes)
        state.stage, state.chunks = "indexing", len(cut)
        self.progress.notify(entry.vector_store_id)
        source = source_of(file.jupyter.sha256, file.filename)
        return IndexedDocument(
            entry.vector_store_id,
            file.id,
            file.filename,
            blocks,
            cut,
            source=source,
            attempt=entry.attempt,
        )

    def _record(
        self, entry: VectorStoreFile, claim: Claim, outcome: IndexedDocument | FileError
    ) -> None:
        """Put the document into the index and say so in the entry, unless it is too late."""
        with self._lock:
            try:
                fresh = self._storage.get(VectorStoreFile, entry.storage_id)
            except NotFound:
                return
            if not is_of(fresh, entry):
                return
            ended = self._update_index(fresh, outcome)
            done = self._entries.change(
                entry.storage_id,
                lambda found: ended_as(found, ended) if is_of(found, entry) else None,
                claim=claim,
            )
            if done is None:
                self._undo(entry)
            elif done.attributes != fresh.attributes:
                self._index.describe(entry.vector_store_id, entry.id, done.attributes)

    def _undo(self, entry: VectorStoreFile) -> None:
        """Remove what another process deleted or cancelled while it was indexed here."""
        with contextlib.suppress(NotFound):
            fresh = self._storage.get(VectorStoreFile, entry.storage_id)
            if fresh.attempt != entry.attempt:
                # Attached anew: whoever ingests it replaces what is there.
                return
        self._unindex(entry.vector_store_id, entry.id)

    def _update_index(
        self, entry: VectorStoreFile, outcome: IndexedDocument | FileError
    ) -> VectorStoreFile:
        if isinstance(outcome, IndexedDocument):
            size = self._index.add(replace(outcome, attributes=entry.attributes))
            return entry.changed(status="completed", usage_bytes=size)
        self._unindex(entry.vector_store_id, entry.id)
        return entry.changed(status="failed", last_error=outcome)

    # -- leases and restarts --------------------------------------------------------------------

    async def open(self) -> None:
        """Start what crashed processes left behind, now and with every sweep."""
        # The first call reads the entry points of all installed packages.
        await asyncio.to_thread(self._reader.supports, "")
        await self._sweep()
        for loop in self._background:
            loop.start()

    async def _sweep(self) -> None:
        """Start files of other processes that crashed, and commits that were not announced here."""
        for entry, owner in await asyncio.to_thread(self._entries.free):
            if entry.storage_id not in self._queue:
                self._enqueue(entry, owner)
        self._start_next()

    async def close(self) -> None:
        """Stop; what is not done is left for the next process, or the next service in this one."""
        self._closed = True
        for loop in self._background:
            await loop.close()
        tasks = [*self._stopping, *(task for _, task in self._tasks.values())]
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await asyncio.to_thread(self._reader.close)


def _outcome(
    entry: VectorStoreFile, reading: asyncio.Task[IndexedDocument]
) -> IndexedDocument | FileError:
    error = reading.exception()
    if error is None:
        return reading.result()
    if isinstance(error, Unreadable):
        return FileError(code=error.kind, message=error.message)
    if isinstance(error, AssistantsError):
        return FileError(code="server_error", message=error.message)
    log.error("file %s could not be ingested", entry.storage_id, exc_info=error)
    text = "The server had an internal error. Its log has the details."
    return FileError(code="server_error", message=text)
