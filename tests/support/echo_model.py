"""A model endpoint that calls run_python with the code in the question."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from jupyter_assistants.models.notebook_block import without_context

_CODE = re.compile(r"RUN THIS\n(.*)\nEND OF CODE", re.DOTALL)


def question(code: str) -> str:
    """Return the question that makes the model call with this code."""
    return f"RUN THIS\n{code}\nEND OF CODE"


class EchoModel:
    """Answers ``/chat/completions``; ``received`` lists the requests."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                model.received.append(body)
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                for chunk in _chunks(body["messages"]):
                    self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
                self.wfile.write(b"data: [DONE]\n\n")

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _chunks(messages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    last = messages[-1]
    found = _CODE.search(without_context(_text(last))) if last["role"] == "user" else None
    if found is None:
        yield _chunk({"role": "assistant", "content": "Done."}, None)
        yield _chunk({}, "stop")
        return
    function = {"name": "run_python", "arguments": json.dumps({"code": found[1]})}
    call = {"index": 0, "id": f"call_{len(messages)}", "type": "function", "function": function}
    yield _chunk({"role": "assistant", "tool_calls": [call]}, None)
    yield _chunk({}, "tool_calls")


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "".join(p.get("text", "") for p in content)


def _chunk(delta: dict[str, Any], reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "echo",
        "choices": [choice],
    }
