"""Vectors of chunks, made in the background: chunks are found by their words before."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.retrieval.base import SearchIndex

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
RETRY_SECONDS = 60.0
BATCH_CHUNKS = 16
"""Chunks per call: between two calls the task can be cancelled."""


class Reembedder:
    """The background task that embeds new chunks, and all chunks after a change of the model."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start the task."""
        self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            await asyncio.to_thread(self._index.warm)
        except AssistantsError as error:
            log.warning("vectors could not be read: %s", error.message)
        reason = ""
        while True:
            try:
                left = await asyncio.to_thread(self._index.embed, most=BATCH_CHUNKS)
            except AssistantsError as error:
                if error.message != reason:
                    # Once for each reason: without a network it is the same one every minute.
                    reason = error.message
                    log.warning("files cannot be searched by meaning for now: %s", reason)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not left:
                await asyncio.sleep(POLL_SECONDS)

    async def close(self) -> None:
        """Stop; what waits is embedded when the server runs again."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
