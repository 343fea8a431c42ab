"""The comparison of index and entries: at the start, and whenever the index is another one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.retrieval.base import Generation, SearchIndex
from jupyter_assistants.retrieval.ingestion.cleanup import IndexCleanup


class IndexCheck:
    """Compares index and entries when there is a reason (docs/internals/retrieval.md, "A lost index").

    Parameters
    ----------
    sweep
        Starts what waits to be ingested.
    """

    def __init__(
        self, index: SearchIndex, cleanup: IndexCleanup, sweep: Callable[[], Awaitable[None]]
    ) -> None:
        self._index = index
        self._cleanup = cleanup
        self._sweep = sweep
        self._checked: Generation | None = None
        self._is_read = False
        self._suspected = False

    def suspect(self) -> None:
        """Have index and entries compared soon: they may differ."""
        self._suspected = True

    async def run(self) -> None:
        """Compare index and entries if the index is another one, or they are suspected to differ."""
        try:
            await self._compare()
            if not self._is_read:
                # If it is damaged, it is another one when it is checked next.
                await asyncio.to_thread(self._index.find_damage, whole=False)
                self._is_read = True
        except StorageError:
            # What happened to it meanwhile is unknown.
            self._checked = None
            raise

    async def _compare(self) -> None:
        generation = await asyncio.to_thread(self._index.generation)
        if generation.follows(self._checked) and not self._suspected:
            self._checked = generation
            return
        self._suspected = False
        await asyncio.to_thread(self._cleanup.drop_strays)
        if await asyncio.to_thread(self._cleanup.restore):
            await self._sweep()
        # Last: a check that failed is made again.
        self._checked = generation
