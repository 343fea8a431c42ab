"""A run meets a database that is away: locked, full, stopped. It gets its end when that is over."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from support.postgresql_server import PostgresqlServer, installed, postgresql_server
from support.service_session import OWNER, Bench, HeldModel, bench, storage_on_disk
from support.waiting import eventually

from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import ProviderError, StorageUnavailable
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.storage.background import FAULTS
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.sql import SqlStorage

Fault = Callable[[], AbstractContextManager[None]]
LEASE = 0.4


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the patience of everybody, so that leases run out during each fault."""
    for module in ("drives", "engine"):
        monkeypatch.setattr(f"jupyter_assistants.runs.{module}.LEASE_SECONDS", LEASE)
    monkeypatch.setattr("jupyter_assistants.storage.database.BUSY_SECONDS", 0.05)
    monkeypatch.setattr("jupyter_assistants.storage.writer_turns.BUSY_SECONDS", 0.05)
    monkeypatch.setattr("jupyter_assistants.storage.writer_turns.SHORT_SECONDS", 0.05)
    monkeypatch.setattr("jupyter_assistants.runs.recorder.CHECKPOINT_SECONDS", 0.0)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that a writer needs, as a backup in another process does."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextlib.contextmanager
def full(folder: Path) -> Iterator[None]:
    """Fill the file system of a folder to its last byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)) == 4096:
            pass
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x"):
            pass
    yield
    filler.unlink()


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a file system of four megabytes."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def stopped(server: PostgresqlServer) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@pytest.fixture(params=["locked", "full", pytest.param("stopped", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Storage, Fault]]:
    """Yield a storage, and a fault that can be brought over it."""
    if request.param == "stopped":
        if not installed():
            pytest.skip("PostgreSQL is not installed")
        with postgresql_server() as server:
            yield SqlStorage(server.url, tmp_path / "files"), lambda: stopped(server)
        return
    if request.param == "full":
        with small_disk(tmp_path / "disk") as disk:
            yield storage_on_disk(disk), lambda: full(disk)
        return
    yield storage_on_disk(tmp_path), lambda: locked(tmp_path / "objects.sqlite")


@contextlib.asynccontextmanager
async def speaking(
    tmp_path: Path, storage: Storage, model: HeldModel, **settings: Any
) -> AsyncIterator[tuple[Bench, Run]]:
    """Yield a run whose model has said its words and waits."""
    async with bench(tmp_path, model=model, storage=storage, **settings) as b:
        await b.begin()
        started = await b.start()
        await eventually(
            lambda: "word word" in storage.list(Message, parent=b.thread_id, limit=1).data[0].text
        )
        yield b, started.run


async def until_the_lease_ran_out() -> None:
    """Wait until renewals have failed for longer than a lease lasts."""
    before = FAULTS.failures["renewal of leases"]
    await eventually(lambda: FAULTS.failures["renewal of leases"] > before)
    await asyncio.sleep(2 * LEASE)


async def ended(b: Bench, run: Run) -> Run:
    async def over() -> Run | None:
        found = await b.get_run(run)
        return found if found.status not in ("queued", "in_progress", "cancelling") else None

    found = await eventually(over)
    assert found is not None
    return found


async def test_a_run_that_ends_during_a_fault_is_complete_when_it_is_over(
    database: tuple[Storage, Fault], tmp_path: Path
) -> None:
    storage, fault = database
    model = HeldModel(["word " * 20])
    async with speaking(tmp_path, storage, model) as (b, run):
        with fault():
            model.release.set()
            await until_the_lease_ran_out()
        found = await ended(b, run)
        assert (found.status, found.last_error) == ("completed", None)
        assert (await b.messages())[-1].text == "word " * 20
        await eventually(lambda: storage.leases("thread") == [])


async def test_a_run_that_fails_during_a_fault_says_why(
    database: tuple[Storage, Fault], tmp_path: Path
) -> None:
    storage, fault = database

    class Broken(HeldModel):
        async def stream(self, request: Any) -> Any:
            async for each in super().stream(request):
                if self.release.is_set():
                    raise ProviderError("The endpoint hung up.")
                yield each

    model = Broken(["word " * 20])
    async with speaking(tmp_path, storage, model) as (b, run):
        with fault():
            model.release.set()
            await until_the_lease_ran_out()
        found = await ended(b, run)
        assert found.status in ("failed", "completed")
        if found.last_error is not None:
            assert found.last_error.message == "The endpoint hung up."
        # Whoever sees the end may be faster than the lease's.
        await eventually(lambda: storage.leases("thread") == [])


async def test_a_run_that_expires_during_a_fault_is_expired_when_it_is_over(
    database: tuple[Storage, Fault], tmp_path: Path
) -> None:
    storage, fault = database
    model = HeldModel(["word " * 20])
    async with speaking(tmp_path, storage, model, run_expiry=2) as (b, run):
        with fault():
            await until_the_lease_ran_out()
            await eventually(lambda: "a write of a run" in FAULTS.failing)
        assert (await ended(b, run)).status == "expired"
        again = await b.ask("POST", f"/threads/{b.thread_id}/messages", role="user", content="?")
        assert again.thread_id == b.thread_id


async def test_another_server_leaves_a_run_alone_whose_lease_ran_out_with_the_database(
    tmp_path: Path,
) -> None:
    storage, neighbour = storage_on_disk(tmp_path), storage_on_disk(tmp_path)
    model = HeldModel(["word " * 20])
    async with (
        speaking(tmp_path, storage, model) as (b, run),
        bench(tmp_path / "neighbour", storage=neighbour) as other,
    ):
        with locked(tmp_path / "objects.sqlite"):
            await until_the_lease_ran_out()
        for _ in range(3):
            await other.service.engine._recovery.sweep()
        model.release.set()
        assert (await ended(b, run)).status == "completed"


async def test_requests_are_answered_503_during_a_fault_and_work_after_it(
    database: tuple[Storage, Fault], tmp_path: Path
) -> None:
    storage, fault = database
    async with bench(tmp_path, ["Hi."], storage=storage) as b:
        await b.begin()
        with fault():
            for _ in range(3):
                with pytest.raises(StorageUnavailable) as refused:
                    await b.ask("POST", "/threads")
                assert refused.value.status == 503
                assert "cannot be used" in refused.value.message
                for word in ("sqlite3", "OperationalError", "INSERT", "unable"):
                    assert word not in refused.value.message
        assert (await b.run()).status == "completed"


async def test_code_is_not_executed_again_after_a_fault(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    code = call("run_python", {"code": "open('ran.txt', 'a').write('x'); print('done')"})
    async with bench(tmp_path, [code], ["Fine."], storage=storage) as b:
        await b.begin({"type": "code_interpreter"})
        started = await b.start()
        await eventually(lambda: list(tmp_path.rglob("ran.txt")))
        with locked(tmp_path / "objects.sqlite"):
            await until_the_lease_ran_out()
        assert (await ended(b, started.run)).status == "completed"
        (trace,) = tmp_path.rglob("ran.txt")
        assert trace.read_text() == "x"


async def test_a_server_that_stops_during_a_fault_leaves_the_run_to_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_assistants.runs.drives.CANCEL_GRACE_SECONDS", 0.3)
    storage = storage_on_disk(tmp_path)
    model = HeldModel(["word " * 20])
    with contextlib.ExitStack() as fault:
        async with speaking(tmp_path, storage, model) as (b, run):
            fault.enter_context(locked(tmp_path / "objects.sqlite"))
        thread_id = b.thread_id
    storage = storage_on_disk(tmp_path)
    async with bench(tmp_path, storage=storage) as after:
        after.thread_id = thread_id
        assert (await ended(after, run)).status == "failed"
        assert storage.owner_of(run.id) == OWNER
