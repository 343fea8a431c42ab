"""Events of runs: live, late, after restarts, by thread, and waiting for a run's end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.reads import counted_reads
from support.service_session import FUNCTION, OWNER, Bench, bench, names
from support.waiting import eventually

from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound
from jupyter_assistants.protocol.events import DONE, Event, EventLogs
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.transcript import Transcript
from jupyter_assistants.storage.sql import SqlStorage


async def feed(b: Bench, path: str, **query: Any) -> AsyncIterator[Event]:
    given = {f"query_{name}": value for name, value in query.items()}
    found: AsyncIterator[Event] = (await b.ask("GET", path, **given)).events
    return found


class Reader:
    """A reader in the background, and the events that it has read so far."""

    def __init__(self, events: AsyncIterator[Event]) -> None:
        self.events: list[Event] = []
        self.task = asyncio.create_task(self._read(events))

    async def _read(self, events: AsyncIterator[Event]) -> None:
        async for event in events:
            self.events.append(event)

    async def reads(self, name: str, times: int = 1) -> None:
        """Wait until the reader has read this event so often."""
        await eventually(lambda: names(self.events).count(name) >= times)


async def followed(b: Bench, run: Run, **query: Any) -> list[Event]:
    path = f"/threads/{run.thread_id}/runs/{run.id}/events"
    async with asyncio.timeout(10):
        return [event async for event in await feed(b, path, **query)]


def text_of(events: list[Event]) -> list[str]:
    transcript = Transcript()
    for event in events:
        transcript.fold(event.event, event.data)
    return [entry.text for entry in transcript.view().entries if entry.type == "message"]


async def test_a_second_reader_sees_the_same_events(tmp_path: Path) -> None:
    async with bench(tmp_path, "Hello there, Ada.", delay=0.01) as b:
        await b.begin()
        started = await b.start()
        found = await followed(b, started.run)
        assert found == [event async for event in started.log.read()]
        assert [event.seq for event in found] == list(range(len(found)))


async def test_a_reader_goes_on_behind_the_event_that_it_names(tmp_path: Path) -> None:
    async with bench(tmp_path, "Hello there, Ada.") as b:
        await b.begin()
        run = await b.run()
        everything = await followed(b, run)
        assert await followed(b, run, after="4") == everything[5:]
        last = everything[-1].seq
        assert [event.event for event in await followed(b, run, after=str(last))] == [DONE]


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "1" * 19, "٣"])
async def test_what_is_no_number_is_refused(tmp_path: Path, after: str) -> None:
    async with bench(tmp_path, "Hello.") as b:
        await b.begin()
        run = await b.run()
        with pytest.raises(InvalidRequest, match="is no id of an event"):
            await followed(b, run, after=after)


async def test_one_reader_follows_a_run_over_the_wait_for_its_client(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})], "Cold.") as b:
        await b.begin(FUNCTION)
        run = await b.run()
        path = f"/threads/{run.thread_id}/runs/{run.id}/events"
        reader = Reader(await feed(b, path))
        await reader.reads("run.requires_action")
        assert not reader.task.done()
        assert run.required_action is not None
        wanted = run.required_action.submit_tool_outputs.tool_calls[0].id
        await b.submit(run, {"tool_call_id": wanted, "output": "-3"})
        await reader.task
        found = names(reader.events)
        assert found.count("done") == 1 and found[-2:] == ["run.completed", "done"]
        assert "run.requires_action" in found and found.count("run.queued") == 2


async def test_a_late_reader_gets_the_stored_objects_as_events(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})], "Cold.") as b:
        await b.begin(FUNCTION)
        run = await b.run()
        assert run.required_action is not None
        wanted = run.required_action.submit_tool_outputs.tool_calls[0].id
        await b.submit(run, {"tool_call_id": wanted, "output": "-3"})
        live = await followed(b, run)
        b.service.engine.logs = EventLogs()
        late = await followed(b, run)
        assert names(late) == [
            "run.step.completed",
            "message.completed",
            "run.step.completed",
            "run.completed",
            "done",
        ]
        assert text_of(late) == text_of(live) == ["Cold."]
        assert {event.seq for event in late} == {-1}
        assert await followed(b, run, after="3") == late


async def test_a_reader_follows_a_waiting_run_over_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/db.sqlite"
    async with bench(
        tmp_path, [call("weather", {})], storage=SqlStorage(url, tmp_path / "files")
    ) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        thread_id = b.thread_id
    async with bench(tmp_path, "Cold.", storage=SqlStorage(url, tmp_path / "files")) as b:
        b.thread_id = thread_id
        path = f"/threads/{thread_id}/runs/{run.id}/events"
        reader = Reader(await feed(b, path, after="6"))
        await reader.reads("run.requires_action")
        assert not reader.task.done()
        assert run.required_action is not None
        wanted = run.required_action.submit_tool_outputs.tool_calls[0].id
        await b.submit(run, {"tool_call_id": wanted, "output": "-3"})
        await reader.task
        found = reader.events
        assert names(found)[:2] == ["run.step.in_progress", "run.requires_action"]
        assert names(found)[-2:] == ["run.completed", "done"]
        assert text_of(found) == ["Cold."]
        numbered = [event.seq for event in found if event.seq >= 0]
        # Above all that the dead process had told, so that nothing is taken for known.
        assert numbered[0] > 1_000_000_000_000
        again = await followed(b, run, after=str(numbered[2]))
        assert again[0].seq == numbered[3]
        whole = await followed(b, run, after="6")
        assert text_of(whole) == ["Cold."] and names(whole)[-1] == "done"


async def test_a_thread_is_followed_over_all_its_runs(tmp_path: Path) -> None:
    async with bench(tmp_path, "One.", "Two.", "Three.") as b:
        await b.begin()
        await b.run()
        path = f"/threads/{b.thread_id}/events"
        reader = Reader(await feed(b, path))
        second, third = await b.run(), await b.run()
        await reader.reads("run.completed", 2)
        reader.task.cancel()
        found = reader.events
        assert text_of(found) == ["Two.", "Three."]
        assert "done" not in names(found)
        ids = [event.id for event in found]
        assert ids[0] == f"{second.id}:0" and ids[-1].startswith(f"{third.id}:")
        later = Reader(await feed(b, path, after=ids[5]))
        await eventually(lambda: len(later.events) == len(found) - 6)
        later.task.cancel()
        assert later.events == found[6:]


async def test_the_feed_of_a_thread_begins_with_the_active_run(tmp_path: Path) -> None:
    async with bench(tmp_path, "word " * 100, delay=0.01) as b:
        await b.begin()
        started = await b.start()
        events = await feed(b, f"/threads/{b.thread_id}/events")
        first = await anext(events)
        assert (first.event, first.id) == ("thread.run.created", f"{started.run.id}:0")


async def test_the_feed_of_a_thread_shows_its_first_run_and_ends_with_the_thread(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, "One.") as b:
        await b.begin()
        reader = Reader(await feed(b, f"/threads/{b.thread_id}/events"))
        await b.run()
        await reader.reads("run.completed")
        await b.ask("DELETE", f"/threads/{b.thread_id}")
        await eventually(reader.task.done)
        assert reader.task.exception() is None


async def test_messages_that_clients_add_change_and_delete_are_told(tmp_path: Path) -> None:
    async with bench(tmp_path, "One.", "Two.") as b:
        await b.begin()
        reader = Reader(await feed(b, f"/threads/{b.thread_id}/events"))
        await b.run()
        # Then it hears of the thread's messages too.
        await reader.reads("run.completed")
        reader.events.clear()
        path = f"/threads/{b.thread_id}/messages"
        made = await b.ask("POST", path, role="user", content="by the way")
        await b.ask("POST", f"{path}/{made.id}", metadata={"a": "b"})
        await b.ask("DELETE", f"{path}/{made.id}")
        await b.run()
        await reader.reads("run.completed")
        reader.task.cancel()
        found = reader.events
        assert names(found)[:3] == ["message.created", "message.modified", "message.deleted"]
        assert found[0].data["content"][0]["text"]["value"] == "by the way"
        assert found[1].data["metadata"] == {"a": "b"}
        assert found[2].data == {
            "id": made.id,
            "object": "thread.message.deleted",
            "deleted": True,
        }
        assert {event.id for event in found[:3]} == {""}, "nobody can go on behind one"


async def test_a_run_of_another_thread_is_no_place_to_go_on_from(tmp_path: Path) -> None:
    async with bench(tmp_path, "One.") as b:
        await b.begin()
        run = await b.run()
        await b.begin()
        for after in (f"{run.id}:1", "run_x:1"):
            with pytest.raises(NotFound):
                await feed(b, f"/threads/{b.thread_id}/events", after=after)


# -- waiting -------------------------------------------------------------------------------------


async def test_waiting_ends_with_the_run(tmp_path: Path) -> None:
    async with bench(tmp_path, "word " * 20, delay=0.01) as b:
        await b.begin()
        started = await b.start()
        path = f"/threads/{b.thread_id}/runs/{started.run.id}"
        # Less than the wait: it must end before its time.
        async with asyncio.timeout(30):
            run = await b.ask("GET", path, query_wait=60)
        assert run.status == "completed"
        assert (await b.ask("GET", path, query_wait=30)).status == "completed"


async def test_waiting_ends_when_the_run_waits_for_its_client(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})]) as b:
        await b.begin(FUNCTION)
        started = await b.start()
        path = f"/threads/{b.thread_id}/runs/{started.run.id}"
        async with asyncio.timeout(30):
            assert (await b.ask("GET", path, query_wait="60")).status == "requires_action"


async def test_waiting_ends_when_its_time_is_up(tmp_path: Path) -> None:
    async with bench(tmp_path, "word " * 500, delay=3600) as b:
        await b.begin()
        started = await b.start()
        path = f"/threads/{b.thread_id}/runs/{started.run.id}"
        with counted_reads() as reads:
            assert (await b.ask("GET", path, query_wait=0.2)).status != "completed"
        assert reads[started.run.id] > 1, "it did not wait"
        with pytest.raises(InvalidRequest, match="above maximum value"):
            await b.ask("GET", path, query_wait=61)


async def test_waiting_sees_what_another_process_did(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})]) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        storage = b.service.storage
        storage.save(run.changed(status="queued"), owner=OWNER)
        b.service.engine.logs = EventLogs()
        path = f"/threads/{b.thread_id}/runs/{run.id}"
        with counted_reads() as reads:
            waiting = asyncio.create_task(b.ask("GET", path, query_wait=60))
            await eventually(lambda: reads[run.id] > 1)
            assert not waiting.done()
            storage.save(run.changed(status="completed"), owner=OWNER)
            async with asyncio.timeout(30):
                assert (await waiting).status == "completed"
