"""Which file is ingested next: every owner in turn, and a large file never before small ones.

A process keeps here what it is about to ingest. The storage knows the same, so nothing is lost with
the process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from jupyter_assistants.protocol.vector_stores import VectorStoreFile

LARGE_BYTES = 2 * 1024 * 1024

_Lane = dict[str, dict[str, VectorStoreFile]]
"""Entries that wait, by owner and id, in their order."""


class FileSchedule:
    """Files that wait, and those that are being ingested.

    Parameters
    ----------
    at_once
        How many files may be ingested at a time. While small files wait, large files get one of
        these slots; one slot is always left for small files that may come. Owners of whom nothing is
        ingested share as many slots again: files that take long must not hold up another owner.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lanes: dict[bool, _Lane] = {False: {}, True: {}}
        self._waiting: dict[str, tuple[bool, str]] = {}
        self._taken: dict[str, tuple[bool, str]] = {}
        self._served: Counter[str] = Counter()

    def __contains__(self, storage_id: str) -> bool:
        return storage_id in self._waiting or storage_id in self._taken

    def __iter__(self) -> Iterator[VectorStoreFile]:
        for lane in self._lanes.values():
            for entries in lane.values():
                yield from entries.values()

    def add(self, entry: VectorStoreFile, owner: str) -> None:
        """Add an entry behind those of its owner."""
        lane = self._lanes[entry.size > LARGE_BYTES]
        if not any(owner in each for each in self._lanes.values()):
            # A new owner starts at the lowest served count: served soon, without a claim to the past.
            self._served[owner] = max(self._served[owner], min(self._served.values(), default=0))
        self.discard(entry.storage_id)
        lane.setdefault(owner, {})[entry.storage_id] = entry
        self._waiting[entry.storage_id] = (entry.size > LARGE_BYTES, owner)

    def discard(self, storage_id: str) -> None:
        """Remove a waiting entry."""
        if storage_id not in self._waiting:
            return
        is_large, owner = self._waiting.pop(storage_id)
        lane = self._lanes[is_large]
        del lane[owner][storage_id]
        if not lane[owner]:
            del lane[owner]

    def next_file(self) -> tuple[VectorStoreFile, str] | None:
        """Return the next entry and its owner; None if nothing may be started now."""
        active = Counter(owner for _, owner in self._taken.values())
        small, large = self._lanes[False], self._lanes[True]
        if len(self._taken) >= self._at_once:
            return self._next_of_idle_owner(active)
        most = 1 if small else max(1, self._at_once - 1)
        busy = sum(is_large for is_large, _ in self._taken.values())
        is_large = bool(large) and busy < most
        return self._take_next(is_large, active, self._lanes[is_large])

    def _next_of_idle_owner(self, active: Counter[str]) -> tuple[VectorStoreFile, str] | None:
        if len(self._taken) >= 2 * self._at_once:
            return None
        for is_large, lane in self._lanes.items():
            if idle := [owner for owner in lane if not active[owner]]:
                return self._take_next(is_large, active, idle)
        return None

    def _take_next(
        self, is_large: bool, active: Counter[str], owners: Collection[str]
    ) -> tuple[VectorStoreFile, str] | None:
        if not owners:
            return None
        lane = self._lanes[is_large]
        owner = min(owners, key=lambda each: (active[each], self._served[each]))
        entry = next(iter(lane[owner].values()))
        self.discard(entry.storage_id)
        self._taken[entry.storage_id] = (is_large, owner)
        self._served[owner] += 1
        return entry, owner

    def release(self, storage_id: str) -> None:
        """Free the slot of an entry."""
        self._taken.pop(storage_id, None)
