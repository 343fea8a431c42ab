"""Ingestion as work that goes on: leases, restarts, cancellation, progress."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from support.service_session import OWNER, Bench
from support.waiting import eventually

from jupyter_assistants.api import build
from jupyter_assistants.config import Settings
from jupyter_assistants.models.scripted import Scripted
from jupyter_assistants.protocol.events import Event, Feed
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.vector_stores import StaticChunking, VectorStoreFile
from jupyter_assistants.retrieval.blocks import Block, Unreadable
from jupyter_assistants.retrieval.chunking import chunks
from jupyter_assistants.retrieval.file_reader import LONG_TEXT, FileReader
from jupyter_assistants.retrieval.ingestion.schedule import QUICK_SECONDS, slots
from jupyter_assistants.storage.base import Claim


class HeldReader(FileReader):
    """Reads files, those named ``held…`` only once the gate is open; remembers what it read."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.reached = asyncio.Event()
        self.read_names: list[str] = []

    async def read(self, filename: str, content: BinaryIO, *more: Any, **options: Any) -> Any:
        self.read_names.append(filename)
        if filename.startswith("held"):
            self.reached.set()
            await self.open.wait()
        return await super().read(filename, content, *more, **options)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Bench, HeldReader]]:
    """Open a service on the SQLite database of this folder."""
    gate, model = HeldReader(), Scripted(())
    service = build(Settings(data_dir=folder), reader=gate, clients={"scripted": model})
    await service.start()
    try:
        yield Bench(service, model), gate
    finally:
        await service.close()


async def upload(b: Bench, name: str, text: str = "Ducks eat bread.") -> str:
    return (await b.upload(name, text.encode())).id


async def counts(b: Bench, vector_store_id: str) -> dict[str, int]:
    found = (await b.ask("GET", f"/vector_stores/{vector_store_id}")).file_counts
    return {name: count for name, count in found if count and name != "total"}


async def ready(b: Bench, vector_store_id: str) -> dict[str, int]:
    async def settled() -> dict[str, int] | None:
        found = await counts(b, vector_store_id)
        return None if "in_progress" in found else found

    return await eventually(settled)


async def found_in(b: Bench, vector_store_id: str) -> int:
    path = f"/vector_stores/{vector_store_id}/search"
    return len((await b.ask("POST", path, query="ducks", max_num_results=50)).data)


def lease(b: Bench, entry: VectorStoreFile, *, process: str) -> Claim:
    """Lease an entry to another process, which began to ingest it."""
    return b.service.storage.acquire(
        entry.storage_id, entry.attempt, kind="vector_store.file", process=process, seconds=60
    )


@dataclass
class Following:
    """Somebody who reads the events of a vector store until they end."""

    events: list[Event] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, b: Bench, vector_store_id: str) -> list[Event]:
        feed = await b.ask("GET", f"/vector_stores/{vector_store_id}/events")
        assert isinstance(feed, Feed)
        async for event in feed.events:
            self.events.append(event)
            self.begun.set()
        return self.events


async def follow(b: Bench, vector_store_id: str) -> list[Event]:
    return await Following().read(b, vector_store_id)


def entry_of(b: Bench, vector_store_id: str, file_id: str) -> VectorStoreFile:
    return b.service.storage.get(VectorStoreFile, f"{vector_store_id}/{file_id}")


# -- several processes on one database -----------------------------------------------------------


async def test_two_services_on_one_database_ingest_each_file_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as (one, first), opened(tmp_path) as (other, second):
        ids = [await upload(one, f"{number}.txt") for number in range(40)]
        made = await one.ask("POST", "/vector_stores", file_ids=ids)
        # The other one sees everything that waits, and wants it as well.
        await asyncio.gather(*(other.service.ingestion._sweep() for _ in range(3)))
        assert await ready(other, made.id) == {"completed": 40}
        names = first.read_names + second.read_names
        assert len(names) == len(set(names)) == 40
        assert await found_in(one, made.id) == 40


async def test_files_of_a_process_that_died_are_taken_up_once(tmp_path: Path) -> None:
    code = (
        "from jupyter_assistants.storage.liveness import mark; print(mark(), flush=True); input()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        dead = process.stdout.readline().decode().strip()
        process.kill()
    async with opened(tmp_path) as (b, gate):
        ids = [await upload(b, name) for name in ("waits.txt", "held.txt")]
        made = await b.ask("POST", "/vector_stores", file_ids=ids[1:])
        await gate.reached.wait()
        # As if the dead one had begun with the first file.
        left = entry_of(b, made.id, ids[1]).changed(id=ids[0], attempt="x")
        b.service.storage.save(left, owner=OWNER)
        lease(b, left, process=dead)
        await b.service.ingestion._sweep()
        await eventually(lambda: entry_of(b, made.id, ids[0]).status == "completed")
        assert gate.read_names.count("waits.txt") == gate.read_names.count("held.txt") == 1
        gate.open.set()
        assert await ready(b, made.id) == {"completed": 2}


async def test_a_lease_of_another_machine_is_respected_until_it_is_over(tmp_path: Path) -> None:
    async with opened(tmp_path) as (b, gate):
        file_id = await upload(b, "far.txt")
        made = await b.ask("POST", "/vector_stores")
        far = VectorStoreFile(id=file_id, created_at=now(), vector_store_id=made.id, attempt="x")
        claim = lease(b, far, process="elsewhere/1/1")
        b.service.storage.save(far, owner=OWNER)
        await b.service.ingestion._sweep()
        assert far.storage_id not in b.service.ingestion._queue
        assert gate.read_names == []
        b.service.storage.renew(claim, seconds=0)
        await b.service.ingestion._sweep()
        assert await ready(b, made.id) == {"completed": 1}
        await eventually(lambda: b.service.storage.lease(far.storage_id) is None)


async def test_a_file_that_is_attached_anew_is_taken_from_whoever_ingests_it(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (one, gate), opened(tmp_path) as (other, theirs):
        file_id = await upload(one, "held.txt")
        made = await one.ask("POST", "/vector_stores", file_ids=[file_id])
        await gate.reached.wait()
        theirs.open.set()
        path = f"/vector_stores/{made.id}/files"
        await other.ask("POST", path, file_id=file_id, attributes={"year": 2026})
        assert await ready(other, made.id) == {"completed": 1}
        gate.open.set()
        await eventually(lambda: not one.service.ingestion._tasks)
        assert entry_of(one, made.id, file_id).attributes == {"year": 2026}
        assert await found_in(one, made.id) == 1


async def test_what_another_process_cancels_or_deletes_does_not_become_searchable(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (one, gate), opened(tmp_path) as (other, _):
        ids = [await upload(one, f"held{number}.txt") for number in range(2)]
        made = await one.ask("POST", "/vector_stores")
        path = f"/vector_stores/{made.id}"
        batch = await one.ask("POST", f"{path}/file_batches", file_ids=ids)
        await eventually(lambda: len(gate.read_names) == 2)
        await other.ask("DELETE", f"{path}/files/{ids[0]}")
        cancelled = await other.ask("POST", f"{path}/file_batches/{batch.id}/cancel")
        assert cancelled.status == "cancelled"
        gate.open.set()
        await eventually(lambda: not one.service.ingestion._tasks)
        assert await counts(one, made.id) == {"cancelled": 1}
        assert await found_in(one, made.id) == 0


async def test_attributes_that_change_while_a_file_is_read_are_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as (one, gate), opened(tmp_path) as (other, _):
        file_id = await upload(one, "held.txt")
        made = await one.ask("POST", "/vector_stores", file_ids=[file_id])
        await gate.reached.wait()
        path = f"/vector_stores/{made.id}"
        await other.ask("POST", f"{path}/files/{file_id}", attributes={"year": 2026})
        gate.open.set()
        assert await ready(one, made.id) == {"completed": 1}
        assert entry_of(one, made.id, file_id).attributes == {"year": 2026}
        filters = {"type": "eq", "key": "year", "value": 2026}
        assert len((await one.ask("POST", f"{path}/search", query="ducks", filters=filters)).data)


# -- cancelling ----------------------------------------------------------------------------------


async def test_cancelling_a_batch_ends_what_is_read_and_what_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as (b, gate):
        first = await upload(b, "first.txt")
        made = await b.ask("POST", "/vector_stores", file_ids=[first])
        await ready(b, made.id)
        ids = [await upload(b, f"held{number}.txt") for number in range(8)]
        path = f"/vector_stores/{made.id}/file_batches"
        batch = await b.ask("POST", path, file_ids=ids)
        await gate.reached.wait()
        cancelled = await b.ask("POST", f"{path}/{batch.id}/cancel")
        assert cancelled.status == "cancelled" and cancelled.file_counts.cancelled == 8
        assert not b.service.ingestion._tasks
        # Nothing waits behind the cancelled ones.
        last = await upload(b, "last.txt")
        await b.ask("POST", f"/vector_stores/{made.id}/files", file_id=last)
        assert await ready(b, made.id) == {"cancelled": 8, "completed": 2}
        assert len(gate.read_names) < 8


# -- fairness ------------------------------------------------------------------------------------


async def test_files_that_take_long_do_not_keep_another_owners_file_waiting(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (b, gate):
        big = "x " * 2_000_000
        held = [await upload(b, f"held{number}.txt", big) for number in range(6)]
        made = await b.ask("POST", "/vector_stores", file_ids=held)
        await gate.reached.wait()
        file = await b.upload("small.txt", b"Ducks.", owner="bob")
        other = await b.ask("POST", "/vector_stores", owner="bob", file_ids=[file.id])
        await eventually(lambda: entry_of(b, other.id, file.id).status == "completed")
        await b.ask("DELETE", f"/vector_stores/{made.id}")


async def test_files_that_are_held_do_not_hold_up_another_owner(tmp_path: Path) -> None:
    async with opened(tmp_path) as (b, gate):
        ids = [await upload(b, f"held {number}.txt") for number in range(slots() + 2)]
        hostile = (await b.ask("POST", "/vector_stores", file_ids=ids)).id
        await eventually(lambda: len(gate.read_names) == slots())
        other = {"owner": "somebody else"}
        own = (await b.upload("five.txt", b"ducks", **other)).id
        store = (await b.ask("POST", "/vector_stores", file_ids=[own], **other)).id

        async def searchable() -> bool:
            found = await b.ask("GET", f"/vector_stores/{store}", **other)
            return bool(found.file_counts.completed)

        assert await eventually(searchable)
        assert await counts(b, hostile) == {"in_progress": slots() + 2}
        gate.open.set()
        assert await ready(b, hostile) == {"completed": slots() + 2}


async def test_a_file_that_takes_long_does_not_hold_up_others_of_its_vector_store(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (b, gate):
        ids = [await upload(b, name) for name in ("held.txt", "a.txt", "b.txt")]
        store = (await b.ask("POST", "/vector_stores", file_ids=ids)).id
        await eventually(lambda: entry_of(b, store, ids[2]).status == "completed")
        assert entry_of(b, store, ids[1]).status == "completed"
        assert await counts(b, store) == {"completed": 2, "in_progress": 1}
        gate.open.set()
        assert await ready(b, store) == {"completed": 3}


async def test_many_files_that_take_long_leave_a_slot_for_others_of_their_owner(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (b, gate):
        schedule, now = b.service.ingestion._queue, 0.0
        schedule.clock = lambda: now
        number = 2 * slots() + 2
        ids = [await upload(b, f"held {each}.txt") for each in range(number)]
        store = (await b.ask("POST", "/vector_stores", file_ids=ids)).id
        small = await upload(b, "small.txt")
        await b.ask("POST", f"/vector_stores/{store}/files", file_id=small)

        async def time_passes() -> bool:
            """Let every file be overdue that is read; return whether the small one is done."""
            nonlocal now
            now += QUICK_SECONDS
            b.service.ingestion._start_next()
            return entry_of(b, store, small).status == "completed"

        await eventually(time_passes)
        assert await counts(b, store) == {"completed": 1, "in_progress": number}
        gate.open.set()
        # What was set back is read from its beginning.
        assert await ready(b, store) == {"completed": number + 1}
        assert await found_in(b, store) == number + 1


async def test_a_file_that_is_deleted_while_it_is_set_back_does_not_come_back(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (b, gate):
        ingestion, now = b.service.ingestion, 0.0
        ingestion._queue.clock = lambda: now
        ids = [await upload(b, f"held {each}.txt") for each in range(2 * slots() + 1)]
        store = (await b.ask("POST", "/vector_stores", file_ids=ids)).id

        async def all_places_are_taken() -> bool:
            nonlocal now
            if len(gate.read_names) < len(ingestion._tasks):
                return False
            now += QUICK_SECONDS
            if len(gate.read_names) < 2 * slots():
                ingestion._start_next()
                return False
            return True

        await eventually(all_places_are_taken)
        ingestion._start_next()
        (storage_id,) = ingestion._set_back
        await b.ask("DELETE", f"/vector_stores/{store}/files/{storage_id.partition('/')[2]}")
        gate.open.set()
        assert await ready(b, store) == {"completed": len(ids) - 1}
        assert not ingestion._set_back and not ingestion._tasks
        assert storage_id not in ingestion._queue


async def test_a_long_text_is_cut_in_a_process_as_it_would_be_here() -> None:
    lines = [
        f"# Part {n // 50}" if n % 50 == 0 else f"Émile {n} eats bread." for n in range(20_000)
    ]
    reader = FileReader()
    try:
        blocks = await reader.read("long.md", io.BytesIO("\n".join(lines).encode()))
        assert sum(len(block.text) for block in blocks) > LONG_TEXT
        for sizes in None, StaticChunking(max_chunk_size_tokens=200, chunk_overlap_tokens=50):
            assert await reader.cut(blocks, sizes) == chunks(blocks, sizes)
    finally:
        reader.close()


async def test_a_text_with_too_many_tokens_fails_with_the_limit() -> None:
    reader = FileReader()
    try:
        with pytest.raises(Unreadable, match="more than 5,000,000 tokens"):
            await reader.cut([Block("é" * 6_300_000)], None)
    finally:
        reader.close()


# -- progress ------------------------------------------------------------------------------------


def named(events: Sequence[Event], name: str) -> list[Any]:
    return [event.data for event in events if event.event == name]


async def test_the_events_of_a_vector_store_tell_of_every_file_and_end(tmp_path: Path) -> None:
    async with opened(tmp_path) as (b, gate):
        names = ("held.txt", "a.txt", "b.txt")
        ids = [await upload(b, name) for name in names] + [await upload(b, "bad.pdf")]
        made = await b.ask("POST", "/vector_stores", file_ids=ids)
        await gate.reached.wait()
        follower = Following()
        following = asyncio.create_task(follower.read(b, made.id))
        await follower.begun.wait()
        gate.open.set()
        events = await following
        assert events[-1].event == "done"
        progress = named(events, "vector_store.progress")
        assert progress[0]["status"] == "in_progress"
        held = [file for file in progress[0]["files"] if file["file_id"] == ids[0]]
        assert held == [{"file_id": ids[0], "filename": "held.txt", "stage": "reading"}]
        assert progress[-1]["status"] == "completed" and progress[-1]["files"] == []
        assert progress[-1]["file_counts"]["completed"] == 3
        assert progress[-1]["file_counts"]["failed"] == 1
        told = named(events, "vector_store.file.completed")
        assert ids[0] in {each["id"] for each in told}
        for each in told + named(events, "vector_store.file.failed"):
            assert each["status"] in ("completed", "failed") and "worker" not in each


async def test_the_events_of_an_idle_vector_store_end_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as (b, _):
        made = await b.ask("POST", "/vector_stores")
        assert [event.event for event in await follow(b, made.id)] == [
            "vector_store.progress",
            "done",
        ]


async def test_the_events_of_a_store_show_what_another_process_does(tmp_path: Path) -> None:
    async with opened(tmp_path) as (one, gate), opened(tmp_path) as (other, _):
        file_id = await upload(one, "held.txt")
        made = await one.ask("POST", "/vector_stores", file_ids=[file_id])
        await gate.reached.wait()
        follower = Following()
        following = asyncio.create_task(follower.read(other, made.id))
        await follower.begun.wait()
        gate.open.set()
        events = await following
        assert [each["id"] for each in named(events, "vector_store.file.completed")] == [file_id]


async def test_the_events_end_when_the_store_is_deleted(tmp_path: Path) -> None:
    async with opened(tmp_path) as (b, gate):
        file_id = await upload(b, "held.txt")
        made = await b.ask("POST", "/vector_stores", file_ids=[file_id])
        await gate.reached.wait()
        follower = Following()
        following = asyncio.create_task(follower.read(b, made.id))
        await follower.begun.wait()
        await b.ask("DELETE", f"/vector_stores/{made.id}")
        assert (await following)[-1].event == "done"


async def test_a_file_that_is_cut_anew_is_not_read_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as (b, gate):
        file_id = await upload(b, "ducks.txt", "Ducks eat bread and corn.\n\n" * 100)
        made = await b.ask("POST", "/vector_stores", file_ids=[file_id])
        await ready(b, made.id)
        before = b.service.index.state(made.id).chunks
        sizes = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}
        again: Any = {"file_id": file_id, "chunking_strategy": {"type": "static", "static": sizes}}
        await b.ask("POST", f"/vector_stores/{made.id}/files", **again)
        assert await ready(b, made.id) == {"completed": 1}
        assert b.service.index.state(made.id).chunks > before
        assert gate.read_names == ["ducks.txt"]
        await b.ask("DELETE", f"/vector_stores/{made.id}/files/{file_id}")
        await b.ask("POST", f"/vector_stores/{made.id}/files", **again)
        await ready(b, made.id)
        assert gate.read_names == ["ducks.txt"] * 2
