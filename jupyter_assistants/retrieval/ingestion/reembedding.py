"""Makes the vectors of chunks in the background, after they can be found by their words."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.retrieval.base import SearchIndex

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 2.0
TRY_AGAIN_SECONDS = 60.0
AT_ONCE = 16
"""Chunks between two looks at whether the server ends."""


class Embedding:
    """Embeds what waits: new chunks, and all of them after the model was changed."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            await asyncio.to_thread(self._index.warm)
        except AssistantsError as error:
            log.warning("vectors could not be read: %s", error.message)
        while True:
            try:
                left = await asyncio.to_thread(self._index.embed, most=AT_ONCE)
            except AssistantsError as error:
                log.warning("files cannot be searched by meaning for now: %s", error.message)
                await asyncio.sleep(TRY_AGAIN_SECONDS)
                continue
            if not left:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def close(self) -> None:
        """Stop; what waits is embedded when the server runs again."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
