"""Model servers on this machine are found quickly, and nothing else is taken for one."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import pytest
from support.upstream import Reply, Upstream, page, plain

from jupyter_assistants.models import local_servers
from jupyter_assistants.models.local_servers import PORTS, LocalServer, find_servers

LISTED = plain({"data": [{"id": "a"}, {"id": "b"}]})


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait long enough for servers that share two cores with other tests."""
    monkeypatch.setattr(local_servers, "SECONDS", 3.0)


def found(port: int) -> list[LocalServer]:
    return asyncio.run(find_servers({port: "ollama"}))


def test_a_server_that_lists_models_is_found() -> None:
    with Upstream(models=LISTED) as upstream:
        [server] = found(upstream.port)
    assert (server.dialect, list(server.models)) == ("ollama", ["a", "b"])
    assert server.base_url == f"http://127.0.0.1:{upstream.port}/v1"


def test_a_list_of_a_known_length_is_read_from_a_server_that_stays_connected() -> None:
    body = b'{"data": [{"id": "a"}]}'
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    async def run() -> list[LocalServer]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            await listed.wait()
            writer.close()

        listed = asyncio.Event()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            try:
                return await find_servers({server.sockets[0].getsockname()[1]: "vllm"})
            finally:
                listed.set()

    assert [each.models for each in asyncio.run(run())] == [["a"]]


@pytest.mark.parametrize(
    "models",
    [
        page("<html>JupyterHub</html>"),
        page("<html>No</html>", 404),
        plain({"data": []}),
        plain({"data": [{"name": "a"}]}),
        plain({"models": []}),
        plain([1, 2]),
        plain({"data": [{"id": "a"}]}, 401),
        Reply([b"x" * 3_000_000]),
        Reply([b"\xff\xfe\x00"]),
    ],
    ids=repr,
)
def test_another_program_is_not_taken_for_one(models: Any) -> None:
    with Upstream(models=models) as upstream:
        assert found(upstream.port) == []


def test_a_port_where_nobody_listens_has_none() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        assert found(probe.getsockname()[1]) == []


def test_a_program_that_does_not_answer_holds_nothing_up() -> None:
    # It never answers, so that this test ends only because nobody waits for it.
    silent = Reply([threading.Event()])
    with Upstream(models=silent) as slow, Upstream(models=LISTED) as good:
        servers = asyncio.run(find_servers({slow.port: "vllm", good.port: "ollama"}))
    assert [each.dialect for each in servers] == ["ollama"]


def test_the_usual_ports_are_asked() -> None:
    assert dict(PORTS) == {
        11434: "ollama",
        1234: "lmstudio",
        8080: "llamacpp",
        9931: "llamacpp",
        8000: "vllm",
        4000: "litellm",
    }
