"""A data folder that version 0.1.0 wrote opens with everything in it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.paths import DATA
from support.service_session import Bench
from support.waiting import eventually

from jupyter_assistants.api import build
from jupyter_assistants.config import Settings
from jupyter_assistants.models.scripted import Scripted
from jupyter_assistants.protocol.messages import TextContent

OLD = DATA / "database-0.1.0"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((OLD / "expected.json").read_text())


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OLD, tmp_path / "data", ignore=shutil.ignore_patterns("*.json")))


def contains(new: Any, old: Any) -> bool:
    """Return whether everything of an old object is in the new one; it may have gained fields."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(k in new and contains(new[k], old[k]) for k in old)
    if isinstance(old, list):
        return len(new) == len(old) and all(contains(n, o) for n, o in zip(new, old, strict=True))
    return bool(new == old)


async def opened(data_dir: Path) -> Bench:
    # As it was when the folder was made; a model would be downloaded.
    service = build(Settings(data_dir=data_dir, embedding_model="none"))
    await service.start()
    b = Bench(service, Scripted([]))

    async def is_indexed() -> bool:
        found = await b.ask("GET", "/doctor")
        return {each.id: each.status for each in found.checks}["index"] == "ok"

    # The search index is derived, and that of an older version is built again from the files.
    await eventually(is_indexed)
    return b


async def test_every_object_is_there_as_it_was(data_dir: Path) -> None:
    b = await opened(data_dir)
    try:
        for path, old in EXPECTED.items():
            page = await b.ask("GET", path, query_order="asc", query_limit="100")
            new = [each.wire() for each in page.data]
            assert [each["id"] for each in new] == [each["id"] for each in old], path
            for one, other in zip(new, old, strict=True):
                assert contains(one, other), (path, one, other)
    finally:
        await b.service.close()


async def test_search_finds_what_was_indexed_and_files_open(data_dir: Path) -> None:
    b = await opened(data_dir)
    try:
        vector_store = EXPECTED["/vector_stores"][0]["id"]
        found = await b.ask(
            "POST", f"/vector_stores/{vector_store}/search", query="Torgersen colony"
        )
        assert "counted on 11 November 2007" in found.data[0].content[0].text
        for file in EXPECTED["/files"]:
            assert len(await b.download(file["id"])) == file["bytes"]
    finally:
        await b.service.close()


@pytest.mark.slow
async def test_an_old_thread_goes_on(data_dir: Path) -> None:
    b = await opened(data_dir)
    try:
        thread = EXPECTED["/threads"][0]["id"]
        assistant = EXPECTED["/assistants"][0]["id"]
        await b.ask("POST", f"/threads/{thread}/messages", role="user", content="count the rows")
        b.thread_id, b.assistant_id = thread, assistant
        run = await b.run()
        assert run.status == "completed"
        answer = (await b.messages())[-1].content[0]
        assert isinstance(answer, TextContent)
        assert "344" in answer.text.value
    finally:
        await b.service.close()
