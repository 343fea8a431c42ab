"""Kernels that die, hang, flood or do not start: the call ends, and the thread can run code again.

Each case runs code that goes wrong in one way, or does something to the kernel while code runs. A case has
failed if a call does not end in time, or if the thread cannot run code afterwards and does not say why.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.session import Session
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from benchmarks.trust.campaign import Deadline, Outcome
from jupyter_assistants.kernels.base import Output, Result
from jupyter_assistants.kernels.kernel_executor import KernelExecutor
from jupyter_assistants.kernels.pool import KernelPool
from jupyter_assistants.protocol.errors import ExecutorError

CODE_SECONDS = 3.0
GRACE_SECONDS = 0.5
ENDS_SECONDS = 90.0
"""A call that takes longer is stuck, on a busy machine as well: starting a kernel may take 60 s."""

IGNORE = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
WAIT = "import time\nprint('begun', flush=True)\ntime.sleep(60)"

Act = Callable[["Case"], Awaitable[None]]


@dataclass
class Case:
    """One fault in one kernel.

    Parameters
    ----------
    kernel_id
        The live kernel; None for a thread's own one.
    """

    pool: KernelPool
    server: AsyncMappingKernelManager
    thread: str
    kernel_id: str | None
    shown: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> KernelExecutor:
        return await self.pool.open(self.thread, kernel_id=self.kernel_id)

    def note(self, output: Output) -> None:
        self.shown.set()

    async def process(self) -> int:
        """Return the number of the kernel's process; the kernel is idle."""
        found = await (await self.open()).run("import os; os.getpid()", lambda output: None)
        return int(found.outputs[0]["data"]["text/plain"])


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Parameters
    ----------
    code
        What runs.
    act
        What is done once the code has shown something.
    live
        Whether it happens to a person's kernel.
    """

    code: str
    act: Act | None = None
    live: bool = False


def sent_to_process(number: signal.Signals) -> Act:
    """Return an act that sends a signal to the kernel."""

    async def act(case: Case) -> None:
        os.kill(PROCESSES[case.thread], number)

    return act


async def restart(case: Case) -> None:
    await case.server.restart_kernel(case.kernel_id, now=True)


async def shut_down(case: Case) -> None:
    await case.server.shutdown_kernel(case.kernel_id, now=True)


PROCESSES: dict[str, int] = {}
"""The processes of the kernels whose cases send signals, by thread."""

LOSE_REPLY = """
kernel = get_ipython().kernel
send = kernel.session.send
def lose(stream, kind, *rest, **options):
    if kind != 'execute_reply':
        return send(stream, kind, *rest, **options)
kernel.session.send = lose
"""
COMMS = """
from comm import create_comm
for number in range(300):
    create_comm(target_name='flood', data={'x': 'y' * 1000}).send({'number': number})
"""
FORKS = """
import os, time
for _ in range(30):
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
"""
FAULTS: dict[str, Fault] = {
    "killed": Fault(WAIT, sent_to_process(signal.SIGKILL)),
    "terminated": Fault(WAIT, sent_to_process(signal.SIGTERM)),
    "frozen": Fault(WAIT, sent_to_process(signal.SIGSTOP)),
    "exits": Fault("import os\nos._exit(3)"),
    "segfault": Fault("import ctypes\nctypes.string_at(0)"),
    "ignores interrupts": Fault(f"{IGNORE}{WAIT}"),
    "ignores interrupts, live": Fault(f"{IGNORE}print(1, flush=True)\ntime.sleep(8)", live=True),
    "floods iopub": Fault("for number in range(30_000): print(number)"),
    "asks stdin": Fault("input('name? ')"),
    "loses its reply": Fault(LOSE_REPLY),
    "out of memory": Fault("bytearray(10 ** 15)"),
    "forks": Fault(FORKS),
    "closes stdout": Fault("import os, sys\nos.close(1)\nos.close(2)\nsys.stdout.close()"),
    "floods comms": Fault(COMMS),
    "busy with a cell": Fault("6 * 7", live=True),
    "restarted": Fault(WAIT, restart, live=True),
    "shut down": Fault(WAIT, shut_down, live=True),
    "no kernelspec": Fault("6 * 7"),
    "does not start": Fault("6 * 7"),
}
SPECS = {"no kernelspec": "nowhere", "does not start": "broken"}
REFUSALS = ("no kernelspec", "does not start", "shut down")
"""After these a clear error is the right answer to later code."""


class KernelFaults:
    """See :class:`.campaign.Campaign`."""

    title: ClassVar[str] = "faults of kernels"
    aim: ClassVar[str] = "stuck calls or threads"
    full: ClassVar[int] = 20 * len(FAULTS)
    small: ClassVar[int] = len(FAULTS)

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        """Run each kind of fault in turn, at moments that are drawn."""
        return asyncio.run(self._run(cases, random.Random(seed), deadline))

    async def _run(self, cases: int, draw: random.Random, deadline: Deadline) -> Outcome:
        failures: list[str] = []
        done = 0
        with tempfile.TemporaryDirectory() as folder:
            server = AsyncMappingKernelManager(root_dir=folder, connection_dir=folder)
            pools = {name: _pool(Path(folder), name, server) for name in ("", *SPECS)}
            try:
                for number in range(cases):
                    if deadline.passed:
                        break
                    name = list(FAULTS)[number % len(FAULTS)]
                    pool = pools.get(name, pools[""])
                    found = await _attempt(name, pool, server, number, draw.random())
                    failures += [f"case {number}, {name}: {found}"] if found else []
                    done += 1
            finally:
                for pool in pools.values():
                    await pool.close()
                await server.shutdown_all(now=True)
        return Outcome(done, failures)


def _pool(folder: Path, name: str, server: AsyncMappingKernelManager) -> KernelPool:
    broken = folder / "share" / "kernels" / "broken"
    broken.mkdir(parents=True, exist_ok=True)
    spec = {"argv": ["/nowhere/python"], "display_name": "broken", "language": "python"}
    (broken / "kernel.json").write_text(json.dumps(spec))
    os.environ["JUPYTER_PATH"] = str(folder / "share")
    return KernelPool(
        folder / f"threads{len(name)}",
        server_kernels=server,
        code_seconds=CODE_SECONDS,
        grace_seconds=GRACE_SECONDS,
        kernel_name=SPECS.get(name, "python3"),
    )


async def _attempt(
    name: str, pool: KernelPool, server: AsyncMappingKernelManager, number: int, moment: float
) -> str:
    """Run one case and return what is stuck; empty if nothing is."""
    fault = FAULTS[name]
    kernel_id = await server.start_kernel(path=".") if fault.live else None
    case = Case(pool, server, f"thread_{number}", kernel_id)
    try:
        async with asyncio.timeout(ENDS_SECONDS):
            with contextlib.suppress(ExecutorError):
                await _suffer(name, case, moment)
    except TimeoutError:
        return f"the call did not end within {ENDS_SECONDS:g} s"
    try:
        async with asyncio.timeout(ENDS_SECONDS):
            return await _use(name, case)
    except TimeoutError:
        return f"later code did not end within {ENDS_SECONDS:g} s"
    finally:
        await pool.forget(case.thread)
        if kernel_id is not None and kernel_id in server:
            await server.shutdown_kernel(kernel_id, now=True)


async def _suffer(name: str, case: Case, moment: float) -> None:
    fault = FAULTS[name]
    if fault.act is not None and not fault.live:
        PROCESSES[case.thread] = await case.process()
    executor = await case.open()
    if name == "busy with a cell":
        await _occupy(case, moment)
    running = asyncio.create_task(executor.run(fault.code, case.note))
    if fault.act is not None:
        await case.shown.wait()
        await asyncio.sleep(moment * 0.3)
        await fault.act(case)
    await running


async def _occupy(case: Case, moment: float) -> None:
    """Have a notebook run a cell in the kernel, which fails in every second case."""
    manager = case.server.get_kernel(case.kernel_id)
    client = manager.client(session=Session(key=manager.session.key))
    client.start_channels(stdin=False, hb=False)
    try:
        await client.wait_for_ready(timeout=60)
        end = "1/0" if moment < 0.5 else "1"
        client.execute(f"import time; time.sleep({moment})\n{end}", stop_on_error=True)
    finally:
        client.stop_channels()


async def _use(name: str, case: Case) -> str:
    """Run code in the thread after the fault and return what is wrong; empty if nothing is."""
    last: Any = ""
    # What a live kernel still runs ends by itself; until then code is refused with the reason.
    for _ in range(30):
        try:
            result = await (await case.open()).run("6 * 7", lambda output: None)
        except ExecutorError as error:
            if name in REFUSALS:
                return ""
            last = error.message
            await asyncio.sleep(0.5)
            continue
        assert isinstance(result, Result)
        if "42" in json.dumps(result.outputs):
            return ""
        last = f"{result.status} {result.note} {result.outputs}"
    return f"later code failed: {last}"
