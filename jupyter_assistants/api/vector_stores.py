"""Vector stores (docs/internals/protocol.md, "Vector stores")."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from jupyter_assistants.api.attachments import Attachments
from jupyter_assistants.api.objects import Objects, merged
from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.errors import VectorStoreExpired
from jupyter_assistants.protocol.ids import VECTOR_STORE, new_id, now
from jupyter_assistants.protocol.locations import FilePlace, ResultExtension, TextPlace
from jupyter_assistants.protocol.pages import Deleted, Page, PageQuery
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tools import FileSearchResources, ToolResources
from jupyter_assistants.protocol.vector_stores import (
    CreateVectorStore,
    CreateVectorStoreFile,
    EmbeddingState,
    FileCounts,
    ModifyVectorStore,
    SearchResult,
    SearchResults,
    SearchVectorStore,
    TextPart,
    VectorStore,
    VectorStoreExtension,
    VectorStoreFile,
)
from jupyter_assistants.retrieval.base import (
    Hit,
    IndexState,
    IndexUnavailable,
    Ranking,
    SearchIndex,
)
from jupyter_assistants.retrieval.ingestion.queue import Ingestion
from jupyter_assistants.storage.pages import every
from jupyter_assistants.storage.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class VectorStores:
    """Operations on vector stores."""

    objects: Objects
    attachments: Attachments
    ingestion: Ingestion
    work: UnitOfWork
    index: SearchIndex

    async def create(self, owner: str, body: CreateVectorStore) -> VectorStore:
        """Create a vector store; its files are made searchable in the background."""
        time = now()
        vector_store = VectorStore(
            id=new_id(VECTOR_STORE),
            created_at=time,
            last_active_at=time,
            name=body.name,
            expires_after=body.expires_after,
            metadata=body.metadata,
        )
        files = [
            CreateVectorStoreFile(file_id=file_id, chunking_strategy=body.chunking_strategy)
            for file_id in body.file_ids
        ]
        entries = await self.attachments.entries(owner, vector_store.id, files)
        await self.work.commit(vector_store, *entries, owner=owner)
        return await asyncio.to_thread(self._derived, vector_store)

    async def list(self, owner: str, query: PageQuery) -> Page[VectorStore]:
        """Return a page of vector stores."""
        page = await self.objects.page(VectorStore, owner, query)
        data = await asyncio.to_thread(lambda: [self._derived(each) for each in page.data])
        return Page(data=data, has_more=page.has_more)

    async def get(self, vector_store: VectorStore) -> VectorStore:
        """Return one vector store."""
        return await asyncio.to_thread(self._derived, vector_store)

    async def modify(
        self, owner: str, vector_store: VectorStore, body: ModifyVectorStore
    ) -> VectorStore:
        """Change the fields that are sent; the others stay.

        The files of an expired one that a new expiration revives are indexed again.
        """
        changes: dict[str, Any] = body.provided_fields()
        if "name" in changes:
            changes["name"] = changes["name"] or ""
        expired = vector_store.is_expired
        vector_store = vector_store.changed(**changes)
        again: Sequence[VectorStoreFile] = []
        if expired and not vector_store.is_expired:
            again = await asyncio.to_thread(self._unindexed, vector_store.id)
        await self.work.commit(vector_store, *again, owner=owner)
        return await asyncio.to_thread(self._derived, vector_store)

    def _unindexed(self, vector_store_id: str) -> Sequence[VectorStoreFile]:
        """Return the files of a vector store whose text was deleted when it expired."""
        ended = every(
            self.objects.storage, VectorStoreFile, parent=vector_store_id, status="completed"
        )
        return [each.changed(status="in_progress", attempt=new_id("")) for each in ended]

    async def delete(self, owner: str, vector_store_id: str) -> Deleted:
        """Delete a vector store and take it out of every tool's resources; its files stay."""
        await asyncio.to_thread(self._remove_mentions, owner, vector_store_id)
        await self.ingestion.remove(vector_store_id)
        return Deleted(id=vector_store_id, object="vector_store.deleted")

    def _remove_mentions(self, owner: str, vector_store_id: str) -> None:
        holders: Sequence[Assistant | Thread] = [
            *self.objects.every(Assistant, owner),
            *self.objects.every(Thread, owner),
        ]
        for holder in holders:
            search = holder.tool_resources.file_search
            if search is not None and vector_store_id in search.vector_store_ids:
                new = ToolResources(file_search=FileSearchResources())
                resources = merged(holder.tool_resources, new)
                self.objects.storage.save(holder.changed(tool_resources=resources), owner=owner)

    async def search(
        self, owner: str, vector_store: VectorStore, body: SearchVectorStore
    ) -> SearchResults:
        """Search one vector store."""
        await self.check_not_expired(vector_store)
        options = body.ranking_options
        await asyncio.to_thread(self.ingestion.check_searchable, [vector_store.id])
        hits = await asyncio.to_thread(
            self.index.search,
            body.query,
            [vector_store.id],
            limit=body.max_num_results,
            threshold=options.score_threshold,
            filters=body.filters,
            ranking=Ranking.of(options.hybrid_search, fusing=options.ranker != "none"),
        )
        if vector_store.last_active_at != now():
            await self.objects.save(vector_store.changed(last_active_at=now()), owner=owner)
        return SearchResults(search_query=body.query, data=[_result(hit) for hit in hits])

    async def check_not_expired(self, vector_store: VectorStore) -> None:
        """Check that a vector store can be used.

        Raises
        ------
        VectorStoreExpired
            If it has expired.
        """
        if vector_store.is_expired:
            await asyncio.to_thread(self.ingestion.cleanup.drop_if_expired, vector_store.id)
            raise VectorStoreExpired(vector_store.id)

    def _derived(self, vector_store: VectorStore) -> VectorStore:
        """Return the object with its derived fields. Blocking."""
        if vector_store.is_expired:
            # Without an index there is nothing to clear.
            with contextlib.suppress(IndexUnavailable):
                self.ingestion.cleanup.drop_if_expired(vector_store.id)
        # Counted once: status and counts must not contradict each other.
        counts = self.counts(vector_store.id)
        status = "in_progress" if counts.in_progress else "completed"
        state, usage = self._index_figures(vector_store.id)
        return vector_store.changed(
            status="expired" if vector_store.is_expired else status,
            file_counts=counts,
            usage_bytes=usage,
            expires_at=vector_store.ends_at,
            jupyter=VectorStoreExtension(embeddings=EmbeddingState(**asdict(state))),
        )

    def _index_figures(self, vector_store_id: str) -> tuple[IndexState, int]:
        """Return what the index says; zeros while it cannot be used, since objects are intact."""
        try:
            return self.index.state(vector_store_id), self.index.bytes_of(vector_store_id)
        except IndexUnavailable as error:
            log.warning("%s", error.message)
            return IndexState(0, 0, None, None), 0

    def counts(self, vector_store_id: str, batch_id: str | None = None) -> FileCounts:
        """Count the files of a vector store, or of one batch. Blocking."""
        found = self.objects.storage.count(VectorStoreFile, parent=vector_store_id, key=batch_id)
        return FileCounts(**found, total=sum(found.values()))


def _result(hit: Hit) -> SearchResult:
    place = TextPlace(
        place=FilePlace.model_validate(hit.location.to_json()),
        label=hit.location.label or None,
        start=hit.chunk.start,
        end=hit.chunk.end,
    )
    return SearchResult(
        file_id=hit.file_id,
        filename=hit.filename,
        score=hit.score,
        attributes=dict(hit.attributes),
        content=[TextPart(text=hit.text)],
        jupyter=ResultExtension(places=[place]),
    )
