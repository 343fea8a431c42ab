"""What every store promises of files, and how a folder keeps them."""

from __future__ import annotations

import hashlib
import os
import stat
import tracemalloc
from pathlib import Path

import pytest

from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.storage.base import Blob, Storage
from jupyter_assistants.storage.files import FolderFiles


def keep(storage: Storage, *pieces: bytes) -> Blob:
    with storage.write_file() as writer:
        for piece in pieces:
            writer.write(piece)
        return writer.commit()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_comes_back_under_the_hash_of_its_bytes(storage: Storage) -> None:
    blob = keep(storage, b"ab", b"", b"c")
    assert blob == Blob(hashlib.sha256(b"abc").hexdigest(), 3)
    with storage.open_file(blob.sha256) as file:
        assert file.read() == b"abc"


def test_an_empty_file_can_be_kept(storage: Storage) -> None:
    with storage.open_file(keep(storage).sha256) as file:
        assert file.read() == b""


def test_a_file_that_is_not_there_is_an_error_with_its_place(storage: Storage) -> None:
    with pytest.raises(StorageError, match=f"{'0' * 64} cannot be read"):
        storage.open_file("0" * 64)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_name_that_is_no_hash_opens_nothing(storage: Storage, name: str) -> None:
    with pytest.raises(StorageError, match="is not a SHA-256"):
        storage.open_file(name)


def test_a_file_is_not_there_before_its_commit(storage: Storage) -> None:
    name = hashlib.sha256(b"abc").hexdigest()
    with storage.write_file() as writer:
        writer.write(b"abc")
        with pytest.raises(StorageError):
            storage.open_file(name)
    with pytest.raises(StorageError):
        storage.open_file(name)


def test_a_big_file_takes_little_memory(storage: Storage) -> None:
    piece = os.urandom(1024 * 1024)
    tracemalloc.start()
    try:
        with storage.write_file() as writer:
            for _ in range(32):
                writer.write(piece)
            blob = writer.commit()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert blob.bytes == 32 * 1024 * 1024
    assert peak < 4 * 1024 * 1024


def test_an_abandoned_writer_leaves_nothing(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    with pytest.raises(RuntimeError), files.write() as writer:
        writer.write(b"abc")
        assert len(files_in(tmp_path)) == 1
        raise RuntimeError
    assert files_in(tmp_path) == []


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    for _ in range(2):
        with files.write() as writer:
            writer.write(b"abc")
            name = writer.commit().sha256
    assert files_in(tmp_path) == [tmp_path / name[:2] / name]


def test_a_file_that_was_cut_off_is_mended_by_the_next_upload(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    name = hashlib.sha256(b"abc").hexdigest()
    (tmp_path / name[:2]).mkdir()
    (tmp_path / name[:2] / name).write_bytes(b"a")
    with files.write() as writer:
        writer.write(b"abc")
        writer.commit()
    assert files.open(name).read() == b"abc"


def test_files_and_folders_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "files"
    with FolderFiles(folder).write() as writer:
        writer.write(b"abc")
        writer.commit()
    for path in [tmp_path / "new", *(tmp_path / "new").rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600)


def test_opening_drops_what_a_killed_process_left_a_day_ago(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    (incoming / "old").write_bytes(b"")
    (incoming / "new").write_bytes(b"")
    os.utime(incoming / "old", (0, 0))
    FolderFiles(tmp_path)
    assert files_in(tmp_path) == [incoming / "new"]


def test_a_folder_that_cannot_be_made_is_an_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match=f"Cannot write in {tmp_path}/file/files"):
        FolderFiles(tmp_path / "file" / "files")


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="it is not a folder"):
        FolderFiles(tmp_path / "file")
