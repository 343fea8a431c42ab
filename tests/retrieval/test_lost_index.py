"""The search index is derived data: whatever happens to it, it comes back, and searches say so."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from support.service_session import Bench, bench, storage_on_disk
from support.waiting import eventually

from jupyter_assistants.models.scripted import Script, call
from jupyter_assistants.retrieval.base import (
    Block,
    Chunk,
    IndexDamaged,
    IndexedDocument,
    IndexIncomplete,
    IndexUnavailable,
    Progress,
)
from jupyter_assistants.retrieval.embedders.hashed import HashedEmbedder
from jupyter_assistants.retrieval.file_reader import FileReader
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.index_storage import Rows
from jupyter_assistants.retrieval.ingestion import queue
from jupyter_assistants.retrieval.sqlite import SqliteRows

# Each test starts a server on a folder of its own, and some start it twice.
pytestmark = pytest.mark.slow

ISLANDS = ["Zanzibar", "Iceland", "Borneo", "Malta", "Samoa"]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often whether the index is the same one, so that no test waits for it."""
    monkeypatch.setattr(queue, "CHECK_SECONDS", 0.02)
    monkeypatch.setattr(queue, "SWEEP_SECONDS", 0.05)


@asynccontextmanager
async def service(folder: Path, *turns: Script, **options: Any) -> AsyncIterator[Bench]:
    async with bench(folder, *turns, storage=storage_on_disk(folder), **options) as b:
        yield b


async def filled(b: Bench, names: list[str] = ISLANDS) -> str:
    """Return the id of a vector store with a searchable file for each island."""
    files = [await b.upload(f"{name}.txt", text_about(name)) for name in names]
    made = await b.ask("POST", "/vector_stores", file_ids=[each.id for each in files])
    await whole(b, made.id, names)
    return str(made.id)


def text_about(name: str) -> bytes:
    return "\n\n".join(
        f"{name} has ducks, part {n} of 40. {'Quack. ' * 40}" for n in range(40)
    ).encode()


async def found(b: Bench, store: str, name: str) -> bool:
    hits = (await b.ask("POST", f"/vector_stores/{store}/search", query=name)).data
    return any(name in hit.content[0].text for hit in hits)


async def whole(b: Bench, store: str, names: list[str] = ISLANDS) -> None:
    """Wait until every file is found; until then a search finds everything or says so."""

    async def searchable() -> bool:
        shown = await b.ask("GET", f"/vector_stores/{store}")
        try:
            results = [await found(b, store, name) for name in names]
        except IndexUnavailable as error:
            assert "again" in error.message
            return False
        return shown.file_counts.completed == len(names) and all(results)

    await eventually(searchable, seconds=30)


def index_of(folder: Path) -> Path:
    return folder / "search.db"


def delete(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def scramble(path: Path) -> None:
    """Write random bytes over a third of the file, in its middle."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 3)
        file.write(random.Random(1).randbytes(size // 3))


def scramble_words(path: Path) -> None:
    """Change letters of every text, which leaves the database in order."""
    data = path.read_bytes()
    assert b"Quack" in data
    path.write_bytes(data.replace(b"Quack", b"Quark"))


def overwrite_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xff" * 100)


def swap_database(path: Path) -> None:
    """Put another application's database in its place."""
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE recipes (name TEXT)")


def forget_version(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 1")


DAMAGES = [
    delete,
    truncate,
    empty,
    scramble,
    scramble_words,
    overwrite_header,
    swap_database,
    forget_version,
]


@pytest.mark.parametrize("damage", DAMAGES)
async def test_an_index_that_was_lost_while_stopped_is_built_again(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    async with service(tmp_path) as b:
        store = await filled(b)
    damage(index_of(tmp_path))
    async with service(tmp_path) as b:
        assert (await b.ask("GET", f"/vector_stores/{store}")).file_counts.total == len(ISLANDS)
        await whole(b, store)


@pytest.mark.parametrize("damage", [delete, truncate, scramble, overwrite_header, swap_database])
async def test_an_index_that_is_lost_while_the_server_runs_is_built_again(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    async with service(tmp_path) as b:
        store = await filled(b)
        b.service.index.tidy()
        damage(index_of(tmp_path))
        # What SQLite has in memory may still be whole.
        b.service.index.find_damage()
        await whole(b, store)


async def test_an_older_copy_of_the_index_is_completed(tmp_path: Path) -> None:
    backup = tmp_path / "yesterday.db"
    async with service(tmp_path) as b:
        store = await filled(b, ISLANDS[:2])
        gone = (await b.ask("GET", f"/vector_stores/{store}/files")).data[0]
        changed = (await b.ask("GET", f"/vector_stores/{store}/files")).data[1]
    shutil.copy(index_of(tmp_path), backup)
    async with service(tmp_path) as b:
        await b.ask("DELETE", f"/vector_stores/{store}/files/{gone.id}")
        path = f"/vector_stores/{store}/files"
        await b.ask("POST", f"{path}/{changed.id}", attributes={"year": 2026})
        for name in ISLANDS[2:]:
            file = await b.upload(f"{name}.txt", text_about(name))
            await b.ask("POST", path, file_id=file.id)
        kept = [ISLANDS[0], *ISLANDS[2:]]
        await whole(b, store, kept)
    shutil.copy(backup, index_of(tmp_path))
    async with service(tmp_path) as b:
        await whole(b, store, kept)
        await eventually(lambda: (store, gone.id) not in b.service.index.documents())

        async def filtered() -> bool:
            by_year = {"type": "eq", "key": "year", "value": 2026}
            path = f"/vector_stores/{store}/search"
            hits = (await b.ask("POST", path, query="ducks", filters=by_year)).data
            return {hit.file_id for hit in hits} == {changed.id}

        await eventually(filtered)


async def test_an_older_copy_with_other_chunks_is_replaced(tmp_path: Path) -> None:
    backup = tmp_path / "yesterday.db"
    async with service(tmp_path) as b:
        store = await filled(b, ISLANDS[:1])
        file = (await b.ask("GET", f"/vector_stores/{store}/files")).data[0]
    shutil.copy(index_of(tmp_path), backup)
    sizes = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}
    async with service(tmp_path) as b:
        path = f"/vector_stores/{store}/files"
        strategy = {"type": "static", "static": sizes}
        await b.ask("POST", path, file_id=file.id, chunking_strategy=strategy)
        await whole(b, store, ISLANDS[:1])
        many = b.service.index.state(store).chunks
    shutil.copy(backup, index_of(tmp_path))
    async with service(tmp_path) as b:
        assert b.service.index.state(store).chunks < many
        await eventually(lambda: b.service.index.state(store).chunks == many)


async def test_the_index_of_another_data_folder_is_emptied_and_filled(tmp_path: Path) -> None:
    for name in ("one", "other"):
        async with service(tmp_path / name) as b:
            store = await filled(b, ISLANDS[:2] if name == "one" else ISLANDS[2:])
    shutil.copy(index_of(tmp_path / "one"), index_of(tmp_path / "other"))
    async with service(tmp_path / "other") as b:
        await whole(b, store, ISLANDS[2:])
        await eventually(lambda: b.service.index.vector_stores() == [store])


class GatedReader(FileReader):
    """A reader that reads nothing before the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def read(
        self, filename: str, content: BinaryIO, progress: Progress | None = None
    ) -> Sequence[Block]:
        await self.gate.wait()
        return await super().read(filename, content, progress)


async def test_a_search_during_the_rebuild_says_so_to_clients_and_models(tmp_path: Path) -> None:
    names = ISLANDS[:3]
    async with service(tmp_path) as b:
        store = await filled(b, names)
    index_of(tmp_path).unlink()
    reader = GatedReader()
    turns = [[call("file_search", {"queries": ["Zanzibar"]})], "I could not look."]
    async with service(tmp_path, *turns, reader=reader) as b:

        async def reopened() -> bool:
            shown = await b.ask("GET", f"/vector_stores/{store}")
            return bool(shown.status == "in_progress" and shown.file_counts.in_progress == 3)

        await eventually(reopened)
        with pytest.raises(IndexIncomplete, match="3 of 3 files") as refused:
            await b.ask("POST", f"/vector_stores/{store}/search", query="ducks")
        assert refused.value.status == 503
        resources = {"file_search": {"vector_store_ids": [store]}}
        await b.begin({"type": "file_search"}, tool_resources=resources)
        run = await b.run()
        assert run.status == "completed"
        step = next(each for each in await b.steps(run) if each.type == "tool_calls")
        (told,) = step.jupyter.calls.values()
        assert told.status == "error" and "built again" in str(told.note)
        output = b.model.requests[1].history[-1]
        assert "were not searched" in str(output) and "Nothing was found" not in str(output)
        reader.gate.set()
        await whole(b, store, names)


async def test_a_file_that_was_never_searchable_makes_no_search_fail(tmp_path: Path) -> None:
    reader = GatedReader()
    reader.gate.set()
    async with service(tmp_path, reader=reader) as b:
        store = await filled(b, ISLANDS[:1])
        reader.gate.clear()
        new = await b.upload("new.txt", b"Atlantis has no ducks.")
        await b.ask("POST", f"/vector_stores/{store}/files", file_id=new.id)
        assert await found(b, store, ISLANDS[0])
        reader.gate.set()


# -- an index that cannot be used ---------------------------------------------------------------


async def test_without_an_index_everything_else_works_and_it_is_filled_when_it_is_back(
    tmp_path: Path,
) -> None:
    index_of(tmp_path).mkdir()
    async with service(tmp_path, "Hello.") as b:
        await b.begin()
        assert (await b.run()).status == "completed"
        files = [await b.upload(f"{name}.txt", text_about(name)) for name in ISLANDS]
        made = await b.ask("POST", "/vector_stores", file_ids=[each.id for each in files])
        assert (await b.ask("GET", f"/vector_stores/{made.id}")).status == "in_progress"
        assert len((await b.ask("GET", f"/vector_stores/{made.id}/files")).data) == len(ISLANDS)
        with pytest.raises(IndexUnavailable, match="cannot be used"):
            await b.ask("POST", f"/vector_stores/{made.id}/search", query="ducks")
        other = await b.ask("POST", "/vector_stores", file_ids=[files[0].id])
        await b.ask("DELETE", f"/vector_stores/{other.id}")
        index_of(tmp_path).rmdir()
        await whole(b, made.id)


async def test_new_files_fail_when_the_index_stays_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PATIENCE_SECONDS", 0)
    index_of(tmp_path).mkdir()
    async with service(tmp_path) as b:
        file = await b.upload("a.txt", b"ducks")
        made = await b.ask("POST", "/vector_stores", file_ids=[file.id])

        async def failed() -> str:
            entry = await b.ask("GET", f"/vector_stores/{made.id}/files/{file.id}")
            return entry.last_error.message if entry.status == "failed" else ""

        assert "cannot be used" in await eventually(failed)


async def test_a_full_disk_keeps_files_waiting_until_there_is_room(tmp_path: Path) -> None:
    async with service(tmp_path) as b:
        store = await filled(b, ISLANDS[:1])
        rows = b.service.index._rows  # type: ignore[attr-defined]
        with rows._connected() as file:
            database = file.writer.database
            (pages,) = database.execute("PRAGMA page_count").fetchone()
            database.execute(f"PRAGMA max_page_count = {pages}")
        for name in ISLANDS[1:]:
            new = await b.upload(f"{name}.txt", text_about(name))
            await b.ask("POST", f"/vector_stores/{store}/files", file_id=new.id)
        assert await found(b, store, ISLANDS[0])
        await eventually(lambda: b.service.ingestion._waiting_since)
        database.execute("PRAGMA max_page_count = 100000")
        await whole(b, store)


@pytest.fixture
def nobody() -> Iterator[Path]:
    """Be a user whom file modes bind, in a folder of that user's."""
    if os.geteuid() != 0:
        yield Path(tempfile.mkdtemp())
        return
    folder = Path(tempfile.mkdtemp())
    os.chown(folder, 65534, 65534)
    os.seteuid(65534)
    try:
        yield folder
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)


# -- the index alone ----------------------------------------------------------------------------


def document(name: str, *texts: str) -> IndexedDocument:
    chunks = [Chunk(f"{name}{number}", text) for number, text in enumerate(texts)]
    return IndexedDocument("vs_A", name, f"{name}.txt", [Block(text) for text in texts], chunks)


def test_damage_in_the_midst_of_a_query_is_told_once_and_the_next_one_finds_a_new_index(
    tmp_path: Path,
) -> None:
    index = HybridIndex(SqliteRows(tmp_path / "search.db", journal_mode="delete"))
    index.add(document("one", *[f"passage {n} of ducks" for n in range(2000)]))
    before = index.generation()
    scramble(tmp_path / "search.db")
    with index._rows._connected() as file:  # type: ignore[attr-defined]
        # Nothing of it may be left in memory.
        file.reader.database.execute("PRAGMA shrink_memory")
    with pytest.raises(IndexDamaged, match="built again") as told:
        index.search(["passage ducks"], ["vs_A"], limit=2000)
    assert "malformed" in str(told.value)
    assert index.search(["passage ducks"], ["vs_A"], limit=5) == []
    assert not index.generation().follows(before)
    index.add(document("one", "ducks again"))
    assert len(index.search(["ducks"], ["vs_A"], limit=5)) == 1
    index.close()


def test_a_read_only_index_is_searched_and_written_to_when_it_may_be(nobody: Path) -> None:
    path = nobody / "search.db"
    rows = SqliteRows(path)
    HybridIndex(rows).add(document("one", "ducks"))
    rows.close()
    path.chmod(0o400)
    index = HybridIndex(SqliteRows(path))
    assert len(index.search(["ducks"], ["vs_A"], limit=5)) == 1
    with pytest.raises(IndexUnavailable, match="readonly"):
        index.add(document("two", "ducks"))
    assert len(index.search(["ducks"], ["vs_A"], limit=5)) == 1
    path.chmod(0o600)
    index.add(document("two", "ducks"))
    assert len(index.search(["ducks"], ["vs_A"], limit=5)) == 2
    index.close()


def test_a_changed_text_is_never_returned(rows: Rows) -> None:
    if not isinstance(rows, SqliteRows):
        pytest.skip("PostgreSQL has checksums of its own")
    index = HybridIndex(rows)
    index.add(document("one", "Zanzibar has ducks"))
    with rows._write() as database:
        database.execute("UPDATE chunks SET text = 'Zanzibar has drakes'")
    with pytest.raises(IndexDamaged, match="has changed"):
        index.search(["Zanzibar"], ["vs_A"], limit=5)


def test_another_index_leaves_nothing_of_the_first_one_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    index = HybridIndex(SqliteRows(path, journal_mode="delete"), HashedEmbedder())
    index.add(document("one", "Zanzibar has ducks", "Iceland has geese"))
    index.embed(most=100)
    backup = path.read_bytes()
    assert index.search(["ducks"], ["vs_A"], limit=5) and index.loaded == 2
    index.add(document("two", "Borneo has swans"))
    index.embed(most=100)
    index.search(["swans"], ["vs_A"], limit=5)
    assert index.loaded == 3
    path.unlink()
    path.write_bytes(backup)
    hits = index.search(["swans ducks"], ["vs_A"], limit=5)
    assert {hit.file_id for hit in hits} == {"one"} and index.loaded == 2
    index.close()


def test_two_processes_that_find_the_same_damage_end_with_one_index(tmp_path: Path) -> None:
    path = tmp_path / "search.db"
    one, two = (HybridIndex(SqliteRows(path, journal_mode="delete")) for _ in range(2))
    one.add(document("one", "ducks"))
    overwrite_header(path)
    with pytest.raises(IndexDamaged):
        one.add(document("two", "ducks"))
    two.add(document("three", "ducks"))
    assert one.generation() == two.generation()
    assert [hit.file_id for hit in two.search(["ducks"], ["vs_A"], limit=5)] == ["three"]
    one.close()
    two.close()
