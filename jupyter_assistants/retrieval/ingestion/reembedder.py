"""Vectors of chunks, made in the background: chunks are found by their words before."""

from __future__ import annotations

import asyncio

from jupyter_assistants.retrieval.base import SearchIndex
from jupyter_assistants.storage.background import BackgroundLoop

POLL_SECONDS = 2.0
RETRY_SECONDS = 60.0
BATCH_CHUNKS = 16
"""Chunks per call: between two calls the task can be cancelled."""


class Reembedder:
    """The background task that embeds new chunks, and all chunks after a change of the model."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self._warm = False
        # Without a network it fails with every batch: an endpoint is not asked more than once a minute.
        self._loop = BackgroundLoop(
            "search by meaning",
            self._embed,
            seconds=POLL_SECONDS,
            delay=0.0,
            longest_retry=RETRY_SECONDS,
        )

    def open(self) -> None:
        """Start the task."""
        self._loop.start()

    async def _embed(self) -> float | None:
        if not self._warm:
            self._warm = True
            await asyncio.to_thread(self._index.warm)
        left = await asyncio.to_thread(self._index.embed, most=BATCH_CHUNKS)
        return 0.0 if left else None

    async def close(self) -> None:
        """Stop; what waits is embedded when the server runs again."""
        await self._loop.close()
