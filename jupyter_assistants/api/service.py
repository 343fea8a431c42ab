"""The API as one object: its resources, and its life from start to close."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from jupyter_assistants.api.assistants import Assistants
from jupyter_assistants.api.attachments import Attachments
from jupyter_assistants.api.cell_checks import CellChecks
from jupyter_assistants.api.description import ApiDescription
from jupyter_assistants.api.doctor import Doctor
from jupyter_assistants.api.documents import Documents
from jupyter_assistants.api.endpoints import Endpoints
from jupyter_assistants.api.file_batches import FileBatches
from jupyter_assistants.api.files import Files
from jupyter_assistants.api.idempotency import Idempotency
from jupyter_assistants.api.messages import Messages
from jupyter_assistants.api.model_catalog import ModelCatalog
from jupyter_assistants.api.notebook_context import NotebookContext
from jupyter_assistants.api.objects import Objects
from jupyter_assistants.api.openapi import document
from jupyter_assistants.api.previews import Previews
from jupyter_assistants.api.programs import Programs
from jupyter_assistants.api.recordings import Recordings
from jupyter_assistants.api.route import Operation
from jupyter_assistants.api.run_builder import RunBuilder
from jupyter_assistants.api.run_events import RunEvents
from jupyter_assistants.api.runs import Runs
from jupyter_assistants.api.steps import Steps
from jupyter_assistants.api.thread_copy import ThreadCopies
from jupyter_assistants.api.thread_exports import ThreadExports
from jupyter_assistants.api.thread_usages import ThreadUsages
from jupyter_assistants.api.threads import Threads
from jupyter_assistants.api.tools import Tools
from jupyter_assistants.api.transcripts import Transcripts
from jupyter_assistants.api.undo import Undo
from jupyter_assistants.api.uploads import Uploads
from jupyter_assistants.api.vector_store_events import VectorStoreEvents
from jupyter_assistants.api.vector_store_files import VectorStoreFiles
from jupyter_assistants.api.vector_stores import VectorStores
from jupyter_assistants.config import Settings
from jupyter_assistants.kernels.base import Executors
from jupyter_assistants.protocol.events import Notices
from jupyter_assistants.retrieval.base import IndexUnavailable, SearchIndex
from jupyter_assistants.retrieval.ingestion.queue import Ingestion
from jupyter_assistants.retrieval.ingestion.reembedder import Reembedder
from jupyter_assistants.runs.engine import Engine
from jupyter_assistants.storage.background import BackgroundLoop
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.unit_of_work import UnitOfWork

TIDY_SECONDS = 60.0
COLLECT_SECONDS = 6 * 3600.0

log = logging.getLogger(__name__)


class Service:
    """The whole API: one attribute for each resource, and the parts that they work on.

    :func:`jupyter_assistants.api.build` makes one. Requests come through
    :func:`jupyter_assistants.api.dispatch.perform`.
    """

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        engine: Engine,
        executors: Executors,
        models: ModelCatalog,
        ingestion: Ingestion,
        work: UnitOfWork,
        index: SearchIndex,
    ) -> None:
        self.settings = settings
        self.storage = storage
        self.engine = engine
        self.executors = executors
        self.models = models
        self.ingestion = ingestion
        self.work = work
        self.index = index
        self._background = self._background_loops(settings)
        self._embedding = Reembedder(index)
        self._collected = float("-inf")
        objects, notices = Objects(storage), Notices()
        attachments = Attachments(objects, ingestion)
        builder = RunBuilder(objects, models, settings)
        self.context = NotebookContext(objects, executors)
        self.assistants = Assistants(objects, attachments, work)
        self.programs = Programs()
        self.messages = Messages(objects, attachments, work, notices)
        self.threads = Threads(objects, attachments, work, self.messages, engine, executors)
        self.thread_copies = ThreadCopies(objects)
        self.thread_exports = ThreadExports(objects)
        self.thread_usages = ThreadUsages(objects, settings.prices)
        self.transcripts = Transcripts(objects)
        self.run_events = RunEvents(objects, engine, notices)
        self.runs = Runs(
            objects,
            attachments,
            work,
            self.messages,
            self.threads,
            builder,
            self.context,
            self.run_events,
            engine,
        )
        self.previews = Previews(self.messages, builder, self.context, engine)
        self.steps = Steps(objects)
        self.undo = Undo(objects, executors)
        self.cell_checks = CellChecks(objects, executors)
        self.recordings = Recordings(objects)
        self._add_files(objects, attachments)
        self.endpoints = Endpoints(models, settings)
        self.tools = Tools(engine.tools)
        self.doctor = Doctor(models, executors, storage, index, ingestion, settings.data_dir)
        self.description = ApiDescription(document)
        self.idempotency = Idempotency(objects, work, self.run_events)
        self._resources = {type(each).__name__: each for each in vars(self).values()}

    def _add_files(self, objects: Objects, attachments: Attachments) -> None:
        ingestion, index, work = self.ingestion, self.index, self.work
        self.files = Files(objects, ingestion)
        self.documents = Documents(ingestion)
        self.uploads = Uploads(objects)
        self.vector_stores = VectorStores(objects, attachments, ingestion, work, index)
        self.vector_store_files = VectorStoreFiles(
            objects, attachments, self.vector_stores, ingestion, work, index
        )
        self.file_batches = FileBatches(
            objects, attachments, self.vector_stores, self.vector_store_files, ingestion, work
        )
        self.vector_store_events = VectorStoreEvents(objects, self.vector_stores, ingestion)

    def _background_loops(self, settings: Settings) -> list[BackgroundLoop]:
        idle = min(settings.dedicated_kernel_idle / 4, TIDY_SECONDS)
        return [
            BackgroundLoop(
                "removal of what has expired", self._tidy_up, seconds=TIDY_SECONDS, delay=0.0
            ),
            BackgroundLoop("end of idle kernels", self.executors.end_idle, seconds=idle),
        ]

    def resource_of(self, operation: Operation) -> Any:
        """Return the resource that an operation is a function of."""
        return self._resources[operation.__qualname__.partition(".")[0]]

    async def start(self) -> None:
        """Recover what a crashed process left, and start the background work.

        It may be called again after it failed.
        """
        await self.engine.open()
        await self.ingestion.open()
        self._embedding.open()
        for loop in self._background:
            loop.start()

    async def tidy(self) -> None:
        """Delete what has expired."""
        await self.uploads.expire()
        await self.files.delete_expired()
        try:
            await asyncio.to_thread(self.ingestion.cleanup.drop_expired)
            await asyncio.to_thread(self.index.tidy)
        except IndexUnavailable as error:
            log.warning("expired text stays in the search index for now: %s", error.message)

    async def _tidy_up(self) -> None:
        await self.tidy()
        if time.monotonic() - self._collected > COLLECT_SECONDS:
            await asyncio.to_thread(self.storage.collect_garbage)
            self._collected = time.monotonic()

    async def close(self) -> None:
        """Stop runs, end kernels and connections."""
        for loop in self._background:
            await loop.close()
        await self.doctor.close()
        # Runs first: they still write to everything that is closed after them.
        await self.engine.close()
        await self.ingestion.close()
        await self._embedding.close()
        await self.executors.close()
        await self.models.close()
        await asyncio.to_thread(self.index.close)
        await asyncio.to_thread(self.storage.close)
