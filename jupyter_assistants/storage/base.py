"""The port of storage: objects, the bytes of files, and leases.

Storage is synchronous and may be called from any thread; callers on an event loop use
``asyncio.to_thread``. It stores wire objects whole. It knows no rules of the protocol beyond ids,
parents and the order of creation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Protocol, Self, TypeVar

from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.pages import Page
from jupyter_assistants.protocol.threads import Thread

W = TypeVar("W", bound=WireObject)


LeaseKind = Literal["thread", "vector_store.file", "request"]
"""What is leased: a thread to a run, an entry to an ingestion, an idempotency key to a request."""


@dataclass(frozen=True)
class Claim:
    """The right to work on a resource, as long as nobody else has acquired it since.

    Parameters
    ----------
    resource
        What is leased, by an id that nothing else has.
    subject
        For what it is leased: a run, an attempt, the fingerprint of a request.
    epoch
        Grows with every acquisition of the resource; a writer with an older one is refused.
    """

    resource: str
    subject: str
    epoch: int


@dataclass(frozen=True)
class Lease:
    """A resource that is not free.

    Parameters
    ----------
    active
        Whether the lease has not run out.
    process
        Who has it (:func:`.liveness.mark`); None where it is suspended.
    stop_requested
        Whether somebody asked that process to stop.
    """

    resource: str
    subject: str
    epoch: int
    active: bool
    process: str | None = None
    stop_requested: bool = False

    @property
    def claim(self) -> Claim:
        """Return the claim that the process has, for whoever takes the resource from it."""
        return Claim(self.resource, self.subject, self.epoch)


class LeaseHeld(StorageError):
    """Somebody has the resource."""

    def __init__(self, lease: Lease) -> None:
        super().__init__(f"{lease.resource} is leased to {lease.subject} by {lease.process}.")
        self.lease = lease


@dataclass(frozen=True)
class ExpiredObject:
    """An object that has expired and is not deleted yet."""

    id: str
    kind: str
    owner: str


@dataclass(frozen=True)
class Blob:
    """Stored bytes, named by their SHA-256 in hexadecimal."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class DatabaseHealth:
    """The condition of a database.

    Parameters
    ----------
    name
        The database as people know it: a path, or an address without its password.
    facts
        A few words for people: version of the schema, journal mode.
    path
        The file of the database, if it has one.
    journal_mode
        Of SQLite; empty otherwise.
    fault
        What is wrong; empty if nothing is wrong.
    """

    name: str
    facts: str
    path: Path | None = None
    journal_mode: str = ""
    fault: str = ""


class FileWriter(Protocol):
    """A writer of bytes in any number of pieces. Leaving the block without ``commit`` drops them."""

    def write(self, data: bytes) -> None:
        """Add a piece."""

    def commit(self) -> Blob:
        """Store the bytes under their hash; equal content is stored once.

        They are safe from :meth:`Storage.collect_garbage` until the block is left, and longer if an
        object whose ``blob`` names them was stored by then.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Storage(Protocol):
    """Objects, bytes and leases.

    An object whose ``gone_at`` has passed counts as deleted: only :meth:`expired` and
    :meth:`delete` still find it.
    """

    def save(
        self,
        *objects: WireObject,
        owner: str,
        claim: Claim | None = None,
        suspend: bool = False,
        release: bool = False,
        second_claim: Claim | None = None,
    ) -> None:
        """Insert or replace objects, all or none, in the order given.

        A replaced object keeps its place in lists and its owner.

        Parameters
        ----------
        suspend
            Whether the claim's lease ends in the same transaction; see :meth:`suspend`.
        release
            Whether the claim's resource is freed in the same transaction; see :meth:`release`.
        second_claim
            Of the request that saves them, where it has an idempotency key.

        Raises
        ------
        ClaimLost
            If a claim is given whose lease was taken over or released. Nothing is written.
        """

    def add(self, object: WireObject, *, owner: str) -> bool:
        """Insert an object unless its id is used, and return whether it was inserted."""

    def replace(
        self,
        old: WireObject,
        new: WireObject,
        *also: WireObject,
        owner: str = "",
        claim: Claim | None = None,
    ) -> bool:
        """Replace an object if it is still as it was, and return whether it was replaced.

        Of several processes that change the same object only the first one succeeds; the others
        read it again.

        Parameters
        ----------
        old
            The object as it was read.
        new
            Has the same id. Owner and place in lists stay.
        also, owner
            Objects that are saved in the same transaction, if the first is replaced, and whose they are.

        Raises
        ------
        ClaimLost
            If ``claim`` is given and does not hold.
        """

    def get(self, kind: type[W], id: str, *, owner: str | None = None) -> W:
        """Return one object.

        Parameters
        ----------
        owner
            Only an object of this owner; None for any.

        Raises
        ------
        NotFound
            If there is none of this kind, or it is somebody else's.
        """

    def owner_of(self, id: str) -> str:
        """Return the owner of an object.

        Raises
        ------
        NotFound
            If there is no such object.
        """

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
        """Return a page of objects in the order of their creation.

        ``None`` filters nothing. ``before`` alone returns the ``limit`` objects nearest before the
        cursor, in the requested order (docs/internals/protocol.md, "Ids and pages"). A cursor may
        name an object that was deleted: a list that is emptied page by page is read to its end.

        Raises
        ------
        NotFound
            If a cursor names no object of this kind (and parent and owner, where given), and none
            that was deleted within the week.
        """

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
        """Return a page of the owner's threads, as :meth:`list` does.

        Parameters
        ----------
        text
            Only threads with this text in a message or in a value of their metadata, in upper or
            lower case.
        metadata
            Only threads with all these pairs.
        """

    def count(
        self, kind: type[WireObject], *, parent: str, key: str | None = None
    ) -> Mapping[str, int]:
        """Return how many objects of a parent have each status, all counted at one moment."""

    def history(self, thread_id: str, *, limit: int | None = None) -> Sequence[Message | Item]:
        """Return a thread's messages and items, oldest first; with ``limit`` only the newest."""

    def delete(self, *ids: str) -> None:
        """Delete objects and their children, to any depth. Their places in lists stay known for a week.

        Unknown ids are ignored. Leases on them are released, and bytes that no other
        object names are removed.
        """

    def expired(self, *, limit: int = 100) -> Sequence[ExpiredObject]:
        """Return objects that have expired, for the caller to :meth:`delete`."""

    def collect_garbage(self) -> int:
        """Remove bytes that no object names and no writer has open.

        Leases, claims, and deleted objects' places in lists go when they are long past.
        The file of a database shrinks by what is free in it.

        Crashes leave such bytes behind; :meth:`delete` removes its own. Safe at any time, also
        while other processes upload the same content.

        Returns
        -------
        int
            How many files were removed.
        """

    def acquire(
        self, resource: str, subject: str, *, kind: LeaseKind, process: str, seconds: float
    ) -> Claim:
        """Acquire a resource that is free, or whose lease for this subject has run out.

        Parameters
        ----------
        process
            Who acquires it (:func:`.liveness.mark`).
        seconds
            How long the lease lasts without :meth:`renew`.

        Raises
        ------
        LeaseHeld
            If the resource belongs to another subject, or somebody works for this one right now.
        """

    def renew(self, claim: Claim, *, seconds: float) -> None:
        """Renew a lease: it lasts so many seconds from now.

        Raises
        ------
        ClaimLost
            If the lease was taken over or released.
        """

    def request_stop(self, resource: str, subject: str) -> bool:
        """Ask the process that has an active lease to stop, and return whether there is one.

        It sees the request in the lease; nothing else is changed.
        """

    def suspend(self, claim: Claim) -> None:
        """End a lease and leave the resource with its subject: the run waits for its client.

        With the claim of a dead process this ends its lease before it runs out. A lost claim is ignored.
        """

    def release(self, claim: Claim) -> None:
        """Free the resource. A lost claim is ignored."""

    def lease(self, resource: str) -> Lease | None:
        """Return the lease on a resource, or None if it is free."""

    def leases(self, kind: LeaseKind) -> Sequence[Lease]:
        """Return every lease of a kind; recovery after a restart begins with it."""

    def claim_once(self, key: str) -> bool:
        """Return True the first time that a key is claimed, whoever claims it.

        It stays claimed for longer than any run lasts; see :meth:`collect_garbage`.
        """

    def write_file(self) -> FileWriter:
        """Open a new file for writing."""

    def open_file(self, sha256: str) -> BinaryIO:
        """Open the bytes of a file for reading. They are verified first, so this may read them all.

        Raises
        ------
        StorageError
            If they are not there, or not those that were stored.
        """

    def check_file(self, sha256: str) -> None:
        """Read the bytes of a file and verify them.

        Raises
        ------
        StorageError
            If they are not there, or not those that were stored.
        """

    def check_health(self) -> DatabaseHealth:
        """Return the condition of the database. It may read the whole of it.

        Raises
        ------
        StorageError
            If it cannot be used at all.
        """

    def close(self) -> None:
        """Close files and connections."""
