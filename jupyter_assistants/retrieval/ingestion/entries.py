"""The entries of vector stores' files in the storage, and what may become of them.

An entry is changed as it is by then: another process may have ended, cancelled or deleted it, or
attached its file anew. The attempt tells the last from the others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.vector_stores import VectorStore, VectorStoreFile, entry_id
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.liveness import is_gone, mark
from jupyter_assistants.storage.pages import every

PATIENCE_SECONDS = 600
"""After so long, files that wait for another process are anybody's: its host may be gone."""


class Entries:
    """Finds and changes entries. Every method blocks."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def change(
        self, storage_id: str, change: Callable[[VectorStoreFile], VectorStoreFile | None]
    ) -> VectorStoreFile | None:
        """Change an entry as it is by now; None if it is gone, or ``change`` gives None."""
        with contextlib.suppress(NotFound):
            while True:
                fresh = self._storage.get(VectorStoreFile, storage_id)
                changed = change(fresh)
                if changed is None or self._storage.replace(fresh, changed):
                    return changed
        return None

    def waiting(
        self, parent: str | None = None, batch_id: str | None = None
    ) -> Iterator[VectorStoreFile]:
        """Yield what is in progress, the oldest first: everywhere, of a vector store, of a batch."""
        return every(
            self._storage,
            VectorStoreFile,
            parent=parent,
            key=batch_id,
            status="in_progress",
            order="asc",
        )

    def free(self) -> list[tuple[VectorStoreFile, str]]:
        """Return what this process may ingest, with the owners."""
        free = [each for each in self.waiting() if is_free(each)]
        found = []
        for each in free:
            with contextlib.suppress(NotFound):
                found.append((each, self._storage.owner_of(each.storage_id)))
        return found

    def stores_with(self, owner: str, file_id: str) -> list[str]:
        """Return the vector stores of an owner that have a file."""
        found: list[str] = []
        for each in every(self._storage, VectorStore, owner=owner):
            with contextlib.suppress(NotFound):
                self._storage.get(VectorStoreFile, entry_id(each.id, file_id))
                found.append(each.id)
        return found


def is_free(entry: VectorStoreFile) -> bool:
    """Return whether this process may ingest an entry."""
    if entry.status != "in_progress":
        return False
    if not entry.worker or is_gone(entry.worker):
        return True
    if entry.lease_until:
        return entry.lease_until <= now()
    return entry.worker == mark() or entry.queued_at + PATIENCE_SECONDS <= now()


def is_of(found: VectorStoreFile, entry: VectorStoreFile) -> bool:
    """Return whether an entry is still in progress, and of the same attempt."""
    return found.attempt == entry.attempt and found.status == "in_progress"


def ended_as(found: VectorStoreFile, ended: VectorStoreFile) -> VectorStoreFile:
    """Return an entry as it is by now, with how its attempt has ended."""
    return found.changed(
        status=ended.status,
        usage_bytes=ended.usage_bytes,
        last_error=ended.last_error,
        lease_until=0,
    )


def cancelled(entry: VectorStoreFile) -> VectorStoreFile | None:
    """Return an entry as cancelled; None if it is not in progress."""
    return entry.changed(status="cancelled") if entry.status == "in_progress" else None


def given_up(entry: VectorStoreFile, found: VectorStoreFile) -> VectorStoreFile | None:
    """Return an entry as free for others; None if that is too late."""
    return found.changed(worker="", lease_until=0) if is_of(found, entry) else None
