"""Which server a kernel takes for its own."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from jupyter_assistants.client.discovery import ChosenClient, KernelIdentity, candidates, find
from jupyter_assistants.client.http import HttpClient
from jupyter_assistants.client.in_process import InProcessClient

KERNEL = "0f8fad5b-d9cb-469f-a165-70867728950e"
TOKEN = "canary-0123456789"


class Server(ThreadingHTTPServer):
    """Answers 200 on the paths that it knows, to whoever has the token."""

    known: set[str]
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append(path)
        right = self.headers.get("Authorization") == f"token {TOKEN}"
        self.send_response(200 if right and path in self.server.known else 404)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.known = {f"/base/api/kernels/{KERNEL}", "/base/assistants/v1/assistants"}
        server.asked = []
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def url_of(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}/base/"


def kernel_beside(server: Server, tmp_path: Path) -> tuple[KernelIdentity, dict[str, str]]:
    info = {"url": url_of(server), "token": TOKEN, "pid": 77, "sock": ""}
    (tmp_path / "jpserver-77.json").write_text(json.dumps(info))
    return KernelIdentity(tmp_path / f"kernel-{KERNEL}.json"), {"JPY_PARENT_PID": "77"}


def found(kernel: KernelIdentity, environ: dict[str, str], **options: str) -> ChosenClient:
    return asyncio.run(find(kernel, environ, **options))


def test_the_parent_server_is_taken_if_it_knows_this_kernel(server: Server, tmp_path: Path) -> None:
    started = time.perf_counter()
    result = found(*kernel_beside(server, tmp_path))
    assert time.perf_counter() - started < 5
    assert isinstance(result.client, HttpClient)
    assert KERNEL in result.why and "running server's file" in result.why


def test_a_server_that_does_not_know_the_kernel_is_not_taken(
    server: Server, tmp_path: Path
) -> None:
    kernel, environ = kernel_beside(server, tmp_path)
    server.known.remove(f"/base/api/kernels/{KERNEL}")
    result = found(kernel, environ)
    assert isinstance(result.client, InProcessClient)
    assert "it does not know this kernel" in result.why


def test_a_server_without_the_extension_is_not_taken(server: Server, tmp_path: Path) -> None:
    kernel, environ = kernel_beside(server, tmp_path)
    server.known.remove("/base/assistants/v1/assistants")
    assert "without the jupyter_assistants extension" in found(kernel, environ).why


def test_a_stale_server_file_leads_to_the_service_in_the_process(tmp_path: Path) -> None:
    with Server(("127.0.0.1", 0), Handler) as gone:
        kernel, environ = kernel_beside(gone, tmp_path)
    assert isinstance(found(kernel, environ).client, InProcessClient)


def test_hub_variables_come_before_the_servers_file(server: Server, tmp_path: Path) -> None:
    kernel, environ = kernel_beside(server, tmp_path)
    environ |= {
        "JUPYTERHUB_API_TOKEN": TOKEN,
        "JUPYTERHUB_SERVICE_URL": f"http://0.0.0.0:{server.server_port}/ignored/",
        "JUPYTERHUB_SERVICE_PREFIX": "/base/",
    }
    assert "JupyterHub" in found(kernel, environ).why


def test_configuration_comes_before_everything(server: Server, tmp_path: Path) -> None:
    kernel, environ = kernel_beside(server, tmp_path)
    environ |= {"JUPYTER_ASSISTANTS_URL": "http://env.example", "JUPYTER_ASSISTANTS_KEY": "k"}
    sources = [c.source for c in candidates(kernel, environ, url="http://chosen.example")]
    assert sources == ["the configuration", "$JUPYTER_ASSISTANTS_URL", "the running server's file"]
    assert "env.example" in found(kernel, environ).client.where
    assert server.asked == []


@pytest.mark.parametrize(
    "environ",
    [{}, {"JPY_PARENT_PID": "x"}, {"JPY_PARENT_PID": "77"}, {"JUPYTERHUB_API_TOKEN": "t"}],
)
def test_without_a_server_the_service_runs_in_the_process(
    environ: dict[str, str], tmp_path: Path
) -> None:
    result = found(KernelIdentity(tmp_path / f"kernel-{KERNEL}.json"), environ)
    assert isinstance(result.client, InProcessClient)
    assert result.why == "no Jupyter server started this process"


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"url": ""}', '{"url": "http+unix://x", "sock": "/x"}']
)
def test_a_broken_server_file_is_passed_over(content: str, tmp_path: Path) -> None:
    (tmp_path / "jpserver-77.json").write_text(content)
    kernel = KernelIdentity(tmp_path / f"kernel-{KERNEL}.json")
    assert candidates(kernel, {"JPY_PARENT_PID": "77"}) == []


def test_the_token_shows_up_nowhere(server: Server, tmp_path: Path) -> None:
    kernel, environ = kernel_beside(server, tmp_path)
    result = found(kernel, environ)
    assert TOKEN not in f"{result!r} {result.why} {result.client.where}"
    assert TOKEN not in repr(candidates(kernel, environ))
    assert TOKEN not in str(result.client.url_of_file("file-1"))
