"""Storage in a SQL database: SQLite or PostgreSQL, by its URL."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tempfile
import time
import uuid
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self

from sqlalchemy import Connection, Engine

from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.pages import Page
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.storage import statements
from jupyter_assistants.storage.base import (
    Claim,
    DatabaseHealth,
    ExpiredObject,
    FileWriter,
    Lease,
    LeaseKind,
    W,
)
from jupyter_assistants.storage.database import (
    database_errors,
    memory_engine,
    name_of,
    open_engine,
    reading,
)
from jupyter_assistants.storage.files import FolderFiles
from jupyter_assistants.storage.free_space import release_free_pages
from jupyter_assistants.storage.health import check_health
from jupyter_assistants.storage.leases import LeaseTable
from jupyter_assistants.storage.tables import deleted, objects
from jupyter_assistants.storage.texts import storable
from jupyter_assistants.storage.writer_turns import WriterTurns

CLAIM_SECONDS = 30 * 24 * 3600.0
"""How long a claimed key is remembered: much longer than any run lasts."""
PLACE_SECONDS = 7 * 24 * 3600.0
"""How long a deleted object keeps its place in lists: much longer than anybody turns pages."""
PIN_SECONDS = 3600.0
"""How long committed bytes outlive a process that dies before it stores their object."""


class SqlStorage:
    """Objects in one table of a database, and bytes in a folder.

    Parameters
    ----------
    url
        An SQLAlchemy URL, ``sqlite:///…`` or ``postgresql://…``.
    files_dir
        The folder for the bytes of files; all processes on the database need the same one.
    journal_mode
        Of SQLite: ``wal``, or ``delete`` where the file is on a network file system.

    Raises
    ------
    StorageError
        If the database or the folder cannot be used.
    """

    def __init__(self, url: str, files_dir: Path, *, journal_mode: str = "wal") -> None:
        files = FolderFiles(files_dir)
        self._use(open_engine(url, journal_mode=journal_mode), files)

    @classmethod
    def in_memory(cls) -> Self:
        """Return a storage that is gone when it is closed, for tests and throw-away use."""
        folder = tempfile.mkdtemp(prefix="jupyter-assistants-")
        storage = cls.__new__(cls)
        storage._use(memory_engine(), FolderFiles(Path(folder)))
        storage._read_lock = storage._write_lock
        weakref.finalize(storage, shutil.rmtree, folder, ignore_errors=True)
        return storage

    def _use(self, engine: Engine, files: FolderFiles) -> None:
        self._engine, self._files = engine, files
        self._reading = reading(engine)
        self._name = name_of(engine.url)
        self._dialect = statements.Dialect(engine.dialect.name)
        self._leases = LeaseTable(engine.dialect.name)
        # SQLite has one writer. Threads that wait at a lock are served at once and in turn; the
        # database would let them sleep and try again.
        self._write_lock: contextlib.AbstractContextManager[Any] = (
            WriterTurns(self._name) if engine.dialect.name == "sqlite" else contextlib.nullcontext()
        )
        # In memory all threads share one connection, and would read what is not committed yet.
        self._read_lock: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()

    def save(
        self,
        *objects: WireObject,
        owner: str,
        claim: Claim | None = None,
        suspend: bool = False,
        release: bool = False,
        second_claim: Claim | None = None,
    ) -> None:
        """See :meth:`.base.Storage.save`."""
        rows = [_row(each, owner) for each in objects]
        with self._write() as connection:
            for each in filter(None, (claim, second_claim)):
                self._leases.check(connection, each)
            if rows:
                connection.execute(self._dialect.save, rows)
            if claim and suspend:
                self._leases.suspend(connection, claim)
            if claim and release:
                self._leases.release(connection, claim)

    def add(self, object: WireObject, *, owner: str) -> bool:
        """See :meth:`.base.Storage.add`."""
        values = {**_row(object, owner), "now": int(time.time())}
        with self._write() as connection:
            return connection.execute(self._dialect.add, values).rowcount == 1

    def replace(
        self,
        old: WireObject,
        new: WireObject,
        *also: WireObject,
        owner: str = "",
        claim: Claim | None = None,
    ) -> bool:
        """See :meth:`.base.Storage.replace`."""
        values = storable(id=old.storage_id, kind=old.kind) | _now()
        with self._write() as connection:
            if claim:
                self._leases.check(connection, claim)
            body = connection.scalar(statements.to_replace, values)
            # Compared as objects: another version may have written the same in other words.
            if body is None or type(old).model_validate(json.loads(body)) != old:
                return False
            rows = [_row(new, ""), *(_row(each, owner) for each in also)]
            connection.execute(self._dialect.save, rows)
            return True

    def get(self, kind: type[W], id: str, *, owner: str | None = None) -> W:
        """See :meth:`.base.Storage.get`."""
        values = storable(id=id, kind=kind.kind, owner=owner) | _now()
        with self._read() as connection:
            body = connection.scalar(statements.get("owner" in values), values)
        if body is None:
            raise NotFound.of(kind.kind, id)
        return kind.model_validate(json.loads(body))

    def owner_of(self, id: str) -> str:
        """See :meth:`.base.Storage.owner_of`."""
        with self._read() as connection:
            owner: str | None = connection.scalar(statements.owner_of, storable(id=id) | _now())
        if owner is None:
            raise NotFound.of("object", id)
        return owner

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
        values = storable(owner=owner, parent=parent, key=key, status=status)
        return self._page(kind, values, limit, order, after, before)

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
        pattern = None if text is None else f"%{_escaped(text.casefold())}%"
        values = storable(owner=owner, text=pattern)
        for number, pair in enumerate((metadata or {}).items()):
            # As json.dumps writes it; the body holds no other object with string values before
            # or behind the metadata that could have the same pair in these places.
            spelled = _escaped(json.dumps(dict([pair]))[1:-1])
            values[f"first_{number}"] = f'%"metadata": {{{spelled}%'
            values[f"next_{number}"] = f'%"metadata": {{%, {spelled}%'
        return self._page(Thread, values, limit, order, after, before)

    def _page(
        self,
        kind: type[W],
        values: dict[str, Any],
        limit: int,
        order: Literal["asc", "desc"],
        after: str | None,
        before: str | None,
    ) -> Page[W]:
        within = {name: value for name, value in values.items() if name in ("owner", "parent")}
        newest_first = order == "desc"
        backwards = before is not None and after is None
        cursors = {
            ("below" if newest_first else "above"): after,
            ("above" if newest_first else "below"): before,
        }
        with self._read() as connection:
            for side, id in cursors.items():
                if id is not None:
                    values[side] = _place(connection, kind, id, within)
            statement = statements.page(
                frozenset(values), newest_first=newest_first is not backwards
            )
            values |= {"kind": kind.kind, "count": limit + 1, **_now()}
            bodies = connection.scalars(statement, values).all()
        data = [kind.model_validate(json.loads(body)) for body in bodies[:limit]]
        return Page(data=data[::-1] if backwards else data, has_more=len(bodies) > limit)

    def count(
        self, kind: type[WireObject], *, parent: str, key: str | None = None
    ) -> Mapping[str, int]:
        """See :meth:`.base.Storage.count`."""
        values = {**storable(parent=parent, key=key), "kind": kind.kind}
        with self._read() as connection:
            rows = connection.execute(statements.count("key" in values), values).all()
        return {row.status: row.number for row in rows}

    def history(self, thread_id: str, *, limit: int | None = None) -> Sequence[Message | Item]:
        """See :meth:`.base.Storage.history`."""
        values = {**storable(parent=thread_id), "one": Message.kind, "other": Item.kind}
        if limit is not None:
            values["count"] = limit
        with self._read() as connection:
            rows: Sequence[Any] = connection.execute(
                statements.history(limit is not None), values
            ).all()
        kinds: dict[str, type[Message | Item]] = {Message.kind: Message, Item.kind: Item}
        return [kinds[kind].model_validate(json.loads(body)) for _, kind, body in reversed(rows)]

    def delete(self, *ids: str) -> None:
        """See :meth:`.base.Storage.delete`."""
        if not ids:
            return
        roots = [storable(root=id) for id in ids]
        with self._write() as connection:
            found = [connection.scalars(statements.blobs, root).all() for root in roots]
            self._leases.free(connection, roots)
            connection.execute(self._dialect.keep_places, [root | _now() for root in roots])
            connection.execute(statements.delete_objects, roots)
        # Afterwards: a deletion that fails must not have cost the bytes.
        for sha256 in sorted({sha256 for blobs in found for sha256 in blobs}):
            self._collect(sha256)

    def expired(self, *, limit: int = 100) -> Sequence[ExpiredObject]:
        """See :meth:`.base.Storage.expired`."""
        with self._read() as connection:
            rows = connection.execute(statements.expired, {"count": limit, **_now()})
            return [ExpiredObject(row.id, row.kind, row.owner) for row in rows]

    def collect_garbage(self) -> int:
        """See :meth:`.base.Storage.collect_garbage`."""
        with self._write() as connection:
            connection.execute(statements.drop_pins, {"now": time.time()})
            self._leases.forget(connection)
            for statement, seconds in (
                (statements.forget_claims, CLAIM_SECONDS),
                (statements.forget_places, PLACE_SECONDS),
            ):
                connection.execute(statement, {"before": int(time.time() - seconds)})
        release_free_pages(self._reading, self._write_lock, self._name)
        return sum(self._collect(sha256) for sha256 in self._files.names())

    def _collect(self, sha256: str) -> bool:
        """Remove bytes unless they are needed, and return whether they were removed."""
        with self._read() as connection:
            if _needed(connection, sha256):
                return False
        with self._write() as connection:
            self._take_turns(connection, sha256)
            # Inside the transaction: nobody can pin the bytes between the look and the removal.
            return not _needed(connection, sha256) and self._files.remove(sha256)

    def _pin(self, sha256: str) -> Callable[[], None]:
        token = uuid.uuid4().hex
        values = {"token": token, "sha256": sha256, "until": time.time() + PIN_SECONDS}
        with self._write() as connection:
            self._take_turns(connection, sha256)
            connection.execute(statements.pin, values)
        return lambda: self._unpin(token)

    def _unpin(self, token: str) -> None:
        with self._write() as connection:
            connection.execute(statements.unpin, {"of_token": token})

    def _take_turns(self, connection: Connection, sha256: str) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(statements.advise, {"sha256": sha256})

    def acquire(
        self, resource: str, subject: str, *, kind: LeaseKind, process: str, seconds: float
    ) -> Claim:
        """See :meth:`.base.Storage.acquire`."""
        with self._write() as connection:
            return self._leases.acquire(
                connection, resource, subject, kind=kind, process=process, seconds=seconds
            )

    def renew(self, claim: Claim, *, seconds: float) -> None:
        """See :meth:`.base.Storage.renew`."""
        with self._write() as connection:
            self._leases.renew(connection, claim, seconds)

    def request_stop(self, resource: str, subject: str) -> bool:
        """See :meth:`.base.Storage.request_stop`."""
        with self._write() as connection:
            return self._leases.request_stop(connection, resource, subject)

    def suspend(self, claim: Claim) -> None:
        """See :meth:`.base.Storage.suspend`."""
        with self._write() as connection:
            self._leases.suspend(connection, claim)

    def release(self, claim: Claim) -> None:
        """See :meth:`.base.Storage.release`."""
        with self._write() as connection:
            self._leases.release(connection, claim)

    def lease(self, resource: str) -> Lease | None:
        """See :meth:`.base.Storage.lease`."""
        with self._read() as connection:
            return self._leases.one(connection, resource)

    def leases(self, kind: LeaseKind) -> Sequence[Lease]:
        """See :meth:`.base.Storage.leases`."""
        with self._read() as connection:
            return self._leases.of_kind(connection, kind)

    def claim_once(self, key: str) -> bool:
        """See :meth:`.base.Storage.claim_once`."""
        with self._write() as connection:
            values = {"key": key, **_now()}
            return connection.execute(self._dialect.claim_once, values).rowcount == 1

    def write_file(self) -> FileWriter:
        """See :meth:`.base.Storage.write_file`."""
        return self._files.write(self._pin)

    def open_file(self, sha256: str) -> BinaryIO:
        """See :meth:`.base.Storage.open_file`."""
        return self._files.open(sha256)

    def check_file(self, sha256: str) -> None:
        """See :meth:`.base.Storage.check_file`."""
        self._files.check(sha256)

    def check_health(self) -> DatabaseHealth:
        """See :meth:`.base.Storage.check_health`."""
        with self._read() as connection:
            return check_health(connection)

    def close(self) -> None:
        """See :meth:`.base.Storage.close`."""
        # The one connection of a database in memory must not be closed under a thread that uses it:
        # SQLite would take the process down.
        with self._write_lock:
            self._engine.dispose()

    @contextlib.contextmanager
    def _read(self) -> Iterator[Connection]:
        with database_errors(self._name), self._read_lock, self._reading.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _write(self) -> Iterator[Connection]:
        with database_errors(self._name), self._write_lock, self._engine.begin() as connection:
            yield connection


def _row(each: WireObject, owner: str) -> dict[str, Any]:
    return {
        "id": each.storage_id,
        "kind": each.kind,
        "parent": each.parent,
        "owner": owner,
        "key": each.key,
        "status": each.state,
        "created_at": each.created_at,
        # json, not pydantic's own writer: that one fails at half surrogate pairs, which the
        # output of code can hold.
        "body": json.dumps(each.stored()),
        "blob": each.blob,
        "gone_at": each.gone_at,
        **{"words": None, **storable(words=each.words and each.words.casefold())},
    }


def _now() -> dict[str, int]:
    return {"now": int(time.time())}


def _escaped(text: str) -> str:
    """Return a text that LIKE takes as it is."""
    return re.sub("[!%_]", r"!\g<0>", text)


def _needed(connection: Connection, sha256: str) -> bool:
    values = {"sha256": sha256, "now": time.time()}
    return connection.execute(statements.needed, values).first() is not None


def _place(connection: Connection, kind: type[WireObject], id: str, within: dict[str, Any]) -> int:
    values = within | storable(id=id, kind=kind.kind)
    # An object that has the id of a deleted one comes first, and nearly every cursor names an object.
    for table in (objects, deleted):
        seq = connection.scalar(statements.cursor(table, frozenset(within)), values)
        if seq is not None:
            return int(seq)
    # A file's entry is kept under the ids of vector store and file; clients name the file.
    parent = within.get("parent", "")
    raise NotFound.of(kind.kind, id.removeprefix(f"{parent}/"), parent=parent)
