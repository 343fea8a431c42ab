"""A model endpoint that answers by phrases in the last user message.

One serves every test of ``tests/clients`` in any order, because it has no state: each reply depends on
the request alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from support.upstream import Reply, Upstream, chunk, events, paced, plain, refused, streamed

MODEL = "talkative-1"

CODE = """\
import base64
from pathlib import Path
from IPython.display import Image, display
print("counted to", sum(range(5)))
display(Image(data=base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")))
Path("result.csv").write_text("a,b\\n1,2\\n")
print("written")
"""
"""Prints, displays an image, prints again and writes a file."""

Rule = Callable[[str, list[str], dict[str, Any]], Reply]


def talkative() -> Upstream:
    """Return the endpoint."""
    listed = plain({"object": "list", "data": [{"id": MODEL, "object": "model"}]})
    return Upstream(models=listed, choose=choose)


def choose(body: dict[str, Any]) -> Reply:
    """Return the reply to a chat request."""
    said = body["messages"]
    asked = max((n for n, message in enumerate(said) if message["role"] == "user"), default=-1)
    question = _text(said[asked]) if asked >= 0 else ""
    outputs = [_text(message) for message in said[asked + 1 :] if message["role"] == "tool"]
    for words, rule in RULES:
        if words in question:
            return rule(question, outputs, body)
    return streamed({"content": "I only know some phrases."})


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def _hello(question: str, outputs: list[str], body: dict[str, Any]) -> Reply:
    return streamed({"content": "Hello"}, {"content": " there"}, {"content": ". 👋"})


def _weather(*places: str) -> Rule:
    """Return the rule that asks for the weather in these places at once, then reports it."""

    def rule(question: str, outputs: list[str], body: dict[str, Any]) -> Reply:
        if outputs:
            return streamed({"content": "It is "}, {"content": " and ".join(outputs) + "."})
        # Semantic Kernel puts the plugin's name before it.
        name = next((name for name in _names(body) if "weather" in name), "get_weather")
        return _calls(*[(name, {"place": place}) for place in places])

    return rule


def _code(question: str, outputs: list[str], body: dict[str, Any]) -> Reply:
    if outputs:
        link = "[result.csv](sandbox:/mnt/data/result.csv)"
        return streamed({"content": "Here is "}, {"content": link}, {"content": " ✓"})
    return _calls(("run_python", {"code": CODE}))


def _nap(question: str, outputs: list[str], body: dict[str, Any]) -> Reply:
    if outputs:
        return streamed({"content": "Awake again."})
    return _calls(("run_python", {"code": "import time\nprint('asleep')\ntime.sleep(60)"}))


def _search(question: str, outputs: list[str], body: dict[str, Any]) -> Reply:
    if not outputs:
        name = next(n for n in _names(body) if "search" in n)
        return _calls((name, {"query": question.partition("search for ")[2]}))
    mark = re.search(r"【[^】]+】", outputs[-1])
    return streamed({"content": "The handbook says so"}, {"content": mark[0] if mark else ""})


def _names(body: dict[str, Any]) -> list[str]:
    return [tool["function"]["name"] for tool in body.get("tools", [])]


def _calls(*calls: tuple[str, dict[str, Any]]) -> Reply:
    """Call functions, the arguments in two pieces each."""
    deltas: list[dict[str, Any]] = []
    for index, (name, arguments) in enumerate(calls):
        text = json.dumps(arguments)
        call = {"index": index, "id": f"call_{index}", "type": "function"}
        deltas += [
            {"tool_calls": [{**call, "function": {"name": name, "arguments": text[:5]}}]},
            {"tool_calls": [{"index": index, "function": {"arguments": text[5:]}}]},
        ]
    return streamed(*deltas, finish="tool_calls")


def _fixed(reply: Reply) -> Rule:
    return lambda question, outputs, body: reply


RULES: list[tuple[str, Rule]] = [
    ("say hello", _hello),
    ("call weather twice", _weather("Paris", "Rome")),
    ("call weather", _weather("Paris")),
    ("run code", _code),
    ("take a nap", _nap),
    ("search for", _search),
    ("speak slowly", _fixed(paced(2000, gap=0.02))),
    ("be cut off", _fixed(streamed({"content": "This is going to be"}, finish="length"))),
    ("give JSON", _fixed(streamed({"content": '{"answer":'}, {"content": " 42}"}))),
    ("say nothing", _fixed(events(chunk({}, "stop")))),
    ("fail for quota", _fixed(refused(429, "You are out of credit.", "insufficient_quota"))),
    ("fail for length", _fixed(refused(400, "Too long.", "context_length_exceeded"))),
    ("fail in a stream", _fixed(events(chunk({"content": "I was"}), {"error": {"message": "Oh"}}))),
]
"""The first phrase that the question contains decides."""
