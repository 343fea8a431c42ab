"""One contract over both clients: a real server over HTTP, and the service in this process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from support.live_server import LiveServer
from support.waiting import eventually

from jupyter_assistants.client.base import Client
from jupyter_assistants.client.event_loops import run_in_thread
from jupyter_assistants.client.http import HttpClient
from jupyter_assistants.client.in_process import InProcessClient
from jupyter_assistants.client.sse import decode
from jupyter_assistants.protocol.errors import (
    AssistantsError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Unauthenticated,
)

T = TypeVar("T")
CODE = {"type": "code_interpreter"}


@pytest.fixture(scope="module", params=["local", "http"])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    if request.param == "http":
        server: LiveServer = request.getfixturevalue("assistants_server")
        yield HttpClient(server.root, server.token)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_ASSISTANTS_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("JUPYTER_ASSISTANTS_MODEL", "demo")
        local = InProcessClient("somebody")
        yield local
        local.close()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


async def events_of(client: Client, prompt: str = "hello", **run: Any) -> list[tuple[str, Any]]:
    assistant = await client.request("POST", "/assistants", body={"model": "demo", "tools": [CODE]})
    thread = await client.request("POST", "/threads", body={})
    body = {
        "assistant_id": assistant["id"],
        "stream": True,
        "additional_messages": [{"role": "user", "content": prompt}],
        "jupyter": {"place": "caller"},
        **run,
    }
    path = f"/threads/{thread['id']}/runs"
    return [event async for event in client.stream("POST", path, body)]


def test_objects_are_made_read_and_listed(client: Client) -> None:
    made = run(client.request("POST", "/assistants", body={"model": "demo", "name": "é \u2028"}))
    assert run(client.request("GET", f"/assistants/{made['id']}")) == made
    page = run(client.request("GET", "/assistants", query={"limit": 1, "after": None}))
    assert page["data"] == [made]
    assert run(client.request("GET", "/models"))["data"][0]["id"] == "demo"


def test_a_run_is_streamed_to_its_end(client: Client) -> None:
    events = run(events_of(client))
    assert events[0][0] == "thread.run.created"
    assert events[-2][0] == "thread.run.completed"
    assert events[-1] == ("done", "[DONE]")


@pytest.mark.parametrize(
    ("method", "path", "body", "error", "text"),
    [
        ("GET", "/threads/none", None, NotFound, "No thread found with id 'none'."),
        ("POST", "/assistants", {}, InvalidRequest, "model"),
        ("GET", "/nowhere", None, NotFound, "/v1/nowhere"),
        ("DELETE", "/threads", None, MethodNotAllowed, "DELETE"),
    ],
)
def test_errors_come_as_our_own_with_the_servers_text(
    client: Client,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    error: type[AssistantsError],
    text: str,
) -> None:
    with pytest.raises(error) as caught:
        run(client.request(method, path, body=body))
    assert text in caught.value.message


def test_an_error_before_the_stream_is_raised_by_the_stream(client: Client) -> None:
    with pytest.raises(NotFound, match="assistant"):
        run(events_of(client, assistant_id="asst_none"))


def test_files_come_back_as_they_were_sent(client: Client, tmp_path: Path) -> None:
    path = tmp_path / 'we"ird näme.bin'
    path.write_bytes(bytes(range(256)) * 5000 + b"\r\n--x\r\n")
    file = run(client.upload(path, purpose="assistants_output"))
    assert (file["filename"], file["bytes"]) == (path.name, path.stat().st_size)
    assert run(client.download(file["id"])) == path.read_bytes()
    other = run(client.upload(path, purpose="assistants", filename="plain.bin"))
    assert other["filename"] == "plain.bin"
    assert other["jupyter"]["sha256"] == file["jupyter"]["sha256"]


def test_a_missing_file_is_an_error_of_ours(client: Client) -> None:
    with pytest.raises(NotFound, match="file-none"):
        run(client.download("file-none"))


def test_leaving_a_stream_early_leaves_the_run_going(client: Client) -> None:
    async def leave() -> None:
        assistant = await client.request("POST", "/assistants", body={"model": "demo"})
        thread = await client.request("POST", "/threads", body={})
        body = {"assistant_id": assistant["id"], "stream": True}
        body["additional_messages"] = [{"role": "user", "content": "hello"}]
        stream = client.stream("POST", f"/threads/{thread['id']}/runs", body)
        _, first = await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        path = f"/threads/{thread['id']}/runs/{first['id']}"

        async def completed() -> bool:
            return bool((await client.request("GET", path))["status"] == "completed")

        await eventually(completed)

    run(leave())


def test_a_cancelled_call_ends_at_once(client: Client) -> None:
    async def cancel() -> None:
        events = await events_of(client, "mean of x by y", tools=[CODE])
        assert events[-1][0] == "done"
        begun = asyncio.Event()

        async def read() -> None:
            assistant = await client.request("POST", "/assistants", body={"model": "demo"})
            message = {"role": "user", "content": "hello"}
            body = {"assistant_id": assistant["id"], "thread": {"messages": [message]}}
            async for _ in client.stream("POST", "/threads/runs", {**body, "stream": True}):
                begun.set()

        task = asyncio.create_task(read())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await events_of(client)  # meanwhile the run that nobody reads any more ends too

    run(cancel())


def test_a_client_serves_a_loop_and_the_threads_beside_it(client: Client) -> None:
    async def both() -> list[Any]:
        # As a line magic asks while the kernel's loop is running.
        inside = run_in_thread(client.request("GET", "/models"))
        return [inside, *await asyncio.gather(*(client.request("GET", "/models") for _ in "abc"))]

    answers = run(both())
    assert answers.count(answers[0]) == 4


def test_a_wrong_token_is_refused_and_not_repeated(assistants_server: LiveServer) -> None:
    client = HttpClient(assistants_server.root, "wrong-canary")
    with pytest.raises(Unauthenticated) as caught:
        run(client.request("GET", "/models"))
    assert "canary" not in f"{caught.value!r} {client!r} {vars(caught.value)}"


def test_a_server_that_is_gone_is_named_without_secrets() -> None:
    client = HttpClient("http://user:canary@127.0.0.1:9/base?token=canary", "canary")
    for call in (client.request("GET", "/models"), client.download("file-1")):
        with pytest.raises(AssistantsError) as caught:
            run(call)
        assert "127.0.0.1 does not answer" in caught.value.message
        assert "canary" not in caught.value.message
    assert "canary" not in client.where


@pytest.mark.parametrize("url", ["", "ftp://x", "file:///etc/passwd", "//x", "http://"])
def test_only_http_addresses_are_taken(url: str) -> None:
    with pytest.raises(InvalidRequest):
        HttpClient(url)


def test_no_proxy_is_used(assistants_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    client = HttpClient(assistants_server.root, assistants_server.token)
    assert run(client.request("GET", "/models"))["data"]


def test_links_to_files_hold_no_token(assistants_server: LiveServer) -> None:
    client = HttpClient(f"{assistants_server.root}/", assistants_server.token)
    assert client.url_of_file("file-1") == f"{assistants_server.url}/files/file-1/content"


def test_events_are_decoded_line_by_line() -> None:
    lines = [b": hi\r\n", b"event: a\r\n", b'data: {"x":\r\n', b"data: 1}\r\n", b"\r\n"]
    lines += [b"\n", b"data: [DONE]\n", b"\n", b"event: cut\n", b"data: off\n"]
    assert list(decode(lines)) == [("a", {"x": 1}), ("message", "[DONE]")]


def test_the_base_url_of_an_sdk_program_is_taken_as_well() -> None:
    plain, copied = HttpClient("http://h:1/hub"), HttpClient("http://h:1/hub/assistants/v1/")
    assert plain.url_of_file("file-1") == copied.url_of_file("file-1")


@pytest.mark.slow
def test_a_service_in_this_process_leaves_nothing_open(tmp_path: Path) -> None:
    program = (
        "import asyncio, gc\n"
        "from jupyter_assistants.client.in_process import InProcessClient\n"
        "client = InProcessClient()\n"
        "asyncio.run(client.request('GET', '/assistants'))\n"
        "client.close()\n"
        "del client\n"
        "gc.collect()\n"
    )
    environment = {**os.environ, "JUPYTER_ASSISTANTS_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "always::ResourceWarning", "-c", program]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert (ran.returncode, ran.stderr) == (0, "")
