"""A server that nobody here wrote in between: LiteLLM's proxy, on both wires.

It needs an environment of its own, so this runs only when told where that is::

    python -m venv /tmp/litellm && /tmp/litellm/bin/pip install "litellm[proxy]"
    JUPYTER_ASSISTANTS_LITELLM=/tmp/litellm/bin/litellm .venv/bin/pytest tests/providers/test_litellm.py
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.conversations import answer_of, sample_request
from support.upstream import Reply, Upstream, streamed
from support.waiting import until

from jupyter_assistants.models.dialects import WireName
from jupyter_assistants.models.endpoint import ModelEndpoint

PROXY = os.environ.get("JUPYTER_ASSISTANTS_LITELLM", "")
KEY = "sk-litellm-of-the-test-0123456789"
CODE = '{"code": "1 + 1"}'
pytestmark = pytest.mark.skipif(not PROXY, reason="JUPYTER_ASSISTANTS_LITELLM is not set")


def choose(body: dict[str, Any]) -> Reply:
    """Call the tool if there is one, else say hello."""
    if not body.get("tools"):
        return streamed({"role": "assistant", "content": "Hello "}, {"content": "there"})
    begun = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "run_python", "arguments": ""},
    }
    pieces = [{"function": {"arguments": piece}} for piece in (CODE[:7], CODE[7:])]
    deltas = [{"tool_calls": [{"index": 0, **each}]} for each in [begun, *pieces]]
    return streamed(*deltas, finish="tool_calls")


def answers(url: str) -> bool:
    request = urllib.request.Request(f"{url}/models", headers={"Authorization": f"Bearer {KEY}"})
    try:
        with urllib.request.urlopen(request, timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the proxy in front of a scripted endpoint and give its address."""
    folder: Path = tmp_path_factory.mktemp("litellm")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Upstream(choose=choose) as upstream:
        model = {"model": "mistral/some", "api_base": upstream.url, "api_key": "x"}
        config = {
            "model_list": [{"model_name": "some", "litellm_params": model}],
            "general_settings": {"master_key": KEY},
        }
        # JSON is YAML.
        (folder / "config.yaml").write_text(json.dumps(config))
        environment = {**os.environ, "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        command = [PROXY, "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
        with (folder / "log").open("wb") as log:
            running = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        url = f"http://127.0.0.1:{port}/v1"
        try:
            until(lambda: answers(url) or running.poll() is not None)
            assert running.poll() is None, (folder / "log").read_text()
            yield url
        finally:
            running.terminate()
            running.wait(10)


@pytest.mark.parametrize("wire", ["chat", "responses"])
def test_text_streams_through_it(proxy: str, wire: WireName) -> None:
    model = ModelEndpoint("litellm", base_url=proxy, api_key=KEY, wire=wire)
    answer = answer_of(model, sample_request(model="some", tools=[]))
    assert answer.text == "Hello there"
    assert answer.finished.usage.total_tokens == 18


@pytest.mark.parametrize("wire", ["chat", "responses"])
def test_a_tool_call_streams_through_it(proxy: str, wire: WireName) -> None:
    model = ModelEndpoint("litellm", base_url=proxy, api_key=KEY, wire=wire)
    answer = answer_of(model, sample_request(model="some"))
    assert answer.calls == [("run_python", CODE)]
    assert answer.finished.reason == "tool_calls"
