"""A service on a database in memory with a scripted model, and short names for what tests do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_assistants.api import Service, Started, build
from jupyter_assistants.api.dispatch import find, perform
from jupyter_assistants.api.forms import ReceivedFile
from jupyter_assistants.config import Settings
from jupyter_assistants.models.base import ModelEvent, ModelRequest, StreamEnd
from jupyter_assistants.models.scripted import Script, Scripted
from jupyter_assistants.protocol.deltas import STREAM_EVENTS
from jupyter_assistants.protocol.events import DONE, Event
from jupyter_assistants.protocol.files import CreateFile, File, Purpose
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.retrieval.base import DocumentReader, SearchIndex
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.sql import SqlStorage
from support.waiting import eventually

ANSWERED = [
    "run.step.created",
    "run.step.in_progress",
    "message.created",
    "message.in_progress",
    "message.delta",
    "message.completed",
    "run.step.completed",
    "run.completed",
    "done",
]
"""The last events of a run: an answer in one piece, and its end."""


OWNER = "ada"
FUNCTION = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


@dataclass
class Bench:
    """A service, and what a client would do with it."""

    service: Service
    model: Scripted
    thread_id: str = ""
    assistant_id: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    async def ask(self, verb: str, path: str, *, owner: str = OWNER, **body: Any) -> Any:
        route, names = find(verb, path)
        query = {key[6:]: body.pop(key) for key in list(body) if key.startswith("query_")}
        return await perform(self.service, owner, route, names, query=query, body=body)

    async def upload(
        self, name: str, data: bytes, *, purpose: Purpose = "assistants", owner: str = OWNER
    ) -> File:
        """Upload a file, as a form would."""
        with self.service.storage.write_file() as writer:
            writer.write(data)
            fields = CreateFile(purpose=purpose)
            received = ReceivedFile(name, writer.commit(), fields)
            route, _ = find("POST", "/files")
            file: File = await perform(self.service, owner, route, {}, received=received)
        return file

    async def download(self, file_id: str, *, owner: str = OWNER) -> bytes:
        """Return the bytes of a file."""
        data: bytes = (await self.ask("GET", f"/files/{file_id}/content", owner=owner)).read()
        return data

    async def begin(self, *tools: dict[str, Any], text: str = "hello", **assistant: Any) -> None:
        made = await self.ask(
            "POST", "/assistants", model="scripted/it", tools=list(tools), **assistant
        )
        thread = await self.ask("POST", "/threads", messages=[{"role": "user", "content": text}])
        self.assistant_id, self.thread_id = made.id, thread.id

    async def start(self, **body: Any) -> Started:
        path = f"/threads/{self.thread_id}/runs"
        started = await self.ask("POST", path, assistant_id=self.assistant_id, **body)
        assert isinstance(started, Started)
        return started

    async def submit(self, run: Run, *outputs: dict[str, Any]) -> Started:
        path = f"/threads/{run.thread_id}/runs/{run.id}/submit_tool_outputs"
        started = await self.ask("POST", path, tool_outputs=list(outputs))
        assert isinstance(started, Started)
        return started

    async def run(self, **body: Any) -> Run:
        """Start a run and follow it to its end, or to where it waits."""
        started = await self.start(**body)
        await events(started)
        return await self.get_run(started.run)

    async def get_run(self, run: Run) -> Run:
        found = await self.ask("GET", f"/threads/{run.thread_id}/runs/{run.id}")
        assert isinstance(found, Run)
        return found

    async def run_when(self, run: Run, holds: Callable[[Run], Any]) -> Run:
        """Poll a run, as a client does, until something holds of it."""

        async def look() -> Run | None:
            found = await self.get_run(run)
            return found if holds(found) else None

        found = await eventually(look)
        assert found is not None
        return found

    async def messages(self, **query: Any) -> list[Message]:
        path = f"/threads/{self.thread_id}/messages"
        page = await self.ask("GET", path, query_order="asc", **query)
        return list(page.data)

    async def steps(self, run: Run) -> list[RunStep]:
        path = f"/threads/{run.thread_id}/runs/{run.id}/steps"
        return list((await self.ask("GET", path, query_order="asc")).data)


async def events(started: Started) -> list[Event]:
    """Return what a stream of this request carries; each event has the shape that it must have."""
    found = [event async for event in started.events]
    for event in found:
        if event.event != DONE:
            STREAM_EVENTS[event.event].model_validate(event.data)
    return found


def names(found: Sequence[Event]) -> list[str]:
    """Return the events' names without the ``thread.`` in front; repeated deltas once."""
    short = [event.event.removeprefix("thread.") for event in found]
    return [n for i, n in enumerate(short) if not (n.endswith("delta") and n == short[i - 1])]


def storage_on_disk(tmp_path: Path) -> SqlStorage:
    """Return a storage that outlives a service, as one in memory does not."""
    return SqlStorage(f"sqlite:///{tmp_path}/objects.sqlite", tmp_path / "files")


class HeldModel(Scripted):
    """A scripted model that says all its words and ends only once the test lets it."""

    def __init__(self, turns: Sequence[Script]) -> None:
        super().__init__(turns)
        self.release = asyncio.Event()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        async for event in super().stream(request):
            if isinstance(event, StreamEnd):
                await self.release.wait()
            yield event


@asynccontextmanager
async def bench(
    tmp_path: Path,
    *turns: Script,
    model: Scripted | None = None,
    storage: Storage | None = None,
    index: SearchIndex | None = None,
    reader: DocumentReader | None = None,
    server_kernels: Any = None,
    delay: float = 0.0,
    **settings: Any,
) -> AsyncIterator[Bench]:
    """Open a service whose model ``scripted/it`` says these turns."""
    model = model or Scripted(turns, delay=delay)
    service = build(
        Settings(data_dir=tmp_path, **{"embedding_model": "none"} | settings),
        storage=storage or SqlStorage.in_memory(),
        index=index,
        reader=reader,
        server_kernels=server_kernels,
        clients={"scripted": model},
    )
    await service.start()
    try:
        yield Bench(service, model)
    finally:
        await service.close()
