"""A connection that can be cut: bytes go through it both ways until a test says so."""

from __future__ import annotations

import asyncio
import contextlib

from support.local_server import LocalServer


class Proxy(LocalServer):
    """Passes connections on to a port of this machine, unless it is cut."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._to = port
        self._open: set[asyncio.Task[object] | None] = set()
        self._cut = False

    def cut(self) -> None:
        """Break all connections, and take no new ones."""
        self._cut = True
        self.soon(lambda: [task.cancel() for task in self._open if task])

    def restore(self) -> None:
        """Take connections again."""
        self._cut = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Open the way to the other side and pass on what comes from both."""
        if self._cut:
            return
        own = asyncio.current_task()
        self._open.add(own)
        far: asyncio.StreamWriter | None = None
        try:
            with contextlib.suppress(OSError):
                back, far = await asyncio.open_connection("127.0.0.1", self._to)
                await asyncio.gather(_pass(reader, far), _pass(back, writer))
        finally:
            self._open.discard(own)
            if far is not None:
                far.close()


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    # Whoever has nothing more to say has nothing more to hear either, as browsers have it.
    target.close()
