"""One real server, one kernel for the server's code and one for cells, and a model that echoes."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient

from support.echo_model import EchoModel
from support.kernel_session import KernelSession
from support.live_server import LiveServer
from support.waiting import until

DEADLINE = 240.0


@dataclass
class House:
    """A server, what a person and a program do with it."""

    server: LiveServer
    model: EchoModel
    assistant_id: str = ""
    kernels: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, KernelSession] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the Jupyter server, or our API below ``/assistants``."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.server.root}{path}", data, method=method)
        request.add_header("Authorization", f"Bearer {self.server.token}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def api(self, method: str, path: str, body: Any = None) -> Any:
        return self.ask(method, f"/assistants/v1{path}", body)

    # -- kernels

    def start_kernel(self, name: str) -> None:
        kernel = self.ask("POST", "/api/kernels", {"name": "python3"})
        self.kernels[name] = kernel["id"]
        self.connect(name)

    def connect(self, name: str) -> KernelSession:
        """Return a front end of a kernel, connected to its present process."""
        if name in self.sessions:
            self.sessions.pop(name).client.stop_channels()
        path = self.server.home / "runtime" / f"kernel-{self.kernels[name]}.json"
        client = BlockingKernelClient(connection_file=str(path))
        client.load_connection_file()
        client.start_channels(hb=False)
        until_ready(client)
        session = self.sessions[name] = KernelSession(None, client)  # type: ignore[arg-type]
        assert session.run("%load_ext jupyter_assistants", timeout=DEADLINE).status == "ok"
        return session

    def pid_of(self, name: str) -> int:
        """Return the process of a kernel, from outside: it may be busy."""
        wanted = f"kernel-{self.kernels[name]}.json"
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if wanted in words:
                return int(folder.name)
        raise AssertionError(f"no process has {wanted}")

    def kill(self, name: str) -> None:
        os.kill(self.pid_of(name), signal.SIGKILL)

    def interrupt(self, name: str) -> None:
        self.ask("POST", f"/api/kernels/{self.kernels[name]}/interrupt", {})

    def restart(self, name: str) -> None:
        self.ask("POST", f"/api/kernels/{self.kernels[name]}/restart", {})

    # -- runs

    def new_thread(self, **fields: Any) -> str:
        body = {"jupyter": {"context": "none", "context_shown": True}, **fields}
        return str(self.api("POST", "/threads", body)["id"])

    def runs(self, thread_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api("GET", f"/threads/{thread_id}/runs?order=asc")[
            "data"
        ]
        return found

    def until_over(self, thread_id: str) -> dict[str, Any]:
        """Wait for the end of the newest run."""
        open_states = ("queued", "in_progress", "cancelling", "requires_action")

        def over() -> dict[str, Any] | None:
            found = self.runs(thread_id)
            return found[-1] if found and found[-1]["status"] not in open_states else None

        ended = until(over, seconds=DEADLINE)
        assert ended is not None
        return ended

    def call_of(self, run: dict[str, Any]) -> dict[str, Any]:
        """Return what the run's only execution gave."""
        path = f"/threads/{run['thread_id']}/runs/{run['id']}/steps?order=asc"
        for step in self.api("GET", path)["data"]:
            for call in (step["jupyter"].get("calls") or {}).values():
                return dict(call)
        return {}


def until_ready(client: BlockingKernelClient) -> None:
    """Wait for the kernel without a heartbeat, which gives a busy machine no time."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        client.kernel_info()
        try:
            client.get_shell_msg(timeout=2)
            client.get_iopub_msg(timeout=0.5)
            return
        except Empty:
            continue
    raise AssertionError("the kernel does not answer")
