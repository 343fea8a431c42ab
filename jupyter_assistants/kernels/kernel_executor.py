"""The executor over a kernel: places files, runs code, collects the files that it wrote."""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakSet

from jupyter_assistants.kernels.attached_files import name_apart
from jupyter_assistants.kernels.base import (
    NOBODY,
    Attendant,
    InputFile,
    Output,
    Produced,
    Result,
    Stopped,
)
from jupyter_assistants.kernels.connection import KernelConnection, KernelGone
from jupyter_assistants.kernels.evaluation import evaluate
from jupyter_assistants.kernels.execution import KERNEL_ENDED, STILL_RUNS, KernelExecution
from jupyter_assistants.kernels.languages import find_language
from jupyter_assistants.kernels.ledger import remote as live_ledger
from jupyter_assistants.kernels.service_folder import ServiceFolder
from jupyter_assistants.kernels.surrogates import escaped
from jupyter_assistants.kernels.workspace import changed_files, localize, place, snapshot
from jupyter_assistants.protocol.errors import ExecutorError, KernelBusy

WAITING = "waiting for the kernel"
TOO_LATE = "the approval ran out while the code waited for the kernel"
_CANCELLED = "The run was stopped and the code interrupted. Its variables are kept."
_STOPPING = (
    "The run was stopped. The code does not react to the interrupt; if it goes on so, its kernel is "
    "ended, and variables are gone."
)
_STOPPED_IN_VAIN = "The run was stopped. The code does not react to the interrupt, " + STILL_RUNS
_HANGING = (
    "The kernel did not take new code, so it was ended and a new one started: variables are gone."
)
_STOPPED = 2.0
"""Seconds in which interrupted code has to leave the kernel free, to be written down."""
_LEFT = "The code called exit(), so its kernel has ended: variables are gone."
_LEAVING = 10.0
"""Seconds in which a kernel ends after it was told to."""
_RECONNECTS = 3
_TABLES = 5.0
"""Seconds in which a kernel learns to describe tables; without it they come as people see them."""
_WITH_TABLES: WeakSet[KernelConnection] = WeakSet()
"""Connections whose kernels have learned it."""
UNDO_PATIENCE = 5.0
"""Seconds that an undo waits for somebody's cell."""


class ExecutorKernel(ABC):
    """A kernel that outlives the runs that use it, and its process perhaps too."""

    place: str
    live: bool
    sandboxed = False
    patience: float | None
    """Seconds to wait while other code runs; None: as long as it takes."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        """Held by whoever executes; first come, first served."""
        self.current: dict[str, KernelExecution] = {}
        """What runs now, by thread."""
        self.note = ""
        """A note for the next result, such as a restart since the last one."""
        self.endings: set[asyncio.Task[None]] = set()
        self.hanging: KernelExecution | None = None
        """Code that went on after it was interrupted, in a kernel that is not ended for it."""

    @property
    def connected(self) -> KernelConnection | None:
        """Return the open connection, for questions only; None if there is none."""
        return None

    def explain(self, status: str, outputs: Sequence[Output]) -> str:
        """Return which limit of the kernel code has reached; empty if none."""
        return ""

    @abstractmethod
    async def connect(self) -> KernelConnection:
        """Return a connection to the running process; the caller must hold the lock.

        Raises
        ------
        ExecutorError
            If there is no process, and none can be started.
        """

    async def end_process(self, connection: KernelConnection) -> bool:
        """End the process behind a connection because it hangs; return whether it was ended.

        A person's kernel is left alone: an end loses their variables.
        """
        return False

    @abstractmethod
    async def folder(self, connection: KernelConnection) -> Path | None:
        """Return the working folder if it is on this machine; the kernel is idle now."""


class KernelExecutor:
    """Runs code in a kernel, for one thread.

    Parameters
    ----------
    thread_id
        The thread whose code it runs; several may share a live kernel.
    code_seconds
        How long code may run before it is interrupted.
    grace_seconds
        How long it may take to react to that.
    service_folder
        Returns what the service remembers of a working folder.
    """

    def __init__(
        self,
        kernel: ExecutorKernel,
        thread_id: str,
        *,
        code_seconds: float,
        grace_seconds: float,
        service_folder: Callable[[Path], ServiceFolder],
    ) -> None:
        self.place = kernel.place
        self.live = kernel.live
        self.sandboxed = kernel.sandboxed
        self._kernel = kernel
        self._thread_id = thread_id
        self._code_seconds = code_seconds
        self._grace_seconds = grace_seconds
        self._service_folder = service_folder

    async def prepare(self, files: Sequence[InputFile]) -> None:
        """Put files into the working folder, under their names and under their ids."""
        if not files:
            return
        async with self._kernel.turn:
            ready = await self._ready(_Patient(NOBODY))
        if ready is None or ready[1] is None:
            self._kernel.note = "Attached files could not be put into the kernel's folder."
            return
        try:
            placed = await asyncio.to_thread(_place_all, self._service_folder(ready[1]), files)
        except OSError as error:
            raise ExecutorError(
                f"A file could not be put into the folder {ready[1]}: {error}. "
                "Check that it is writable and has room."
            ) from error
        self._kernel.note = " ".join(filter(None, [self._kernel.note, name_apart(placed)]))

    async def run(
        self,
        code: str,
        on_output: Callable[[Output], None],
        attendant: Attendant = NOBODY,
        *,
        until: float | None = None,
    ) -> Result:
        """Run code and report outputs as they come."""
        patient = _Patient(attendant)
        if self._kernel.turn.locked():
            patient.wait()
        async with self._kernel.turn:
            self._check_not_hanging()
            ready = await self._ready(patient)
            patient.go_on()
            if until is not None and time.monotonic() > until:
                return Result("rejected", note=TOO_LATE)
            if ready is None:
                note = "The kernel is still busy with earlier code, so this code was not run."
                return Result("timeout", note=note)
            connection, folder = ready
            note, self._kernel.note = self._kernel.note, ""
            local = await asyncio.to_thread(self._local, code, folder)
            await self._install_tables(connection)
            begun = self.live and await self._begun(connection, local)
            try:
                if folder is None:
                    result = await self._execute(connection, local, on_output, patient)
                else:
                    result = await self._execute_in(folder, connection, local, on_output, patient)
            except Stopped as stopped:
                if begun:
                    changes = await self._changes_of_stopped(connection, begun)
                    stopped.result = replace(stopped.result, changes=changes)
                raise
            if self.live:
                result = await self._with_changes(connection, begun, result)
        reached = self._kernel.explain(result.status, result.outputs)
        return replace(result, note=" ".join(filter(None, [note, result.note, reached])))

    def _check_not_hanging(self) -> None:
        """Refuse code that would wait for code that nothing but a restart ends."""
        hanging = self._kernel.hanging
        if hanging is None:
            return
        if hanging.over:
            hanging.forget()
            self._kernel.hanging = None
            return
        raise ExecutorError(
            f"The {self.place} still runs earlier code of an assistant that does not react to an "
            "interrupt, so no other code can run there. Restart the kernel in the notebook, or wait "
            "until the code ends, and try again."
        )

    async def undo(self, step: str, *, force: bool) -> dict[str, Any]:
        """Undo a step that the kernel's ledger knows."""
        async with self._kernel.turn:
            connection = await self._kernel.connect()
            try:
                if not await connection.idle(UNDO_PATIENCE, lambda: None):
                    raise KernelBusy("The kernel is busy. Undo the step when its cell has ended.")
                return await live_ledger.undo(connection, step, force)
            except KernelGone as gone:
                raise ExecutorError(f"{gone} Nothing can be undone.") from gone

    def _local(self, code: str, folder: Path | None) -> str:
        """Return the code as it runs in a folder, which may be on another machine."""
        if folder is None:
            return escaped(code)
        return localize(code, folder, self._service_folder(folder).code_paths())

    async def _install_tables(self, connection: KernelConnection) -> None:
        """Have the kernel describe tables for models, from the first code of a connection on."""
        if connection in _WITH_TABLES or not connection.language:
            return
        expression = find_language(connection.language).tables_expression(connection.session_id)
        _WITH_TABLES.add(connection)
        if expression is not None:
            # That the kernel is gone, the execution finds out, and says so.
            with contextlib.suppress(KernelGone):
                await evaluate(connection, expression, seconds=_TABLES)

    async def _begun(self, connection: KernelConnection, code: str) -> bool:
        try:
            if await live_ledger.begin(connection, code):
                return True
            # The ledger watches them as well, where the kernel has one.
            await watch_code(connection, code)
            return False
        except KernelGone:
            # The execution finds out, and says so.
            return False

    async def _with_changes(
        self, connection: KernelConnection, begun: bool, result: Result
    ) -> Result:
        """Return a result with what changed; code that may still run is left alone."""
        if result.status == "timeout":
            return replace(result, changes=await self._changes_of_stopped(connection, begun))
        if result.status not in ("ok", "error", "interrupted"):
            return result
        try:
            return replace(result, changes=await live_ledger.finish(connection, begun))
        except KernelGone:
            return result

    async def _changes_of_stopped(
        self, connection: KernelConnection, begun: bool
    ) -> dict[str, Any] | None:
        """Return what interrupted code changed; None if it still runs, or the kernel is gone."""
        try:
            async with asyncio.timeout(_STOPPED):
                if await connection.idle(_STOPPED, lambda: None):
                    return await live_ledger.finish(connection, begun)
        except (KernelGone, TimeoutError):
            pass
        return None

    async def interrupt(self) -> None:
        """Stop the code that runs."""
        execution = self._kernel.current.get(self._thread_id)
        if execution is not None:
            await execution.stop()

    async def _ready(self, patient: _Patient) -> tuple[KernelConnection, Path | None] | None:
        """Return an idle kernel and its folder, or None when it does not become idle."""
        for _ in range(_RECONNECTS):
            connection = await self._kernel.connect()
            try:
                if not await connection.idle(self._kernel.patience, patient.wait):
                    if not await self._kernel.end_process(connection):
                        return None
                    connection = await self._kernel.connect()
                    self._kernel.note = _HANGING
                return connection, await self._kernel.folder(connection)
            except KernelGone:
                # Nothing was sent yet, so the next process is as good.
                continue
        raise ExecutorError(f"The {self.place} ends again and again. Restart it and try again.")

    async def _execute_in(
        self,
        folder: Path,
        connection: KernelConnection,
        code: str,
        on_output: Callable[[Output], None],
        patient: _Patient,
    ) -> Result:
        before = await asyncio.to_thread(snapshot, folder)

        async def with_files(result: Result) -> Result:
            names = await asyncio.to_thread(changed_files, before, folder)
            return replace(result, files=[Produced(name, folder / name) for name in names])

        try:
            result = await self._execute(connection, code, on_output, patient)
        except Stopped as stopped:
            stopped.result = await with_files(stopped.result)
            raise
        return await with_files(result)

    async def _execute(
        self,
        connection: KernelConnection,
        code: str,
        on_output: Callable[[Output], None],
        patient: _Patient,
    ) -> Result:
        execution = KernelExecution(connection, code, on_output, patient.attendant.reply)
        self._kernel.current[self._thread_id] = execution
        try:
            result = await self._send(execution, patient)
            if execution.aborted:
                # A cell that was before ours in the kernel's queue failed, and took it along.
                await connection.idle(self._kernel.patience, patient.wait)
                patient.go_on()
                result = await self._send(execution, patient)
            if execution.hangs:
                ended = await self._end_hanging(execution, connection)
                note = result.note.replace(STILL_RUNS, KERNEL_ENDED) if ended else result.note
                result = replace(result, note=note)
            if execution.ends_kernel:
                result = await self._wait_for_end(connection, result)
            return result
        except KernelGone as gone:
            return Result("died", note=f"{gone} The code was not run, and variables are gone.")
        except asyncio.CancelledError:
            ending = asyncio.create_task(self._abandon(execution, connection))
            self._kernel.endings.add(ending)
            ending.add_done_callback(self._kernel.endings.discard)
            await asyncio.wait([ending], timeout=1.5)
            note = _CANCELLED
            if not ending.done():
                note = _STOPPED_IN_VAIN if self.live else _STOPPING
            raise Stopped(execution.so_far(note)) from None
        finally:
            del self._kernel.current[self._thread_id]

    async def _wait_for_end(self, connection: KernelConnection, result: Result) -> Result:
        """Wait until the kernel that the code has ended is gone; return the result with that.

        Code that came before would be sent to a process that takes it and ends.
        """
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            await connection.wait(never, _LEAVING)
        except KernelGone:
            return replace(result, note=" ".join(filter(None, [result.note, _LEFT])))
        return result

    async def _abandon(self, execution: KernelExecution, connection: KernelConnection) -> None:
        if not await execution.abandon(self._grace_seconds):
            await self._end_hanging(execution, connection)

    async def _end_hanging(self, execution: KernelExecution, connection: KernelConnection) -> bool:
        """End the kernel of code that hangs, if it is an own one; return whether it was ended."""
        if await self._kernel.end_process(connection):
            execution.forget()
            return True
        self._kernel.hanging = execution
        return False

    async def _send(self, execution: KernelExecution, patient: _Patient) -> Result:
        execution.send()
        if self.live:
            # Somebody's cell may have slipped in before the code. Its time is not the code's, and
            # the interrupt that ends code that takes too long would hit that cell.
            await execution.begin(patient.wait)
            patient.go_on()
        return await execution.finish(self._code_seconds, self._grace_seconds)


class _Patient:
    """Reports once that the code waits for the kernel, and once that it no longer does."""

    def __init__(self, attendant: Attendant) -> None:
        self.attendant = attendant
        self._waits = False

    def wait(self) -> None:
        if not self._waits:
            self._waits = True
            self.attendant.waiting(WAITING)

    def go_on(self) -> None:
        if self._waits:
            self._waits = False
            self.attendant.waiting("")


def _place_all(here: ServiceFolder, files: Sequence[InputFile]) -> list[str]:
    """Put files into a working folder, unless they are there, and return the names of those put now."""
    placed = []
    for file in files:
        # Earlier versions put a link to each file into the folder, where every listing shows it.
        if (link := here.folder / file.file_id).is_symlink():
            link.unlink(missing_ok=True)
        if here.placed_name(file.file_id) is None:
            below, _, name = file.name.rpartition("/")
            placed.append(place(here.folder, name, file.open, file.sha256, below=below))
            here.add_file(file.file_id, placed[-1])
    return placed


async def watch_code(connection: KernelConnection, code: str | None = None) -> None:
    """Have what this code, or all code, shows arrive; see :mod:`.figures` and :mod:`.surrogates`."""
    expression = find_language(connection.language).watch_expression(code)
    if expression is not None:
        await evaluate(connection, expression)


async def working_folder(connection: KernelConnection) -> Path | None:
    """Ask a kernel for its working folder; None when nobody knows or it is on another machine."""
    expression = find_language(connection.language).folder_expression()
    answer = await evaluate(connection, expression) if expression is not None else None
    folder = Path(answer) if isinstance(answer, str) else None
    return folder if folder is not None and folder.is_dir() else None
