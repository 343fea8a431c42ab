"""How far the files are that this process ingests. In memory only: the storage has the outcome."""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal

from jupyter_assistants.protocol.events import Listeners
from jupyter_assistants.protocol.vector_stores import VectorStoreFile

LEAST_SHARE = 0.02
"""How much must be done before an estimate of the rest means anything."""

Stage = Literal["waiting", "reading", "indexing"]


@dataclass
class FileProgress:
    """One file on its way.

    Parameters
    ----------
    done, total
        Parts (pages, slides, sheets) that are read, and how many there are; 0 if nobody knows.
    chunks
        How many passages were cut so far.
    """

    entry: VectorStoreFile
    filename: str = ""
    stage: Stage = "waiting"
    done: int = 0
    total: int = 0
    chunks: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        """Return how much of the reading is done, from 0 to 1."""
        return 1.0 if self.stage == "indexing" else self.done / self.total if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Return how long the rest of the reading takes at this pace."""
        if self.stage == "waiting" or not LEAST_SHARE <= self.share < 1:
            return None
        return (time.monotonic() - self.began) * (1 - self.share) / self.share


@dataclass
class _Burst:
    """The work of a vector store since it was last idle."""

    began: float = field(default_factory=time.monotonic)
    bytes: int = 0


class Progress:
    """The files in progress by vector store, and who watches them."""

    def __init__(self) -> None:
        self._files: dict[str, dict[str, FileProgress]] = {}
        self._bursts: dict[str, _Burst] = {}
        self._watchers: Listeners[asyncio.Event] = Listeners()

    def add(self, entry: VectorStoreFile) -> None:
        """Add a waiting file."""
        files = self._files.setdefault(entry.vector_store_id, {})
        if not files:
            self._bursts[entry.vector_store_id] = _Burst()
        files[entry.id] = FileProgress(entry)
        self.notify(entry.vector_store_id)

    def state_of(self, entry: VectorStoreFile) -> FileProgress:
        """Return the mutable state of a file."""
        files = self._files.setdefault(entry.vector_store_id, {})
        return files.setdefault(entry.id, FileProgress(entry))

    def record_parts(self, entry: VectorStoreFile, done: int, total: int) -> None:
        """Record how many parts of a file are read."""
        state = self.state_of(entry)
        state.done, state.total = done, total
        self.notify(entry.vector_store_id)

    def remove(self, entry: VectorStoreFile, *, ended: bool) -> None:
        """Forget a file; whoever watches looks into the storage.

        Parameters
        ----------
        ended
            Whether it was ingested or failed, so that its time counts for the estimate.
        """
        files = self._files.get(entry.vector_store_id, {})
        files.pop(entry.id, None)
        burst = self._bursts.get(entry.vector_store_id)
        if burst is not None and ended:
            burst.bytes += entry.size + 1
        if not files:
            self._files.pop(entry.vector_store_id, None)
            self._bursts.pop(entry.vector_store_id, None)
        self.notify(entry.vector_store_id)

    def files(self, vector_store_id: str) -> list[FileProgress]:
        """Return the files of a vector store that are being read or indexed."""
        found = self._files.get(vector_store_id, {}).values()
        return [each for each in found if each.stage != "waiting"]

    def seconds_left(self, vector_store_id: str) -> float | None:
        """Return how long the rest of a vector store's files take; None while nothing is known."""
        burst = self._bursts.get(vector_store_id)
        files = self._files.get(vector_store_id, {}).values()
        if burst is None:
            return None
        sizes = [(each.entry.size + 1, each.share * 0.9) for each in files]
        done = burst.bytes + sum(size * share for size, share in sizes)
        left = sum(size * (1 - share) for size, share in sizes)
        if done < LEAST_SHARE * (done + left):
            return None
        return (time.monotonic() - burst.began) * left / done

    def notify(self, vector_store_id: str) -> None:
        """Wake whoever watches a vector store."""
        for event in self._watchers.of(vector_store_id):
            event.set()

    def watch(self, vector_store_id: str) -> AbstractContextManager[asyncio.Event]:
        """Return an event that is set with every change; the watcher clears it."""
        return self._watchers.joined(vector_store_id, asyncio.Event())
