"""The unit of work: objects that are saved together, and announced once they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.storage.base import Claim, Storage, W

Listener = Callable[[Sequence[W], str], None]
"""Called on the event loop with the committed objects of one kind, and their owner."""


@dataclass
class Receipt:
    """A record by which a repeated request finds its answer, saved in the transaction of the request's change.

    Stored afterwards alone, a kill in between would lose it, and the repeated request would make the
    change once more.

    Parameters
    ----------
    kind
        The object that the request answers.
    claim
        The request's claim on its idempotency key.
    build
        Returns the record of the answer.
    """

    kind: type[WireObject]
    claim: Claim
    build: Callable[[Any], WireObject]
    is_saved: bool = False

    def record(self, objects: Sequence[WireObject]) -> WireObject | None:
        """Return the record, if the answer is among what is saved."""
        answer = next((each for each in objects if isinstance(each, self.kind)), None)
        return None if answer is None or self.is_saved else self.build(answer)


RECEIPT: ContextVar[Receipt | None] = ContextVar("receipt", default=None)
"""Of the request that is carried out. Threads of ``asyncio.to_thread`` see it, too."""


def save(storage: Storage, *objects: WireObject, owner: str, claim: Claim | None = None) -> None:
    """Save objects, and with them the receipt of the request if it has one. Blocking."""
    receipt = RECEIPT.get()
    record = receipt.record(objects) if receipt else None
    if receipt is None or record is None:
        storage.save(*objects, owner=owner, claim=claim)
        return
    storage.save(*objects, record, owner=owner, claim=claim, second_claim=receipt.claim)
    receipt.is_saved = True


def replace(
    storage: Storage, old: WireObject, new: WireObject, *also: WireObject, owner: str
) -> bool:
    """Replace an object if it is still as it was, as :func:`save` does. Blocking."""
    receipt = RECEIPT.get()
    record = receipt.record([new, *also]) if receipt else None
    if receipt is None or record is None:
        return storage.replace(old, new, *also, owner=owner)
    receipt.is_saved = storage.replace(old, new, *also, record, owner=owner, claim=receipt.claim)
    return receipt.is_saved


class UnitOfWork:
    """Commits objects, and announces what was committed to those who react to it.

    Whoever saves an object does not know who acts on it: a new vector-store file is saved like
    any other object, and ingestion subscribes to its kind (docs/internals/runs.md,
    "The unit of work").
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._listeners: list[tuple[type[WireObject], Listener[Any]]] = []

    def subscribe(self, kind: type[W], listener: Listener[W]) -> None:
        """Call a listener with the objects of a kind after each commit that has some.

        A listener must return at once, and must not rely on the announcement alone: a commit of
        another process is not announced here, and neither is one whose request was cancelled
        while the database worked.
        """
        self._listeners.append((kind, listener))

    async def commit(self, *objects: WireObject, owner: str, claim: Claim | None = None) -> None:
        """Save objects, all or none, then announce them.

        Parameters
        ----------
        claim
            The right to write under which all of them are saved; None where none is needed.

        Raises
        ------
        ClaimLost
            If the claim does not hold any more. Nothing is saved.
        """
        await asyncio.to_thread(save, self._storage, *objects, owner=owner, claim=claim)
        # After the transaction: whoever hears of an object can read it.
        for kind, listener in self._listeners:
            if announced := [each for each in objects if isinstance(each, kind)]:
                listener(announced, owner)
