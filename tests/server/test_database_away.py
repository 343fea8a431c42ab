"""A server whose database or folder cannot be used: Jupyter runs, and the API says what is wrong."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from support.live_server import LiveServer
from support.postgresql_server import installed, postgresql_server
from support.waiting import until

pytestmark = pytest.mark.slow


def ask(server: LiveServer, path: str, body: Any = None) -> tuple[int, dict[str, str], str]:
    """Return status, headers and text of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.root}{path}", data)
    request.add_header("Authorization", f"Bearer {server.token}")
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def check_refused(server: LiveServer, cause: str) -> None:
    for path, body in (("/assistants", {"model": "demo"}), ("/threads", {}), ("/models", None)):
        status, headers, text = ask(server, f"/assistants/v1{path}", body)
        assert (status, headers["Retry-After"]) == (503, "5")
        error = json.loads(text)["error"]
        assert error["type"] == "server_error" and set(error) == {
            "message",
            "type",
            "param",
            "code",
        }
        assert cause in error["message"]
        assert "hunter2" not in text


def test_a_folder_that_cannot_be_used_is_named_and_used_once_it_can(tmp_path: Path) -> None:
    server = LiveServer(tmp_path)
    server.data_dir.write_text("A file is where the folder should be.")
    server.start("/api")
    try:
        check_refused(server, f"Cannot write in {server.data_dir}")
        _, _, metrics = ask(server, "/metrics")
        assert 'jupyter_assistants_background_failing{loop="start of the service"} 1.0' in metrics
        server.data_dir.unlink()
        until(lambda: ask(server, "/assistants/v1/models")[0] == 200)
        with server.client() as client:
            assert client.beta.threads.create().id
        _, _, metrics = ask(server, "/metrics")
        assert 'jupyter_assistants_background_failing{loop="start of the service"} 0.0' in metrics
    finally:
        server.stop()


@pytest.mark.skipif(not installed(), reason="PostgreSQL is not installed")
def test_a_server_comes_up_with_its_database_and_outlasts_its_restart(tmp_path: Path) -> None:
    with postgresql_server() as database:
        database.stop()
        url = database.url.replace("tester@", "tester:hunter2@")
        server = LiveServer(tmp_path, {"database_url": url})
        server.start("/api")
        try:
            check_refused(server, "cannot be used: it cannot be reached")
            database.start()
            until(lambda: ask(server, "/assistants/v1/models")[0] == 200)
            with server.client(max_retries=0) as client:
                thread = client.beta.threads.create()
                database.stop()
                status, headers, text = ask(server, f"/assistants/v1/threads/{thread.id}")
                assert (status, headers["Retry-After"]) == (503, "5")
                assert "psycopg." not in text and "server closed" not in text
                database.start()
                until(lambda: ask(server, f"/assistants/v1/threads/{thread.id}")[0] == 200)
        finally:
            server.stop()
