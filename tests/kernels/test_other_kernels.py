"""Kernels of other languages and other environments, and what a person types for code."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from support.gate import Gate
from support.kernel_runs import Await, Clock, begun, ignore, texts

from jupyter_assistants.kernels.base import Attendant, Namespace, Result
from jupyter_assistants.kernels.connection import KERNEL_ACTIONS
from jupyter_assistants.kernels.kernel_executor import KernelExecutor
from jupyter_assistants.kernels.pool import KernelPool

pytestmark = pytest.mark.slow

# As in an environment in which this package is not installed.
_WITHOUT_US = (
    "import sys; sys.modules['jupyter_assistants'] = None; "
    "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
)
_SPECS = {
    "bash": ["-m", "bash_kernel"],
    "python": ["-c", _WITHOUT_US],
}


@pytest.fixture(scope="module")
def kernel_specs(root: Path) -> KernelSpecManager:
    """Two kernelspecs of our own."""
    for language, arguments in _SPECS.items():
        folder = root / "specs" / f"other-{language}"
        folder.mkdir(parents=True)
        argv = [sys.executable, *arguments, "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": language, "language": language}
        (folder / "kernel.json").write_text(json.dumps(spec))
    return KernelSpecManager(kernel_dirs=[str(root / "specs")])


@pytest.fixture(scope="module")
def bash_id(wait: Await[Any], server_kernels: AsyncMappingKernelManager) -> str:
    return wait(server_kernels.start_kernel(kernel_name="other-bash", path="."))


@pytest.fixture(scope="module")
def python_id(wait: Await[Any], server_kernels: AsyncMappingKernelManager) -> str:
    return wait(server_kernels.start_kernel(kernel_name="other-python", path="."))


@pytest.fixture
def bash(wait: Await[Any], kernels: KernelPool, bash_id: str) -> KernelExecutor:
    return wait(kernels.open("thread_b", kernel_id=bash_id))


@pytest.fixture
def python(wait: Await[Any], kernels: KernelPool, python_id: str) -> KernelExecutor:
    return wait(kernels.open("thread_p", kernel_id=python_id))


def test_another_language_gives_text_and_keeps_its_names(
    wait: Await[Any], bash: KernelExecutor
) -> None:
    assert wait(bash.run("GREETING=hello", ignore)).status == "ok"
    result = wait(bash.run("echo $GREETING from $((6 * 7))", ignore))
    assert result.status == "ok" and "".join(texts(result)).strip() == "hello from 42"


def test_an_error_of_another_language_is_an_error(wait: Await[Any], bash: KernelExecutor) -> None:
    result = wait(bash.run("ls /no/such/folder", ignore))
    assert "No such file" in "".join(texts(result))


def test_another_language_can_be_interrupted(wait: Await[Any], bash: KernelExecutor) -> None:
    async def interrupted() -> tuple[Result, Result]:
        gate = Gate()
        code = f"{gate.touch_in_shell}; sleep 3600; echo late"
        task = asyncio.create_task(bash.run(code, ignore))
        await gate.begun()
        await bash.interrupt()
        return await task, await bash.run("echo alive", ignore)

    stopped, after = wait(interrupted())
    assert stopped.status != "ok" or "late" not in "".join(texts(stopped))
    assert "".join(texts(after)).strip() == "alive"


def test_what_another_language_is_can_be_said_and_nothing_python_is_sent_to_it(
    wait: Await[Any], kernels: KernelPool, bash: KernelExecutor, bash_id: str
) -> None:
    assert wait(kernels.facts(bash_id)) == {"language": "bash"}
    history = wait(bash.run("history | tail -n 20", ignore))
    assert "import" not in "".join(texts(history))


def test_a_kernel_without_this_package_is_as_good_as_any(
    wait: Await[Any], kernels: KernelPool, python: KernelExecutor, python_id: str
) -> None:
    result = wait(python.run("import jupyter_assistants", ignore))
    assert texts(result) == ["ModuleNotFoundError"]
    result = wait(python.run("open('/mnt/data/made.txt', 'w').write('1'); 6 * 7", ignore))
    assert texts(result) == ["42"] and [file.name for file in result.files] == ["made.txt"]
    assert wait(kernels.facts(python_id))["python"].startswith("3.")


def test_a_person_answers_input(wait: Await[Any], python: KernelExecutor) -> None:
    asked: list[tuple[str, bool]] = []

    async def reply(prompt: str, password: bool) -> str:
        asked.append((prompt, password))
        return "Ada"

    code = "import getpass\nprint(input('Name? '), len(getpass.getpass('Password: ')))"
    result = wait(python.run(code, ignore, Attendant(reply=reply)))
    assert "".join(texts(result)) == "Ada 3\n"
    assert asked == [("Name? ", False), ("Password: ", True)]


def test_the_time_in_which_a_person_is_asked_is_not_the_codes(
    wait: Await[Any],
    root: Path,
    server_kernels: AsyncMappingKernelManager,
    python_id: str,
    clock: Clock,
) -> None:
    async def reply(prompt: str, password: bool) -> str:
        clock.move(60)
        return "late"

    async def asked() -> Result:
        short = KernelPool(
            root / "own", server_kernels=server_kernels, code_seconds=1, grace_seconds=1
        )
        interpreter = await short.open("thread_i", kernel_id=python_id)
        try:
            return await interpreter.run("print(input())", ignore, Attendant(reply=reply))
        finally:
            await short.close()

    result = wait(asked())
    assert (result.status, texts(result)) == ("ok", ["late\n"])


def test_cancelling_while_a_person_is_asked_ends_the_code(
    wait: Await[Any], python: KernelExecutor
) -> None:
    async def cancelled() -> Result:
        code = "answered = False\ninput()\nanswered = True"
        asked = asyncio.Event()

        async def never(prompt: str, password: bool) -> str:
            asked.set()
            await asyncio.Event().wait()
            return ""

        task = asyncio.create_task(python.run(code, ignore, Attendant(reply=never)))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await python.run("answered", ignore)

    assert texts(wait(cancelled())) == ["False"]


def test_widgets_are_kept_as_outputs(wait: Await[Any], python: KernelExecutor) -> None:
    code = "import ipywidgets\ndisplay(ipywidgets.IntSlider(value=7))"
    result = wait(python.run(code, ignore))
    (output,) = result.outputs
    assert "application/vnd.jupyter.widget-view+json" in output["data"]
    assert "IntSlider(value=7)" in output["data"]["text/plain"]


def test_code_whose_approval_ran_out_while_it_waited_does_not_run(
    wait: Await[Any], python: KernelExecutor
) -> None:
    result = wait(python.run("too_late = True", ignore, until=0.0))
    assert result.status == "rejected" and "ran out" in result.note
    assert texts(wait(python.run("'too_late' in globals()", ignore))) == ["False"]


def test_what_the_server_does_to_a_kernel_is_heard_at_once(
    wait: Await[Any],
    server_kernels: AsyncMappingKernelManager,
    python: KernelExecutor,
    python_id: str,
) -> None:
    """An event alone is enough: some servers restart kernels in ways that no client sees."""

    async def told() -> Result:
        task = await begun(python, "import time; time.sleep(3600)")
        manager = server_kernels.get_kernel(python_id)
        data = {"action": "restart", "kernel_id": python_id, "status": "success", "msg": "by hand"}
        manager.event_logger.emit(schema_id=KERNEL_ACTIONS, data=data)
        done, _ = await asyncio.wait([task], timeout=60)
        assert done, "the event was not heard"
        result = task.result()
        await manager.interrupt_kernel()
        return result

    result = wait(told())
    assert (result.status, result.note) == ("died", "The kernel was restarted. Variables are gone.")
    assert texts(wait(python.run("1 + 1", ignore))) == ["2"]


def test_variables_are_seen_while_the_kernel_is_busy_and_nothing_is_left_in_it(
    wait: Await[Any], kernels: KernelPool, python: KernelExecutor, python_id: str
) -> None:
    async def looked() -> tuple[Namespace, Namespace, Result]:
        await python.run("import pandas as pd, time\nages = pd.DataFrame({'age': [3, 4]})", ignore)
        idle = await kernels.inspect_variables(python_id, names=["ages", "no_such"], rows=1, head=1)
        gate = Gate()
        task = asyncio.create_task(python.run(gate.wait, ignore))
        await gate.begun()
        busy = await kernels.inspect_variables(python_id, names=["ages"])
        assert not task.done(), "it did not wait for the code"
        gate.open()
        await task
        left = "sorted(n for n in globals() if n in ('describe_variables', 'summary', 'catalogue', 'is_secret'))"
        return idle, busy, await python.run(left, ignore)

    idle, busy, left = wait(looked())
    schema = "DataFrame 2 rows x 1 columns: age (int64)"
    (table,) = [each for each in idle.variables if each["name"] == "ages"]
    assert table["text"] == schema and table["rows"].strip().splitlines()[-1].split() == ["0", "3"]
    assert (
        idle.values["ages"].startswith(schema)
        and idle.values["no_such"] == "no variable of this name"
    )
    assert busy.state == "seen" and busy.values == {"ages": schema}, "through a subshell"
    assert texts(left) == ["[]"]


def test_another_language_is_not_looked_into(
    wait: Await[Any], kernels: KernelPool, bash_id: str
) -> None:
    assert wait(kernels.inspect_variables(bash_id)) == Namespace("foreign")
