"""The same request under the same key is carried out once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.service_session import FUNCTION, OWNER, Bench, bench, events, names

from jupyter_assistants.api import Started
from jupyter_assistants.api.dispatch import find, perform
from jupyter_assistants.api.forms import ReceivedFile
from jupyter_assistants.models.scripted import call
from jupyter_assistants.protocol.answers import KeptAnswer
from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import InProgress, InvalidRequest, NotFound
from jupyter_assistants.protocol.events import EventLogs
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.uploads import Upload
from jupyter_assistants.protocol.vector_stores import VectorStore
from jupyter_assistants.storage.liveness import mark
from jupyter_assistants.storage.sql import SqlStorage


async def post(b: Bench, key: str, path: str, *, owner: str = OWNER, **body: Any) -> Any:
    route, found = find("POST", path)
    return await perform(b.service, owner, route, found, body=body, key=key)


async def test_the_second_request_gets_the_first_answer(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        first = await post(b, "k", "/threads", metadata={"a": "b"})
        second = await post(b, "k", "/threads", metadata={"a": "b"})
        assert second.wire() == first.wire()
        assert len((await b.ask("GET", "/threads")).data) == 1


async def test_another_body_under_the_same_key_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await post(b, "k", "/threads", metadata={"a": "b"})
        with pytest.raises(InvalidRequest, match="came with another request before"):
            await post(b, "k", "/threads", metadata={"a": "c"})


async def test_a_key_counts_for_one_owner_and_one_path(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        one = await post(b, "k", "/threads")
        two = await post(b, "k", "/threads", owner="bob")
        said = {"role": "user", "content": "hello"}
        three = await post(b, "k", f"/threads/{one.id}/messages", **said)
        four = await post(b, "k", f"/threads/{two.id}/messages", owner="bob", **said)
        assert len({one.id, two.id, three.id, four.id}) == 4


async def test_many_at_once_are_carried_out_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        found = await asyncio.gather(*(post(b, "k", "/threads") for _ in range(8)))
        assert len({each.wire()["id"] for each in found}) == 1
        assert len((await b.ask("GET", "/threads")).data) == 1


async def test_a_refused_request_can_be_mended_under_its_key(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        thread = await b.ask("POST", "/threads")
        path = f"/threads/{thread.id}/messages"
        with pytest.raises(InvalidRequest):
            await post(b, "k", path, role="user")
        with pytest.raises(NotFound):
            attachments = [{"file_id": "file-x", "tools": []}]
            await post(b, "k", path, role="user", content="x", attachments=attachments)
        assert (await post(b, "k", path, role="user", content="x")).role == "user"


async def test_two_streams_of_one_run_are_the_same(tmp_path: Path) -> None:
    async with bench(tmp_path, "Hello there.", delay=0.01) as b:
        await b.begin()
        path, body = f"/threads/{b.thread_id}/runs", {"assistant_id": b.assistant_id}
        both = await asyncio.gather(*(post(b, "k", path, stream=True, **body) for _ in range(2)))
        one, two = [await events(started) for started in both]
        assert one == two and names(one)[-1] == "done"
        assert len(b.model.requests) == 1


async def test_submitted_outputs_are_taken_once_and_streamed_twice(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})], "Cold.") as b:
        await b.begin(FUNCTION)
        run = await b.run()
        assert run.required_action is not None
        wanted = run.required_action.submit_tool_outputs.tool_calls[0].id
        path = f"/threads/{b.thread_id}/runs/{run.id}/submit_tool_outputs"
        outputs = [{"tool_call_id": wanted, "output": "-3"}]
        one = await events(await post(b, "k", path, tool_outputs=outputs))
        two = await events(await post(b, "k", path, tool_outputs=outputs))
        assert one == two and names(one)[0] == "run.step.completed"


async def test_the_answer_survives_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/db.sqlite"
    async with bench(tmp_path, "Hello.", storage=SqlStorage(url, tmp_path / "files")) as b:
        thread = (await post(b, "k", "/threads")).wire()
        await b.begin()
        path, body = f"/threads/{b.thread_id}/runs", {"assistant_id": b.assistant_id}
        started = await post(b, "k", path, **body)
        await events(started)
    async with bench(tmp_path, storage=SqlStorage(url, tmp_path / "files")) as b:
        assert (await post(b, "k", "/threads")).wire() == thread
        again = await post(b, "k", path, **body)
        assert isinstance(again, Started)
        assert again.run.wire() == started.run.wire() and again.run.status == "queued"
        found = names(await events(again))
        assert found == ["message.completed", "run.step.completed", "run.completed", "done"]


async def test_a_stream_whose_log_is_gone_is_told_from_the_store(tmp_path: Path) -> None:
    async with bench(tmp_path, [call("weather", {})]) as b:
        await b.begin(FUNCTION)
        path, body = f"/threads/{b.thread_id}/runs", {"assistant_id": b.assistant_id}
        await events(await post(b, "k", path, **body))
        b.service.engine.logs = EventLogs()
        found = names(await events(await post(b, "k", path, **body)))
        assert found == ["run.step.in_progress", "run.requires_action", "done"]


async def test_after_a_day_the_key_is_free_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        first = await post(b, "k", "/threads")
        (kept,) = b.service.storage.list(KeptAnswer).data
        b.service.storage.save(kept.changed(created_at=1), owner=OWNER)
        second = await post(b, "k", "/threads", metadata={"other": "body"})
        assert second.id != first.id


def lease_to(b: Bench, process: str) -> None:
    """Lease the key of an answer to another process, which has not answered yet."""
    (known,) = b.service.storage.list(KeptAnswer).data
    b.service.storage.delete(known.id)
    b.service.storage.acquire(
        known.id, known.fingerprint, kind="request", process=process, seconds=60
    )


async def test_the_work_of_a_dead_process_is_done_anew(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        first = await post(b, "k", "/threads")
        surroundings, _, _ = mark().rsplit("/", 2)
        lease_to(b, f"{surroundings}/999999999/1")
        assert (await post(b, "k", "/threads")).id != first.id


async def test_one_that_takes_too_long_is_a_conflict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_assistants.api.idempotency.PATIENCE_SECONDS", 0.1)
    async with bench(tmp_path) as b:
        await post(b, "k", "/threads")
        lease_to(b, mark())
        with pytest.raises(InProgress) as conflict:
            await post(b, "k", "/threads")
        assert conflict.value.status == 409
        with pytest.raises(InvalidRequest, match="came with another request before"):
            await post(b, "k", "/threads", metadata={"a": "c"})


async def test_a_request_that_was_cut_off_in_version_0_1_0_is_carried_out_anew(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as b:
        first = await post(b, "k", "/threads")
        (known,) = b.service.storage.list(KeptAnswer).data
        b.service.storage.save(known.changed(done=False), owner=OWNER)
        assert (await post(b, "k", "/threads")).id != first.id


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_has_a_length(tmp_path: Path, key: str) -> None:
    async with bench(tmp_path) as b:
        with pytest.raises(InvalidRequest, match="1 to 255 characters"):
            await post(b, key, "/threads")


class Killed(BaseException):
    """What a kill between a commit and the next statement looks like from inside."""


class MortalStorage(SqlStorage):
    """A storage whose process dies right after its next commit of an object."""

    dying = False

    def save(self, *objects: WireObject, **options: Any) -> None:
        super().save(*objects, **options)
        self._die(objects)

    def replace(self, old: WireObject, new: WireObject, *also: WireObject, **options: Any) -> bool:
        done = super().replace(old, new, *also, **options)
        self._die([new])
        return done

    def _die(self, objects: Sequence[WireObject]) -> None:
        if self.dying and not all(isinstance(each, KeptAnswer) for each in objects):
            self.dying = False
            raise Killed


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/threads", {}, Thread),
        ("/assistants", {"model": "demo"}, Assistant),
        ("/vector_stores", {"name": "v"}, VectorStore),
        (
            "/uploads",
            {"filename": "a.txt", "bytes": 1, "mime_type": "text/plain", "purpose": "assistants"},
            Upload,
        ),
        ("/threads/{thread}/messages", {"role": "user", "content": "Hi"}, Message),
        ("/threads/{thread}/runs", {"assistant_id": "{assistant}", "model": "demo"}, Run),
        ("/threads/runs", {"assistant_id": "{assistant}", "model": "demo"}, Run),
    ],
)
async def test_a_kill_after_the_change_makes_no_second_one(
    path: str, body: dict[str, Any], kind: type[WireObject], tmp_path: Path
) -> None:
    storage = MortalStorage(f"sqlite:///{tmp_path}/objects.sqlite", tmp_path / "files")
    async with bench(tmp_path, storage=storage) as b:
        thread = await b.ask("POST", "/threads")
        assistant = await b.ask("POST", "/assistants", model="demo")
        path = path.format(thread=thread.id)
        body = {k: assistant.id if v == "{assistant}" else v for k, v in body.items()}
        before = {each.storage_id for each in storage.list(kind, limit=100).data}
        storage.dying = True
        with pytest.raises(Killed):
            await post(b, "k", path, **body)
        again = await post(b, "k", path, **body)
        made = [e for e in storage.list(kind, limit=100).data if e.storage_id not in before]
        assert [each.storage_id for each in made] == [again.wire()["id"]]


async def test_a_kill_while_an_upload_is_completed_leaves_it_completed(tmp_path: Path) -> None:
    storage = MortalStorage(f"sqlite:///{tmp_path}/objects.sqlite", tmp_path / "files")
    async with bench(tmp_path, storage=storage) as b:
        fields = {"filename": "a.txt", "mime_type": "text/plain", "purpose": "assistants"}
        upload = await b.ask("POST", "/uploads", bytes=2, **fields)
        with storage.write_file() as writer:
            writer.write(b"ab")
            received = ReceivedFile("a.txt", writer.commit(), None)
            route, names = find("POST", f"/uploads/{upload.id}/parts")
            part = await perform(b.service, OWNER, route, names, received=received)
        storage.dying = True
        with pytest.raises(Killed):
            await post(b, "k", f"/uploads/{upload.id}/complete", part_ids=[part.id])
        stored = storage.get(Upload, upload.id)
        assert stored.status == "completed" and stored.file is not None
        assert await b.download(stored.file.id) == b"ab"
        again = await post(b, "k", f"/uploads/{upload.id}/complete", part_ids=[part.id])
        assert again.wire()["file"]["id"] == stored.file.id


async def test_an_upload_that_an_older_version_left_claimed_can_be_completed(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as b:
        fields = {"filename": "a.txt", "mime_type": "text/plain", "purpose": "assistants"}
        upload = await b.ask("POST", "/uploads", bytes=1, **fields)
        b.service.storage.claim_once(f"upload/{upload.id}")
        cancelled = await b.ask("POST", f"/uploads/{upload.id}/cancel")
        assert cancelled.status == "cancelled"
