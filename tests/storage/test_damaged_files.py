"""Bytes that a disk has changed are noticed when they are read, and repaired by an upload."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.service_session import bench, storage_on_disk
from support.waiting import eventually

from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.storage import files
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.storage.files import FileDamaged, FolderFiles

DATA = b"island,ducks\n" + b"Zanzibar,7\n" * 1000


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def shorten(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def empty(path: Path) -> None:
    os.truncate(path, 0)


DAMAGES = [flip, shorten, lengthen, empty]


def stored(folder: FolderFiles) -> str:
    with folder.write() as writer:
        writer.write(DATA)
        return writer.commit().sha256


def path_of(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_noticed_when_a_file_is_opened_and_gone_after_the_same_upload(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    sha256 = stored(FolderFiles(tmp_path))
    damage(path_of(tmp_path, sha256))
    # Another process, and the one that has written it.
    for folder in (FolderFiles(tmp_path), FolderFiles(tmp_path)):
        for _ in range(2):
            with pytest.raises(FileDamaged, match=r"is damaged.*Upload the same file again"):
                folder.open(sha256)
    assert stored(folder) == sha256
    with folder.open(sha256) as stream:
        assert stream.read() == DATA


def test_a_file_that_is_damaged_after_it_was_verified_is_noticed(tmp_path: Path) -> None:
    folder = FolderFiles(tmp_path)
    sha256 = stored(folder)
    folder.open(sha256).close()
    flip(path_of(tmp_path, sha256))
    with pytest.raises(FileDamaged):
        folder.open(sha256)


def test_a_whole_file_is_not_written_again(tmp_path: Path) -> None:
    sha256 = stored(FolderFiles(tmp_path))
    before = path_of(tmp_path, sha256).stat().st_ino
    assert stored(FolderFiles(tmp_path)) == sha256
    assert path_of(tmp_path, sha256).stat().st_ino == before


def test_what_changes_without_a_trace_is_noticed_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = FolderFiles(tmp_path)
    sha256 = stored(folder)
    path = path_of(tmp_path, sha256)
    # A disk changes bytes and no times.
    monkeypatch.setattr(files, "_state", lambda stream: (1, len(DATA), 1, 1))
    folder.open(sha256).close()
    flip(path)
    folder.open(sha256).close()
    with pytest.raises(FileDamaged):
        folder.check(sha256)
    monkeypatch.setattr(files, "VERIFIED_SECONDS", 0.0)
    with pytest.raises(FileDamaged):
        folder.open(sha256)


def test_a_missing_file_is_reported_by_the_check(storage: Storage) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        storage.check_file("0" * 64)


async def test_clients_are_told_and_an_upload_makes_downloads_and_searches_work_again(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, storage=storage_on_disk(tmp_path)) as b:
        file = await b.upload("ducks.csv", DATA)
        flip(path_of(tmp_path / "files", file.jupyter.sha256))
        with pytest.raises(StorageError, match="is damaged"):
            await b.download(file.id)
        made = await b.ask("POST", "/vector_stores", file_ids=[file.id])
        path = f"/vector_stores/{made.id}/files"

        async def ended() -> str:
            entry = await b.ask("GET", f"{path}/{file.id}")
            return "" if entry.status == "in_progress" else str(entry.last_error or "completed")

        assert "is damaged" in await eventually(ended)
        again = await b.upload("ducks-again.csv", DATA)
        assert again.jupyter.sha256 == file.jupyter.sha256
        assert await b.download(file.id) == DATA
        await b.ask("POST", path, file_id=file.id)
        assert await eventually(ended) == "completed"
