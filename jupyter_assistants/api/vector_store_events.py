"""Progress of a vector store while its files are ingested. Extension beyond the hosted API."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from jupyter_assistants.api.objects import Objects
from jupyter_assistants.api.vector_stores import VectorStores
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.events import DONE, Event, Feed
from jupyter_assistants.protocol.ingestion_jobs import (
    PROGRESS_EVENT,
    IngestedFile,
    VectorStoreProgress,
)
from jupyter_assistants.protocol.vector_stores import VectorStore, VectorStoreFile, entry_id
from jupyter_assistants.retrieval.ingestion.progress import FileProgress
from jupyter_assistants.retrieval.ingestion.queue import Ingestion
from jupyter_assistants.storage.pages import every

LEAST_SECONDS = 0.2
"""Between two events of progress: a thousand small files need not be drawn a thousand times."""
POLL_SECONDS = 1.0
"""How often storage is read for what other processes do."""


@dataclass(frozen=True)
class VectorStoreEvents:
    """Streams of the ingestion of a vector store's files."""

    objects: Objects
    vector_stores: VectorStores
    ingestion: Ingestion

    async def stream(self, owner: str, vector_store_id: str) -> Feed:
        """Stream the progress of a vector store until none of its files is in progress. Extension.

        Events: ``vector_store.progress``; for each file that has ended
        ``vector_store.file.completed``, ``.failed`` or ``.cancelled``; at the end ``done``.
        """
        return Feed(self._follow(owner, vector_store_id))

    async def _follow(self, owner: str, vector_store_id: str) -> AsyncIterator[Event]:
        last: VectorStoreProgress | None = None
        with (
            self.ingestion.progress.watch(vector_store_id) as changed,
            contextlib.suppress(NotFound),  # the vector store was deleted
        ):
            open_files = await asyncio.to_thread(self._open_files, vector_store_id)
            while True:
                changed.clear()
                progress = await self._progress(owner, vector_store_id)
                if _timeless(progress) != (last and _timeless(last)):
                    ended, open_files = await asyncio.to_thread(
                        self._ended, vector_store_id, open_files
                    )
                    for entry in ended:
                        yield Event(-1, f"vector_store.file.{entry.status}", entry.wire())
                    yield Event(-1, PROGRESS_EVENT, progress.wire())
                    last = progress
                if not progress.file_counts.in_progress:
                    break
                await asyncio.sleep(LEAST_SECONDS)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await changed.wait()
        yield Event(-1, DONE, "[DONE]")

    async def _progress(self, owner: str, vector_store_id: str) -> VectorStoreProgress:
        def read() -> VectorStore:
            found = self.objects.storage.get(VectorStore, vector_store_id, owner=owner)
            return found.changed(file_counts=self.vector_stores.counts(vector_store_id))

        vector_store = await asyncio.to_thread(read)
        busy = vector_store.file_counts.in_progress
        status: Literal["expired", "in_progress", "completed"]
        status = "expired" if vector_store.is_expired else "in_progress" if busy else "completed"
        progress = self.ingestion.progress
        return VectorStoreProgress(
            vector_store_id=vector_store_id,
            status=status,
            file_counts=vector_store.file_counts,
            files=[_ingested(each) for each in progress.files(vector_store_id)],
            seconds_left=_rounded(progress.seconds_left(vector_store_id)),
        )

    def _open_files(self, vector_store_id: str) -> set[str]:
        """Return the ids of the files in progress. Blocking."""
        waiting = every(
            self.objects.storage, VectorStoreFile, parent=vector_store_id, status="in_progress"
        )
        return {each.id for each in waiting}

    def _ended(
        self, vector_store_id: str, before: set[str]
    ) -> tuple[list[VectorStoreFile], set[str]]:
        """Return the entries that ended since, and what is in progress now. Blocking."""
        left = self._open_files(vector_store_id)
        ended = []
        for file_id in sorted(before - left):
            with contextlib.suppress(NotFound):
                entry = entry_id(vector_store_id, file_id)
                ended.append(self.objects.storage.get(VectorStoreFile, entry))
        return [each for each in ended if each.status != "in_progress"], left


def _ingested(each: FileProgress) -> IngestedFile:
    return IngestedFile(
        file_id=each.entry.id,
        filename=each.filename,
        stage=each.stage,
        done=each.done if each.total else None,
        total=each.total or None,
        chunks=each.chunks or None,
        seconds_left=_rounded(each.seconds_left),
    )


def _timeless(progress: VectorStoreProgress) -> object:
    """Return what is worth an event: everything but the remaining time."""
    files = [each.model_copy(update={"seconds_left": None}) for each in progress.files]
    return progress.model_copy(update={"seconds_left": None, "files": files}).wire()


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
