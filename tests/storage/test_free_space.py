"""What is deleted is given back: rows with their time, and the room that they took in the file."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy import make_url
from support.store_samples import message, thread

from jupyter_assistants.storage import free_space
from jupyter_assistants.storage.sql import CLAIM_SECONDS, SqlStorage


def pragma(url: str, name: str) -> int:
    with contextlib.closing(sqlite3.connect(str(make_url(url).database))) as database:
        return int(database.execute(f"PRAGMA {name}").fetchone()[0])


def fill_and_delete(storage: SqlStorage) -> None:
    big = [message(f"msg_{number}").changed(metadata={"a": "x" * 500}) for number in range(4000)]
    storage.save(thread("thread_1"), *big, owner="me")
    storage.delete(*(each.id for each in big), "thread_1")


def test_the_file_of_a_new_database_shrinks(url: str, files_dir: Path) -> None:
    storage = SqlStorage(url, files_dir)
    fill_and_delete(storage)
    before = pragma(url, "page_count")
    storage.collect_garbage()
    assert pragma(url, "freelist_count") == 0
    assert pragma(url, "page_count") * 4 < before
    storage.close()


def old_database(url: str) -> None:
    """Create a file as older versions did, which cannot give single pages back."""
    path = Path(str(make_url(url).database))
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=wal")
        database.execute("CREATE TABLE before (a)")


def test_an_old_database_is_rewritten_once_and_shrinks_from_then_on(
    url: str, files_dir: Path
) -> None:
    old_database(url)
    storage = SqlStorage(url, files_dir)
    fill_and_delete(storage)
    assert pragma(url, "auto_vacuum") == 0
    for _ in range(2):
        storage.collect_garbage()
        assert pragma(url, "auto_vacuum") == 2
        assert pragma(url, "freelist_count") == 0
        fill_and_delete(storage)
    storage.close()


def test_an_old_database_that_is_large_is_left_alone_and_its_condition_says_so(
    url: str, files_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_space, "LARGEST_REWRITE_BYTES", 100_000)
    old_database(url)
    storage = SqlStorage(url, files_dir)
    fill_and_delete(storage)
    storage.collect_garbage()
    assert pragma(url, "auto_vacuum") == 0
    assert "PRAGMA auto_vacuum=incremental; VACUUM" in storage.check_health().facts
    storage.close()


def test_claimed_keys_are_forgotten_long_after_any_run(url: str, files_dir: Path) -> None:
    storage = SqlStorage(url, files_dir)
    for key in ("run_old/call_1", "run_new/call_1"):
        assert storage.claim_once(key)
    with contextlib.closing(sqlite3.connect(str(make_url(url).database))) as database:
        ago = int(time.time() - CLAIM_SECONDS - 1)
        database.execute("UPDATE once SET claimed_at = ? WHERE key LIKE 'run_old%'", (ago,))
        database.commit()
    storage.collect_garbage()
    assert storage.claim_once("run_old/call_1")
    assert not storage.claim_once("run_new/call_1")
    storage.close()
