"""A file whose time has passed is as good as deleted, everywhere, and is removed soon after."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from support.service_session import OWNER, Bench, bench

from jupyter_assistants.models.base import HistoryMessage
from jupyter_assistants.protocol.errors import NotFound, StorageError
from jupyter_assistants.protocol.files import File

CODE = {"type": "code_interpreter"}


async def upload(b: Bench, data: bytes = b"a,b\n1,2\n", name: str = "data.csv") -> File:
    return await b.upload(name, data)


def expire(b: Bench, file: File) -> None:
    b.service.storage.save(file.changed(expires_at=int(time.time()) - 1), owner=OWNER)


def attach(file: File, **more: Any) -> dict[str, Any]:
    attachments = [{"file_id": file.id, "tools": [CODE]}]
    return {"role": "user", "content": "look", "attachments": attachments, **more}


async def test_an_expired_file_is_not_found_anywhere(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        file = await upload(b)
        await b.begin(CODE)
        expire(b, file)
        for ask in (
            b.ask("GET", f"/files/{file.id}"),
            b.ask("DELETE", f"/files/{file.id}"),
            b.download(file.id),
            b.ask("POST", f"/threads/{b.thread_id}/messages", **attach(file)),
            b.ask("POST", "/threads", tool_resources={"code_interpreter": {"file_ids": [file.id]}}),
        ):
            with pytest.raises(NotFound, match=f"No such File object: {file.id}"):
                await ask
        assert (await b.ask("GET", "/files")).data == []


async def test_the_model_and_its_code_get_no_expired_file(tmp_path: Path) -> None:
    async with bench(tmp_path, "Fine.") as b:
        kept, gone = await upload(b), await upload(b, b"x", "old.csv")
        await b.begin(CODE)
        for file in (kept, gone):
            await b.ask("POST", f"/threads/{b.thread_id}/messages", **attach(file))
        expire(b, gone)
        await b.run()
        texts = [e.text for e in b.model.requests[-1].history if isinstance(e, HistoryMessage)]
        assert any("data.csv" in text for text in texts)
        assert not any("old.csv" in text for text in texts)
        assert "old.csv" not in b.model.requests[-1].instructions


async def test_an_expired_file_is_removed_with_its_bytes_and_its_mentions(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        file = await upload(b)
        await b.begin(CODE)
        await b.ask("POST", f"/threads/{b.thread_id}/messages", **attach(file))
        expire(b, file)
        await b.service.tidy()
        assert b.service.storage.expired() == []
        with pytest.raises(StorageError):
            b.service.storage.open_file(file.jupyter.sha256)
        thread = await b.ask("GET", f"/threads/{b.thread_id}")
        assert thread.tool_resources.code_interpreter.file_ids == []


async def test_a_file_with_time_left_stays(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        file = await upload(b)
        b.service.storage.save(file.changed(expires_at=int(time.time()) + 60), owner=OWNER)
        await b.service.tidy()
        assert (await b.ask("GET", f"/files/{file.id}")).id == file.id


async def test_deleting_one_of_two_equal_files_keeps_the_bytes_of_the_other(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        one, two = await upload(b), await upload(b)
        await b.ask("DELETE", f"/files/{one.id}")
        assert await b.download(two.id) == b"a,b\n1,2\n"
        await b.ask("DELETE", f"/files/{two.id}")
        with pytest.raises(StorageError):
            b.service.storage.open_file(two.jupyter.sha256)
