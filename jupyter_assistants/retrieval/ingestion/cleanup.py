"""What keeps index and vector stores in agreement: no document too many, and none too few.

The index is derived data. What expired or was left by a crash goes out of it; files that it lacks,
because it was lost, damaged or replaced by an older copy, are ingested again.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator, Sequence

from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.ids import new_id, now
from jupyter_assistants.protocol.vector_stores import VectorStore, VectorStoreFile, entry_id
from jupyter_assistants.retrieval.base import IndexEntry, IndexIncomplete, SearchIndex
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.pages import every

log = logging.getLogger(__name__)

GRACE_SECONDS = 60
"""A search that began before a vector store expired may go on, and keep it alive."""
_SEARCHABLE = ("in_progress", "completed")
"""A file in progress may be in the index already: its entry is changed last."""


class IndexCleanup:
    """The removal of stale documents, and the search for missing ones. Every method blocks.

    Parameters
    ----------
    lock
        Held whenever entries and index are changed together.
    """

    def __init__(self, storage: Storage, index: SearchIndex, lock: threading.Lock) -> None:
        self._storage = storage
        self._index = index
        self._lock = lock

    def drop_expired(self) -> None:
        """Clear the index of every vector store that has expired, or is gone."""
        for vector_store_id in self._index.vector_stores():
            self.drop_if_expired(vector_store_id)

    def drop_if_expired(self, vector_store_id: str) -> None:
        """Clear the index of a vector store if its time is over; its files stay."""
        with self._lock:
            if self._is_over(vector_store_id):
                self._index.remove(vector_store_id)

    def _is_over(self, vector_store_id: str) -> bool:
        try:
            ends = self._storage.get(VectorStore, vector_store_id).ends_at
        except NotFound:
            return True
        return ends is not None and ends + GRACE_SECONDS <= now()

    def drop_strays(self) -> None:
        """Clear the index of documents whose entry is gone, or says that they are not there."""
        for vector_store_id, file_id in self._index.documents():
            if not self._belongs(vector_store_id, file_id):
                with self._lock:
                    # It may have been attached since.
                    if not self._belongs(vector_store_id, file_id):
                        self._index.remove(vector_store_id, file_id)

    def _belongs(self, vector_store_id: str, file_id: str) -> bool:
        with contextlib.suppress(NotFound):
            entry = self._storage.get(VectorStoreFile, entry_id(vector_store_id, file_id))
            return entry.status in _SEARCHABLE
        return False

    # -- documents that are missing -------------------------------------------------------------

    def count_lost(self, vector_store_id: str) -> tuple[int, int]:
        """Return how many files of a vector store are not searchable but were, and how many were."""
        counts = self._storage.count(VectorStoreFile, parent=vector_store_id)
        again = 0
        if counts.get("in_progress"):
            waiting = every(
                self._storage, VectorStoreFile, parent=vector_store_id, status="in_progress"
            )
            again = sum(each.restoring for each in waiting)
        completed = counts.get("completed", 0)
        missing = max(0, completed - self._index.count_documents(vector_store_id))
        return again + missing, again + completed

    def check_searchable(self, vector_store_ids: Sequence[str]) -> None:
        """Check that the index has every file of these vector stores that it should have.

        Raises
        ------
        IndexIncomplete
            If it lacks some: a search would silently find less.
        """
        for vector_store_id in vector_store_ids:
            lost, total = self.count_lost(vector_store_id)
            if lost:
                raise IndexIncomplete(vector_store_id, lost, total)

    def lost_files(self) -> Iterator[VectorStoreFile]:
        """Yield every completed file that the index lacks, or has from an older attempt."""
        for entry, document in self._compared():
            if not _is_of(document, entry):
                yield entry

    def restore(self) -> int:
        """Have every lost file ingested again, and return how many there are.

        Attributes that an older copy of the index had are replaced on the way.
        """
        restored = 0
        for entry, document in self._compared():
            if not _is_of(document, entry):
                restored += self._reopen(entry)
            elif document is not None and dict(document.attributes) != dict(entry.attributes):
                self._describe(entry)
        if restored:
            log.warning("%d files are missing in the search index and are ingested again", restored)
        return restored

    def _compared(self) -> Iterator[tuple[VectorStoreFile, IndexEntry | None]]:
        known = {(each.vector_store_id, each.file_id): each for each in self._index.entries()}
        expired: dict[str, bool] = {}
        # To the end first: what is reopened leaves this list, and pages count on it.
        for entry in list(every(self._storage, VectorStoreFile, status="completed", order="asc")):
            store = entry.vector_store_id
            if store not in expired:
                expired[store] = self._has_expired(store)
            if not expired[store]:
                yield entry, known.get((store, entry.id))

    def _has_expired(self, vector_store_id: str) -> bool:
        """Return whether a vector store's text may be gone; when it is revived, it is read anew."""
        try:
            return self._storage.get(VectorStore, vector_store_id).is_expired
        except NotFound:
            return True

    def _reopen(self, entry: VectorStoreFile) -> bool:
        """Set a file's entry to be ingested again, and return whether that was needed."""
        with self._lock:
            # It may have been ingested since the index was listed.
            found = self._index.entries(entry.vector_store_id, entry.id)
            if found and _is_of(found[0], entry):
                return False
            again = entry.changed(status="in_progress", attempt=new_id(""), restoring=True)
            return self._storage.replace(entry, again)

    def _describe(self, entry: VectorStoreFile) -> None:
        with self._lock, contextlib.suppress(NotFound):
            fresh = self._storage.get(VectorStoreFile, entry.storage_id)
            self._index.describe(fresh.vector_store_id, fresh.id, fresh.attributes)


def _is_of(document: IndexEntry | None, entry: VectorStoreFile) -> bool:
    """Return whether a document is what an entry's last attempt put into the index."""
    # Without an attempt: indexes did not record it once.
    return document is not None and document.attempt in ("", entry.attempt)
