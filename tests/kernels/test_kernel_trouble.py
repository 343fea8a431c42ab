"""Kernels that die, hang, are busy, are restarted, or do not start."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from select import select
from textwrap import indent
from typing import Any

import pytest
import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.session import Session
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from support.gate import Gate
from support.kernel_runs import Await, Clock, begun, ignore, texts
from support.waiting import eventually

from jupyter_assistants.kernels.base import Attendant, Output, Result, Stopped
from jupyter_assistants.kernels.connection import KernelConnection, KernelGone
from jupyter_assistants.kernels.evaluation import evaluate
from jupyter_assistants.kernels.execution import KernelExecution
from jupyter_assistants.kernels.kernel_executor import WAITING, KernelExecutor
from jupyter_assistants.kernels.ledger import remote as live_ledger
from jupyter_assistants.kernels.pool import KernelPool
from jupyter_assistants.protocol.errors import ExecutorError

pytestmark = pytest.mark.slow

# A pause that no interrupt ends.
DEFINE_NAP = """
import time
def nap():
    try:
        time.sleep(0.01)
    except KeyboardInterrupt:
        pass
"""


@pytest.fixture(scope="module")
def live_id(wait: Await[Any], server_kernels: AsyncMappingKernelManager) -> str:
    """A person's kernel."""
    return wait(server_kernels.start_kernel(path="."))


@pytest.fixture
def live(wait: Await[Any], kernels: KernelPool, live_id: str) -> KernelExecutor:
    return wait(kernels.open("thread_x", kernel_id=live_id))


@asynccontextmanager
async def notebook(
    server_kernels: AsyncMappingKernelManager, kernel_id: str
) -> AsyncIterator[AsyncKernelClient]:
    """Another client of the same kernel, as a notebook is."""
    manager = server_kernels.get_kernel(kernel_id)
    client = manager.client(session=Session(key=manager.session.key))
    client.start_channels(stdin=False, hb=False)
    try:
        await client.wait_for_ready(timeout=30)
        yield client
    finally:
        client.stop_channels()


async def reply_to(client: AsyncKernelClient, request: str) -> dict[str, Any]:
    """Return the reply to a request; replies to questions of a slow start come before it."""
    while True:
        reply: dict[str, Any] = await client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == request:
            return reply


def test_a_live_kernel_is_shared_with_its_notebook(
    wait: Await[Any],
    live: KernelExecutor,
    live_id: str,
    server_kernels: AsyncMappingKernelManager,
) -> None:
    async def both() -> Result:
        async with notebook(server_kernels, live_id) as client:
            await client.execute_interactive("theirs = 41", output_hook=ignore)
        return await live.run("theirs + 1", ignore)

    assert live.live and live.place == f"kernel {live_id}"
    assert texts(wait(both())) == ["42"]


def test_a_live_kernel_works_in_its_own_folder(
    wait: Await[Any], live: KernelExecutor, root: Path
) -> None:
    result = wait(live.run("open('/mnt/data/mine.txt', 'w').write('1')", ignore))
    assert [(file.name, file.path) for file in result.files] == [("mine.txt", root / "mine.txt")]


def test_a_kernel_that_is_not_there_is_refused(wait: Await[Any], kernels: KernelPool) -> None:
    with pytest.raises(ExecutorError, match="No kernel with id 'none'"):
        wait(kernels.open("thread_x", kernel_id="none"))


def test_code_waits_for_a_busy_cell_and_then_runs(
    wait: Await[Any],
    live: KernelExecutor,
    live_id: str,
    server_kernels: AsyncMappingKernelManager,
) -> None:
    said: list[str] = []

    async def queue() -> Result:
        async with notebook(server_kernels, live_id) as client:
            gate = Gate()
            client.execute(f"{gate.wait}\norder = ['cell']")
            await gate.begun()
            ours = live.run("order + ['ours']", ignore, Attendant(said.append))
            task = asyncio.create_task(ours)
            await eventually(lambda: said)
            gate.open()
            return await task

    result = wait(queue())
    assert texts(result) == ["['cell', 'ours']"]
    assert said == [WAITING, ""]


def test_cancelling_while_waiting_sends_nothing_and_disturbs_nobody(
    wait: Await[Any],
    live: KernelExecutor,
    live_id: str,
    server_kernels: AsyncMappingKernelManager,
) -> None:
    async def cancel() -> tuple[Any, Result]:
        async with notebook(server_kernels, live_id) as client:
            gate, said = Gate(), list[str]()
            sent = client.execute(f"{gate.wait}\nundisturbed = True")
            await gate.begun()
            ours = live.run("sneaked = True", ignore, Attendant(said.append))
            task = asyncio.create_task(ours)
            await eventually(lambda: said)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            gate.open()
            reply = await reply_to(client, sent)
        return reply, await live.run("undisturbed, 'sneaked' in globals()", ignore)

    reply, result = wait(cancel())
    assert reply["content"]["status"] == "ok"
    assert texts(result) == ["(True, False)"]


def test_code_runs_although_a_cell_before_it_fails(
    wait: Await[Any],
    live: KernelExecutor,
    live_id: str,
    server_kernels: AsyncMappingKernelManager,
) -> None:
    said: list[str] = []

    async def race() -> Result:
        async with notebook(server_kernels, live_id) as client:
            gate = Gate()
            client.execute(gate.wait)
            await gate.begun()
            ours = live.run("'ran'", ignore, Attendant(said.append))
            task = asyncio.create_task(ours)
            await eventually(lambda: said)
            # This one slips in between the question whether the kernel is free and the code.
            client.execute("1/0", stop_on_error=True)
            gate.open()
            return await task

    result = wait(race())
    assert (result.status, texts(result)) == ("ok", ["'ran'"])


def test_code_that_a_failing_cell_took_along_is_sent_again_and_has_its_whole_time(
    wait: Await[Any], live_id: str, server_kernels: AsyncMappingKernelManager, clock: Clock
) -> None:
    said: list[str] = []

    def note_waiting() -> None:
        said.append(WAITING)

    async def race() -> Result:
        connection = KernelConnection(server_kernels.get_kernel(live_id))
        await connection.open(60)
        ours = KernelExecution(connection, "'ran'", ignore)
        async with notebook(server_kernels, live_id) as client:
            gate = Gate()
            cell = client.execute(f"{gate.wait}\n1/0", stop_on_error=True)
            await gate.begun()
            ours.send()
            beginning = asyncio.create_task(ours.begin(note_waiting))
            await eventually(lambda: said)
            clock.move(60)
            gate.open()
            await beginning
            await ours.finish(1, 1)
            reply = await reply_to(client, cell)
        assert reply["content"]["ename"] == "ZeroDivisionError", "nobody interrupted the cell"
        assert ours.aborted
        ours.send()
        await ours.begin(note_waiting)
        result = await ours.finish(1, 1)
        connection.close()
        return result

    result = wait(race())
    assert (result.status, texts(result)) == ("ok", ["'ran'"])


def test_a_reply_that_arrives_just_before_the_next_request_is_read(
    wait: Await[Any], live_id: str, server_kernels: AsyncMappingKernelManager
) -> None:
    async def ask_twice() -> list[Any]:
        connection = KernelConnection(server_kernels.get_kernel(live_id))
        await connection.open(60)
        first = asyncio.create_task(connection.ask("kernel_info_request", {}, seconds=30))
        await asyncio.sleep(0)
        # The first reply arrives while the loop does not look, and then the second is sent. There is
        # no signal where it came so fast that sending the first has seen it.
        arrival = connection._client.control_channel.socket.get(zmq.FD)
        select([arrival], [], [], 5)
        second = connection.ask("kernel_info_request", {}, seconds=30)
        found = await asyncio.gather(first, second)
        connection.close()
        return found

    assert all(wait(ask_twice()))


def test_cancelling_interrupts_and_variables_survive(
    wait: Await[Any], shared: KernelExecutor
) -> None:
    async def cancel() -> None:
        await shared.run("survivor = 42; import time", ignore)
        task = await begun(shared, "time.sleep(3600)")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    wait(cancel())
    assert texts(wait(shared.run("survivor", ignore))) == ["42"]


def test_an_interrupt_ends_the_code_with_what_it_had_shown(
    wait: Await[Any], shared: KernelExecutor
) -> None:
    async def interrupt() -> Result:
        gate = Gate()
        code = f"print('so far', flush=True)\n{gate.touch}\nimport time; time.sleep(3600)"
        task = asyncio.create_task(shared.run(code, ignore))
        await gate.begun()
        await shared.interrupt()
        return await task

    result = wait(interrupt())
    assert (result.status, result.note) == ("interrupted", "The code was interrupted.")
    assert texts(result) == ["so far\n", "KeyboardInterrupt"]


@pytest.mark.slow
def test_code_that_goes_on_after_an_interrupt_is_waited_for(
    wait: Await[Any], shared: KernelExecutor
) -> None:
    work, tidying = Gate(), Gate()
    # Inside of try, so that the interrupt finds the handler in place.
    code = (
        f"{DEFINE_NAP}\ntry:\n    {work.touch}\n    time.sleep(3600)\n"
        f"except KeyboardInterrupt:\n{indent(tidying.wait_with('nap()'), '    ')}\n"
        "    print('tidied up')"
    )

    async def interrupt() -> Result:
        task = asyncio.create_task(shared.run(code, ignore))
        await work.begun()
        await shared.interrupt()
        await tidying.begun()
        tidying.open()
        return await task

    result = wait(interrupt())
    assert (result.status, texts(result)) == ("ok", ["tidied up\n"])


@pytest.mark.slow
def test_one_thread_does_not_interrupt_another_in_the_same_kernel(
    wait: Await[Any], kernels: KernelPool, live: KernelExecutor, live_id: str
) -> None:
    async def interrupt() -> Result:
        other = await kernels.open("thread_other", kernel_id=live_id)
        gate = Gate()
        task = asyncio.create_task(live.run(f"{gate.wait}\n'whole'", ignore))
        await gate.begun()
        await other.interrupt()
        gate.open()
        return await task

    assert texts(wait(interrupt())) == ["'whole'"]


def test_cancelling_before_a_kernel_has_started_leaves_no_process(
    wait: Await[Any], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cancel() -> list[str]:
        kernels = KernelPool(root / "early")
        for pause in (0.0, 0.05, 0.2):
            task = asyncio.create_task(kernels.open(f"thread_{pause}".replace(".", "_")))
            await asyncio.sleep(pause)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await kernels.close()
        return [str(path) for path in folder.iterdir()]

    folder = root / "early-sockets"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert wait(cancel()) == []


def test_an_interrupt_by_somebody_else_is_seen(
    wait: Await[Any],
    live: KernelExecutor,
    live_id: str,
    server_kernels: AsyncMappingKernelManager,
) -> None:
    async def interrupt() -> Result:
        task = await begun(live, "import time; time.sleep(3600)")
        await server_kernels.get_kernel(live_id).interrupt_kernel()
        return await task

    assert wait(interrupt()).status == "interrupted"


def test_an_interrupt_when_nothing_runs_does_nothing(
    wait: Await[Any], shared: KernelExecutor
) -> None:
    wait(shared.interrupt())
    assert texts(wait(shared.run("1", ignore))) == ["1"]


def test_code_that_takes_too_long_is_interrupted(
    wait: Await[Any], root: Path, clock: Clock
) -> None:
    kernels = KernelPool(root / "slow", code_seconds=1, grace_seconds=30)
    own = wait(kernels.open("thread_slow"))
    shown: list[Output] = []

    async def overrun() -> Result:
        task = asyncio.create_task(
            own.run("print('a')\nimport time; time.sleep(3600)", shown.append)
        )
        await eventually(lambda: shown)
        clock.move(2)
        return await task

    result = wait(overrun())
    assert (result.status, texts(result)[0]) == ("timeout", "a\n")
    assert result.note == "The code ran longer than 1 s and was interrupted."
    assert texts(wait(own.run("1", ignore))) == ["1"]
    wait(kernels.close())


IGNORE = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nbegan = 1\n"


def test_an_own_kernel_that_ignores_interrupts_is_ended_and_the_next_code_gets_a_new_one(
    wait: Await[Any], root: Path, clock: Clock
) -> None:
    kernels = KernelPool(root / "stubborn", code_seconds=1, grace_seconds=0.5)
    own = wait(kernels.open("thread_stubborn"))
    gate, shown = Gate(), list[Output]()
    code = f"open('kept.txt', 'w').close()\n{IGNORE}print('on', flush=True)\n{gate.wait}"

    async def overrun() -> Result:
        task = asyncio.create_task(own.run(code, shown.append))
        # Its time begins when the kernel's word of it arrives, not when the code begins.
        await eventually(lambda: shown)
        clock.move(2)
        return await task

    result = wait(overrun())
    assert result.status == "timeout"
    assert "does not react to an interrupt, so its kernel was ended" in result.note
    assert [file.name for file in result.files] == ["kept.txt"]
    after = wait(own.run("import os; 'began' in globals(), os.path.exists('kept.txt')", ignore))
    assert (after.status, texts(after)) == ("ok", ["(False, True)"])
    assert "variables of earlier code are gone" in after.note
    wait(kernels.close())


def test_a_stopped_run_whose_code_ignores_interrupts_leaves_the_thread_free(
    wait: Await[Any], root: Path
) -> None:
    kernels = KernelPool(root / "ignoring", code_seconds=60, grace_seconds=0.5)
    own = wait(kernels.open("thread_ignoring"))
    gate = Gate()

    async def stop() -> tuple[str, Result]:
        task = asyncio.create_task(own.run(IGNORE + gate.wait, ignore))
        await gate.begun()
        task.cancel()
        with pytest.raises(Stopped) as stopped:
            await task
        return stopped.value.result.note, await own.run("'began' in globals()", ignore)

    note, after = wait(stop())
    assert "does not react" in note
    assert (after.status, texts(after)) == ("ok", ["False"])
    wait(kernels.close())


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs SIGSTOP")
def test_an_own_kernel_that_takes_no_code_is_ended(wait: Await[Any], root: Path) -> None:
    kernels = KernelPool(root / "frozen", code_seconds=1, grace_seconds=0.5)
    own = wait(kernels.open("thread_frozen"))
    (number,) = texts(wait(own.run("import os; os.getpid()", ignore)))
    os.kill(int(number), signal.SIGSTOP)
    after = wait(own.run("1 + 1", ignore))
    assert (after.status, texts(after)) == ("ok", ["2"])
    assert "was ended" in after.note
    wait(kernels.close())


def test_a_live_kernel_that_ignores_interrupts_is_left_alone_and_refuses_code_until_it_is_free(
    wait: Await[Any], root: Path, server_kernels: AsyncMappingKernelManager, clock: Clock
) -> None:
    kernel_id = wait(server_kernels.start_kernel(path="."))
    kernels = KernelPool(
        root / "left", server_kernels=server_kernels, code_seconds=1, grace_seconds=0.5
    )
    live = wait(kernels.open("thread_x", kernel_id=kernel_id))
    other = wait(kernels.open("thread_y", kernel_id=kernel_id))
    gate, shown = Gate(), list[Output]()
    code = f"{IGNORE}print('on', flush=True)\n{gate.wait}"

    async def overrun() -> Result:
        task = asyncio.create_task(live.run(code, shown.append))
        await eventually(lambda: shown)
        clock.move(2)
        return await task

    async def accepted() -> Result | None:
        """Return the result of later code, once the kernel takes it."""
        try:
            return await live.run("began", ignore)
        except ExecutorError:
            return None

    result = wait(overrun())
    assert result.status == "timeout" and "still runs" in result.note
    for each in (live, other):
        with pytest.raises(ExecutorError, match="does not react to an interrupt"):
            wait(each.run("'second'", ignore))
    gate.open()
    # Its variables are as they were: nobody ended it.
    assert texts(wait(eventually(accepted))) == ["1"]
    wait(kernels.close())
    wait(server_kernels.shutdown_kernel(kernel_id, now=True))


def test_a_question_that_a_failing_cell_took_along_is_asked_again(
    wait: Await[Any], live_id: str, server_kernels: AsyncMappingKernelManager
) -> None:
    async def race() -> Any:
        connection = KernelConnection(server_kernels.get_kernel(live_id))
        await connection.open(60)
        async with notebook(server_kernels, live_id) as client:
            gate = Gate()
            cell = client.execute(f"{gate.wait}\n1/0", stop_on_error=True)
            await gate.begun()
            begun = asyncio.create_task(live_ledger.begin(connection, "x = 1"))
            other = asyncio.create_task(evaluate(connection, "6 * 7"))
            # Both are on their way before the cell fails.
            await connection.ask("kernel_info_request", {}, seconds=30)
            gate.open()
            answers = await begun, await other
            await reply_to(client, cell)
        connection.close()
        return answers

    async def learned() -> Any:
        connection = KernelConnection(server_kernels.get_kernel(live_id))
        await connection.open(60)
        await connection.introduced(30)
        connection.close()

    wait(learned())
    assert wait(race())[1] == 42


@pytest.mark.parametrize("now", [True, False])
@pytest.mark.parametrize("again", [True, False])
def test_an_end_and_a_restart_are_told_apart(
    wait: Await[Any], server_kernels: AsyncMappingKernelManager, now: bool, again: bool
) -> None:
    async def watched() -> str:
        kernel_id = await server_kernels.start_kernel(path=".")
        connection = KernelConnection(server_kernels.get_kernel(kernel_id))
        await connection.open(60)
        await connection.idle(60, lambda: None)
        never = asyncio.get_running_loop().create_future()
        waiting = asyncio.create_task(connection.wait(never, 60))
        if again:
            await server_kernels.restart_kernel(kernel_id, now=now)
        else:
            await server_kernels.shutdown_kernel(kernel_id, now=now)
        with pytest.raises(KernelGone) as gone:
            await waiting
        connection.close()
        if again:
            await server_kernels.shutdown_kernel(kernel_id, now=True)
        return str(gone.value)

    assert wait(watched()) == f"The kernel was {'restarted' if again else 'shut down'}."


@pytest.mark.parametrize(
    "end", ["import os; os._exit(1)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_a_kernel_that_dies_is_reported_at_once_and_replaced_later(
    end: str, wait: Await[Any], kernels: KernelPool
) -> None:
    own = wait(kernels.open("thread_dying"))
    gate, shown = Gate(), list[Output]()
    code = f"kept = 1\nprint('last words', flush=True)\n{gate.wait}\n{end}"

    async def die() -> Result:
        task = asyncio.create_task(own.run(code, shown.append))
        await eventually(lambda: shown)
        gate.open()
        return await task

    result = wait(die())
    assert (result.status, result.note) == ("died", "The kernel died. Variables are gone.")
    assert texts(result) == ["last words\n"]
    again = wait(own.run("'kept' in globals()", ignore))
    assert texts(again) == ["False"]
    assert again.note == "A new kernel was started: variables of earlier code are gone."
    assert wait(own.run("1", ignore)).note == ""


@pytest.mark.slow
def test_a_kernel_that_somebody_kills_is_reported(wait: Await[Any], kernels: KernelPool) -> None:
    async def kill() -> Result:
        own = await kernels.open("thread_killed")
        pid = int(texts(await own.run("import os; os.getpid()", ignore))[0])
        task = await begun(own, "import time; time.sleep(3600)")
        os.kill(pid, signal.SIGKILL)
        return await task

    assert wait(kill()).status == "died"


@pytest.mark.parametrize("now", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_restart_by_the_user_ends_the_code_at_once(
    now: bool,
    wait: Await[Any],
    kernels: KernelPool,
    server_kernels: AsyncMappingKernelManager,
) -> None:
    async def restart() -> tuple[Result, Result]:
        kernel_id = await server_kernels.start_kernel()
        live = await kernels.open("thread_x", kernel_id=kernel_id)
        task = await begun(live, "old = 1\nimport time; time.sleep(3600)")
        restarting = asyncio.create_task(server_kernels.get_kernel(kernel_id).restart_kernel(now))
        result = await task
        await restarting
        return result, await live.run("'old' in globals()", ignore)

    result, after = wait(restart())
    assert result.status == "died"
    assert result.note == "The kernel was restarted. Variables are gone."
    assert texts(after) == ["False"]
    assert "restarted since" in after.note


def test_a_live_kernel_that_was_shut_down_is_refused(
    wait: Await[Any], kernels: KernelPool, server_kernels: AsyncMappingKernelManager
) -> None:
    async def shut_down() -> KernelExecutor:
        kernel_id = await server_kernels.start_kernel()
        live = await kernels.open("thread_x", kernel_id=kernel_id)
        await live.run("1", ignore)
        await server_kernels.shutdown_kernel(kernel_id, now=True)
        return live

    live = wait(shut_down())
    with pytest.raises(ExecutorError, match="No kernel with id"):
        wait(live.run("1", ignore))


def test_a_kernel_without_a_specification_is_named(wait: Await[Any], root: Path) -> None:
    kernels = KernelPool(root / "none", kernel_name="nosuch")
    with pytest.raises(ExecutorError, match="no kernel named 'nosuch'.*kernelspec list"):
        wait(kernels.open("thread_x"))
    wait(kernels.close())


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        ([sys.executable, "-c", "import no_ipykernel_here"], "No module named.*pip install"),
        (["/nosuch/python"], "cannot be started.*kernel.json"),
    ],
)
def test_a_kernel_that_does_not_start_says_why(
    argv: list[str],
    text: str,
    wait: Await[Any],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = tmp_path / "kernels" / "broken"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "Broken", "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    kernels = KernelPool(root / "broken", kernel_name="broken")
    with pytest.raises(ExecutorError, match=text):
        wait(kernels.open("thread_x"))
    wait(kernels.close())


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_an_idle_kernel_ends_and_its_files_stay(wait: Await[Any], root: Path) -> None:
    kernels = KernelPool(root / "idle", idle_seconds=2)
    own = wait(kernels.open("thread_idle"))
    pid = int(texts(wait(own.run("open('x', 'w').write('1'); import os; os.getpid()", ignore)))[0])

    async def ended() -> bool:
        await kernels.end_idle()
        return not is_alive(pid)

    wait(eventually(ended))
    own = wait(kernels.open("thread_idle"))
    result = wait(own.run("open('x').read()", ignore))
    assert texts(result) == ["'1'"]
    assert "variables of earlier code are gone" in result.note
    wait(kernels.close())


def test_closing_ends_own_kernels_and_leaves_live_ones(
    wait: Await[Any], root: Path, live_id: str, server_kernels: AsyncMappingKernelManager
) -> None:
    kernels = KernelPool(root / "closing", server_kernels=server_kernels)
    own = wait(kernels.open("thread_own"))
    live = wait(kernels.open("thread_live", kernel_id=live_id))
    pids = [int(texts(wait(k.run("import os; os.getpid()", ignore)))[0]) for k in (own, live)]
    wait(kernels.close())
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
    os.kill(pids[1], 0)


def test_nobody_else_restarts_an_own_kernel_that_died(wait: Await[Any], root: Path) -> None:
    kernels = KernelPool(root / "untended")
    wait(kernels.open("thread_a"))
    manager = kernels._dedicated["thread_a"]._kernels
    (kernel,) = (manager.get_kernel(each) for each in manager.list_kernel_ids())
    assert not kernel.autorestart
    wait(kernels.close())


@pytest.mark.parametrize(
    "end", ["quit()", "exit", "get_ipython().ask_exit()", "print('bye')\nexit()"]
)
def test_code_after_the_end_of_a_kernel_runs_in_a_new_one(
    wait: Await[Any], kernels: KernelPool, end: str
) -> None:
    own = wait(kernels.open("thread_ended"))
    wait(own.run("before = 1", ignore))
    ended = wait(own.run(end, ignore))
    assert ended.status == "ok" and "its kernel has ended: variables are gone" in ended.note
    after = wait(own.run("print('before' in globals())", ignore))
    assert (after.status, after.outputs[0]["text"]) == ("ok", "False\n")


def test_a_kernel_that_is_to_be_kept_goes_on(wait: Await[Any], kernels: KernelPool) -> None:
    own = wait(kernels.open("thread_kept"))
    assert wait(own.run("quit(keep_kernel=True)", ignore)).note == ""
    assert wait(own.run("print('goes on')", ignore)).outputs[0]["text"] == "goes on\n"
