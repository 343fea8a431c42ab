"""A real ipykernel, driven as a front end drives it."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

Message = dict[str, Any]


@dataclass
class Ran:
    """What one cell gave, folded as a notebook folds it."""

    reply: Message = field(default_factory=dict)
    outputs: list[Message] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def status(self) -> str:
        return str(self.reply["status"])

    @property
    def text(self) -> str:
        """All of stdout and stderr."""
        return "".join(o["text"] for o in self.outputs if o["kind"] == "stream")

    @property
    def json(self) -> Any:
        """The value that the cell printed as JSON on its last line."""
        return json.loads(self.text.strip().splitlines()[-1])

    def of(self, kind: str) -> list[Message]:
        return [output for output in self.outputs if output["kind"] == kind]

    def of_messages(self, kind: str) -> list[Message]:
        """The contents of all messages of one kind, as they were sent."""
        return [message["content"] for message in self.messages if message["msg_type"] == kind]

    def saved(self) -> list[str]:
        """The plain text of each display as a saved notebook would have it."""
        return [o["data"].get("text/plain", "") for o in self.outputs if "data" in o]


class KernelSession:
    """One kernel and one client."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client
        self._left = threading.Event()

    def run(
        self,
        code: str,
        *,
        answers: list[str] | None = None,
        cell_id: str | None = None,
        on_message: Callable[[Message], None] | None = None,
        on_question: Callable[[], object] | None = None,
        timeout: float = 30,
    ) -> Ran:
        """Run a cell; ``answers`` are typed when it asks, and without them nobody can be asked.

        ``on_message`` sees what the cell shows, and ``on_question`` is called when it waits for an
        answer that is not there.
        """
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": answers is not None,
            "stop_on_error": True,
        }
        metadata = {"cellId": cell_id} if cell_id else {}
        message = self.client.session.msg("execute_request", content, metadata=metadata)
        started = time.monotonic()
        self.client.shell_channel.send(message)
        ran = self._watch(
            message["header"]["msg_id"], answers or [], on_message, timeout, on_question
        )
        ran.seconds = time.monotonic() - started
        return ran

    def leave(self) -> None:
        """Let a cell that another thread runs be; the session cannot be used again."""
        self._left.set()

    def _watch(
        self,
        msg_id: str,
        answers: list[str],
        on_message: Callable[[Message], None] | None,
        timeout: float,
        on_question: Callable[[], object] | None,
    ) -> Ran:
        ran, deadline, waiting = Ran(), time.monotonic() + timeout, list(answers)
        while time.monotonic() < deadline:
            if self._left.is_set():
                raise ConnectionAbortedError("nobody waits for the cell any more")
            try:
                message = self.client.get_iopub_msg(timeout=0.05)
            except Empty:
                self._answer(waiting, on_question)
                continue
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            ran.messages.append(message)
            _fold(ran.outputs, message)
            if on_message:
                on_message(message)
            if message["content"].get("execution_state") == "idle":
                ran.reply = self._reply(msg_id)
                return ran
        raise TimeoutError(f"the cell still runs after {timeout} s: {ran.outputs}")

    def _answer(self, answers: list[str], on_question: Callable[[], object] | None) -> None:
        try:
            self.client.get_stdin_msg(timeout=0)
        except Empty:
            return
        if answers:
            self.client.input(answers.pop(0))
        elif on_question:
            on_question()

    def _reply(self, msg_id: str) -> Message:
        while True:
            reply = self.client.get_shell_msg(timeout=10)
            if reply["parent_header"].get("msg_id") == msg_id:
                return dict(reply["content"])


def stop_at(kernel: KernelSession, text: str) -> Callable[[Message], None]:
    """Return an ``on_message`` that presses Stop once the cell has shown this text."""
    pressed: list[Message] = []

    def press(message: Message) -> None:
        if not pressed and message["msg_type"] == "stream" and text in message["content"]["text"]:
            pressed.append(message)
            kernel.manager.interrupt_kernel()

    return press


def _fold(outputs: list[Message], message: Message) -> None:
    kind, content = message["msg_type"], message["content"]
    if kind == "clear_output":
        outputs.clear()
    elif kind == "update_display_data":
        wanted = content["transient"]["display_id"]
        for output in outputs:
            if output.get("transient", {}).get("display_id") == wanted:
                output.update(data=content["data"], metadata=content["metadata"])
    elif kind in ("stream", "display_data", "execute_result", "error"):
        outputs.append({"kind": kind, **content})


@contextmanager
def kernel_session(cwd: Path) -> Iterator[KernelSession]:
    """Start a kernel that works in this folder."""
    # Under pytest's name ipykernel does not watch the file descriptors.
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    manager, client = start_new_kernel(cwd=str(cwd), env=env)
    try:
        yield KernelSession(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
