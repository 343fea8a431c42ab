"""What a restart leaves behind: consistent objects and a free thread."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.service_session import (
    FUNCTION,
    OWNER,
    Bench,
    HeldModel,
    bench,
    events,
    storage_on_disk,
)
from support.waiting import eventually

from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import StorageUnavailable
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.runs.states import is_over
from jupyter_assistants.storage.liveness import mark
from jupyter_assistants.storage.sql import SqlStorage

PRINT = "from jupyter_assistants.storage.liveness import mark; print(mark())"


async def cut_off(b: Any) -> None:
    """End the drive of every run without letting it write, as a killed process would."""
    drives = b.service.engine._drives
    for drive in list(drives._drives.values()):
        drive.context.recorder.closed = True
        drive.task.cancel()
    for task in list(drives._tasks):
        task.cancel()
    await asyncio.sleep(0)


def newest_message(storage: SqlStorage, b: Bench) -> Message:
    return storage.list(Message, parent=b.thread_id, limit=1).data[0]


async def test_a_run_in_progress_fails_and_its_text_stays(tmp_path: Path, monkeypatch: Any) -> None:
    for module in ("drives", "engine"):  # the process that drove it lives, so it is waited for
        monkeypatch.setattr(f"jupyter_assistants.runs.{module}.LEASE_SECONDS", 0.3)
    monkeypatch.setattr("jupyter_assistants.runs.recorder.CHECKPOINT_SECONDS", 0.0)
    storage = storage_on_disk(tmp_path)
    async with bench(tmp_path, model=HeldModel(["word " * 20]), storage=storage) as b:
        await b.begin()
        started = await b.start()
        await eventually(lambda: "word word" in newest_message(storage, b).text)
        await cut_off(b)
        await eventually(lambda: not storage.leases("thread")[0].active)
        async with bench(tmp_path, ["Fresh."], storage=storage) as after:
            await eventually(lambda: storage.get(Run, started.run.id).status == "failed")
            run = storage.get(Run, started.run.id)
            assert run.last_error is not None
            # Nothing restarted, so nothing of the kind is said.
            assert "did not renew its lease" in run.last_error.message
            after.assistant_id, after.thread_id = b.assistant_id, b.thread_id
            message = (await after.messages())[-1]
            assert message.status == "incomplete" and message.text.startswith("word word")
            assert message.incomplete_details is not None
            assert message.incomplete_details.reason == "run_failed"
            assert (await after.run()).status == "completed"


class LosingStorage(SqlStorage):
    """A storage that looks who has the thread of a run that has ended, and loses one answer."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"sqlite:///{folder}/objects.sqlite", folder / "files")
        self.held_by: list[Any] = []
        self.loses = False

    def save(self, *objects: WireObject, **options: Any) -> None:
        super().save(*objects, **options)
        for run in objects:
            if isinstance(run, Run) and is_over(run):
                self.held_by.append(self.lease(run.thread_id))
                if self.loses:
                    self.loses = False
                    raise StorageUnavailable("The connection broke after the commit.")


@pytest.mark.parametrize("ending", ["completed", "failed", "cancelled"])
async def test_a_thread_is_free_as_soon_as_its_run_reads_as_over(
    tmp_path: Path, ending: str
) -> None:
    storage = LosingStorage(tmp_path)
    model = HeldModel(["word"]) if ending == "cancelled" else None
    turns: list[Any] = [] if ending == "failed" else ["Done."]
    async with bench(tmp_path, *turns, storage=storage, model=model) as b:
        await b.begin()
        started = await b.start()
        if ending == "cancelled":
            await b.ask("POST", f"/threads/{b.thread_id}/runs/{started.run.id}/cancel")
        await eventually(lambda: storage.get(Run, started.run.id).status == ending)
        assert storage.held_by == [None]


async def test_an_end_whose_answer_is_lost_is_told_all_the_same(tmp_path: Path) -> None:
    storage = LosingStorage(tmp_path)
    storage.loses = True
    async with bench(tmp_path, ["Done."], storage=storage) as b:
        await b.begin()
        found = await events(await b.start())
        assert [each.event for each in found][-2:] == ["thread.run.completed", "done"]


async def test_a_run_that_waits_goes_on_after_a_restart(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    async with bench(tmp_path, [call("weather", {})], storage=storage) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        await cut_off(b)
        async with bench(tmp_path, ["Cold."], storage=storage) as after:
            after.thread_id = b.thread_id
            assert run.required_action is not None
            call_id = run.required_action.submit_tool_outputs.tool_calls[0].id
            await events(await after.submit(run, {"tool_call_id": call_id, "output": "-3"}))
            assert (await after.get_run(run)).status == "completed"
            assert storage.list(Message, parent=b.thread_id).data[0].text == "Cold."


async def test_a_run_that_waited_too_long_expires_after_a_restart(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    async with bench(tmp_path, [call("weather", {})], storage=storage) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        await cut_off(b)
        # As if hours had passed since.
        stored = storage.get(Run, run.id)
        storage.save(stored.changed(expires_at=stored.created_at), owner=OWNER)
        async with bench(tmp_path, ["Fresh."], storage=storage) as after:
            after.assistant_id, after.thread_id = b.assistant_id, b.thread_id
            assert (await after.get_run(run)).status == "expired"
            assert (await after.run()).status == "completed"


async def test_a_lock_without_a_run_is_opened(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    async with bench(tmp_path, storage=storage) as b:
        await b.begin()
        storage.acquire(b.thread_id, "run_never_stored", kind="thread", process="dead", seconds=0.0)
    async with bench(tmp_path, ["Fine."], storage=storage) as after:
        after.assistant_id, after.thread_id = b.assistant_id, b.thread_id
        assert (await after.run()).status == "completed"


async def test_a_run_whose_caller_died_fails_and_frees_the_thread(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", PRINT], stdout=subprocess.PIPE, text=True)
    name = child.communicate()[0].strip()
    python = call("run_python", {"code": "1"})
    async with bench(tmp_path, [python], ["Fine."]) as b:
        await b.begin({"type": "code_interpreter"})
        run = await b.run(jupyter={"place": "caller", "process": name})

        async def ended() -> Run | None:
            found = await b.get_run(run)
            return found if found.status != "requires_action" else None

        run = await eventually(ended) or run
        assert run.status == "failed" and run.last_error is not None
        assert "kernel died" in run.last_error.message
        assert (await b.run()).status == "completed"


async def test_a_run_whose_caller_lives_goes_on_waiting(tmp_path: Path) -> None:
    python = call("run_python", {"code": "1"})
    async with bench(tmp_path, [python]) as b:
        await b.begin({"type": "code_interpreter"})
        run = await b.run(jupyter={"place": "caller", "process": mark()})
        await b.service.engine._recovery.sweep()
        assert (await b.get_run(run)).status == "requires_action"


async def test_a_dead_server_is_not_waited_for(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", PRINT], stdout=subprocess.PIPE, text=True)
    name = child.communicate()[0].strip()
    storage = storage_on_disk(tmp_path)
    async with bench(tmp_path, storage=storage) as b:
        await b.begin()
        storage.acquire(b.thread_id, "run_never_stored", kind="thread", process=name, seconds=60)
    async with bench(tmp_path, ["Fine."], storage=storage) as after:
        after.assistant_id, after.thread_id = b.assistant_id, b.thread_id
        assert (await after.run()).status == "completed"


async def test_closing_while_a_run_is_just_ending_loses_nothing(tmp_path: Path) -> None:
    for _ in range(20):
        storage = storage_on_disk(tmp_path)
        async with bench(tmp_path, ["Hi."], storage=storage) as b:
            await b.begin()
            started = await b.start()
            async for event in started.log.read(0):
                if event.event == "thread.message.completed":
                    break
        assert storage.leases("thread") == []
        assert storage.get(Run, started.run.id).status in ("completed", "failed")
