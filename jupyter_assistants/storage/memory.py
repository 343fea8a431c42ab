"""A store that is gone when it is closed, for tests and for throw-away use."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import NotFound, ThreadLocked
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.pages import Page
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.storage.base import Claim, DatabaseHealth, FileWriter, Gone, Lock, W
from jupyter_assistants.storage.files import FolderFiles
from jupyter_assistants.storage.leases import lost


@dataclass(frozen=True)
class _Record:
    kind: type[WireObject]
    owner: str
    parent: str | None
    key: str | None
    status: str | None
    body: str
    blob: str | None
    gone_at: int | None
    words: str | None

    @property
    def alive(self) -> bool:
        """Return whether its time has not passed."""
        return self.gone_at is None or self.gone_at > time.time()

    def load(self) -> Any:
        """Return a new object each time, so that no caller can change what is stored."""
        return self.kind.model_validate(json.loads(self.body))


@dataclass(frozen=True)
class _Lease:
    run_id: str | None = None
    until: float = 0.0
    epoch: int = 0
    holder: str | None = None


class MemoryStorage:
    """Keeps objects in a dict, and the bytes of files in a temporary folder."""

    def __init__(self) -> None:
        self._objects: dict[str, _Record] = {}  # in the order of creation
        self._leases: dict[str, _Lease] = {}
        self._done: set[str] = set()
        self._pins: Counter[str] = Counter()
        self._turn = threading.RLock()
        folder = tempfile.mkdtemp(prefix="jupyter-assistants-")
        self._files = FolderFiles(Path(folder))
        self._remove_folder = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def save(self, *objects: WireObject, owner: str, claim: Claim | None = None) -> None:
        """See :meth:`.base.Storage.save`."""
        records = {each.storage_id: _record(each, owner) for each in objects}
        with self._turn:
            if claim and not self._holds(claim):
                raise lost(claim)
            for id, record in records.items():
                old = self._objects.get(id)
                self._objects[id] = replace(record, owner=old.owner) if old else record

    def add(self, object: WireObject, *, owner: str) -> bool:
        """See :meth:`.base.Storage.add`."""
        with self._turn:
            old = self._objects.get(object.storage_id)
            if old is not None and old.alive:
                return False
            self._objects[object.storage_id] = _record(object, owner)
            return True

    def replace(self, old: WireObject, new: WireObject) -> bool:
        """See :meth:`.base.Storage.replace`."""
        with self._turn:
            record = self._objects.get(old.storage_id)
            if record is None or not record.alive or record.load() != old:
                return False
            self._objects[old.storage_id] = _record(new, record.owner)
            return True

    def get(self, kind: type[W], id: str, *, owner: str | None = None) -> W:
        """See :meth:`.base.Storage.get`."""
        with self._turn:
            record = self._objects.get(id)
        if (
            record is None
            or not record.alive
            or record.kind is not kind
            or owner not in (None, record.owner)
        ):
            raise NotFound.of(kind.kind, id)
        found: W = record.load()
        return found

    def owner_of(self, id: str) -> str:
        """See :meth:`.base.Storage.owner_of`."""
        with self._turn:
            if id not in self._objects or not self._objects[id].alive:
                raise NotFound.of("object", id)
            return self._objects[id].owner

    def list(
        self,
        kind: type[W],
        *,
        owner: str | None = None,
        parent: str | None = None,
        key: str | None = None,
        status: str | None = None,
        limit: int = 20,
        order: Literal["asc", "desc"] = "desc",
        after: str | None = None,
        before: str | None = None,
    ) -> Page[W]:
        """See :meth:`.base.Storage.list`."""
        with self._turn:
            inside = dict(self._within(kind, owner, parent))
        chosen = {
            id
            for id, each in inside.items()
            if key in (None, each.key) and status in (None, each.status)
        }
        return _page(kind, inside, chosen, limit, order, after, before)

    def search_threads(
        self,
        owner: str,
        *,
        text: str | None = None,
        metadata: Mapping[str, str] | None = None,
        limit: int = 20,
        order: Literal["asc", "desc"] = "desc",
        after: str | None = None,
        before: str | None = None,
    ) -> Page[Thread]:
        """See :meth:`.base.Storage.search_threads`."""
        with self._turn:
            inside = dict(self._within(Thread, owner, None))
            words: dict[str, list[str]] = {id: [each.words or ""] for id, each in inside.items()}
            for each in self._objects.values():
                if each.kind is Message and each.parent in words:
                    words[each.parent].append(each.words or "")
        sought = (text or "").casefold()
        chosen = {
            id
            for id, each in inside.items()
            if any(sought in found for found in words[id])
            and (metadata or {}).items() <= each.load().metadata.items()
        }
        return _page(Thread, inside, chosen, limit, order, after, before)

    def count(
        self, kind: type[WireObject], *, parent: str, key: str | None = None
    ) -> Mapping[str, int]:
        """See :meth:`.base.Storage.count`."""
        with self._turn:
            found = [
                each.status
                for _, each in self._within(kind, None, parent)
                if key in (None, each.key)
            ]
        return Counter(status for status in found if status is not None)

    def history(self, thread_id: str, *, limit: int | None = None) -> Sequence[Message | Item]:
        """See :meth:`.base.Storage.history`."""
        with self._turn:
            found = [
                record
                for record in self._objects.values()
                if record.parent == thread_id and record.kind in (Message, Item)
            ]
        first = 0 if limit is None else max(len(found) - limit, 0)
        return [record.load() for record in found[first:]]

    def delete(self, *ids: str) -> None:
        """See :meth:`.base.Storage.delete`."""
        with self._turn:
            gone = set(ids)
            while more := {
                id for id, each in self._objects.items() if each.parent in gone and id not in gone
            }:
                gone |= more
            blobs = {self._objects[id].blob for id in gone if id in self._objects}
            for id in gone:
                self._objects.pop(id, None)
                if id in self._leases:
                    self._leases[id] = _Lease(epoch=self._leases[id].epoch)
            for sha256 in blobs:
                self._collect(sha256 or "")

    def gone(self, *, limit: int = 100) -> Sequence[Gone]:
        """See :meth:`.base.Storage.gone`."""
        with self._turn:
            found = [
                Gone(id, each.kind.kind, each.owner)
                for id, each in self._objects.items()
                if not each.alive
            ]
        return found[:limit]

    def collect(self) -> int:
        """See :meth:`.base.Storage.collect`."""
        return sum(self._collect(sha256) for sha256 in self._files.names())

    def _collect(self, sha256: str) -> bool:
        with self._turn:
            needed = self._pins[sha256] or any(
                each.blob == sha256 for each in self._objects.values()
            )
            return bool(sha256) and not needed and self._files.remove(sha256)

    def _pin(self, sha256: str) -> Callable[[], None]:
        with self._turn:
            self._pins[sha256] += 1
        return lambda: self._pins.subtract([sha256])

    def claim(self, thread_id: str, run_id: str, *, holder: str, seconds: float) -> Claim:
        """See :meth:`.base.Storage.claim`."""
        with self._turn:
            old = self._leases.get(thread_id, _Lease())
            now = time.time()
            if old.run_id is not None and (old.run_id != run_id or old.until > now):
                raise ThreadLocked(thread_id, old.run_id)
            self._leases[thread_id] = _Lease(run_id, now + seconds, old.epoch + 1, holder)
            return Claim(thread_id, run_id, old.epoch + 1)

    def renew(self, claim: Claim, *, seconds: float) -> None:
        """See :meth:`.base.Storage.renew`."""
        with self._turn:
            if not self._holds(claim):
                raise lost(claim)
            self._set(claim, until=time.time() + seconds)

    def park(self, claim: Claim) -> None:
        """See :meth:`.base.Storage.park`."""
        with self._turn:
            self._set(claim, until=0.0, holder=None)

    def release(self, claim: Claim) -> None:
        """See :meth:`.base.Storage.release`."""
        with self._turn:
            self._set(claim, until=0.0, run_id=None, holder=None)

    def evict(self, lock: Lock) -> None:
        """See :meth:`.base.Storage.evict`."""
        with self._turn:
            lease = self._leases.get(lock.thread_id, _Lease())
            if lock.holder and (lease.run_id, lease.holder) == (lock.run_id, lock.holder):
                self._leases[lock.thread_id] = replace(lease, until=0.0, holder=None)

    def lock(self, thread_id: str) -> Lock | None:
        """See :meth:`.base.Storage.lock`."""
        return next((lock for lock in self.locks() if lock.thread_id == thread_id), None)

    def locks(self) -> Sequence[Lock]:
        """See :meth:`.base.Storage.locks`."""
        with self._turn:
            return [
                Lock(thread_id, lease.run_id, lease.until > time.time(), lease.holder)
                for thread_id, lease in self._leases.items()
                if lease.run_id is not None
            ]

    def claim_once(self, key: str) -> bool:
        """See :meth:`.base.Storage.claim_once`."""
        with self._turn:
            if key in self._done:
                return False
            self._done.add(key)
            return True

    def write_file(self) -> FileWriter:
        """See :meth:`.base.Storage.write_file`."""
        return self._files.write(self._pin)

    def open_file(self, sha256: str) -> BinaryIO:
        """See :meth:`.base.Storage.open_file`."""
        return self._files.open(sha256)

    def check_health(self) -> DatabaseHealth:
        """See :meth:`.base.Storage.check_health`."""
        return DatabaseHealth("memory", "kept in memory, gone with the process")

    def close(self) -> None:
        """See :meth:`.base.Storage.close`."""
        self._remove_folder()

    def _within(
        self, kind: type[WireObject], owner: str | None, parent: str | None
    ) -> Iterator[tuple[str, _Record]]:
        for id, each in self._objects.items():
            if (
                each.kind is kind
                and each.alive
                and owner in (None, each.owner)
                and parent in (None, each.parent)
            ):
                yield id, each

    def _holds(self, claim: Claim) -> bool:
        lease = self._leases.get(claim.thread_id, _Lease())
        return (lease.run_id, lease.epoch) == (claim.run_id, claim.epoch)

    def _set(self, claim: Claim, **fields: Any) -> None:
        if self._holds(claim):
            lease = self._leases[claim.thread_id]
            self._leases[claim.thread_id] = replace(lease, **fields)


def _record(each: WireObject, owner: str) -> _Record:
    body = json.dumps(each.stored())
    return _Record(
        type(each),
        owner,
        each.parent,
        each.key,
        each.state,
        body,
        each.blob,
        each.gone_at,
        each.words and each.words.casefold(),
    )


def _page(
    kind: type[W],
    inside: dict[str, _Record],
    wanted: set[str],
    limit: int,
    order: Literal["asc", "desc"],
    after: str | None,
    before: str | None,
) -> Page[W]:
    """Cut a page out of the records of a list; cursors may name those that are not wanted."""
    ids = [*reversed(inside)] if order == "desc" else [*inside]
    for cursor in (after, before):
        if cursor is not None and cursor not in inside:
            raise NotFound.of(kind.kind, cursor)
    end = len(ids) if before is None else ids.index(before)
    ids = ids[:end] if after is None else ids[ids.index(after) + 1 : end]
    ids = [id for id in ids if id in wanted]
    backwards = before is not None and after is None
    chosen = ids[max(len(ids) - limit, 0) :] if backwards else ids[:limit]
    return Page(data=[inside[id].load() for id in chosen], has_more=len(ids) > limit)
