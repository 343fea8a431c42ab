"""The API as Python functions, one for each operation of :mod:`jupyter_assistants.api.routes`.

:func:`build` is the only place that names concrete adapters.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path, jupyter_runtime_dir
from traitlets import TraitError

from jupyter_assistants.api.connections import Choices, read_choices
from jupyter_assistants.api.model_catalog import DEMO, ModelCatalog
from jupyter_assistants.api.service import Service
from jupyter_assistants.config import Endpoint, Settings
from jupyter_assistants.kernels.caller import CallerExecutor
from jupyter_assistants.kernels.limits import limits_of
from jupyter_assistants.kernels.pool import KernelPool
from jupyter_assistants.kernels.sandbox_policy import SandboxPolicy
from jupyter_assistants.models.base import ModelClient, ProviderOptions
from jupyter_assistants.models.dialects import DIALECTS
from jupyter_assistants.models.keys import Keys
from jupyter_assistants.models.registry import create_client, own_clients
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.protocol.vector_stores import VectorStoreFile
from jupyter_assistants.retrieval.base import DocumentReader, SearchIndex
from jupyter_assistants.retrieval.embedders.base import Embedder, create_embedder
from jupyter_assistants.retrieval.file_reader import FileReader
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.index_storage import Rows
from jupyter_assistants.retrieval.ingestion.queue import Ingestion
from jupyter_assistants.retrieval.sqlite import SqliteRows
from jupyter_assistants.runs.context import RunSettings
from jupyter_assistants.runs.engine import Engine, Started
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.sql import SqlStorage
from jupyter_assistants.storage.unit_of_work import UnitOfWork
from jupyter_assistants.tools.base import ToolParts
from jupyter_assistants.tools.registry import build_tools

log = logging.getLogger(__name__)

__all__ = ["Service", "Started", "build"]


def build(
    settings: Settings,
    *,
    server_kernels: Any | None = None,
    storage: Storage | None = None,
    index: SearchIndex | None = None,
    reader: DocumentReader | None = None,
    clients: dict[str, ModelClient] | None = None,
) -> Service:
    """Build the service from its parts.

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
    executors = _executors(settings, server_kernels)
    ingestion = Ingestion(storage, index, reader or FileReader())
    parts = ToolParts(
        storage,
        executors,
        CallerExecutor(),
        index,
        code_timeout=settings.code_timeout,
        max_approval=settings.max_approval,
        check_searchable=ingestion.check_searchable,
    )
    models = _models(settings, clients or {})
    engine = Engine(
        storage,
        models.resolve,
        build_tools(parts),
        _run_settings(settings),
    )
    work = UnitOfWork(storage)
    work.subscribe(VectorStoreFile, ingestion.enqueue)
    return Service(settings, storage, engine, executors, models, ingestion, work, index)


def _run_settings(settings: Settings) -> RunSettings:
    return RunSettings(
        settings.max_turns,
        settings.prompt_budget,
        settings.summaries,
        settings.max_answer_characters,
    )


def _executors(settings: Settings, server_kernels: Any | None) -> KernelPool:
    root = getattr(server_kernels, "root_dir", "")
    return KernelPool(
        settings.data_dir / "threads",
        server_kernels=server_kernels,
        idle_seconds=settings.dedicated_kernel_idle,
        code_seconds=settings.code_timeout,
        variables=settings.kernel_environment,
        limits=limits_of(
            settings.kernel_memory,
            settings.kernel_processes,
            settings.kernel_file_size,
            settings.kernel_disk,
        ),
        sandbox_policy=SandboxPolicy(
            settings.sandbox,
            readable=[Path(root)] if root else [],
            hidden=[settings.data_dir, *map(Path, (*jupyter_config_path(), jupyter_runtime_dir()))],
            variables=settings.kernel_environment,
        ),
    )


def _models(settings: Settings, clients: dict[str, ModelClient]) -> ModelCatalog:
    # A provider with models of its own was installed to be used; the demo answers in any case.
    everything = own_clients(settings.windows)
    connected = {*clients, *everything} - {DEMO}
    # An endpoint that somebody connects later may have a key as well.
    wanted = {name: dialect.key_env for name, dialect in DIALECTS.items() if dialect.key_env}
    wanted |= {name: endpoint.api_key_env for name, endpoint in settings.endpoints.items()}
    choices = read_choices(settings.data_dir) if settings.allow_connecting else Choices()
    keys = Keys(settings.data_dir).find(wanted)
    for name, endpoint in {**choices.endpoints(), **settings.endpoints}.items():
        key = keys.get(name)
        try:
            everything[name] = _client(settings.windows, name, endpoint, key)
        except AssistantsError as error:
            log.warning("%s", error.message)
            continue
        configured = not endpoint.shipped and bool(endpoint.base_url or endpoint.provider)
        if configured or (key and name not in choices.off):
            connected.add(name)
    return ModelCatalog(
        settings,
        everything | clients,
        frozenset(connected),
        keyed=frozenset(keys),
        choices=choices,
        locate_keys=lambda: Keys(settings.data_dir).locate(wanted),
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
    """Return what makes the vectors of file_search; no text leaves the machine unasked.

    Raises
    ------
    TraitError
        If the setting names nothing that is known.
    """

    def find_endpoint(name: str) -> tuple[str | None, str | None] | None:
        endpoint = settings.endpoints.get(name)
        if endpoint is None:
            return None
        return endpoint.base_url, Keys(settings.data_dir).find({name: endpoint.api_key_env}).get(
            name
        )

    try:
        models = settings.data_dir / "embedding_models"
        return create_embedder(settings.embedding_model, models, find_endpoint)
    except AssistantsError as error:
        known = ", ".join(sorted(settings.endpoints))
        text = (
            f"c.JupyterAssistantsApp.embedding_model: {error.message} The endpoints are: {known}."
        )
        raise TraitError(text) from None


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
