"""A connection to one kernel, beside the connections that notebooks have to it.

Two facts shape this file. A kernel's shell channel is serial, so a request that is sent while
somebody's cell runs waits behind it and cannot be withdrawn: nothing but harmless questions is
sent before the kernel is idle. And messages of a kernel go to everybody, so each is told apart by
the id of the request that it answers.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

import zmq
from jupyter_client.session import Session

from jupyter_assistants.kernels.messages import receive

SOON = 1.0
"""Seconds that a free kernel takes at most; after that people are told that something waits."""

POLL = 0.5
"""Seconds between two checks of the kernel's process."""

LONGEST_SLICE = 0.01
"""Seconds for which messages are handled without giving other work a turn."""

REPLACED = 10.0
"""Seconds that a kernel manager takes at most to end a kernel and to start another."""

KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"

Handler = Callable[[str, dict[str, Any]], None]
"""Called with a channel's name and a message on it."""


class KernelGone(Exception):
    """The kernel's process ended or was replaced while somebody waited for it."""


async def settled(value: Any) -> Any:
    """Return a value that may have to be awaited: kernel managers differ in that."""
    return await value if inspect.isawaitable(value) else value


class KernelConnection:
    """One client of one kernel.

    Parameters
    ----------
    manager
        The kernel's own manager of jupyter_client.
    """

    def __init__(self, manager: Any) -> None:
        self.turn = asyncio.Lock()
        """Held by whoever executes; first come, first served."""
        self.language = ""
        self.features: frozenset[str] = frozenset()
        """What the kernel says that it can do, such as ``kernel subshells``."""
        self.is_open = False
        self.interrupts = 0
        """How often somebody has interrupted the kernel, as far as is known here."""
        self._manager = manager
        self._process = self._pid()
        self._gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._handlers: dict[str, Handler] = {}
        self._events: Any = None
        self._arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pumps: list[asyncio.Task[None]] = []
        # An own Session: clients that share one share a socket identity, and one of them hangs.
        session = Session(config=manager.session.config, key=manager.session.key)
        self.session_id = str(session.session)
        """What the kernel sees in the headers of all that this connection sends."""
        self._client = manager.client(session=session, context=manager.context)

    # ---- open and closed

    async def open(self, seconds: float) -> None:
        """Connect, and wait until what the kernel publishes arrives here.

        Raises
        ------
        KernelGone
            If the kernel ends, or nothing arrives within this time.
        """
        # Everything but a heartbeat thread.
        self._client.start_channels(True, True, True, False, True)
        self._listen()
        for name in ("iopub", "shell", "stdin", "control"):
            channel = getattr(self._client, f"{name}_channel")
            self._pumps.append(asyncio.create_task(self._pump(name, channel)))
        self.is_open = True
        deadline = time.monotonic() + seconds
        asked = 0
        # Outputs published before the subscription is known to the kernel are lost. A busy kernel
        # still answers on its control channel; a few answer such a question on shell only.
        while not await self.wait(self._arrived, 0.02 if asked < 5 else POLL):
            self._ask("shell" if asked == 5 else "control")
            asked += 1
            if time.monotonic() > deadline:
                raise KernelGone(f"The kernel does not answer within {seconds:g} s.")

    def close(self) -> None:
        """Disconnect; whoever still waits is told that the kernel is gone."""
        self.is_open = False
        self._stop_listening()
        for pump in self._pumps:
            pump.cancel()
        self._client.stop_channels()
        self._tell_gone("The connection to the kernel was closed.")

    @property
    def stale(self) -> bool:
        """Whether the kernel behind this is another one by now."""
        return self._gone.done() or self._pid() != self._process

    # ---- messages

    def execute(
        self, content: dict[str, Any], handler: Handler, *, subshell: str | None = None
    ) -> str:
        """Send code and return the request's id; ``handler`` gets the messages that answer it."""
        return self._send("shell", "execute_request", content, handler, subshell=subshell)

    async def ask(
        self, kind: str, content: dict[str, Any], *, seconds: float
    ) -> dict[str, Any] | None:
        """Send a request on the control channel and return its reply; None after ``seconds``."""
        replied: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

        def note_reply(channel: str, message: dict[str, Any]) -> None:
            if channel == "control" and not replied.done():
                replied.set_result(message["content"])

        request = self._send("control", kind, content, note_reply)
        try:
            return replied.result() if await self.wait(replied, seconds) else None
        finally:
            self.forget(request)

    async def introduced(self, seconds: float) -> None:
        """Ask the kernel for its language and features, also while it is busy."""
        await self.ask("kernel_info_request", {}, seconds=seconds)

    def forget(self, request: str) -> None:
        """Stop handling what comes back for a request."""
        self._handlers.pop(request, None)

    @property
    def arrived(self) -> bool:
        """Whether what the kernel publishes arrives here."""
        return self._arrived.done()

    def _ask(self, channel: str, handler: Handler | None = None) -> str:
        return self._send(channel, "kernel_info_request", {}, handler)

    def _send(
        self,
        name: str,
        kind: str,
        content: dict[str, Any],
        handler: Handler | None,
        *,
        subshell: str | None = None,
    ) -> str:
        if not self.is_open:
            raise KernelGone("The connection to the kernel was closed.")
        message = self._client.session.msg(kind, content)
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        request: str = message["header"]["msg_id"]
        if handler is not None:
            self._handlers[request] = handler
        self._post(name, message)
        return request

    def _post(self, name: str, message: dict[str, Any]) -> None:
        channel = getattr(self._client, f"{name}_channel")
        channel.send(message)
        # A socket signals once that messages have arrived, and sending may use that signal up.
        # jupyter_client sends past the event loop, so the pump would sleep on with them unread.
        channel.socket.get(zmq.EVENTS)

    async def _pump(self, name: str, channel: Any) -> None:
        since = time.perf_counter()
        while True:
            # Messages that are there already are read without waiting: while a kernel floods us,
            # nothing else would get a turn.
            if time.perf_counter() - since > LONGEST_SLICE:
                await asyncio.sleep(0)
                since = time.perf_counter()
            try:
                message = await receive(self._client.session, channel.socket)
            except (TypeError, ValueError, KeyError, RecursionError):
                # Not a message, or not signed with this kernel's key: not for us.
                continue
            if name == "iopub":
                self._note(message)
            elif message["msg_type"] == "kernel_info_reply":
                self._learn(message["content"])
            handler = self._handlers.get(message["parent_header"].get("msg_id", ""))
            if handler is not None:
                handler(name, message)

    def _learn(self, info: dict[str, Any]) -> None:
        language = info.get("language_info") or {}
        self.language = str(language.get("name", self.language)).lower()
        features = info.get("supported_features")
        self.features = frozenset(features if isinstance(features, list) else ())

    def reply(self, value: str) -> None:
        """Answer what the code asked for with ``input()``."""
        self._post("stdin", self._client.session.msg("input_reply", {"value": value}))

    def _listen(self) -> None:
        """Subscribe to the server's kernel actions: a restart over REST fires no callback of jupyter_client."""
        events = getattr(self._manager, "event_logger", None)
        if events is not None and KERNEL_ACTIONS in events.schemas:
            events.add_listener(schema_id=KERNEL_ACTIONS, listener=self._hear)
            self._events = events

    def _stop_listening(self) -> None:
        if self._events is not None:
            self._events.remove_listener(listener=self._hear)
            self._events = None

    async def _hear(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        ours = data.get("kernel_id") == getattr(self._manager, "kernel_id", None)
        if ours and data.get("action") == "interrupt":
            self.interrupts += 1
            self._nudge()
        why = {"restart": "restarted", "shutdown": "shut down"}.get(str(data.get("action")))
        if ours and why and data.get("status") == "success":
            self._tell_gone(f"The kernel was {why}.")

    def _note(self, message: dict[str, Any]) -> None:
        if not self._arrived.done():
            self._arrived.set_result(None)
        kind, content = message["msg_type"], message["content"]
        if kind == "shutdown_reply":
            again = content.get("restart")
            self._tell_gone(f"The kernel was {'restarted' if again else 'shut down'}.")

    # ---- waiting

    async def wait(self, done: asyncio.Future[Any], seconds: float | None = None) -> bool:
        """Wait for something; False when the time is over.

        Raises
        ------
        KernelGone
            As soon as it is clear that the kernel will not do it any more.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        look = time.monotonic() + POLL
        while True:
            until = look if deadline is None else min(look, deadline)
            pause = max(0.0, until - time.monotonic())
            await asyncio.wait(
                [done, self._gone], timeout=pause, return_when=asyncio.FIRST_COMPLETED
            )
            if self._gone.done():
                raise KernelGone(self._gone.result())
            if done.done():
                return True
            if time.monotonic() >= look:
                await self.check()
                look = time.monotonic() + POLL
            if deadline is not None and time.monotonic() >= deadline:
                return False

    async def idle(self, seconds: float | None, waiting: Callable[[], None]) -> bool:
        """Wait until the kernel has nothing to do; False when the time is over.

        Parameters
        ----------
        waiting
            Called once when this does not come at once.
        """
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def note(channel: str, message: dict[str, Any]) -> None:
            if channel == "shell" and not answered.done():
                answered.set_result(None)

        # The shell channel is serial: its answer comes when everything sent before has ended. What
        # the kernel publishes is no substitute: that it is busy may arrive after our code was sent.
        request = self._ask("shell", note)
        try:
            if not await self.wait(answered, SOON):
                waiting()
                if not await self.wait(answered, seconds):
                    return False
        finally:
            self.forget(request)
        return True

    # ---- the process

    async def interrupt(self) -> None:
        """Interrupt whatever runs."""
        if not self.stale:
            # Counted first: what it does may be published before the call returns.
            self.interrupts += 1
            await settled(self._manager.interrupt_kernel())
            self._nudge()

    def _nudge(self) -> None:
        """Wake the kernel's event loop: code that awaits sees an interrupt only then."""
        if self.is_open:
            self._ask("shell")

    async def check(self) -> None:
        """Raise :class:`KernelGone` when the process is not the one that this connected to."""
        if self.stale or self.leaving or not await settled(self._manager.is_alive()):
            self._tell_gone(await self._why())
        if self._gone.done():
            raise KernelGone(self._gone.result())

    @property
    def leaving(self) -> bool:
        """Whether somebody is shutting the kernel down or restarting it."""
        return bool(getattr(self._manager, "shutting_down", False))

    async def _why(self) -> str:
        """Return why the kernel is gone: a restart and an end look the same at first."""
        deadline = time.monotonic() + REPLACED
        while self.leaving and not self.stale and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        if self._gone.done():
            return self._gone.result()
        if self._pid() not in (self._process, None):
            return "The kernel was restarted."
        return "The kernel was shut down or restarted." if self.leaving else "The kernel died."

    def _tell_gone(self, why: str) -> None:
        if not self._gone.done():
            self._gone.set_result(why)

    def _pid(self) -> int | None:
        return getattr(getattr(self._manager, "provisioner", None), "pid", None)
