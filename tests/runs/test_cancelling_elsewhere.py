"""A run is cancelled from a process that does not drive it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support.service_session import FUNCTION, OWNER, Bench, HeldModel, bench, storage_on_disk
from support.waiting import eventually

from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.storage.liveness import mark


def elsewhere(b: Bench, other: Bench) -> Bench:
    other.assistant_id, other.thread_id = b.assistant_id, b.thread_id
    return other


async def cancel(b: Bench, run: Run) -> Run:
    found = await b.ask("POST", f"/threads/{run.thread_id}/runs/{run.id}/cancel")
    assert isinstance(found, Run)
    return found


async def status_becomes(b: Bench, run: Run, status: str) -> None:
    async def reached() -> bool:
        return (await b.get_run(run)).status == status

    await eventually(reached)


async def test_the_driver_hears_of_it_and_stops(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    model = HeldModel(["word " * 20])
    async with (
        bench(tmp_path, model=model, storage=storage) as b,
        bench(tmp_path / "other", ["Again."], storage=storage_on_disk(tmp_path)) as other,
    ):
        await b.begin()
        started = await b.start()
        await eventually(lambda: storage.list(Message, parent=b.thread_id).data[0].text)
        assert (await cancel(elsewhere(b, other), started.run)).status in (
            "cancelling",
            "cancelled",
        )
        await status_becomes(other, started.run, "cancelled")
        assert [each.event async for each in started.log.read(0)][-2:] == [
            "thread.run.cancelled",
            "done",
        ]
        assert (await other.run()).status == "completed"


async def test_a_run_that_waits_for_its_client_is_cancelled_by_anybody(tmp_path: Path) -> None:
    async with (
        bench(tmp_path, [call("weather", {})], storage=storage_on_disk(tmp_path)) as b,
        bench(tmp_path / "other", storage=storage_on_disk(tmp_path)) as other,
    ):
        await b.begin(FUNCTION)
        run = await b.run()
        assert (await cancel(elsewhere(b, other), run)).status == "cancelling"
        await status_becomes(b, run, "cancelled")


async def test_a_request_that_met_a_run_on_its_way_to_its_client_is_obeyed(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    async with bench(tmp_path, [call("weather", {})], storage=storage) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        # As if it had been asked just before the lease was given back.
        claim = storage.acquire(b.thread_id, run.id, kind="thread", process=mark(), seconds=60)
        assert storage.request_stop(b.thread_id, run.id)
        storage.suspend(claim)
        await status_becomes(b, run, "cancelled")


async def test_a_run_whose_driver_died_after_the_request_ends_as_cancelled(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    async with bench(tmp_path, [call("weather", {})], storage=storage) as b:
        await b.begin(FUNCTION)
        run = await b.run()
    storage = storage_on_disk(tmp_path)
    surroundings, _, _ = mark().rsplit("/", 2)
    dead = f"{surroundings}/999999999/1"
    storage.acquire(b.thread_id, run.id, kind="thread", process=dead, seconds=60)
    storage.save(run.changed(status="in_progress", required_action=None), owner=OWNER)
    assert storage.request_stop(b.thread_id, run.id)
    async with bench(tmp_path, storage=storage) as after:
        await status_becomes(after, run, "cancelled")


async def test_a_run_that_ended_meanwhile_is_refused(tmp_path: Path) -> None:
    async with (
        bench(tmp_path, ["Hi."], storage=storage_on_disk(tmp_path)) as b,
        bench(tmp_path / "other", storage=storage_on_disk(tmp_path)) as other,
    ):
        await b.begin()
        run = await b.run()
        with pytest.raises(InvalidRequest, match="Cannot cancel run with status 'completed'"):
            await cancel(elsewhere(b, other), run)


async def test_two_that_cancel_at_once_both_hear_that_it_is_cancelled(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    async with (
        bench(tmp_path, model=HeldModel(["word " * 20]), storage=storage) as b,
        bench(tmp_path / "other", storage=storage_on_disk(tmp_path)) as other,
    ):
        await b.begin()
        started = await b.start()
        await eventually(lambda: storage.list(Message, parent=b.thread_id).data[0].text)
        both: list[Any] = await asyncio.gather(
            cancel(elsewhere(b, other), started.run), cancel(other, started.run)
        )
        assert {run.status for run in both} <= {"cancelling", "cancelled"}
        await status_becomes(b, started.run, "cancelled")
