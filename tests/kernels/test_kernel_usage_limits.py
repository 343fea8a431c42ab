"""Attacks on the machine from a thread's own kernel: what all its processes use together is limited."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from support.kernel_runs import Await, ignore, texts
from support.sandboxes import needs_sandbox

from jupyter_assistants.kernels.base import Result
from jupyter_assistants.kernels.limits import MEGABYTE, KernelLimits
from jupyter_assistants.kernels.pool import KernelPool
from jupyter_assistants.kernels.sandbox import counts_processes
from jupyter_assistants.kernels.sandbox_policy import SandboxPolicy

pytestmark = pytest.mark.slow

LIMITS = KernelLimits(
    memory=1024 * MEGABYTE, processes=120, file=2000 * MEGABYTE, disk=200 * MEGABYTE
)
SPAWN = """
import subprocess, sys
filled = "import sys; x = bytearray(200 * 2**20)\\nfor i in range(0, len(x), 4096): x[i] = 1\\nsys.stdin.read()"
found = [
    subprocess.Popen([sys.executable, "-I", "-S", "-c", filled], stdin=subprocess.PIPE)
    for _ in range(20)
]
[each.wait() for each in found]
"""
WRITE = """
piece = b"x" * 2**20
for number in range(300):
    with open(f"/mnt/data/part{number}", "wb") as file:
        for _ in range(10):
            file.write(piece)
"""
DELETE = """
import os, time
piece = b"x" * 2**20
held = []
for number in range(300):
    held.append(open("/mnt/data/part", "wb", buffering=0))
    os.unlink("/mnt/data/part")
    for _ in range(10):
        held[-1].write(piece)
time.sleep(3600)
"""
MEMORY_FILES = """
import os, time
piece = b"x" * 2**20
held = [os.memfd_create(str(number)) for number in range(15)]
for each in held:
    for _ in range(100):
        os.write(each, piece)
time.sleep(3600)
"""
SHARE = """
import os, sys
x = bytearray(400 * 2**20)
for number in range(0, len(x), 4096):
    x[number] = 1
children = []
held, hold = os.pipe()
for _ in range(6):
    child = os.fork()
    if child == 0:
        os.close(hold)
        os.read(held, 1)
        os._exit(0)
    children.append(child)
import time
time.sleep(3)
os.close(hold)
[os.waitpid(each, 0) for each in children]
print("shared")
"""
FORK = """
import os, time
made = 0
try:
    while made < 300:
        if os.fork() == 0:
            time.sleep(3600)
        made += 1
    time.sleep(3600)
except BlockingIOError:
    print("refused", made < 120)
"""


BOXED = pytest.param("always", marks=needs_sandbox, id="boxed")
FREE = pytest.param("never", id="free")
in_a_sandbox = pytest.mark.parametrize("pool", [BOXED], indirect=True)
in_both = pytest.mark.parametrize("pool", [BOXED, FREE], indirect=True)


@pytest.fixture(scope="module")
def pool(
    request: pytest.FixtureRequest, wait: Await[Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KernelPool]:
    """A pool whose kernels have small limits, in a sandbox and without one."""
    root = tmp_path_factory.mktemp("attacked")
    policy = SandboxPolicy(request.param)
    pool = KernelPool(root, limits=LIMITS, sandbox_policy=policy, code_seconds=50)
    yield pool
    wait(pool.close())


def attacked(wait: Await[Any], pool: KernelPool, code: str) -> tuple[Result, Result]:
    """Return the result of code, and that of other code of the thread after it."""

    async def attack() -> tuple[Result, Result]:
        kernel = await pool.open("thread_attacked")
        result = await kernel.run(code, ignore)
        after = await kernel.run("6 * 7", ignore)
        await pool.forget("thread_attacked")
        return result, after

    found: tuple[Result, Result] = wait(attack())
    return found


@in_a_sandbox
@pytest.mark.skipif(sys.platform != "linux", reason="some of it exists on Linux only")
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param(MEMORY_FILES, "the limit is 1 GB (setting kernel_memory)", id="memory files"),
        pytest.param(WRITE, "the limit is 200 MB (setting kernel_disk)", id="disk"),
        pytest.param(DELETE, "the limit is 200 MB (setting kernel_disk)", id="deleted files"),
    ],
)
def test_a_kernel_that_uses_too_much_is_ended_and_the_next_one_runs(
    wait: Await[Any], pool: KernelPool, code: str, reason: str
) -> None:
    result, after = attacked(wait, pool, code)
    assert result.status == "died" and reason in result.note, result
    assert texts(after) == ["42"] and "variables of earlier code are gone" in after.note


@in_both
def test_twenty_processes_may_not_use_more_memory_than_one(
    wait: Await[Any], pool: KernelPool
) -> None:
    result, after = attacked(wait, pool, SPAWN)
    assert result.status == "died" and "of memory, files in /tmp included" in result.note, result
    assert texts(after) == ["42"]


@in_a_sandbox
def test_memory_that_forked_processes_share_counts_once(wait: Await[Any], pool: KernelPool) -> None:
    result, _ = attacked(wait, pool, SHARE)
    assert result.status == "ok" and texts(result) == ["shared\n"], result


@in_a_sandbox
def test_one_file_stops_at_the_limit_of_all(wait: Await[Any], pool: KernelPool) -> None:
    code = "with open('/mnt/data/big', 'wb') as file:\n    file.write(b'x' * 2**28)"
    result, _ = attacked(wait, pool, code)
    assert result.status == "error" and "setting kernel_disk" in result.note


@in_a_sandbox
def test_a_folder_over_the_limit_can_be_emptied(wait: Await[Any], pool: KernelPool) -> None:
    async def emptied() -> list[Result]:
        kernel = await pool.open("thread_full")
        results = [await kernel.run(WRITE, ignore)]
        results.append(await kernel.run("import time; time.sleep(2)\n!rm /mnt/data/part*", ignore))
        results.append(await kernel.run("import os; len(os.listdir('/mnt/data')) < 5", ignore))
        await pool.forget("thread_full")
        return results

    filled, removed, looked = wait(emptied())
    assert (filled.status, removed.status) == ("died", "ok"), removed
    assert texts(looked) == ["True"]


@in_both
def test_processes_without_end_are_refused_by_the_system_or_end_the_kernel(
    wait: Await[Any], pool: KernelPool
) -> None:
    is_boxed = wait(pool.open("thread_attacked")).sandboxed
    result, after = attacked(wait, pool, FORK)
    if is_boxed and counts_processes(os.environ):
        assert texts(result) == ["refused True\n"], result
    else:
        assert result.status == "died" and "setting kernel_processes" in result.note, result
    assert texts(after) == ["42"]
