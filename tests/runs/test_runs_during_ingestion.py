"""A run does not wait for files that are made searchable at the same time."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any, BinaryIO

from support.service_session import Bench, bench

from jupyter_assistants.protocol.vector_stores import VectorStoreFile, entry_id
from jupyter_assistants.retrieval.base import IndexedDocument
from jupyter_assistants.retrieval.file_reader import FileReader
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.sqlite import SqliteRows

PATIENCE_SECONDS = 60.0
"""After so long a test fails instead of hanging."""


class HeldReader(FileReader):
    """Reads a file only once the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.release = asyncio.Event()

    async def read(self, filename: str, content: BinaryIO, *more: Any, **options: Any) -> Any:
        self.reached.set()
        await self.release.wait()
        return await super().read(filename, content, *more, **options)


class HeldIndex(HybridIndex):
    """Adds a document only once the test says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(SqliteRows(folder / "search.db", journal_mode="wal"), None)
        self.reached = threading.Event()
        self.release = threading.Event()

    def add(self, document: IndexedDocument) -> int:
        self.reached.set()
        assert self.release.wait(PATIENCE_SECONDS)
        return super().add(document)


async def index_a_file(b: Bench) -> str:
    """Create a vector store with one file, and return the id of its entry."""
    file = await b.upload("ducks.txt", b"Ducks eat bread.")
    vector_store = await b.ask("POST", "/vector_stores", file_ids=[file.id])
    return entry_id(vector_store.id, file.id)


async def test_a_run_completes_while_a_file_is_read(tmp_path: Path) -> None:
    reader = HeldReader()
    async with bench(tmp_path, "Quack.", reader=reader) as b:
        entry = await index_a_file(b)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await reader.reached.wait()
            await b.begin()
            assert (await b.run()).status == "completed"
        assert b.service.storage.get(VectorStoreFile, entry).status == "in_progress"
        reader.release.set()


async def test_a_run_and_another_file_are_saved_while_a_file_is_indexed(tmp_path: Path) -> None:
    index = HeldIndex(tmp_path)
    async with bench(tmp_path, "Quack.", index=index) as b:
        entry = await index_a_file(b)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                assert await asyncio.to_thread(index.reached.wait, PATIENCE_SECONDS)
                await b.begin()
                assert (await b.run()).status == "completed"
                other = await index_a_file(b)
            for id in (entry, other):
                assert b.service.storage.get(VectorStoreFile, id).status == "in_progress"
        finally:
            index.release.set()
