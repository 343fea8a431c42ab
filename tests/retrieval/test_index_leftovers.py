"""What expired or was left by a crash goes out of the index, and comes back when it is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.service_session import OWNER, Bench, bench, storage_on_disk
from support.waiting import eventually

from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.vector_stores import VectorStore, VectorStoreFile, entry_id
from jupyter_assistants.retrieval.base import Block, Chunk, IndexedDocument

WEEK = {"anchor": "last_active_at", "days": 7}


async def store_with(b: Bench, text: str) -> tuple[str, str]:
    """Return the ids of a vector store and of the one file in it."""
    file = await b.upload("ducks.txt", text.encode())
    made = await b.ask("POST", "/vector_stores", file_ids=[file.id], expires_after=WEEK)
    await ready(b, made.id)
    return made.id, file.id


async def ready(b: Bench, vector_store_id: str) -> VectorStore:
    async def settled() -> VectorStore | None:
        found = await b.ask("GET", f"/vector_stores/{vector_store_id}")
        assert isinstance(found, VectorStore)
        return None if found.status == "in_progress" else found

    return await eventually(settled)


def age(b: Bench, vector_store_id: str, *, seconds: int) -> None:
    """Make a vector store as if it was last used so long ago."""
    old = b.service.storage.get(VectorStore, vector_store_id)
    old = old.changed(last_active_at=old.last_active_at - seconds)
    b.service.storage.save(old, owner=OWNER)


def held(b: Bench, word: str) -> bool:
    """Return whether any file of the index holds a word."""
    b.service.index.tidy()
    files = Path(b.service.settings.data_dir).glob("search.db*")
    return any(word.encode() in each.read_bytes() for each in files)


async def test_an_expired_store_leaves_nothing_in_the_index(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        old, file_id = await store_with(b, "Zanzibar has ducks.")
        young, _ = await store_with(b, "Ducks swim in Iceland.")
        assert held(b, "Zanzibar")
        age(b, old, seconds=8 * 86400)
        age(b, young, seconds=6 * 86400)
        await b.service.tidy()
        assert b.service.index.vector_stores() == [young]
        assert not held(b, "Zanzibar") and held(b, "Iceland")
        found = await b.ask("GET", f"/vector_stores/{old}")
        assert (found.status, found.usage_bytes, found.jupyter.embeddings.chunks) == (
            "expired",
            0,
            0,
        )
        assert (await b.ask("GET", f"/files/{file_id}")).id == file_id


@pytest.mark.parametrize("way", ["get", "list", "search"])
async def test_reading_an_expired_store_clears_it_at_once(tmp_path: Path, way: str) -> None:
    async with bench(tmp_path) as b:
        old, _ = await store_with(b, "Zanzibar has ducks.")
        age(b, old, seconds=8 * 86400)
        if way == "get":
            await b.ask("GET", f"/vector_stores/{old}")
        elif way == "list":
            await b.ask("GET", "/vector_stores")
        else:
            with pytest.raises(InvalidRequest, match="has expired"):
                await b.ask("POST", f"/vector_stores/{old}/search", query="ducks")
        assert b.service.index.documents() == []


async def test_a_store_that_expired_a_moment_ago_keeps_what_a_search_may_use(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as b:
        old, file_id = await store_with(b, "Zanzibar has ducks.")
        age(b, old, seconds=7 * 86400)
        await b.service.tidy()
        assert (await b.ask("GET", f"/vector_stores/{old}")).status == "expired"
        assert b.service.index.documents() == [(old, file_id)]


async def test_a_store_that_lives_again_is_indexed_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        old, file_id = await store_with(b, "Zanzibar has ducks.")
        age(b, old, seconds=8 * 86400)
        await b.service.tidy()
        assert b.service.index.documents() == []
        changed = await b.ask("POST", f"/vector_stores/{old}", expires_after=None)
        assert changed.status == "in_progress" and changed.file_counts.in_progress == 1
        assert (await ready(b, old)).file_counts.completed == 1
        (hit,) = (await b.ask("POST", f"/vector_stores/{old}/search", query="Zanzibar")).data
        assert hit.file_id == file_id


async def test_what_a_crash_left_in_the_index_goes_at_the_next_start(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    async with bench(tmp_path, storage=storage) as b:
        kept, file_id = await store_with(b, "Ducks swim in Iceland.")
        cancelled, other = await store_with(b, "Zanzibar has ducks.")
        entry = storage.get(VectorStoreFile, entry_id(cancelled, other))
        storage.save(entry.changed(status="cancelled"), owner=OWNER)
        chunk = Chunk("1", "Atlantis had ducks.")
        for stray in ((kept, "file-gone"), ("vs_gone", "file-gone")):
            document = IndexedDocument(*stray, "gone.txt", [Block("Atlantis had ducks.")], [chunk])
            b.service.index.add(document)
    async with bench(tmp_path, storage=storage) as b:
        await eventually(lambda: b.service.index.documents() == [(kept, file_id)])
        assert not held(b, "Atlantis") and not held(b, "Zanzibar")
