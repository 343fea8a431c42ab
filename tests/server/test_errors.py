"""Every kind of error has the protocol's status and shape (docs/internals/protocol.md, "Errors")."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from support.live_server import LiveServer

from jupyter_assistants.server import bodies


@pytest.fixture
def ask(ask_shared: Any) -> Any:
    """Ask the shared server: a refused request changes nothing."""
    return ask_shared


@pytest.mark.parametrize(
    ("verb", "path", "message"),
    [
        ("GET", "/nothing", "Invalid URL (GET /v1/nothing)"),
        ("POST", "/threads/a/b/c", "Invalid URL (POST /v1/threads/a/b/c)"),
        ("GET", "", "Invalid URL (GET /v1)"),
        ("GET", "/threads/a%2Fb/c", "Invalid URL (GET /v1/threads/a%2Fb/c)"),
    ],
)
async def test_an_unknown_path_is_404(ask: Any, verb: str, path: str, message: str) -> None:
    answer = await ask(verb, path, raw=b"")
    assert (answer.status, answer.error["message"]) == (404, message)


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE"])
async def test_a_known_path_with_another_verb_is_405(ask: Any, verb: str) -> None:
    answer = await ask(verb, "/assistants", raw=b"")
    assert (answer.status, answer.error["message"]) == (
        405,
        f"Not allowed to {verb} on /v1/assistants.",
    )


async def test_head_is_405_without_a_body(ask: Any) -> None:
    answer = await ask("HEAD", "/assistants")
    assert (answer.status, answer.body) == (405, b"")


@pytest.mark.parametrize("raw", [b" ", b"{", b"[]", b'"x"', b"nul", b"\xff\xfe"])
async def test_a_body_that_is_no_json_object_is_400(ask: Any, raw: bytes) -> None:
    answer = await ask("POST", "/threads", raw=raw)
    assert answer.status == 400
    assert answer.error["message"] == "We could not parse the JSON body of your request."


def deep(levels: int) -> Any:
    """Return an object with so many levels."""
    value: Any = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value if isinstance(value, dict) else {"b": value[0]}


DEEP: dict[str, tuple[str, Any]] = {
    "a text without an end": ("/threads", b"[" * 100_000),
    "metadata": ("/threads", {"metadata": {"a": deep(900)}}),
    "an unknown field": ("/threads", {"unknown": deep(101)}),
    "parameters of a function": (
        "/assistants",
        {
            "model": "m",
            "tools": [{"type": "function", "function": {"name": "f", "parameters": deep(900)}}],
        },
    ),
    "the schema of an answer": (
        "/assistants",
        {
            "model": "m",
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "s", "schema": deep(200)},
            },
        },
    ),
    "an assistant that a thread brings along": (
        "/threads/runs",
        {"assistant_id": "asst_1", "tools": [{"type": "function", "function": deep(5_000)}]}
        | {"thread": {"messages": [{"role": "user", "content": deep(300)}]}},
    ),
}


@pytest.mark.parametrize("name", DEEP)
async def test_json_that_is_nested_too_deep_is_400_and_names_the_limit(ask: Any, name: str) -> None:
    path, body = DEEP[name]
    raw = body if isinstance(body, bytes) else nested_json(body)
    answer = await ask("POST", path, raw=raw)
    assert answer.status == 400
    assert answer.error["message"] == (
        "We could not parse the JSON body of your request: it is nested more than 100 levels deep."
    )
    assert answer.error["code"] == "json_too_deep"


async def test_the_parameters_of_a_function_may_be_nested_as_deep_as_any_schema(ask: Any) -> None:
    function = {"name": "f", "parameters": deep(90)}
    body = {"model": "m", "tools": [{"type": "function", "function": function}]}
    answer = await ask("POST", "/assistants", raw=nested_json(body))
    assert answer.status == 200
    assert answer.json["tools"][0]["function"]["parameters"] == function["parameters"]


def nested_json(value: Any) -> bytes:
    """Return JSON of any depth; Python's own writer ends at a thousand levels."""
    written: list[str] = []
    left: list[Any] = [value]
    while left:
        item = left.pop()
        if isinstance(item, _Raw):
            written.append(item)
        elif isinstance(item, dict):
            left.append(_Raw("}"))
            for at, (key, each) in enumerate(reversed(item.items())):
                left += [each, _Raw(f"{json.dumps(key)}:")]
                left += [_Raw(",")] if at < len(item) - 1 else []
            left.append(_Raw("{"))
        elif isinstance(item, list):
            left.append(_Raw("]"))
            for at, each in enumerate(reversed(item)):
                left += [each, *([_Raw(",")] if at < len(item) - 1 else [])]
            left.append(_Raw("["))
        else:
            written.append(json.dumps(item))
    return "".join(written).encode()


class _Raw(str):
    """A piece of JSON."""


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}])
async def test_no_body_at_all_is_an_empty_object(ask: Any, headers: dict[str, str]) -> None:
    assert (await ask("POST", "/threads", raw=b"", headers=headers)).status == 200


async def test_text_may_be_escaped_or_not(ask: Any) -> None:
    for raw in (
        b'{"metadata": {"a": "\\u00fc\\ud83d\\ude00"}}',
        '{"metadata": {"a": "ü😀"}}'.encode(),
    ):
        answer = await ask("POST", "/threads", raw=raw)
        assert answer.json["metadata"] == {"a": "ü😀"}


async def test_a_body_above_the_limit_is_413(assistants_server: LiveServer) -> None:
    # The server answers without reading the body, and a client that still sends may miss the answer:
    # this one says how long its body is, and reads.
    reader, writer = await asyncio.open_connection("127.0.0.1", assistants_server.port)
    head = (
        "POST /assistants/v1/threads HTTP/1.1",
        f"Host: 127.0.0.1:{assistants_server.port}",
        f"Authorization: Bearer {assistants_server.token}",
        f"Content-Length: {bodies.MAX_JSON_BYTES + 1}",
    )
    writer.write("\r\n".join([*head, "", ""]).encode())
    answer = (await reader.read()).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 413 ")
    assert f"more than {bodies.MAX_JSON_BYTES} bytes" in answer


@pytest.mark.parametrize("mentions", [[{"name": "df"}], [["df"]], [None], "df", 7])
async def test_mentions_that_are_no_names_are_400(ask: Any, mentions: Any) -> None:
    body = {"assistant_id": "asst_x", "jupyter": {"context": {"mentions": mentions}}}
    answer = await ask("POST", "/threads/runs", body)
    assert answer.status == 400
    assert answer.error["param"].startswith("jupyter.context.mentions")


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "model", "missing_required_parameter"),
        ({"model": 7}, "model", "invalid_type"),
        ({"model": "demo", "name": "x" * 257}, "name", "string_above_max_length"),
        ({"model": "demo", "temperature": 2.5}, "temperature", "decimal_above_max_value"),
        ({"model": "demo", "tools": {}}, "tools", "invalid_type"),
        ({"model": "demo", "tools": [{"type": "x"}]}, "tools[0].type", "invalid_value"),
        (
            {"model": "demo", "metadata": {str(n): "" for n in range(17)}},
            "metadata",
            "object_above_max_properties",
        ),
    ],
)
async def test_a_wrong_field_is_named(
    ask: Any, body: dict[str, Any], param: str, code: str
) -> None:
    answer = await ask("POST", "/assistants", body)
    assert answer.status == 400
    assert (answer.error["param"], answer.error["code"]) == (param, code)


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("limit=0", "limit", "integer_below_min_value"),
        ("limit=101", "limit", "integer_above_max_value"),
        ("order=up", "order", "invalid_value"),
    ],
)
async def test_a_wrong_query_is_named(ask: Any, query: str, param: str, code: str) -> None:
    answer = await ask("GET", f"/assistants?{query}")
    assert (answer.status, answer.error["param"], answer.error["code"]) == (400, param, code)


@pytest.mark.parametrize(
    "query", ["include[]=a&include[]=b", "include%5B%5D=a", "new=1", "a[]=%ff"]
)
async def test_unknown_query_parameters_and_arrays_are_accepted(ask: Any, query: str) -> None:
    assert (await ask("GET", f"/assistants?{query}")).status == 200


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/assistants/asst_X", "No assistant found with id 'asst_X'."),
        ("/threads/thread_X", "No thread found with id 'thread_X'."),
        ("/threads/thread_X/runs/run_X", "No thread found with id 'thread_X'."),
        ("/files/file-X", "No such File object: file-X"),
        ("/files/file-X/content", "No such File object: file-X"),
        ("/models/x", "No model found with id 'x'."),
        ("/threads/%ff%00", "No thread found with id '\ufffd\x00'."),
    ],
)
async def test_an_unknown_id_is_404(ask: Any, path: str, message: str) -> None:
    answer = await ask("GET", path)
    assert (answer.status, answer.error["message"]) == (404, message)


async def test_ids_of_the_path_are_checked_before_the_body(ask: Any) -> None:
    for raw in (b"{", b'{"role": 1}'):
        answer = await ask("POST", "/threads/thread_X/messages", raw=raw)
        assert answer.status == 404


async def test_every_answer_has_an_id_of_its_own(ask: Any) -> None:
    answers = [await ask("GET", path) for path in ("/models", "/nothing", "/models")]
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 3
    assert all(re.fullmatch(r"req_[0-9a-f]{32}", request_id) for request_id in ids)


async def test_clients_are_told_to_poll_runs_often(ask: Any, made: Any) -> None:
    assistant = await made("POST", "/assistants", {"model": "demo"})
    body = {"assistant_id": assistant["id"], "thread": {"messages": []}}
    run = await made("POST", "/threads/runs", body)
    answer = await ask("GET", f"/threads/{run['thread_id']}/runs/{run['id']}")
    assert answer.headers["openai-poll-after-ms"] == "100"


async def test_a_trailing_slash_is_forgiven(ask: Any) -> None:
    assert (await ask("GET", "/assistants/")).status == 200


class Broken(Authorizer):
    """Fails in a way that nobody expected."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        raise ZeroDivisionError("secret detail")


class TestAnUnexpectedError:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["ServerApp"]["authorizer_class"] = Broken
        return jp_server_config

    async def test_tells_the_client_nothing_and_the_log_everything_but_secrets(
        self, ask_own: Any, caplog: Any, token: str
    ) -> None:
        answer = await ask_own("POST", f"/threads?token={token}", {})
        assert answer.status == 500
        assert answer.error["type"] == "server_error"
        assert b"secret detail" not in answer.body
        assert b"ZeroDivision" not in answer.body
        request_id = answer.headers["x-request-id"]
        assert request_id in answer.error["message"]
        logged = [r for r in caplog.records if request_id in r.getMessage() and r.exc_info]
        assert len(logged) == 1
        ours = "".join(r.getMessage() for r in caplog.records if "req_" in r.getMessage())
        assert token not in ours


# -- activity ------------------------------------------------------------------------------------


async def test_polling_does_not_keep_the_server_from_being_culled(
    ask_own: Any, jp_serverapp: Any
) -> None:
    settings = jp_serverapp.web_app.settings
    settings.pop("api_last_activity", None)
    await ask_own("GET", "/threads")
    assert "api_last_activity" not in settings
    await ask_own("POST", "/threads", {})
    assert "api_last_activity" in settings


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("temperature", "1", "a decimal, but got a string"),
        ("stream", "true", "a boolean, but got a string"),
        ("parallel_tool_calls", 1, "a boolean, but got an integer"),
        ("max_prompt_tokens", "300", "an integer, but got a string"),
        ("max_prompt_tokens", 300.5, "an integer, but got a decimal"),
    ],
)
async def test_a_value_of_another_type_is_refused_and_never_converted(
    ask: Any, field: str, value: Any, expected: str
) -> None:
    answer = await ask("POST", "/threads/runs", {"assistant_id": "asst_x", field: value})
    assert (answer.status, answer.error["code"]) == (400, "invalid_type")
    assert answer.error["message"] == f"Invalid type for '{field}': expected {expected} instead."


async def test_an_integer_may_be_written_with_a_point(made: Any) -> None:
    assistant = await made("POST", "/assistants", {"model": "demo"})
    body = {"assistant_id": assistant["id"], "max_prompt_tokens": 300.0}
    assert (await made("POST", "/threads/runs", body))["max_prompt_tokens"] == 300


MANY = 200_000
MANY_ENTRIES: dict[str, tuple[str, Any, str]] = {
    "pairs of metadata": ("/threads", {"metadata": {str(i): i for i in range(MANY)}}, "metadata"),
    "messages": ("/threads", {"messages": [1] * MANY}, "messages"),
    "tools": ("/assistants", {"model": "m", "tools": [{"type": "x"}] * MANY}, "tools"),
    "files": (
        "/threads",
        {"tool_resources": {"code_interpreter": {"file_ids": [1] * MANY}}},
        "tool_resources.code_interpreter.file_ids",
    ),
    "attachments": (
        "/threads",
        {"messages": [{"role": "user", "content": "a", "attachments": [{}] * MANY}]},
        "messages[0].attachments",
    ),
    "parts of a message": (
        "/threads",
        {"messages": [{"role": "user", "content": [{}] * MANY}]},
        "messages[0].content",
    ),
    "parts of an import": ("/threads/import", {"object": "thread.export", "version": 1, "entries": [1] * MANY}, "entries"),
}  # fmt: skip


@pytest.mark.parametrize("name", MANY_ENTRIES)
async def test_too_many_entries_are_counted_before_any_is_looked_at(ask: Any, name: str) -> None:
    path, body, param = MANY_ENTRIES[name]
    answer = await ask("POST", path, raw=json.dumps(body).encode())
    assert (answer.status, answer.error["param"]) == (400, param)
    assert f"{MANY}" in answer.error["message"]


async def test_of_many_wrong_entries_the_first_is_told(ask: Any) -> None:
    files = {"vector_stores": [{"file_ids": [1] * MANY}]}
    answer = await ask(
        "POST", "/threads", raw=json.dumps({"tool_resources": {"file_search": files}}).encode()
    )
    assert answer.status == 400
    assert answer.error["param"] == "tool_resources.file_search.vector_stores[0].file_ids[0]"
