"""The API as Python methods, one for each operation of :mod:`jupyter_assistants.routes`.

:func:`build` is the only place that names concrete adapters.
"""

from __future__ import annotations

import asyncio
from importlib.metadata import entry_points
from typing import Any

from jupyter_assistants.config import Settings
from jupyter_assistants.engine.runs import Engine, Started
from jupyter_assistants.interpreters.caller import CallerInterpreter
from jupyter_assistants.interpreters.kernel import KernelInterpreters
from jupyter_assistants.providers.base import ModelClient
from jupyter_assistants.providers.chat import ChatCompletions
from jupyter_assistants.providers.demo import Demo
from jupyter_assistants.schema.pages import Document
from jupyter_assistants.service.assistants import AssistantOperations
from jupyter_assistants.service.files import FileOperations
from jupyter_assistants.service.models import DEMO, Models
from jupyter_assistants.service.runs import RunOperations
from jupyter_assistants.store.base import Store
from jupyter_assistants.store.sql import SqlStore
from jupyter_assistants.tools.base import Tool, ToolParts

__all__ = ["Service", "Started", "build"]


class Service(AssistantOperations, RunOperations, FileOperations):
    """The whole API. The first argument of every operation is the owner's name."""

    async def describe_api(self, owner: str) -> Document:
        """Give the OpenAPI document of this API."""
        from jupyter_assistants.openapi import document

        return Document(await asyncio.to_thread(document))

    async def start(self) -> None:
        """End what a dead process left behind, and begin to look after runs."""
        await self.engine.open()

    async def close(self) -> None:
        """Stop runs, end kernels and connections."""
        await self.engine.close()
        await self.interpreters.close()
        await self.models.close()
        await asyncio.to_thread(self.store.close)


def build(
    settings: Settings,
    *,
    server_kernels: Any | None = None,
    store: Store | None = None,
    clients: dict[str, ModelClient] | None = None,
) -> Service:
    """Wire the parts.

    Parameters
    ----------
    server_kernels
        The Jupyter server's kernel manager, for code in its live kernels.
    store, clients
        Instead of what the settings say: for tests, benchmarks and programs of your own.
        ``clients`` are added by name to the configured endpoints.

    Raises
    ------
    StoreError
        If the database cannot be opened.
    """
    if store is None:
        store = SqlStore(
            settings.url, settings.data_dir / "files", journal_mode=settings.journal_mode
        )
    interpreters = KernelInterpreters(
        settings.data_dir / "threads",
        server_kernels=server_kernels,
        idle_seconds=settings.dedicated_kernel_idle,
        code_seconds=settings.code_timeout,
    )
    parts = ToolParts(store, interpreters, CallerInterpreter(), settings.code_timeout)
    models = _models(settings, clients or {})
    engine = Engine(
        store,
        models.resolve,
        _tools(parts),
        max_turns=settings.max_turns,
        prompt_budget=settings.prompt_budget,
    )
    return Service(settings, store, engine, interpreters, models)


def _models(settings: Settings, clients: dict[str, ModelClient]) -> Models:
    everything: dict[str, ModelClient] = {DEMO: Demo()}
    connected = set(clients)
    for name, endpoint in settings.endpoints.items():
        everything[name] = ChatCompletions(
            name, base_url=endpoint.base_url, api_key=endpoint.api_key
        )
        if endpoint.base_url or endpoint.api_key:
            connected.add(name)
    return Models(settings, everything | clients, frozenset(connected))


def _tools(parts: ToolParts) -> dict[str, Tool]:
    tools: dict[str, Tool] = {}
    for entry in entry_points(group="jupyter_assistants.tools"):
        tool: Tool = entry.load()(parts)
        tools[tool.type] = tool
    return tools
