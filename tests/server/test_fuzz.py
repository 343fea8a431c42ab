"""No body, however wrong, makes the server fail."""

from __future__ import annotations

import json
import random
import re
from typing import Any
from urllib.parse import quote

import pytest

from jupyter_assistants.api.routes import ROUTES

pytestmark = pytest.mark.slow

JUNK: list[Any] = [
    *(None, True, 0, -1, 1.5, 1e400, float("nan"), 2**70, "", "x" * 300_000, "\ud800", "\x00"),
    *([], [None], [[[]]], {}, {"": ""}, {"type": "function"}, {"type": []}, ["\ud800"]),
]
TOOL = {
    "type": "function",
    "function": {"name": "f", "description": "d", "parameters": {"type": "object"}},
}
MESSAGE = {
    "role": "user",
    "content": [{"type": "text", "text": "a"}],
    "attachments": [{"file_id": "file-x", "tools": [{"type": "code_interpreter"}]}],
    "metadata": {"a": "b"},
}
RUN = {
    "assistant_id": "asst_x",
    "model": "demo",
    "instructions": "a",
    "additional_messages": [MESSAGE],
    "tools": [TOOL],
    "metadata": {"a": "b"},
    "temperature": 1,
    "truncation_strategy": {"type": "last_messages", "last_messages": 1},
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
    "max_prompt_tokens": 256,
    "jupyter": {"approval": "ask"},
}
BODIES: dict[str, Any] = {
    "create_assistant": {
        "model": "demo",
        "name": "n",
        "tools": [TOOL],
        "tool_resources": {"code_interpreter": {"file_ids": []}},
        "metadata": {"a": "b"},
        "response_format": "auto",
    },
    "create_thread": {"messages": [MESSAGE], "metadata": {}, "tool_resources": {}},
    "create_message": MESSAGE,
    "create_run": RUN,
    "create_thread_and_run": {**RUN, "thread": {"messages": [MESSAGE]}},
    "submit_tool_outputs": {"tool_outputs": [{"tool_call_id": "call_x", "output": "o"}]},
}


def spoiled(value: Any, chance: random.Random) -> Any:
    """Return a JSON value with one part of it replaced, dropped or doubled."""
    if not isinstance(value, (dict, list)) or not value or chance.random() < 0.2:
        return chance.choice(JUNK)
    if isinstance(value, list):
        at = chance.randrange(len(value))
        return [*value[:at], spoiled(value[at], chance), *value[at + 1 :]]
    key = chance.choice(list(value))
    if chance.random() < 0.1:
        return {name: kept for name, kept in value.items() if name != key}
    return {**value, key: spoiled(value[key], chance)}


def path_with(path: str, names: dict[str, str]) -> str:
    """Fill a route's path; what has no name becomes an id that nothing has."""
    return re.sub(r"\{(\w+)\}", lambda match: names.get(match[1], "x"), path)


@pytest.mark.parametrize("seed", range(4))
async def test_spoiled_bodies_are_refused_and_never_break_the_server(
    ask: Any, made: Any, seed: int
) -> None:
    chance = random.Random(seed)
    assistant = await made("POST", "/assistants", {"model": "demo"})
    BODIES["modify_assistant"] = BODIES["create_assistant"]
    for _ in range(40):
        # A thread of its own each time: a run that was started would lock it.
        thread = await made("POST", "/threads", {"messages": [{"role": "user", "content": "a"}]})
        names = {"assistant_id": assistant["id"], "thread_id": thread["id"]}
        for route in ROUTES:
            if route.body is None:
                continue
            path = path_with(route.path, names)
            base = BODIES.get(route.id, {"metadata": {"a": "b"}, "name": "n"})
            body = spoiled(base, chance)
            answer = await ask(route.verb, path, raw=json.dumps(body).encode())
            assert answer.status < 500, (route.id, body)
            if answer.status != 200:
                assert answer.error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "value", [repr(junk) for junk in JUNK if not isinstance(junk, (list, dict))]
)
async def test_spoiled_queries_are_refused_and_never_break_the_server(ask: Any, value: str) -> None:
    for route in ROUTES:
        for name in ("limit", "order", "after", "before", "run_id", "purpose", "include[]"):
            if route.query is not None and "{" not in route.path:
                answer = await ask("GET", f"{route.path}?{name}={quote(value)[:5000]}")
                assert answer.status < 500, (route.id, name)
