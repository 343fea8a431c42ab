"""Bytes go with the last object that names them, and objects go when their time has passed."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import make_url
from support.store_samples import file, message, thread

from jupyter_assistants.protocol.errors import NotFound, StorageError
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.storage.base import ExpiredObject, Lease, Storage
from jupyter_assistants.storage.files import FolderFiles
from jupyter_assistants.storage.sql import SqlStorage


def keep(storage: Storage, id: str, data: bytes = b"abc", **fields: object) -> str:
    """Store bytes and a file that names them, and give their hash."""
    with storage.write_file() as writer:
        writer.write(data)
        sha256 = writer.commit().sha256
        storage.save(file(id, jupyter={"sha256": sha256}, **fields), owner="ada")
    return sha256


def is_there(storage: Storage, sha256: str) -> bool:
    try:
        storage.open_file(sha256).close()
    except StorageError:
        return False
    return True


def test_the_bytes_go_with_the_file(storage: Storage) -> None:
    sha256 = keep(storage, "file-1")
    storage.delete("file-1")
    assert not is_there(storage, sha256)


def test_the_bytes_stay_while_another_file_has_the_same_content(storage: Storage) -> None:
    sha256 = keep(storage, "file-1")
    assert keep(storage, "file-2") == sha256
    storage.delete("file-1")
    assert is_there(storage, sha256)
    storage.delete("file-2")
    assert not is_there(storage, sha256)


def test_the_bytes_stay_while_somebody_uploads_the_same_content(storage: Storage) -> None:
    keep(storage, "file-1")
    with storage.write_file() as writer:
        writer.write(b"abc")
        sha256 = writer.commit().sha256
        storage.delete("file-1")
        assert storage.collect_garbage() == 0
        assert is_there(storage, sha256)
        storage.save(file("file-2", jupyter={"sha256": sha256}), owner="ada")
    assert storage.collect_garbage() == 0
    assert is_there(storage, sha256)


def test_bytes_that_no_object_names_are_collected(storage: Storage) -> None:
    kept = keep(storage, "file-1", b"kept")
    with storage.write_file() as writer:
        writer.write(b"left")
        left = writer.commit().sha256
    assert storage.collect_garbage() == 1
    assert (is_there(storage, kept), is_there(storage, left)) == (True, False)


def test_uploads_and_deletions_of_one_content_at_once_lose_nothing(storage: Storage) -> None:
    lost: list[str] = []

    def upload(worker: int) -> None:
        for number in range(8):
            id = f"file-{worker}-{number}"
            sha256 = keep(storage, id)
            if not is_there(storage, sha256):
                lost.append(id)
            storage.delete(id)

    workers = [threading.Thread(target=upload, args=(index,)) for index in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert lost == []
    assert storage.collect_garbage() == 0


def test_two_stores_on_one_database_know_of_each_others_uploads(
    shared_url: str, files_dir: Path
) -> None:
    here, there = SqlStorage(shared_url, files_dir), SqlStorage(shared_url, files_dir)
    with here.write_file() as writer:
        writer.write(b"abc")
        sha256 = writer.commit().sha256
        assert there.collect_garbage() == 0
    assert there.collect_garbage() == 1
    assert not is_there(here, sha256)
    here.close()
    there.close()


def test_bytes_of_a_process_that_died_in_between_are_collected_later(
    shared_url: str, files_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = SqlStorage(shared_url, files_dir)
    monkeypatch.setattr("jupyter_assistants.storage.sql.PIN_SECONDS", 0.0)
    writer = storage.write_file()
    writer.write(b"abc")
    writer.commit()
    assert storage.collect_garbage() == 1
    storage.close()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "notes.txt").write_text("mine")
    assert list(FolderFiles(tmp_path).names()) == []


# -- time ----------------------------------------------------------------------------------------


def test_an_object_whose_time_has_passed_counts_as_deleted(storage: Storage) -> None:
    past, future = int(time.time()) - 1, int(time.time()) + 100
    storage.save(file("file-1", expires_at=past), file("file-2", expires_at=future), owner="ada")
    with pytest.raises(NotFound):
        storage.get(File, "file-1")
    with pytest.raises(NotFound):
        storage.owner_of("file-1")
    assert [each.id for each in storage.list(File, after="file-1", order="asc").data] == ["file-2"]
    assert [each.id for each in storage.list(File, owner="ada").data] == ["file-2"]
    assert storage.expired() == [ExpiredObject("file-1", "file", "ada")]


def test_what_is_gone_is_left_out_of_the_count_of_a_page(storage: Storage) -> None:
    storage.save(
        *(file(f"file-{n}", expires_at=1 if n % 2 else None) for n in range(6)), owner="ada"
    )
    page = storage.list(File, limit=3)
    assert [each.id for each in page.data] == ["file-4", "file-2", "file-0"]
    assert page.has_more is False


def test_deleting_what_is_gone_frees_its_bytes(storage: Storage) -> None:
    sha256 = keep(storage, "file-1", expires_at=int(time.time()) - 1)
    assert storage.collect_garbage() == 0
    storage.delete(*(each.id for each in storage.expired()))
    assert storage.expired() == []
    assert not is_there(storage, sha256)


def test_an_id_is_added_once(storage: Storage) -> None:
    assert storage.add(thread("thread_1"), owner="ada")
    assert not storage.add(thread("thread_1").changed(metadata={"a": "b"}), owner="bob")
    assert storage.get(Thread, "thread_1", owner="ada").metadata == {}


def test_an_id_whose_object_is_gone_can_be_added_again(storage: Storage) -> None:
    storage.save(file("file-1", expires_at=1), owner="ada")
    assert storage.add(file("file-1", filename="new.csv"), owner="bob")
    assert storage.get(File, "file-1", owner="bob").filename == "new.csv"


# -- older databases -----------------------------------------------------------------------------


def test_a_database_of_the_first_version_is_brought_up_to_date(url: str, files_dir: Path) -> None:
    storage = SqlStorage(url, files_dir)
    sha256 = keep(storage, "file-1", expires_at=int(time.time()) + 100)
    storage.save(thread().changed(metadata={"title": "Wale"}), message(text="GRÜẞE"), owner="ada")
    storage.close()
    with contextlib.closing(sqlite3.connect(str(make_url(url).database))) as old:
        for name in ("blob", "gone_at"):
            old.execute(f"DROP INDEX objects_by_{name}")
        for name in ("blob", "gone_at", "words"):
            old.execute(f"ALTER TABLE objects DROP COLUMN {name}")
        old.execute("ALTER TABLE once DROP COLUMN claimed_at")
        old.execute("DROP TABLE pins")
        old.execute("DROP TABLE leases")
        old.execute("DROP TABLE deleted")
        old.execute(
            "CREATE TABLE locks (thread_id TEXT PRIMARY KEY, run_id TEXT, holder TEXT, "
            "lease_until FLOAT NOT NULL, epoch BIGINT NOT NULL)"
        )
        old.execute("INSERT INTO locks VALUES ('thread_1', 'run_1', 'host/1/2', 0.0, 7)")
        old.execute("UPDATE alembic_version SET version_num = '0001'")
        old.commit()
    storage = SqlStorage(url, files_dir)
    assert storage.collect_garbage() == 0
    assert storage.leases("thread") == [Lease("thread_1", "run_1", 7, False, "host/1/2")]
    assert [t.id for t in storage.search_threads("ada", text="grüsse").data] == ["thread_1"]
    assert [t.id for t in storage.search_threads("ada", text="wale").data] == ["thread_1"]
    with contextlib.closing(sqlite3.connect(str(make_url(url).database))) as new:
        (row,) = new.execute("SELECT blob, gone_at, body FROM objects WHERE kind = 'file'")
    assert row[:2] == (sha256, json.loads(row[2])["expires_at"])
    storage.close()
