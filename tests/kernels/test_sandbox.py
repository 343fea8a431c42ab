"""A locked-down kernel: what code cannot do in it, and what is said where it cannot start."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.kernel_runs import Await, ignore, texts
from support.sandboxes import needs_sandbox

from jupyter_assistants.kernels import sandbox
from jupyter_assistants.kernels.base import Result
from jupyter_assistants.kernels.kernel_executor import KernelExecutor
from jupyter_assistants.kernels.pool import KernelPool
from jupyter_assistants.protocol.errors import ExecutorError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def locked(wait: Await[Any], kernels: KernelPool) -> Iterator[KernelExecutor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_SECRET", "correct horse battery")
        patch.setenv("LC_TIME", "C")
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        yield wait(kernels.open("thread_locked", sandbox=True))


def say(wait: Await[Any], locked: KernelExecutor, code: str) -> str:
    result = wait(locked.run(code, ignore))
    return "".join(texts(result))


@needs_sandbox
def test_code_runs_in_it_with_plots_and_files(
    wait: Await[Any], locked: KernelExecutor, kernels: KernelPool
) -> None:
    code = (
        "import pandas as pd, matplotlib.pyplot as plt\n"
        "pd.DataFrame({'a': [1, 2]}).to_csv('/mnt/data/made.csv')\nplt.plot([1, 2])\nprint('done')"
    )
    result = wait(locked.run(code, ignore))
    assert result.status == "ok" and texts(result)[0] == "done\n", result
    assert any("image/png" in output.get("data", {}) for output in result.outputs)
    assert [file.name for file in result.files] == ["made.csv"]
    assert not locked.live and locked.place == "sandbox thread_locked"


@needs_sandbox
def test_there_is_no_network_not_even_this_machines(
    wait: Await[Any], locked: KernelExecutor
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        code = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=2)"
        assert say(wait, locked, code) in ("ConnectionRefusedError", "OSError")
        with pytest.raises(TimeoutError):
            server.accept()


@needs_sandbox
def test_the_environment_and_other_processes_are_not_there(
    wait: Await[Any], locked: KernelExecutor
) -> None:
    code = (
        "import os, glob\n"
        "found = [open(p, 'rb').read() for p in glob.glob('/proc/[0-9]*/environ')]\n"
        "print('LAB_SECRET' in os.environ, any(b'correct horse' in each for each in found), "
        "0 < len(found) < 5, os.environ['LC_TIME'])"
    )
    assert say(wait, locked, code) == "False False True C\n"


@needs_sandbox
def test_nothing_of_the_users_files_is_there_and_the_system_is_read_only(
    wait: Await[Any], locked: KernelExecutor, root: Path
) -> None:
    secret = root / "own" / "thread_other"
    secret.mkdir(parents=True, exist_ok=True)
    (secret / "secret.txt").write_text("correct horse")
    code = (
        "import os\n"
        f"print(os.path.exists({str(secret)!r}), os.path.exists('/etc/shadow'), "
        "os.path.exists(os.path.expanduser('~/.ssh')))\n"
        "for path in ('/usr/bin/made', '/made_here'):\n"
        "    try:\n        open(path, 'w'); print('written')\n"
        "    except OSError as error: print(type(error).__name__)"
    )
    said = say(wait, locked, code)
    assert said.startswith("False False False\nOSError")
    assert not Path("/usr/bin/made").exists() and not Path("/made_here").exists()


@needs_sandbox
def test_it_is_interrupted_and_its_variables_survive(
    wait: Await[Any], locked: KernelExecutor
) -> None:
    async def stopped() -> tuple[Result, Result]:
        await locked.run("kept = 7", ignore)
        said = asyncio.Event()
        code = "print('begun', flush=True)\nimport time; time.sleep(3600)"
        # The sandbox sees no file of ours, so an output says that the code has begun.
        task = asyncio.create_task(locked.run(code, lambda output: said.set()))
        await said.wait()
        await locked.interrupt()
        return await task, await locked.run("kept", ignore)

    result, after = wait(stopped())
    assert result.status == "interrupted" and texts(after) == ["7"]


@needs_sandbox
def test_a_thread_that_wants_one_later_gets_one_and_its_process_ends_with_it(
    wait: Await[Any], kernels: KernelPool, root: Path
) -> None:
    async def changed() -> list[str]:
        plain = await kernels.open("thread_changes")
        free = await plain.run("import os; open('/mnt/data/kept.txt', 'w').write('1')", ignore)
        locked = await kernels.open("thread_changes", sandbox=True)
        result = await locked.run("print(open('/mnt/data/kept.txt').read())", ignore)
        await kernels.forget("thread_changes")
        return [free.status, "".join(texts(result)), result.note]

    status, text, note = wait(changed())
    assert (status, text) == ("ok", "1\n") and "variables of earlier code are gone" in note
    assert not (root / "own" / "thread_changes").exists()


def test_a_sandbox_and_a_live_kernel_exclude_each_other(
    wait: Await[Any], kernels: KernelPool
) -> None:
    with pytest.raises(ExecutorError, match="Take 'kernel_id' out of .*, or send 'sandbox': false"):
        wait(kernels.open("thread_x", kernel_id="any", sandbox=True))


def test_without_bubblewrap_the_error_says_what_to_install(
    wait: Await[Any], kernels: KernelPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ExecutorError, match="apt-get install bubblewrap"):
        wait(kernels.open("thread_none", sandbox=True))


def test_where_user_namespaces_are_forbidden_the_error_says_so(
    wait: Await[Any], kernels: KernelPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of that name answers as bubblewrap does in a container that forbids namespaces."""
    program = tmp_path / "bwrap"
    shell = shutil.which("sh")
    program.write_text(
        f"#!{shell}\necho 'bwrap: No permissions to create new namespace.' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    expected = "cannot start on this machine: bwrap: No permissions to create new namespace"
    with pytest.raises(ExecutorError, match=expected):
        wait(kernels.open("thread_forbidden", sandbox=True))
    assert "forbid user namespaces" in sandbox._cannot("").message
