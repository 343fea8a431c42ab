"""Servers that are killed in the middle of indexing many files, or share them with another one."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI
from support.live_server import LiveServer, embedded
from support.plugins import with_plugins
from support.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

FILES = 1000
HELD = 4
"""The last files are read only once the gate is open: as many as are read at a time."""
SHARED = 200
WORDS = "Der Satz mit der Nummer {} steht hier. " * 5


def upload(client: OpenAI, number: int) -> str:
    """Store a file whose words differ from all others'; ``first`` and ``last`` are in each."""
    text = f"first{number} {WORDS.format(*[number] * 5)} last{number}".encode()
    name = f"{number}.held" if number >= FILES - HELD else f"{number}.txt"
    return client.files.create(file=(name, text), purpose="assistants").id


def counts(client: OpenAI, vector_store_id: str) -> Any:
    return client.vector_stores.retrieve(vector_store_id).file_counts


def listed(client: OpenAI, vector_store_id: str) -> dict[str, str]:
    """Return the status of every file of a vector store."""
    files = client.vector_stores.files
    return {each.id: each.status for each in files.list(vector_store_id, limit=100)}


def check_whole(client: OpenAI, vector_store_id: str, file_id: str, number: int) -> None:
    """Check that a file is found by its first and its last word, and that all of it is there."""
    for words in (f"first{number}", f"last{number}"):
        page = client.vector_stores.search(vector_store_id, query=words, max_num_results=1)
        assert [each.file_id for each in page.data] == [file_id]
    (part,) = client.vector_stores.files.content(file_id, vector_store_id=vector_store_id).data
    assert part.text is not None
    assert part.text.startswith(f"first{number} ") and part.text.endswith(f" last{number}")


def test_a_kill_in_the_middle_of_indexing_loses_no_file_and_leaves_no_half_one(
    tmp_path: Path, plugins_folder: Path
) -> None:
    gate = tmp_path / "gate"
    environ = {**with_plugins(plugins_folder), "ASSISTANTS_TOYS_GATE": str(gate)}
    server = LiveServer(tmp_path, environ=environ)
    server.start()
    try:
        with server.client() as client:
            with ThreadPoolExecutor(8) as pool:
                ids = list(pool.map(lambda number: upload(client, number), range(FILES)))
            store = client.vector_stores.create()
            batch = client.vector_stores.file_batches.create(store.id, file_ids=ids)

            def begun() -> int:
                completed = counts(client, store.id).completed
                return completed if completed >= FILES // 10 else 0

            done = until(begun)
        server.kill()
        assert done < FILES
        for path in server.data_dir.glob("*.db"):
            with sqlite3.connect(path) as database:
                assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        server.start()
        with server.client() as client:
            known = listed(client, store.id)
            assert set(known) == set(ids)
            assert sum(status == "completed" for status in known.values()) >= done
            whole = [file_id for file_id, status in known.items() if status == "completed"]
            for file_id in whole[:: len(whole) // 20]:
                check_whole(client, store.id, file_id, ids.index(file_id))
            gate.touch()
            ended = client.vector_stores.file_batches.poll(batch.id, vector_store_id=store.id)
            assert ended.status == "completed" and ended.file_counts.completed == FILES
            for number in range(0, FILES, 50):
                check_whole(client, store.id, ids[number], number)
            shown = embedded(client, store.id)
            each = [file.usage_bytes for file in client.vector_stores.files.list(store.id)]
            # A file that was indexed twice would count twice.
            assert shown.usage_bytes == sum(each)
    finally:
        server.kill()


def test_two_servers_on_one_data_folder_ingest_each_file_exactly_once(tmp_path: Path) -> None:
    first = LiveServer(tmp_path / "first")
    second = LiveServer(tmp_path / "second", options={"data_dir": str(first.data_dir)})
    try:
        with ThreadPoolExecutor(4) as pool:
            for each in (first, second):
                each.home.mkdir()
                each.start()
            with first.client() as one, second.client() as other:
                store = one.vector_stores.create()
                numbers = range(SHARED)
                ids = list(pool.map(lambda n: upload((one, other)[n % 2], n), numbers))

                def attach(client: OpenAI, start: int) -> Any:
                    mine = ids[start::2]
                    return client.vector_stores.file_batches.create_and_poll(
                        store.id, file_ids=mine, poll_interval_ms=200
                    )

                both = list(pool.map(attach, (one, other), (0, 1)))
                assert [batch.file_counts.completed for batch in both] == [SHARED // 2] * 2
                assert counts(one, store.id) == counts(other, store.id)
                assert listed(one, store.id) == dict.fromkeys(ids, "completed")
                for number in range(0, SHARED, 20):
                    check_whole(other, store.id, ids[number], number)
    finally:
        for each in (first, second):
            each.kill()
    with sqlite3.connect(first.data_dir / "search.db") as database:
        # Numbers are never used again: one that was indexed twice has had two.
        used = dict(database.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    assert (used["documents"], used["contents"], used["chunks"]) == (SHARED, SHARED, SHARED)
