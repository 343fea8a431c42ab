"""Whether a process is gone is seen from outside, and never guessed."""

from __future__ import annotations

import subprocess
import sys

from jupyter_assistants.storage.liveness import is_gone, mark

PRINT = "from jupyter_assistants.storage.liveness import mark; print(mark(), flush=True)"


def test_a_running_process_is_not_gone() -> None:
    assert not is_gone(mark())


def test_a_killed_process_is_gone_before_and_after_it_is_reaped() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", PRINT + "; input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    name = child.stdout.readline().decode().strip()
    assert not is_gone(name)
    child.kill()
    while child.poll() is None:
        pass
    assert is_gone(name)


def test_another_process_with_a_reused_number_is_not_taken_for_it() -> None:
    host, number, _ = mark().rsplit("/", 2)
    assert is_gone(f"{host}/{number}/1")


def test_nothing_is_said_of_processes_elsewhere() -> None:
    assert not is_gone("another-host/1/1")
    assert not is_gone("nonsense")
    assert not is_gone("")
