"""Whether a process is gone is seen from outside, and never guessed."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from jupyter_assistants.storage.liveness import is_alive, is_gone, mark

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


def test_another_boot_of_the_machine_is_elsewhere() -> None:
    host, _, rest = mark().split("/", 2)
    assert not is_gone(f"{host}/another-boot/{rest}")
    assert not is_alive(f"{host}/another-boot/{rest}")


def test_a_mark_of_an_older_version_says_nothing() -> None:
    # Host, number and start time: a number of which namespace, nobody knows.
    assert not is_gone("/".join([mark().split("/")[0], "1", "1"]))


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_process_of_another_pid_namespace_is_never_taken_for_dead() -> None:
    # As two containers with one host name: the numbers of one mean nothing in the other.
    ask = (
        "import sys; from jupyter_assistants.storage.liveness import is_alive, is_gone, mark; "
        "print(is_gone(sys.argv[1]), is_alive(sys.argv[1]), is_alive(mark()), mark())"
    )
    command = ["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--dev", "/dev"]
    found = subprocess.run(
        [*command, sys.executable, "-c", ask, mark()], capture_output=True, text=True, check=False
    )
    if "denied" in found.stderr or "not permitted" in found.stderr:
        pytest.skip(found.stderr)
    gone, alive, itself, name = found.stdout.split()
    assert (gone, alive, itself) == ("False", "False", "True")
    # It has ended by now, which cannot be seen from here either.
    assert not is_gone(name)
