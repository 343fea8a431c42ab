"""A model endpoint that does what an attacker wants: each run names the script that it plays."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Turn = list[Any]
"""Texts that are said, and dicts ``{"name", "arguments", "id"}`` that are called."""


class AttackingModel:
    """Answers ``/chat/completions``; ``bodies`` is all that it was ever told."""

    def __init__(self) -> None:
        self.scripts: dict[str, list[Turn]] = {}
        self.bodies: list[str] = []
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                model.bodies.append(text)
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                for chunk in model.answer(json.loads(text)["messages"]):
                    self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
                self.wfile.write(b"data: [DONE]\n\n")

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def script(self, turns: list[Turn]) -> str:
        """Keep a script, and give the words of a question that has it played."""
        number = str(len(self.scripts))
        self.scripts[number] = turns
        return f"PLAY SCRIPT {number} NOW"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, messages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        last = max(i for i, message in enumerate(messages) if message["role"] == "user")
        said = sum(message["role"] == "assistant" for message in messages[last:])
        found = re.search(r"PLAY SCRIPT (\d+) NOW", json.dumps(messages[last]["content"]))
        turns = self.scripts[found[1]] if found else []
        turn = turns[said] if said < len(turns) else ["Done."]
        yield _chunk({"role": "assistant", "content": ""}, None)
        calls = 0
        for line in turn:
            if isinstance(line, str):
                yield _chunk({"content": line}, None)
                continue
            arguments = line["arguments"]
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            function = {"name": line["name"], "arguments": text}
            call = {"index": calls, "type": "function", "function": function}
            call["id"] = line.get("id", f"call_{said}_{calls}")
            calls += 1
            yield _chunk({"tool_calls": [call]}, None)
        yield _chunk({}, "tool_calls" if calls else "stop")


def _chunk(delta: dict[str, Any], reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**chunk, "choices": [choice]}
