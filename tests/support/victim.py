"""A real server of two users with a live kernel, secrets to steal, and a socket that must stay silent."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.attacking_model import AttackingModel, Turn
from support.live_server import LiveServer

CANARY = "canary-3f9c71d2-correct-horse"
FILE_CANARY = "canary-of-the-dot-env-file"
CODE = {"type": "code_interpreter"}
OVER = ("completed", "failed", "cancelled", "expired", "incomplete")


_TWO_USERS = """
from jupyter_server.auth.identity import IdentityProvider, User

class TwoUsers(IdentityProvider):
    def get_user(self, handler):
        key = handler.request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key in ("ada-key", "eve-key"):
            handler._token_authenticated = True
            return User(key[:3])
        return None

c.ServerApp.identity_provider_class = TwoUsers
"""


class Trap:
    """Listens; nothing may ever connect."""

    def __init__(self) -> None:
        self.visits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@dataclass
class Answer:
    """What the server answered."""

    status: int
    json: Any

    @property
    def text(self) -> str:
        return json.dumps(self.json)


@dataclass
class Victim:
    """A server, and what people and programs ask of it."""

    server: LiveServer
    model: AttackingModel
    trap: Trap
    ran: Path
    kernel_id: str = ""
    other_kernel_id: str = ""
    assistant_id: str = ""
    seen: list[str] = field(default_factory=list)
    allowed: int = 0
    """How often the marked code of this test may run: a person approved it."""

    def ask(self, method: str, path: str, body: Any = None, *, user: str = "ada") -> Answer:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.server.root}{path}", data, method=method)
        request.add_header("Authorization", f"Bearer {user}-key")
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        self.seen.append(text)
        return Answer(status, json.loads(text) if text[:1] in "{[" else text)

    def api(self, method: str, path: str, body: Any = None, *, user: str = "ada") -> Answer:
        return self.ask(method, f"/assistants/v1{path}", body, user=user)

    def mark(self) -> str:
        """Return code that leaves a trace when it runs."""
        return f"open({str(self.ran / 'ran')!r}, 'a').write('x')"

    @property
    def traces(self) -> int:
        path = self.ran / "ran"
        return len(path.read_text()) if path.exists() else 0

    def thread(self, *, live: bool = True, **fields: Any) -> str:
        resources = {"code_interpreter": {"kernel_id": self.kernel_id}} if live else {}
        body = {"tool_resources": resources, "jupyter": {"context": "none"}, **fields}
        return str(self.api("POST", "/threads", body).json["id"])

    def start(self, thread_id: str, turns: list[Turn], **fields: Any) -> Answer:
        message = {"role": "user", "content": self.model.script(turns)}
        body = {"assistant_id": self.assistant_id, "additional_messages": [message], **fields}
        return self.api("POST", f"/threads/{thread_id}/runs", body)

    def settled(self, run: Any) -> Any:
        """Return a run that is over, or waits for its client."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            path = f"/threads/{run['thread_id']}/runs/{run['id']}?wait=20"
            run = self.api("GET", path).json
            if run["status"] in (*OVER, "requires_action"):
                return run
        raise AssertionError(run)

    def run(self, thread_id: str, turns: list[Turn], **fields: Any) -> Any:
        started = self.start(thread_id, turns, **fields)
        assert started.status == 200, started.json
        return self.settled(started.json)

    def submit(self, run: Any, outputs: list[dict[str, Any]], *, user: str = "ada") -> Answer:
        path = f"/threads/{run['thread_id']}/runs/{run['id']}/submit_tool_outputs"
        return self.api("POST", path, {"tool_outputs": outputs}, user=user)

    def reply(self, run: Any, answer: Any) -> Any:
        """Answer the approval that a run waits for; text is sent as it is."""
        output = answer if isinstance(answer, str) else json.dumps(answer)
        taken = self.submit(run, [{"tool_call_id": asked(run)[0], "output": output}])
        return self.settled(taken.json) if taken.status == 200 else taken

    def steps(self, run: Any) -> str:
        return self.api("GET", f"/threads/{run['thread_id']}/runs/{run['id']}/steps").text

    def end(self, run: Any) -> None:
        """Cancel a run that still waits."""
        self.api("POST", f"/threads/{run['thread_id']}/runs/{run['id']}/cancel", {})


@contextmanager
def open_victim(home: Path, ran: Path) -> Iterator[Victim]:
    """Start a server of two users with two live kernels and an assistant.

    Parameters
    ----------
    home
        The server's.
    ran
        Where marked code leaves its traces.
    """
    (home / "config").mkdir()
    (home / "config" / "jupyter_server_config.py").write_text(_TWO_USERS)
    (home / ".env").write_text(f"TOKEN={FILE_CANARY}")
    model, trap = AttackingModel(), Trap()
    options = {
        "providers": {"evil": {"base_url": model.url, "wire": "chat"}},
        "default_model": "evil/m",
        "max_approval": "always",
    }
    server = LiveServer(home, options, {"LAB_API_KEY": CANARY})
    server.token = "ada-key"
    server.start()
    victim = Victim(server, model, trap, ran)
    try:
        for name in ("kernel_id", "other_kernel_id"):
            kernel = victim.ask("POST", "/api/kernels", {"name": "python3"}).json
            setattr(victim, name, kernel["id"])
        body = {"model": "evil/m", "tools": [CODE]}
        victim.assistant_id = victim.api("POST", "/assistants", body).json["id"]
        yield victim
    finally:
        server.stop()
        model.close()
        trap.close()


def asked(run: Any) -> tuple[str, dict[str, Any]]:
    """Return the id and the arguments of the approval that a run waits for."""
    assert run["status"] == "requires_action", run
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert call["function"]["name"] == "approve_code", call
    return call["id"], json.loads(call["function"]["arguments"])


def sha(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def python(code: str, **extra: Any) -> dict[str, Any]:
    """Return a call of the code interpreter."""
    return {"name": "run_python", "arguments": {"code": code}, **extra}
