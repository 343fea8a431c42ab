"""The start of the service, which is tried again while the database is away."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from jupyter_assistants.protocol.errors import StorageError, StorageUnavailable
from jupyter_assistants.server import heap
from jupyter_assistants.storage.background import BackgroundLoop

if TYPE_CHECKING:
    from jupyter_assistants.api import Service


class Startup:
    """Builds and starts the service, as soon as its database and its folder can be used.

    Jupyter starts in any case: a person who cannot reach the database still has notebooks to work on.

    Parameters
    ----------
    build
        Builds the service. Blocking.
    """

    def __init__(self, build: Callable[[], Service]) -> None:
        self._build = build
        self._service: Service | None = None
        self._started = False
        self._fault: StorageError | None = None
        self._lock = asyncio.Lock()
        self._loop = BackgroundLoop(
            "start of the service", self._try_again, seconds=math.inf, delay=0.0
        )

    def build(self) -> None:
        """Build the service now, so that a wrong configuration stops the start.

        Raises
        ------
        TraitError
            If a setting is wrong. Of the database, only requests hear.
        """
        try:
            self._service = self._build()
        except StorageError as error:
            self._fault = error

    async def start(self) -> Service | None:
        """Start the service; None where that goes on in the background."""
        try:
            return await self.ready()
        except StorageUnavailable:
            self._loop.start()
            return None

    async def ready(self) -> Service:
        """Return the service, started.

        Raises
        ------
        StorageUnavailable
            If its database or its folder cannot be used yet.
        """
        if self._fault is None:
            async with self._lock:
                if self._fault is None and not self._started:
                    await self._attempt()
        if self._service is None or self._fault is not None:
            raise StorageUnavailable(str(self._fault))
        return self._service

    async def _attempt(self) -> None:
        try:
            if self._service is None:
                self._service = await asyncio.to_thread(self._build)
            await self._service.start()
        except StorageError as error:
            self._fault = error
            return
        self._fault, self._started = None, True
        heap.freeze_heap()

    async def _try_again(self) -> float:
        async with self._lock:
            await self._attempt()
        if self._fault is not None:
            raise self._fault
        return math.inf

    async def close(self) -> None:
        """Close the service."""
        await self._loop.close()
        if self._service is not None:
            await self._service.close()
