"""Execution of a model's code in the user's namespace, inside the cell that is running."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import Any, Literal, TypedDict, cast

from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

from jupyter_assistants.ipython.approval import Decision
from jupyter_assistants.ipython.kernel_output_hook import KernelOutputHook
from jupyter_assistants.ipython.output_capture import (
    OnOutput,
    OutputCapture,
    flush_streams,
    replaced,
)
from jupyter_assistants.ipython.stop import on_interrupt
from jupyter_assistants.ipython.terminal_output_hook import TerminalOutputHook
from jupyter_assistants.kernels import tables
from jupyter_assistants.kernels.outputs import Output
from jupyter_assistants.kernels.payloads import pages
from jupyter_assistants.kernels.workspace import changed_files, localize, snapshot
from jupyter_assistants.protocol.errors import ApprovalNeeded

# A thread of ipykernel reads what subprocesses and C code write, and has no signal for its end.
_FILE_DESCRIPTORS_SETTLE = 0.02

STOPPED = "Stopped. The code was interrupted; your variables are kept."


class CodeResult(TypedDict):
    """The result of one execution; :class:`~jupyter_assistants.kernels.base.Result` as JSON.

    ``interrupted`` means that the person pressed Stop: the whole run is to be cancelled. ``changes``
    is the entry of the kernel's ledger.
    """

    status: Literal["ok", "error", "interrupted"]
    outputs: list[Output]
    note: str
    files: list[str]
    seconds: float
    changes: dict[str, Any] | None


async def execute(
    shell: InteractiveShell,
    code: str,
    *,
    decision: Decision,
    folder: Path,
    on_output: OnOutput,
    live: bool = False,
    paths: Mapping[str, str] = MappingProxyType({}),
) -> CodeResult:
    """Run approved code in the user's namespace and return what it showed.

    Parameters
    ----------
    decision
        The approval of exactly this code.
    folder
        The folder behind ``/mnt/data``; files that are new or changed there are reported.
    on_output
        Called with what the code shows, at once; see :class:`~.output_capture.OutputCapture`.
    live
        Show the outputs in the cell as well, instead of only reporting them.
    paths
        What names below ``/mnt/data`` mean that are not in the folder; see :func:`.localize`.

    Raises
    ------
    ApprovalNeeded
        If the decision is about other code, or is a rejection.
    asyncio.CancelledError
        If the calling task is cancelled; the code has ended then.
    """
    # Not at load: it is needed with the first step only.
    from jupyter_assistants.kernels import ledger

    if not decision.covers(code):
        raise ApprovalNeeded(
            "This code differs from the code that was approved, so it does not run."
        )
    before, started = snapshot(folder), time.monotonic()
    capture = OutputCapture(on_output)
    local = localize(code, folder, paths)
    nested = _NestedCode(shell, capture, local, live)
    ledger.begin(shell, local)
    tables.install(shell)
    try:
        status = await nested.run()
    finally:
        tables.remove(shell)
    return {
        "status": status,
        "outputs": capture.collected.outputs,
        "note": " ".join(filter(None, [nested.note, capture.collected.note])),
        "files": changed_files(before, folder),
        "seconds": round(time.monotonic() - started, 3),
        "changes": ledger.finish(shell),
    }


class _NestedCode:
    """One piece of code running inside a running cell."""

    def __init__(self, shell: Any, capture: OutputCapture, code: str, live: bool) -> None:
        self.note = ""
        self._shell = shell
        self._capture = capture
        self._code = code
        self._live = live
        self._in_code = False

    async def run(self) -> Literal["ok", "error", "interrupted"]:
        """Run the code in a task of its own, which Stop can cancel without cancelling the cell."""
        caller = asyncio.current_task()
        cancels = caller.cancelling() if caller else 0
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._captured())

        def stop(_signal: int, _frame: FrameType | None) -> None:
            self._capture.stopped = True
            if self._in_code and asyncio.current_task(loop) is task:
                raise KeyboardInterrupt  # the code blocks the loop, no cancel would reach it
            loop.call_soon_threadsafe(task.cancel)

        with on_interrupt(stop):
            try:
                error = await task
            except asyncio.CancelledError as cancelled:
                error = cancelled
        if caller and caller.cancelling() > cancels:
            # IPython takes a CancelledError for an error of the code, so it may not arrive here.
            raise asyncio.CancelledError
        return self._status(error)

    def _status(self, error: BaseException | None) -> Literal["ok", "error", "interrupted"]:
        if self._capture.stopped or isinstance(error, KeyboardInterrupt):
            self.note = STOPPED
            return "interrupted"
        if error is None:
            return "ok"
        if isinstance(error, SystemExit):
            self.note = "The code called exit(). The kernel continues with all its variables."
        return "error"

    async def _captured(self) -> BaseException | None:
        hook: KernelOutputHook | TerminalOutputHook = (
            TerminalOutputHook(self._shell, self._capture, self._live)
            if getattr(self._shell, "kernel", None) is None
            else KernelOutputHook(self._shell, self._capture, self._live)
        )
        # A KeyboardInterrupt that left this task would end the kernel's event loop.
        try:
            with (
                hook.open(),
                replaced(self._shell, ask_exit=_exit),
                _unchanged_tracebacks(self._shell),
            ):
                with self._pages():
                    error = await self._run_marked()
                await self._settle()
                if error is not None and not self._capture.failed:
                    self._add_error(error)
        except (KeyboardInterrupt, asyncio.CancelledError) as stopped:
            error = stopped
        self._capture.finish()
        return error

    @contextmanager
    def _pages(self) -> Iterator[None]:
        """Capture what a front end would show beside the outputs, such as the text of ``obj?``."""
        manager = self._shell.payload_manager
        before = manager.read_payload()
        manager.clear_payload()
        try:
            yield
        finally:
            shown = manager.read_payload()
            manager.clear_payload()
            for payload in before:
                manager.write_payload(payload, single=False)
            for page in pages({"payload": shown}):
                self._capture.add("display_data", page)

    async def _run_marked(self) -> BaseException | None:
        self._in_code = True
        try:
            result = await self._run_cell()
            return result.error_before_exec or result.error_in_exec
        finally:
            self._in_code = False

    async def _run_cell(self) -> ExecutionResult:
        shell, code = self._shell, self._code
        transformed = _awaiting(shell, code)
        if transformed is None:
            return cast(ExecutionResult, shell.run_cell(code, store_history=False))
        result = None
        try:
            result = await shell.run_cell_async(
                code, store_history=False, transformed_cell=transformed
            )
            return cast(ExecutionResult, result)
        finally:
            # run_cell does this itself; it is what shows matplotlib's figures.
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)

    async def _settle(self) -> None:
        await asyncio.sleep(_FILE_DESCRIPTORS_SETTLE)
        flush_streams()

    def _add_error(self, error: BaseException) -> None:
        """Add an error for which IPython showed no traceback."""
        name, value = type(error).__name__, str(error)
        content = {"ename": name, "evalue": value, "traceback": [f"{name}: {value}"]}
        self._capture.add("error", content)


def _awaiting(shell: Any, code: str) -> str | None:
    """Return the transformed code if it has a top-level ``await``."""
    # Errors of the code are raised again, and shown, when it runs.
    with suppress(Exception):
        transformed: str = shell.transform_cell(code)
        if shell.should_run_async(code, transformed_cell=transformed):
            return transformed
    return None


@contextmanager
def _unchanged_tracebacks(shell: Any) -> Iterator[None]:
    """Restore the tracebacks of ipykernel, which would take the code's error for the cell's."""
    names = ("_last_traceback", "_last_traceback_during_displayhook")
    before = {name: getattr(shell, name) for name in names if hasattr(shell, name)}
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(shell, name, value)


def _exit() -> None:
    """Stand for ``exit()``, which would end the user's kernel."""
    raise SystemExit
