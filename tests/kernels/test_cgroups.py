"""Cgroups of kernels: made where that was delegated, left alone elsewhere, and named as the reason of an end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_assistants.kernels import cgroups
from jupyter_assistants.kernels.cgroups import PREFIX, Cgroup, delegated_folder
from jupyter_assistants.kernels.limits import MEGABYTE, KernelLimits

LIMITS = KernelLimits(memory=512 * MEGABYTE, processes=100)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The cgroup of the server, as plain files: real ones take a system that delegates them."""
    folder = tmp_path / "unit" / "server"
    folder.mkdir(parents=True)
    for each in (folder, folder.parent):
        (each / "cgroup.subtree_control").write_text("cpu")
    monkeypatch.setattr(cgroups, "_own_folder", lambda: folder)
    delegated_folder.cache_clear()
    yield folder
    delegated_folder.cache_clear()


def refuse(folder: Path) -> None:
    """Let no controllers be enabled there, as the system does while processes are in it."""
    control = folder / "cgroup.subtree_control"
    control.unlink()
    control.mkdir()


def test_a_kernel_starts_in_a_cgroup_with_its_limits(own: Path) -> None:
    cgroup = Cgroup.create(LIMITS)
    assert cgroup is not None
    (folder,) = [each for each in own.glob(f"{PREFIX}*") if (each / "memory.max").exists()]
    assert (folder / "memory.max").read_text() == str(512 * MEGABYTE)
    assert (folder / "pids.max").read_text() == "100"
    assert (folder / "memory.oom.group").read_text() == "1"
    done = subprocess.run([*cgroup.words(), "echo", "joined"], capture_output=True, text=True)
    assert done.stdout == "joined\n" and (folder / "cgroup.procs").read_text() == "0"
    assert (own / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_the_one_above_is_used_only_where_it_was_delegated(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(own)
    assert Cgroup.create(LIMITS) is None
    monkeypatch.setattr(cgroups, "_is_delegated", lambda folder: folder == own.parent)
    delegated_folder.cache_clear()
    assert delegated_folder() == own.parent


def test_an_end_by_the_system_is_explained_once(own: Path) -> None:
    cgroup = Cgroup.create(LIMITS)
    assert cgroup is not None and cgroup.pop_reason() == ""
    (folder,) = [each for each in own.glob(f"{PREFIX}*") if (each / "memory.max").exists()]
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 4\noom_group_kill 1\n")
    assert "more than 512 MB of memory together (setting kernel_memory)" in cgroup.pop_reason()
    assert cgroup.pop_reason() == ""


def test_what_a_killed_server_left_is_removed(own: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    leftover, living = own / f"{PREFIX}{ended.pid}-0", own / f"{PREFIX}{os.getpid()}-0"
    leftover.mkdir()
    living.mkdir()
    Cgroup.create(LIMITS)
    assert not leftover.exists() and living.exists()


@pytest.mark.parametrize(
    ("mounts", "names", "found"),
    [
        (
            "1 0 0:2 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw",
            "0::/user.slice",
            "/sys/fs/cgroup/user.slice",
        ),
        ("1 0 0:2 / /sys/fs/cgroup/pids rw - cgroup cgroup rw", "8:pids:/", None),
        (
            "1 0 0:2 / /sys/fs/cgroup/unified rw - cgroup2 none rw",
            "4:memory:/a\n0::/",
            "/sys/fs/cgroup/unified",
        ),
    ],
)
def test_the_servers_own_cgroup_is_found(
    tmp_path: Path, mounts: str, names: str, found: str | None
) -> None:
    (tmp_path / "mountinfo").write_text(mounts)
    (tmp_path / "cgroup").write_text(names)
    own = cgroups._own_folder(str(tmp_path / "mountinfo"), str(tmp_path / "cgroup"))
    assert own == (None if found is None else Path(found))
