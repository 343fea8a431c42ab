"""The API as Python methods, one for each operation of :mod:`jupyter_assistants.api.routes`.

:func:`build` is the only place that names concrete adapters.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from traitlets import TraitError

from jupyter_assistants.api.assistants import AssistantOperations
from jupyter_assistants.api.cell_checks import PromoteOperations
from jupyter_assistants.api.connections import Choices, read
from jupyter_assistants.api.doctor import DoctorOperations
from jupyter_assistants.api.documents import DocumentOperations
from jupyter_assistants.api.endpoints import EndpointOperations
from jupyter_assistants.api.model_catalog import DEMO, Models
from jupyter_assistants.api.previews import PreviewOperations
from jupyter_assistants.api.programs import ProgramOperations
from jupyter_assistants.api.recordings import RecordOperations
from jupyter_assistants.api.thread_exports import ConversationOperations
from jupyter_assistants.api.transcripts import TranscriptOperations
from jupyter_assistants.api.undo import UndoOperations
from jupyter_assistants.api.uploads import UploadOperations
from jupyter_assistants.api.vector_store_events import VectorStoreEventOperations
from jupyter_assistants.api.vector_store_files import VectorStoreFileOperations
from jupyter_assistants.config import Endpoint, Settings
from jupyter_assistants.kernels.caller import CallerExecutor
from jupyter_assistants.kernels.pool import KernelPool
from jupyter_assistants.models.base import ModelClient, ProviderOptions
from jupyter_assistants.models.dialects import DIALECTS
from jupyter_assistants.models.keys import Keys
from jupyter_assistants.models.registry import create_client, own_clients
from jupyter_assistants.protocol.errors import AssistantsError, StorageError
from jupyter_assistants.protocol.pages import RawDocument
from jupyter_assistants.protocol.vector_stores import VectorStoreFile
from jupyter_assistants.retrieval.base import Embedder, Reader, SearchIndex
from jupyter_assistants.retrieval.embedders.endpoint import EndpointEmbedder
from jupyter_assistants.retrieval.embedders.local import LocalModel, weights_folder
from jupyter_assistants.retrieval.file_reader import FileReader
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.index_storage import Rows
from jupyter_assistants.retrieval.ingestion.queue import Ingestion
from jupyter_assistants.retrieval.ingestion.reembedding import Embedding
from jupyter_assistants.retrieval.sqlite import SqliteRows
from jupyter_assistants.runs.loop import Engine, Started
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.sql import SqlStorage
from jupyter_assistants.storage.unit_of_work import UnitOfWork
from jupyter_assistants.tools.base import ToolParts
from jupyter_assistants.tools.registry import build_tools

TIDY_SECONDS = 60.0
COLLECT_SECONDS = 6 * 3600.0

log = logging.getLogger(__name__)

__all__ = ["Service", "Started", "build"]


class Service(
    AssistantOperations,
    ConversationOperations,
    DoctorOperations,
    DocumentOperations,
    EndpointOperations,
    PreviewOperations,
    ProgramOperations,
    PromoteOperations,
    RecordOperations,
    TranscriptOperations,
    UndoOperations,
    UploadOperations,
    VectorStoreEventOperations,
    VectorStoreFileOperations,
):
    """The whole API. The first argument of every operation is the owner's name."""

    _tidying: asyncio.Task[None] | None = None
    _embedding: Embedding | None = None

    async def describe_api(self, owner: str) -> RawDocument:
        """Return the OpenAPI document of this API."""
        from jupyter_assistants.api.openapi import document

        return RawDocument(await asyncio.to_thread(document))

    async def start(self) -> None:
        """End what a dead process left behind, and begin to look after runs."""
        await self.engine.open()
        await self.ingestion.open()
        self._embedding = Embedding(self.index)
        self._embedding.open()
        self._tidying = asyncio.create_task(self._tidy_for_ever())

    async def tidy(self) -> None:
        """Remove what has expired."""
        await self.expire_uploads()
        await self.drop_gone()
        await asyncio.to_thread(self.ingestion.leftovers.drop_expired)
        await asyncio.to_thread(self.index.tidy)

    async def _tidy_for_ever(self) -> None:
        collected = float("-inf")
        while True:
            try:
                await self.tidy()
                if time.monotonic() - collected > COLLECT_SECONDS:
                    collected = time.monotonic()
                    await asyncio.to_thread(self.storage.collect)
            except StorageError as error:
                log.warning("expired objects could not be removed: %s", error.message)
            await asyncio.sleep(TIDY_SECONDS)

    async def close(self) -> None:
        """Stop runs, end kernels and connections."""
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.wait({self._tidying})
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.wait({self._trying})
        await self.engine.close()
        await self.ingestion.close()
        if self._embedding is not None:
            await self._embedding.close()
        await self.executors.close()
        await self.models.close()
        await asyncio.to_thread(self.index.close)
        await asyncio.to_thread(self.storage.close)


def build(
    settings: Settings,
    *,
    server_kernels: Any | None = None,
    storage: Storage | None = None,
    index: SearchIndex | None = None,
    reader: Reader | None = None,
    clients: dict[str, ModelClient] | None = None,
) -> Service:
    """Wire the parts.

    Parameters
    ----------
    server_kernels
        The Jupyter server's kernel manager, for code in its live kernels.
    storage, index, reader, clients
        Instead of what the settings say: for tests, benchmarks and programs of your own.
        ``clients`` are added by name to the configured endpoints.

    Raises
    ------
    StorageError
        If the database cannot be opened.
    """
    if storage is None:
        storage = SqlStorage(
            settings.url, settings.data_dir / "files", journal_mode=settings.journal_mode
        )
    if index is None:
        index = HybridIndex(_rows(settings), _embedder(settings))
    executors = KernelPool(
        settings.data_dir / "threads",
        server_kernels=server_kernels,
        idle_seconds=settings.dedicated_kernel_idle,
        code_seconds=settings.code_timeout,
    )
    parts = ToolParts(
        storage,
        executors,
        CallerExecutor(),
        index,
        code_timeout=settings.code_timeout,
        max_approval=settings.max_approval,
    )
    models = _models(settings, clients or {})
    engine = Engine(
        storage,
        models.resolve,
        build_tools(parts),
        max_turns=settings.max_turns,
        prompt_budget=settings.prompt_budget,
        summaries=settings.summaries,
    )
    ingestion = Ingestion(storage, index, reader or FileReader())
    work = UnitOfWork(storage)
    work.subscribe(VectorStoreFile, ingestion.enqueue)
    return Service(settings, storage, engine, executors, models, ingestion, work, index)


def _models(settings: Settings, clients: dict[str, ModelClient]) -> Models:
    # A provider with models of its own was installed to be used; the demo answers in any case.
    everything = own_clients(settings.windows)
    connected = {*clients, *everything} - {DEMO}
    # An endpoint that somebody connects later may have a key as well.
    wanted = {name: dialect.key_env for name, dialect in DIALECTS.items() if dialect.key_env}
    wanted |= {name: endpoint.api_key_env for name, endpoint in settings.endpoints.items()}
    choices = read(settings.data_dir) if settings.allow_connecting else Choices()
    keys = Keys(settings.data_dir).find(wanted)
    for name, endpoint in {**choices.endpoints(), **settings.endpoints}.items():
        key = keys.get(name)
        try:
            everything[name] = _client(settings.windows, name, endpoint, key)
        except AssistantsError as error:
            log.warning("%s", error.message)
            continue
        configured = not endpoint.shipped and bool(endpoint.base_url)
        if configured or (key and name not in choices.off):
            connected.add(name)
    return Models(
        settings,
        everything | clients,
        frozenset(connected),
        keyed=frozenset(keys),
        choices=choices,
        locate_keys=lambda: Keys(settings.data_dir).located(wanted),
        make=partial(_client, settings.windows),
    )


def _rows(settings: Settings) -> Rows:
    """Return where chunks are kept: beside the objects, where these are shared by several servers."""
    scheme, _, rest = settings.url.partition("://")
    if scheme.partition("+")[0] in ("postgresql", "postgres"):
        from jupyter_assistants.retrieval.postgresql import PostgresqlRows

        return PostgresqlRows(f"postgresql://{rest}")
    return SqliteRows(settings.data_dir / "search.db", journal_mode=settings.journal_mode)


def _embedder(settings: Settings) -> Embedder | None:
    """Return what makes the vectors of file_search; nothing leaves the machine unasked.

    Raises
    ------
    TraitError
        If the configured endpoint is not known.
    """
    wanted = settings.embedding_model
    if wanted == "none":
        return None
    if not wanted:
        folder = weights_folder()
        if folder is None:
            return None
        return LocalModel(folder)
    name, _, model = wanted.partition("/")
    endpoint = settings.endpoints.get(name)
    if endpoint is None or not model:
        known = ", ".join(sorted(settings.endpoints))
        raise TraitError(
            f"c.JupyterAssistantsApp.embedding_model: {wanted!r} is not ENDPOINT/MODEL, 'none' or "
            f"empty. The endpoints are: {known}."
        )
    key = Keys(settings.data_dir).find({name: endpoint.api_key_env}).get(name)
    return EndpointEmbedder(name, base_url=endpoint.base_url, key=key, model=model)


def _client(
    windows: Mapping[str, int], name: str, endpoint: Endpoint, key: str | None
) -> ModelClient:
    options = ProviderOptions(
        name,
        base_url=endpoint.base_url,
        key=key,
        wire=endpoint.wire,
        dialect=endpoint.kind,
        max_attempts=endpoint.max_attempts,
        first_byte_seconds=endpoint.first_byte_seconds,
        idle_seconds=endpoint.idle_seconds,
        windows=windows,
    )
    return create_client(endpoint.provider, options)
