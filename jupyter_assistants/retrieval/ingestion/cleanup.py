"""Removal of what the index holds of expired vector stores, and of what crashes left in it."""

from __future__ import annotations

import contextlib
import threading

from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.vector_stores import VectorStore, VectorStoreFile, entry_id
from jupyter_assistants.retrieval.base import SearchIndex
from jupyter_assistants.storage.base import Storage

GRACE_SECONDS = 60
"""A search that began before a vector store expired may go on, and keep it alive."""
_SEARCHABLE = ("in_progress", "completed")
"""A file in progress may be in the index already: its entry is changed last."""


class IndexCleanup:
    """The removal of stale documents. Every method blocks.

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
