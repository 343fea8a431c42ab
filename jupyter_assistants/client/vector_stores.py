"""Vector stores from a notebook or a terminal: find, fill, synchronise, search."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from jupyter_assistants.client import folders
from jupyter_assistants.client.assistants import every, suggestion
from jupyter_assistants.client.base import Client
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.folders import Hashes, LocalFile, SyncPlan
from jupyter_assistants.protocol.errors import AssistantsError, NotFound

Json = dict[str, Any]

DEFAULT_STORE = "notebook"
UPLOADS_AT_ONCE = 4
BATCH = 50
"""Files attached at a time, so that the first are searchable while the others are still uploaded."""


def store_path(store_id: str) -> str:
    """Return the path of a vector store; what people type is quoted."""
    return f"/vector_stores/{quote(store_id, safe='')}"


async def find_store(client: Client, name: str, *, create: bool = False) -> Json:
    """Return the vector store with this id or name; of several, the newest.

    Parameters
    ----------
    create
        Create one of this name if there is none.

    Raises
    ------
    AssistantError
        If there is none.
    """
    known = []
    async for store in every(client, "/vector_stores"):
        if name in (store["id"], store["name"]) and store["status"] != "expired":
            return store
        known.append(store["name"])
    if create and not name.startswith("vs_"):
        return await client.request("POST", "/vector_stores", body={"name": name})
    hint = suggestion(name, filter(None, known))
    raise AssistantError(
        f"There is no store {name}{hint} `%assistant index PATH --store {name}` creates one."
    )


@dataclass
class Indexing:
    """The progress and the result of indexing.

    Parameters
    ----------
    stage
        ``comparing``, ``sending``, ``indexing`` or ``done``.
    progress
        The last ``vector_store.progress`` of the server.
    skipped
        The number of files of types that cannot be searched, by ending.
    failed
        Reasons why files are not searchable, by path.
    """

    store: Json
    stage: str = "comparing"
    files: int = 0
    sent: int = 0
    unchanged: int = 0
    changed: int = 0
    removed: int = 0
    progress: Json = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    failed_now: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """The number of uploaded files that are searchable or failed."""
        counts: dict[str, int] = self.progress.get("file_counts") or {}
        waiting = counts.get("in_progress", self.sent)
        return max(0, self.sent - waiting)

    @property
    def completed(self) -> int:
        """The number of uploaded files that became searchable."""
        return max(0, self.sent - self.failed_now)


Show = Callable[[Indexing], None]


class Indexer:
    """Makes a vector store equal to files and folders, once or repeatedly.

    Parameters
    ----------
    show
        Called with each state.
    """

    def __init__(self, client: Client, store: Json, names: Sequence[str], show: Show) -> None:
        self._client = client
        self._store = store
        self._names = names
        self._show = show
        self._hashes = Hashes()
        self._batches: list[str] = []
        self._paths: dict[str, str] = {}
        self._replaced: list[str] = []

    async def index(self) -> Indexing:
        """Synchronise the store; return the result.

        Cancelling this cancels the batches that are still being indexed.
        """
        began = time.monotonic()
        files = await asyncio.to_thread(folders.local_files, self._names)
        state = Indexing(self._store)
        self._batches.clear()
        self._replaced.clear()
        self._show(state)
        try:
            plan = await self._plan(files, state)
            state.stage = "sending"
            await self._send(plan, state)
            state.stage = "indexing"
            self._show(state)
            if self._batches:
                await self._follow(state)
            await self._drop([*self._replaced, *plan.removed])
        except BaseException:
            await self._cancel()
            raise
        state.removed = len(plan.removed)
        state.stage, state.seconds = "done", time.monotonic() - began
        self._show(state)
        return state

    async def _plan(self, candidates: Sequence[LocalFile], state: Indexing) -> SyncPlan:
        from jupyter_assistants.retrieval.file_reader import FileReader

        reader = FileReader()
        files = [each for each in candidates if reader.supports(each.path)]
        for each in candidates:
            if not reader.supports(each.path):
                ending = each.location.suffix.lower() or "no ending"
                state.skipped[ending] = state.skipped.get(ending, 0) + 1
        path = f"{store_path(self._store['id'])}/files"
        entries = [entry async for entry in every(self._client, path)]
        plan = await asyncio.to_thread(
            folders.plan, files, entries, folders.sources(self._names), self._hashes
        )
        state.files, state.unchanged = len(plan.add), plan.unchanged
        state.failed = dict(plan.failed)
        return plan

    async def _send(self, plan: SyncPlan, state: Indexing) -> None:
        for start in range(0, len(plan.add), BATCH):
            group = plan.add[start : start + BATCH]
            gate = asyncio.Semaphore(UPLOADS_AT_ONCE)

            async def upload(
                file: LocalFile, digest: str, old: str | None, gate: asyncio.Semaphore = gate
            ) -> Json | None:
                async with gate:
                    return await self._upload(file, digest, old, state)

            async with asyncio.TaskGroup() as tasks:
                sending = [tasks.create_task(upload(*each)) for each in group]
            files = [task.result() for task in sending]
            attached = [each for each in files if each is not None]
            if attached:
                path = f"{store_path(self._store['id'])}/file_batches"
                batch = await self._client.request("POST", path, body={"files": attached})
                self._batches.append(batch["id"])

    async def _upload(
        self, file: LocalFile, digest: str, old: str | None, state: Indexing
    ) -> Json | None:
        try:
            file_object = await self._client.upload(file.location, purpose="assistants")
        except (OSError, AssistantsError) as error:
            state.failed[file.path] = str(error)
            return None
        state.sent += 1
        if old is not None:
            self._replaced.append(old)
            state.changed += 1
        self._paths[file_object["id"]] = file.path
        self._show(state)
        attributes = {**file.attributes, folders.SHA256: digest}
        return {"file_id": file_object["id"], "attributes": attributes}

    async def _follow(self, state: Indexing) -> None:
        path = f"{store_path(self._store['id'])}/events"
        async for event, data in self._client.stream("GET", path, {}):
            if event == "vector_store.progress":
                state.progress = data
                self._show(state)
        for file_id, reason in await self._failures():
            if (name := self._paths.get(file_id)) is not None:
                state.failed[name] = reason
                state.failed_now += 1

    async def _failures(self) -> list[tuple[str, str]]:
        path = f"{store_path(self._store['id'])}/files"
        return [
            (each["id"], (each.get("last_error") or {}).get("message") or "failed")
            async for each in every(self._client, path, filter="failed")
        ]

    async def _drop(self, file_ids: Sequence[str]) -> None:
        """Delete files that were removed or have a newer version, with everything derived from them."""
        for file_id in file_ids:
            with suppress(NotFound):
                await self._client.request("DELETE", f"/files/{quote(file_id, safe='')}")

    async def _cancel(self) -> None:
        for batch in self._batches:
            path = f"{store_path(self._store['id'])}/file_batches/{batch}/cancel"
            with suppress(AssistantsError, TimeoutError):
                async with asyncio.timeout(5):
                    await self._client.request("POST", path)

    async def watch(self, seconds: float) -> AsyncIterator[Indexing]:
        """Synchronise the store periodically; yield each state that changed something."""
        while True:
            state = await self.index()
            if state.sent or state.removed:
                yield state
            await asyncio.sleep(seconds)


async def search(client: Client, store: Json, query: str, *, limit: int) -> list[Json]:
    """Return the passages of a store that fit a query best."""
    body = {"query": query, "max_num_results": limit}
    page = await client.request("POST", f"{store_path(store['id'])}/search", body=body)
    data: list[Json] = page["data"]
    return data


async def files_of(client: Client, store: Json) -> list[Json]:
    """Return the files of a store, each with its ``name``: the path that was indexed, if any."""
    files = []
    async for entry in every(client, f"{store_path(store['id'])}/files", order="asc"):
        name = (entry.get("attributes") or {}).get(folders.PATH)
        if name is None:
            file = await client.request("GET", f"/files/{quote(entry['id'], safe='')}")
            name = file["filename"]
        files.append({**entry, "name": str(name)})
    return files


def is_copy(entry: Json) -> bool:
    """Return whether a vector store's file is a copy that indexing a folder has created."""
    return folders.SOURCE in (entry.get("attributes") or {})


async def export(client: Client, store: Json, write: Callable[[str], object]) -> int:
    """Write a store as JSON lines: the store, then each file with its text by location.

    Returns
    -------
    int
        The number of files.
    """
    write(json.dumps({**store, "object": "vector_store.export", "version": 1}))
    count = 0
    async for entry in every(client, f"{store_path(store['id'])}/files", order="asc"):
        file_id = quote(entry["id"], safe="")
        file = await client.request("GET", f"/files/{file_id}")
        line: Json = {**entry, "filename": file["filename"], "bytes": file["bytes"]}
        line["sha256"] = (file.get("jupyter") or {}).get("sha256")
        if entry["status"] == "completed":
            line["blocks"] = await _blocks(client, file_id)
        write(json.dumps(line))
        count += 1
    return count


async def _blocks(client: Client, file_id: str) -> list[Json]:
    blocks: list[Json] = []
    while True:
        path = f"/files/{file_id}/text"
        part = await client.request("GET", path, query={"first": len(blocks)})
        blocks += part["data"]
        if not part["has_more"] or not part["data"]:
            return blocks


async def attach_store(client: Client, thread_id: str, assistant: Json, store_id: str) -> Json:
    """Attach a store to a thread; return the fields that a run's creation needs to search it."""
    path = f"/threads/{quote(thread_id, safe='')}"
    thread = await client.request("GET", path)
    resources = thread.get("tool_resources") or {}
    named = (resources.get("file_search") or {}).get("vector_store_ids") or []
    if named != [store_id]:
        wanted = {"file_search": {"vector_store_ids": [store_id]}}
        await client.request("POST", path, body={"tool_resources": {**resources, **wanted}})
    tools = list(assistant.get("tools") or [])
    if any(tool["type"] == "file_search" for tool in tools):
        return {}
    return {"tools": [*tools, {"type": "file_search"}]}
