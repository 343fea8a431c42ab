"""The client of a service inside this process, for kernels without a Jupyter server.

The same service as the server's runs on a background thread with an event loop of its own, on the
same database. It is imported on first use: a kernel that has a server never pays for it.
"""

from __future__ import annotations

import asyncio
import getpass
import threading
from collections.abc import AsyncIterator, Coroutine, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_assistants.client.base import Json
from jupyter_assistants.client.event_loops import call_on_loop
from jupyter_assistants.protocol.errors import AssistantsError

if TYPE_CHECKING:
    from jupyter_assistants.api import Service

T = TypeVar("T")

_CHUNK = 1024 * 1024


class InProcessClient:
    """Runs the service in a thread of this process, from the first call on.

    A kernel that ends does not close it: the database survives even ``kill -9``, and at exit Python
    accepts no new work for threads.

    Parameters
    ----------
    owner
        The owner of the objects; by default the user of this process.
    """

    where = "this process (no Jupyter server)"

    def __init__(self, owner: str | None = None) -> None:
        self._owner = owner or getpass.getuser()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._service: Service | None = None
        self._starting = threading.Lock()
        self._building = asyncio.Lock()

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Json:
        """Perform one operation."""
        return await self._on_loop(self._wire(method, path, body, query))

    async def stream(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[tuple[str, Any]]:
        """Perform one operation and yield its events."""
        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[tuple[str, Any] | None] = asyncio.Queue()

        async def read() -> None:
            try:
                answer = await self._perform(method, path, {**body, "stream": True}, query)
                async for event in answer.events:
                    call_on_loop(loop, arrived.put_nowait, (event.event, event.data))
            finally:
                call_on_loop(loop, arrived.put_nowait, None)

        reading = await self._submit(read())
        try:
            while (event := await arrived.get()) is not None:
                yield event
                if event[0] == "done":
                    return
            await asyncio.wrap_future(reading)
            raise AssistantsError("the stream ended before the run did")
        finally:
            reading.cancel()

    async def upload(self, path: Path, *, purpose: str, filename: str | None = None) -> Json:
        """Upload a file, read in pieces."""
        return await self._on_loop(self._upload(path, purpose, filename or path.name))

    async def download(self, file_id: str) -> bytes:
        """Return the bytes of a file."""
        return await self._on_loop(self._read(f"/files/{file_id}/content", {}))

    async def document(self, path: str, *, query: Mapping[str, Any]) -> bytes:
        """Return the document that an operation exports."""
        return await self._on_loop(self._read(path, query))

    def url_of_file(self, file_id: str) -> str | None:
        """Return None: nothing listens on an address."""
        return None

    def url_of_view(self, file_id: str, start: int | None, end: int | None) -> str | None:
        """Return None: nothing listens on an address."""
        return None

    def close(self) -> None:
        """End the service; its runs end with it."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        service, self._service = self._service, None
        if service is not None:
            asyncio.run_coroutine_threadsafe(service.close(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        if self._thread is not None:
            self._thread.join(10)

    async def _perform(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
    ) -> Any:
        from jupyter_assistants.api.dispatch import find, perform

        service = await self._ready()
        route, names = find(method, path)
        present = {name: value for name, value in (query or {}).items() if value is not None}
        return await perform(service, self._owner, route, names, query=present, body=body)

    async def _wire(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
    ) -> Json:
        wire: Json = (await self._perform(method, path, body, query)).wire()
        return wire

    async def _read(self, path: str, query: Mapping[str, Any]) -> bytes:
        download = await self._perform("GET", path, None, query)
        data: bytes = await asyncio.to_thread(download.read)
        return data

    async def _upload(self, path: Path, purpose: str, filename: str) -> Json:
        from jupyter_assistants.api.forms import ReceivedFile
        from jupyter_assistants.protocol.files import CreateFile
        from jupyter_assistants.protocol.validation import parse

        service = await self._ready()
        fields = parse(CreateFile, {"purpose": purpose})
        with service.storage.write_file() as writer, path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, _CHUNK):
                await asyncio.to_thread(writer.write, piece)
            received = ReceivedFile(filename, await asyncio.to_thread(writer.commit), fields)
            return (await service.files.create(self._owner, fields, received)).wire()

    async def _on_loop(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Await something that runs on the service's loop."""
        return await asyncio.wrap_future(await self._submit(coroutine))

    async def _submit(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_run, args=(self._loop,), daemon=True)
                self._thread.name = "jupyter_assistants service"
                self._thread.start()
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    async def _ready(self) -> Service:
        """Return the service, built on first use. Runs on the service's loop."""
        from jupyter_assistants.api import build
        from jupyter_assistants.config import load_settings

        async with self._building:
            if self._service is None:
                service = build(load_settings())
                await service.start()
                self._service = service
            return self._service


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped, then cancel its tasks and close it."""
    loop.run_forever()
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    if pending:
        loop.run_until_complete(asyncio.wait(pending))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
