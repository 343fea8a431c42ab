"""Files of the service are for their owner alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.service_session import bench
from support.waiting import eventually

from jupyter_assistants.models.scripted import call
from jupyter_assistants.storage.sql import SqlStorage

pytestmark = pytest.mark.slow

CODE: Any = {"type": "code_interpreter"}
SEARCH: Any = {"type": "file_search"}


@pytest.fixture
def no_umask() -> Iterator[None]:
    """Set the umask that takes no right away, as careless containers do."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """Return everything below a folder that others than its owner have a right on."""
    found = []
    for path in [folder, *folder.rglob("*")]:
        mode = path.lstat().st_mode
        # IPython copies its explanations with the mode that they have, into a private folder.
        copied = path.name == "README" and ".ipython" in path.parts
        if not stat.S_ISLNK(mode) and mode & 0o077 and not copied:
            found.append(f"{path.relative_to(folder)} {stat.S_IMODE(mode):04o}")
    return found


async def test_nothing_in_the_data_folder_is_open_to_others_after_work(
    tmp_path: Path, no_umask: None
) -> None:
    data = tmp_path / "data"
    turns = [[call("run_python", {"code": "print(open('data.csv').read())"})], "Fine."]
    storage = SqlStorage(f"sqlite:///{data / 'assistants.db'}", data / "files")
    async with bench(data, *turns, storage=storage) as b:
        file = await b.upload("data.csv", b"a,b\n1,2\n")
        await b.begin(CODE, SEARCH)
        store = await b.ask("POST", "/vector_stores", file_ids=[file.id])

        async def indexed() -> bool:
            found = await b.ask("GET", f"/vector_stores/{store.id}")
            return bool(found.file_counts.completed)

        await eventually(indexed)
        attachments = [{"file_id": file.id, "tools": [CODE]}]
        message = {"role": "user", "content": "read it", "attachments": attachments}
        run = await b.run(additional_messages=[message])
        while (await b.get_run(run)).status != "completed":
            await b.ask("GET", f"/threads/{b.thread_id}/runs/{run.id}", query_wait=30)
        await b.ask("GET", f"/threads/{b.thread_id}/export", query_format="notebook")
        names = {path.name for path in data.rglob("*")}
        assert {"search.db", "search.db-wal", "search.db-shm", "data.csv"} <= names
        assert open_to_others(data) == []
    assert open_to_others(data) == []


async def test_an_index_that_an_earlier_version_left_open_is_closed_to_others(
    tmp_path: Path, no_umask: None
) -> None:
    for name in ("search.db", "search.db-wal", "search.db-shm"):
        (tmp_path / name).touch(0o644)
    tmp_path.chmod(0o700)
    async with bench(tmp_path):
        assert open_to_others(tmp_path) == []
