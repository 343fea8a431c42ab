"""The entries of vector stores' files in the storage, and what may become of them.

An entry is changed as it is by then: another process may have ended, cancelled or deleted it, or
attached its file anew. The attempt tells the last from the others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from jupyter_assistants.protocol.errors import ClaimLost, NotFound
from jupyter_assistants.protocol.vector_stores import VectorStore, VectorStoreFile, entry_id
from jupyter_assistants.storage.base import Claim, Lease, LeaseHeld, Storage
from jupyter_assistants.storage.liveness import is_gone, mark
from jupyter_assistants.storage.pages import every

LEASE_SECONDS = 60.0


class Entries:
    """Finds and changes entries. Every method blocks."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def change(
        self,
        storage_id: str,
        change: Callable[[VectorStoreFile], VectorStoreFile | None],
        *,
        claim: Claim | None = None,
    ) -> VectorStoreFile | None:
        """Change an entry as it is by now, and return it.

        None if it is gone, ``change`` returns None, or the claim does not hold any more.
        """
        with contextlib.suppress(NotFound, ClaimLost):
            while True:
                fresh = self._storage.get(VectorStoreFile, storage_id)
                changed = change(fresh)
                if changed is None or self._storage.replace(fresh, changed, claim=claim):
                    return changed
        return None

    def claim(self, queued: VectorStoreFile) -> Claim | None:
        """Acquire the lease on an entry; None if another process ingests it, or nobody has to."""
        for _ in range(2):
            try:
                claim = self._storage.acquire(
                    queued.storage_id,
                    queued.attempt,
                    kind="vector_store.file",
                    process=mark(),
                    seconds=LEASE_SECONDS,
                )
            except LeaseHeld as held:
                if not _is_over(held.lease, queued):
                    return None
                # Only what is written here: whoever was faster has another epoch.
                self._storage.release(held.lease.claim)
                continue
            # Read under the lease: before it, another process may have ended this attempt.
            with contextlib.suppress(NotFound):
                if is_of(self._storage.get(VectorStoreFile, queued.storage_id), queued):
                    return claim
            self._storage.release(claim)
            return None
        return None

    def revoke(self, entry: VectorStoreFile) -> None:
        """Release an entry's lease, so that the result of whoever ingests it is dropped."""
        if (lease := self._storage.lease(entry.storage_id)) is not None:
            self._storage.release(lease.claim)

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
        """Return what nobody ingests, with the owners."""
        leases = {each.resource: each for each in self._storage.leases("vector_store.file")}
        free = [
            each
            for each in self.waiting()
            if (lease := leases.get(each.storage_id)) is None or _is_over(lease, each)
        ]
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


def _is_over(lease: Lease, entry: VectorStoreFile) -> bool:
    """Return whether a lease does not keep this attempt at an entry from being begun."""
    if lease.subject != entry.attempt:
        return True  # attached anew since
    return not lease.active or (lease.process is not None and is_gone(lease.process))


def is_of(found: VectorStoreFile, entry: VectorStoreFile) -> bool:
    """Return whether an entry is still in progress, and of the same attempt."""
    return found.attempt == entry.attempt and found.status == "in_progress"


def ended_as(found: VectorStoreFile, ended: VectorStoreFile) -> VectorStoreFile:
    """Return an entry as it is by now, with how its attempt has ended."""
    return found.changed(
        status=ended.status,
        usage_bytes=ended.usage_bytes,
        last_error=ended.last_error,
        restoring=False,
    )


def cancelled(entry: VectorStoreFile) -> VectorStoreFile | None:
    """Return an entry as cancelled; None if it is not in progress."""
    return entry.changed(status="cancelled") if entry.status == "in_progress" else None
