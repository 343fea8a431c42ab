"""What a killed process leaves behind is removed by the next one, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_assistants.kernels.pool import KernelPool
from jupyter_assistants.kernels.scratch import (
    OWNER,
    hold_scratch_folder,
    make_scratch_folder,
    remove_leftovers,
    remove_scratch_folder,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs flock")

MAKE = """
import sys
from pathlib import Path
from jupyter_assistants.kernels.scratch import make_scratch_folder
print(make_scratch_folder(sys.argv[1], Path(sys.argv[2])), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Yield another process and its folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKE, "x-", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.communicate()


def test_the_folder_of_a_killed_process_is_removed_and_that_of_a_living_one_is_not(
    tmp_path: Path, neighbour: tuple[subprocess.Popen[str], Path]
) -> None:
    process, folder = neighbour
    (folder / "kernel.json").write_text("{}")
    own = make_scratch_folder("x-", tmp_path)
    assert remove_leftovers("x-", tmp_path) == [] and folder.is_dir()
    process.kill()
    process.wait()
    assert remove_leftovers("y-", tmp_path) == []
    assert remove_leftovers("x-", tmp_path) == [folder]
    assert own.is_dir() and not folder.exists()
    remove_scratch_folder(own)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_can_be_made_again_under_its_name(tmp_path: Path) -> None:
    folder = make_scratch_folder("x-", tmp_path)
    remove_scratch_folder(folder)
    hold_scratch_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    code = f"""
from pathlib import Path
from jupyter_assistants.kernels.scratch import remove_leftovers
print(remove_leftovers("x-", Path({str(tmp_path)!r})))
"""
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert seen.stdout.strip() == "[]"
    remove_scratch_folder(folder)


@pytest.mark.parametrize("trick", ["link", "pipe", "folder", "nothing"])
def test_code_that_replaces_the_lock_keeps_its_folder_and_reaches_no_other(
    tmp_path: Path, trick: str
) -> None:
    folder, target = tmp_path / "x-1", tmp_path / "target"
    folder.mkdir()
    target.write_text("mine")
    if trick == "link":
        (folder / OWNER).symlink_to(target)
    elif trick == "pipe":
        os.mkfifo(folder / OWNER)
    elif trick == "folder":
        (folder / OWNER).mkdir()
    (tmp_path / "x-2").symlink_to(tmp_path)
    removed = remove_leftovers("x-", tmp_path)
    assert target.read_text() == "mine" and (tmp_path / "x-2").is_symlink()
    assert removed == [] or (trick == "pipe" and removed == [folder])


def test_a_new_pool_removes_what_a_killed_server_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    for _ in range(2):
        subprocess.run([sys.executable, "-c", MAKE, "ja-", str(temporary)], input="", text=True)
    assert len(list(tmp_path.rglob(OWNER))) == 2
    KernelPool(tmp_path / "threads")
    assert list(tmp_path.rglob(OWNER)) == []
