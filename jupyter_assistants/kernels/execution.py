"""The execution of one piece of code in a kernel."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_assistants.kernels.base import Output, Result, Status
from jupyter_assistants.kernels.connection import POLL, SOON, KernelConnection, KernelGone
from jupyter_assistants.kernels.outputs import OutputList, from_message
from jupyter_assistants.kernels.payloads import pages, payloads

MAX_LIVE_TEXT = 500_000
"""Characters of streams that are reported as they come."""

MAX_PROMPT = 2_000
"""Characters of what ``input()`` says that are shown."""

LATE_OUTPUT = 0.35
"""Seconds in which output that went past Python's streams still comes in."""

EARLY = 0.5
"""Seconds after which a busy kernel surely heeds an interrupt."""

LATE_REPLY = 2.0
"""Seconds in which the reply still comes after the kernel is idle."""

STILL_RUNS = "so it still runs. A restart of the kernel would end it, and lose all variables."
KERNEL_ENDED = (
    "so its kernel was ended. All variables are gone; later code gets a new kernel. Files are kept."
)

_PAST_STREAMS = re.compile(
    r"\b(subprocess|os\.(system|write|popen|fork)|popen|ctypes|faulthandler)\b"
)


class KernelExecution:
    """One execution of code: sends it, folds its messages, and decides how it ended.

    Parameters
    ----------
    code
        The code, as the kernel shall see it.
    on_output
        Called with outputs as they come, up to a limit. Updates and clears show in the result only.
    reply
        Answers ``input()``; None where nobody can.
    """

    def __init__(
        self,
        connection: KernelConnection,
        code: str,
        on_output: Callable[[Output], None],
        reply: Callable[[str, bool], Awaitable[str]] | None = None,
    ) -> None:
        self._connection = connection
        self._code = code
        self._on_output = on_output
        self._reply_to_input = reply
        self._asking: asyncio.Task[None] | None = None
        self._asked_seconds = 0.0
        self._outputs = OutputList()
        self._request = ""
        self._interrupts = 0
        self._live_text = MAX_LIVE_TEXT
        self.ends_kernel = False
        """Whether it called ``exit()``: the kernel ends soon after its reply."""
        self.hangs = False
        """Whether it went on after it was interrupted; see :attr:`over`."""
        self._prepare()

    def _prepare(self) -> None:
        loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = loop.create_future()
        self._reply: dict[str, Any] | None = None
        self._idle = False
        self._echoed = False
        self._started: asyncio.Future[None] = loop.create_future()
        self._began = time.monotonic()

    def send(self) -> None:
        """Send the code."""
        self._prepare()
        content = {
            "code": self._code,
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": self._reply_to_input is not None,
            "stop_on_error": False,
        }
        self._interrupts = self._connection.interrupts
        self._request = self._connection.execute(content, self._handle)

    @property
    def aborted(self) -> bool:
        """Whether the kernel refused it because a cell before it failed."""
        return self._reply is not None and self._reply.get("status") == "aborted"

    @property
    def running(self) -> bool:
        """Whether the kernel works on it."""
        return self.started and not self._done.done()

    @property
    def over(self) -> bool:
        """Whether it does not run any more, for whatever reason."""
        return self._done.done() or not self._connection.is_open or self._connection.stale

    @property
    def started(self) -> bool:
        """Whether the kernel has begun with it."""
        return self._started.done()

    def _handle(self, channel: str, message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        if not self.started:
            # A cell that slipped in before the code is none of its time.
            self._began = time.monotonic()
            self._started.set_result(None)
        if channel == "stdin":
            self._ask(content)
        elif channel == "shell":
            self._reply = content
            self.ends_kernel = any(
                each.get("source") == "ask_exit" and not each.get("keepkernel")
                for each in payloads(content)
            )
        elif kind == "status":
            self._note_status(content.get("execution_state") == "idle")
        elif kind == "execute_input":
            self._echoed = True
        elif kind == "clear_output":
            self._outputs.clear(bool(content.get("wait")))
        else:
            self._show(kind, from_message(kind, content))
        # The reply may overtake the last outputs, which come before the idle message.
        if self._reply is not None and (self._idle or self.aborted) and not self._done.done():
            self._done.set_result(None)

    def _note_status(self, idle: bool) -> None:
        self._idle = idle
        if idle and self._reply is None and self._connection.interrupts > self._interrupts:
            # An interrupt that hits the kernel's own code around ours costs the reply.
            self._done.get_loop().call_later(LATE_REPLY, _settle, self._done)

    def _ask(self, content: dict[str, Any]) -> None:
        """Have a person answer what the code asks for."""

        async def ask() -> None:
            assert self._reply_to_input is not None
            began = time.monotonic()
            try:
                prompt = str(content.get("prompt", ""))[:MAX_PROMPT]
                value = await self._reply_to_input(prompt, content.get("password") is True)
                self._connection.reply(value)
            finally:
                # What a person takes to answer is none of the code's time.
                self._asked_seconds += time.monotonic() - began

        if self._reply_to_input is not None:
            self._asking = asyncio.create_task(ask())

    def _show(self, kind: str, output: Output | None) -> None:
        if output is None:
            return
        if kind == "update_display_data":
            self._outputs.update_display(output)
            return
        self._outputs.add(output)
        shown = {key: value for key, value in output.items() if key != "transient"}
        if kind == "stream":
            shown["text"] = shown["text"][: self._live_text]
            self._live_text -= len(shown["text"])
            if shown["text"]:
                self._on_output(shown)
        elif not self._outputs.full:
            self._on_output(shown)

    async def begin(self, waiting: Callable[[], None]) -> None:
        """Wait until the kernel begins with it.

        Parameters
        ----------
        waiting
            Called once when this does not come soon: somebody's cell slipped in before the code.
        """
        # That the kernel is gone, finish finds too, and puts it into the result.
        with contextlib.suppress(KernelGone):
            if not await self._connection.wait(self._started, SOON):
                waiting()
                await self._connection.wait(self._started)

    async def finish(self, seconds: float, grace: float) -> Result:
        """Wait for its end, interrupt it when the time is over, and return the result."""
        try:
            result = await self._outcome(seconds, grace)
        except KernelGone as gone:
            result = self._ended("died", f"{gone} Variables are gone.")
        await self._stop_asking()
        if not self.hangs:
            self.forget()
        return result

    def forget(self) -> None:
        """Handle no more messages of it."""
        self._connection.forget(self._request)

    async def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._asking

    async def _in_time(self, seconds: float) -> bool:
        """Wait for the end; the time in which a person is asked does not count."""
        while True:
            asked = self._asking is not None and not self._asking.done()
            left = seconds + self._asked_seconds - (time.monotonic() - self._began)
            if not asked and left <= 0:
                return False
            # A question may come at any time, so this looks again and again.
            if await self._connection.wait(self._done, POLL if asked else min(left, POLL)):
                return True

    async def _outcome(self, seconds: float, grace: float) -> Result:
        if await self._in_time(seconds):
            await self._linger()
            return await self._result()
        await self._connection.interrupt()
        if await self._connection.wait(self._done, grace):
            note = f"The code ran longer than {seconds:g} s and was interrupted."
        else:
            note = (
                f"The code ran longer than {seconds:g} s and does not react to an interrupt, "
                f"{STILL_RUNS}"
            )
            self.hangs = True
        return self._ended("timeout", note)

    def so_far(self, note: str) -> Result:
        """Return the partial result, as of code that somebody stopped."""
        return self._ended("interrupted", note)

    async def abandon(self, grace: float) -> bool:
        """Stop it and drop its result; return False if it does not end within this time."""
        await self._stop_asking()
        await self.stop()
        with contextlib.suppress(KernelGone):
            self.hangs = not await self._connection.wait(self._done, grace)
        if not self.hangs:
            self.forget()
        return not self.hangs

    async def stop(self) -> None:
        """Interrupt it once; code that waits behind somebody's cell is interrupted when it begins.

        An interrupt that comes before the kernel has prepared itself for one is lost, and a second
        one would hit code, or the kernel itself, that tidies up after the first.
        """
        try:
            while not self._heeds_interrupts and not self._done.done():
                await self._connection.wait(self._done, 0.05)
            if self.running:
                await self._connection.interrupt()
                await self._connection.wait(self._done, 1.0)
        except KernelGone:
            pass

    @property
    def _heeds_interrupts(self) -> bool:
        # Kernels repeat the code when they are prepared. For those that do not, time has to do.
        return self._echoed or (self.started and time.monotonic() - self._began >= EARLY)

    async def _linger(self) -> None:
        # Output of other processes goes through a pipe, which nobody flushes before idle.
        if _PAST_STREAMS.search(self._code):
            await asyncio.sleep(LATE_OUTPUT)

    async def _result(self) -> Result:
        reply = self._reply or {"status": "error", "ename": "KeyboardInterrupt"}
        # Only now: the reply may overtake outputs.
        for page in pages(reply):
            self._show("display_data", page)
        if reply.get("status") != "error":
            return self._ended("ok", "")
        name = reply.get("ename", "")
        # Code that awaits is cancelled by an interrupt.
        cancelled = name == "CancelledError" and self._connection.interrupts > self._interrupts
        if name == "KeyboardInterrupt" or cancelled:
            if self._connection.leaving:
                # Who restarts a kernel interrupts it first.
                await self._connection.check()
            return self._ended("interrupted", "The code was interrupted.")
        if name == "StdinNotImplementedError":
            return self._ended("error", "Nobody can answer input() here: set the value in code.")
        return self._ended("error", "")

    def _ended(self, status: Status, note: str) -> Result:
        return Result(
            status=status,
            outputs=self._outputs.outputs,
            note=" ".join(filter(None, [note, self._outputs.note])),
            seconds=time.monotonic() - self._began,
        )


def _settle(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
