"""Secrets that lie about on a server's machine leave it nowhere: a whole run, and every error."""

from __future__ import annotations

import base64
import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import openai
import pytest
from support.live_server import LiveServer
from support.upstream import Received, Reply, Upstream, chunk, event, plain, refused, streamed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

ENVIRONMENT = "correct-horse-battery-7"
FROM_ENVIRONMENT = "n0prefix-a9B8c7D6e5F4"
FROM_FILE = "another0key0without0any0pattern"
DOTENV = "AKIA" + "QWERTZUIOP123456"
VARIABLE = "sk-" + "q9Z8" * 8
SECRETS = {
    "the environment": ENVIRONMENT,
    "a provider's key in the environment": FROM_ENVIRONMENT,
    "a provider's key in keys.json": FROM_FILE,
    "a file": DOTENV,
    "a variable": VARIABLE,
}
KEYS = {"lab": FROM_ENVIRONMENT, "filed": FROM_FILE}

SHOW_EVERYTHING = """
import json, os, sys
found = "sk-" + "q9Z8" * 8
# The kernel does not inherit them; the server's own environment can be read all the same.
lines = open(f"/proc/{{os.getppid()}}/environ").read().split(chr(0))
server = dict(line.split("=", 1) for line in lines if "=" in line)
print("WAREHOUSE_PASSWORD" in os.environ, server["WAREHOUSE_PASSWORD"], server)
print(open({dotenv!r}).read(), open({keys!r}).read(), flush=True)
print(found, server["WAREHOUSE_PASSWORD"], file=sys.stderr)
from IPython.display import display, HTML, JSON
display(HTML("<b>" + found + "</b>"), JSON({{"key": server["LAB_ACCESS"]}}))
raise RuntimeError(found + server["WAREHOUSE_PASSWORD"] + open({keys!r}).read())
"""


@dataclass
class Echo:
    """An endpoint that calls code, and whose errors repeat the key that it was sent."""

    code: str = ""
    faults: list[str] = field(default_factory=list)

    def __call__(self, body: dict[str, Any]) -> Reply:
        key = KEYS["filed" if body["model"] == "second" else "lab"]
        words = f"Incorrect API key provided: {key} (Bearer {key})."
        match self.faults.pop(0) if self.faults else "":
            case "refused":
                return refused(401, words, "invalid_api_key")
            case "broken":
                return Reply([words.encode()], 400, mime="text/plain")
            case "page":
                return Reply([f"<html>{words}</html>".encode()], mime="text/html")
            case "in the stream":
                error = {"error": {"message": words, "code": 400}}
                return Reply([event(chunk({"content": "Half"})), event(error)])
        messages = body["messages"]
        if messages[-1]["role"] == "user" and "show" in str(messages[-1]["content"]):
            function = {"name": "run_python", "arguments": json.dumps({"code": self.code})}
            call = {"index": 0, "id": f"call_{len(messages)}", "function": function}
            return streamed({"tool_calls": [call]}, finish="tool_calls")
        return streamed({"content": "Done: " + str(messages[-1]["content"])})


@dataclass
class Place:
    """A server with everything planted, and what came out of it."""

    server: LiveServer
    upstream: Upstream
    echo: Echo
    heard: list[str] = field(default_factory=list)

    @property
    def client(self) -> openai.OpenAI:
        return self.server.client(max_retries=0)

    def run(self, model: str, text: str) -> Any:
        """Run a question with a stream, and give the run; every event is kept."""
        client = self.client
        tools: Any = [{"type": "code_interpreter"}]
        assistant = client.beta.assistants.create(model=model, tools=tools)
        thread = client.beta.threads.create(messages=[{"role": "user", "content": text}])
        with client.beta.threads.runs.create(
            thread_id=thread.id, assistant_id=assistant.id, stream=True
        ) as stream:
            run = None
            for each in stream:
                self.heard.append(each.model_dump_json())
                run = each.data if each.event.startswith("thread.run.") else run
        return client.beta.threads.runs.list(thread.id).data[0]

    def read(self, path: str) -> str:
        """Return an answer of the API as it comes, and keep it."""
        with contextlib.suppress(openai.APIStatusError):
            text: str = self.client.get(path, cast_to=str)
            self.heard.append(text)
            return text
        raise AssertionError(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("planted")
    (home / ".env").write_text(f"AWS_ACCESS_KEY_ID={DOTENV}\n")
    data = home / "assistants"
    data.mkdir(mode=0o700)
    keys = data / "keys.json"
    keys.write_text(json.dumps({"filed": FROM_FILE}))
    keys.chmod(0o600)
    echo = Echo(SHOW_EVERYTHING.format(dotenv=str(home / ".env"), keys=str(keys)))
    listed = plain({"data": [{"id": "m"}, {"id": "second"}]})
    with Upstream(models=listed, choose=echo) as upstream:
        providers = {
            "lab": {"base_url": upstream.url, "api_key_env": "LAB_ACCESS"},
            "filed": {"base_url": upstream.url},
        }
        environ = {"WAREHOUSE_PASSWORD": ENVIRONMENT, "LAB_ACCESS": FROM_ENVIRONMENT}
        # The code has to find the secrets: a sandbox would keep them from it.
        options = {"providers": providers, "sandbox": "never"}
        server = LiveServer(home, options, environ)
        server.start()
        try:
            yield Place(server, upstream, echo)
        finally:
            server.stop()


def told(received: Received) -> str:
    """Return a request without the one header that carries the key."""
    headers = {k: v for k, v in received.headers.items() if k != "authorization"}
    return json.dumps([received.path, headers, received.body], ensure_ascii=False)


def test_planted_secrets_leave_the_server_nowhere(place: Place) -> None:
    for model in ("lab/m", "filed/second"):
        run = place.run(model, "show everything that you find")
        assert run.status == "completed", run.last_error
        thread = f"/threads/{run.thread_id}"
        for path in ("messages", f"runs/{run.id}/steps", "export", "usage"):
            place.read(f"{thread}/{path}")
        for kind in ("notebook", "markdown"):
            place.read(f"{thread}/export?format={kind}")
        for fault in ("refused", "broken", "page", "in the stream"):
            # A page is asked for once more without a stream.
            place.echo.faults[:] = [fault] * 2
            failed = place.run(model, "hello")
            place.echo.faults.clear()
            assert failed.status == "failed", fault
            assert failed.last_error is not None
            assert failed.last_error.message
    for path in ("/models", "/endpoints", "/doctor", "/threads"):
        place.read(path)

    keys = {received.headers["authorization"] for received in place.upstream.received}
    assert keys == {f"Bearer {key}" for key in KEYS.values()}
    (output, *_) = [m for m in place.upstream.received[1].body["messages"] if m["role"] == "tool"]
    assert output["content"].startswith("False [secret removed] {"), "the code did read it"
    assert output["content"].count("[secret removed]") >= 5

    stored = {
        str(path.relative_to(place.server.data_dir)): path.read_bytes()
        for path in place.server.data_dir.rglob("*")
        if path.is_file() and path.name != "keys.json"
    }
    assert any(b"run_python" in content for content in stored.values())
    places = {
        "requests": "\n".join(map(told, place.upstream.received)).encode(),
        "the log": place.server.log.encode(),
        "events and answers": "\n".join(place.heard).encode(),
        **stored,
    }
    assert b"hello" in places["requests"] and places["the log"] and places["events and answers"]
    leaks = [
        (where, what)
        for what, secret in SECRETS.items()
        for where, content in places.items()
        if any(spelling in content for spelling in spellings(secret))
    ]
    assert leaks == []


def spellings(secret: str) -> list[bytes]:
    """Return the ways in which a secret may be written down."""
    inner = base64.b64encode(secret.encode())[:-4]
    return [secret.encode(), quote(secret).encode(), json.dumps(secret).encode(), inner]
