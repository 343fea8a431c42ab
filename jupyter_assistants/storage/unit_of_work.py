"""The unit of work: objects that are saved together, and announced once they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.storage.base import Claim, Storage, W

Listener = Callable[[Sequence[W], str], None]
"""Called on the event loop with the committed objects of one kind, and their owner."""


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
        await asyncio.to_thread(self._storage.save, *objects, owner=owner, claim=claim)
        # After the transaction: whoever hears of an object can read it.
        for kind, listener in self._listeners:
            if announced := [each for each in objects if isinstance(each, kind)]:
                listener(announced, owner)
