"""Runs over endpoints on this machine: a service with clients of real HTTP, and a thread in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jupyter_assistants.api import build
from jupyter_assistants.config import Settings
from jupyter_assistants.models.connection import Timeouts
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.models.retries import Retries
from jupyter_assistants.models.scripted import Scripted
from jupyter_assistants.storage.sql import SqlStorage
from support.service_session import Bench

TIMES = Timeouts(first_byte=0.3, idle=0.2, connect=0.5)


def endpoint(name: str, url: str, **more: Any) -> ModelEndpoint:
    given: dict[str, Any] = {"timeouts": TIMES, "retries": Retries(first_wait=0.01)}
    return ModelEndpoint(name, base_url=url, api_key="k", **{**given, **more})


@asynccontextmanager
async def served(tmp_path: Path, *clients: ModelEndpoint, **settings: Any) -> AsyncIterator[Bench]:
    """Open a service with these endpoints."""
    service = build(
        Settings(data_dir=tmp_path, **settings),
        storage=SqlStorage.in_memory(),
        clients={client.id: client for client in clients},
    )
    await service.start()
    try:
        yield Bench(service, Scripted([]))
    finally:
        await service.close()


async def question(b: Bench, model: str, *tools: dict[str, Any], content: Any = "hello") -> Bench:
    """Return another thread of the same service, with an assistant of its own."""
    other = Bench(b.service, b.model)
    made = await other.ask("POST", "/assistants", model=model, tools=list(tools))
    thread = await other.ask("POST", "/threads", messages=[{"role": "user", "content": content}])
    other.assistant_id, other.thread_id = made.id, thread.id
    return other
