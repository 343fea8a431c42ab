"""Which file is ingested next: every owner in turn, and no file behind those that take long.

A process keeps here what it is about to ingest. The storage knows the same, so nothing is lost with
the process.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from jupyter_assistants.protocol.vector_stores import VectorStoreFile

LARGE_BYTES = 2 * 1024 * 1024
QUICK_SECONDS = 5.0
"""How long a file has a slot of its own; then it makes way for others."""

_Lane = dict[str, dict[str, VectorStoreFile]]
"""Entries that wait, by owner and id, in their order."""


def slots() -> int:
    """Return how many files this machine reads well at a time."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    return max(2, min(4, len(cores) or os.cpu_count() or 1))


@dataclass(frozen=True)
class _Taken:
    """A file that is being ingested, since ``began`` of the clock."""

    entry: VectorStoreFile
    owner: str
    is_slow: bool
    began: float


class FileSchedule:
    """Files that wait, and those that are being ingested.

    Files are slow if they are large or were set back. While others wait, slow files get one slot;
    one slot is always left for others that may come.

    Parameters
    ----------
    at_once
        How many slots there are. A file that is overdue, after :data:`QUICK_SECONDS`, moves to one of
        as many places beside them. These also serve owners of whom nothing is ingested.
    """

    def __init__(self, at_once: int) -> None:
        self.clock = time.monotonic
        self._at_once = at_once
        self._lanes: dict[bool, _Lane] = {False: {}, True: {}}
        self._waiting: dict[str, tuple[bool, str]] = {}
        self._taken: dict[str, _Taken] = {}
        self._served: Counter[str] = Counter()

    def __contains__(self, storage_id: str) -> bool:
        return storage_id in self._waiting or storage_id in self._taken

    def __iter__(self) -> Iterator[VectorStoreFile]:
        for lane in self._lanes.values():
            for entries in lane.values():
                yield from entries.values()

    def add(self, entry: VectorStoreFile, owner: str) -> None:
        """Add an entry behind those of its owner."""
        self._add(entry, owner, is_slow=entry.size > LARGE_BYTES)

    def _add(self, entry: VectorStoreFile, owner: str, *, is_slow: bool) -> None:
        lane = self._lanes[is_slow]
        if not any(owner in each for each in self._lanes.values()):
            # A new owner starts at the lowest served count: served soon, without a claim to the past.
            self._served[owner] = max(self._served[owner], min(self._served.values(), default=0))
        self.discard(entry.storage_id)
        lane.setdefault(owner, {})[entry.storage_id] = entry
        self._waiting[entry.storage_id] = (is_slow, owner)

    def discard(self, storage_id: str) -> None:
        """Remove a waiting entry."""
        if storage_id not in self._waiting:
            return
        is_slow, owner = self._waiting.pop(storage_id)
        lane = self._lanes[is_slow]
        del lane[owner][storage_id]
        if not lane[owner]:
            del lane[owner]

    def next_file(self) -> VectorStoreFile | None:
        """Return the next entry; None if nothing may be started now."""
        active = Counter(each.owner for each in self._taken.values())
        others, slow = self._lanes[False], self._lanes[True]
        if len(self._taken) - min(len(self._overdue()), self._at_once) >= self._at_once:
            return self._next_of_idle_owner(active)
        most = 1 if others else max(1, self._at_once - 1)
        busy = sum(each.is_slow for each in self._taken.values())
        # The last place stays for others: a file that was set back must not take it again.
        is_last = len(self._taken) == 2 * self._at_once - 1
        is_slow = bool(slow) and busy < most and not (others and is_last)
        return self._take_next(is_slow, active, self._lanes[is_slow])

    def _overdue(self) -> list[_Taken]:
        due = self.clock() - QUICK_SECONDS
        return [each for each in self._taken.values() if each.began <= due]

    def _next_of_idle_owner(self, active: Counter[str]) -> VectorStoreFile | None:
        if len(self._taken) >= 2 * self._at_once:
            return None
        for is_slow, lane in self._lanes.items():
            if idle := [owner for owner in lane if not active[owner]]:
                return self._take_next(is_slow, active, idle)
        return None

    def _take_next(
        self, is_slow: bool, active: Counter[str], owners: Collection[str]
    ) -> VectorStoreFile | None:
        if not owners:
            return None
        lane = self._lanes[is_slow]
        owner = min(owners, key=lambda each: (active[each], self._served[each]))
        entry = next(iter(lane[owner].values()))
        self.discard(entry.storage_id)
        self._taken[entry.storage_id] = _Taken(entry, owner, is_slow, self.clock())
        self._served[owner] += 1
        return entry

    def in_the_way(self) -> list[VectorStoreFile]:
        """Return the files of which one should be set back, the one that began last first.

        That is when others wait and every place is taken by a file that is overdue. Only then, and
        only one at a time: what is set back begins again, so under load most work must go on.
        """
        overdue = self._overdue()
        if not self._lanes[False] or len(overdue) < 2 * self._at_once:
            return []
        last_first = sorted(overdue, key=lambda each: -each.began)
        return [each.entry for each in last_first if not each.is_slow]

    def set_back(self, storage_id: str) -> None:
        """Put a file that is ingested back among those that wait, as a slow one."""
        taken = self._taken.pop(storage_id)
        self._add(taken.entry, taken.owner, is_slow=True)

    def release(self, storage_id: str) -> None:
        """Free the slot of an entry."""
        self._taken.pop(storage_id, None)
