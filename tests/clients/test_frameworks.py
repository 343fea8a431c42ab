"""Frameworks that speak this protocol, each in an environment of its own from PyPI.

They are large and change at their own pace, so they run only when they are asked for::

    JUPYTER_ASSISTANTS_FRAMEWORKS=1 .venv/bin/pytest -m frameworks
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from support.environments import python_with
from support.live_server import LiveServer

pytestmark = [pytest.mark.frameworks, pytest.mark.timeout(600)]

SCRIPTS = Path(__file__).with_name("frameworks")
ANSWER = "It is sunny in Paris."
LINK = "Here is [result.csv](sandbox:/mnt/data/result.csv) ✓"


def said_with(server: LiveServer, name: str, *requirements: str) -> dict[str, str]:
    """Run a framework's script; give what it was answered."""
    python = python_with(name, *requirements)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "PYTHON"))}
    where = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": server.token}
    done = subprocess.run(
        [python, "-W", "ignore", SCRIPTS / f"with_{name}.py"],
        env={**inherited, **where},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return said


def test_langchain_runs_an_assistant(server: LiveServer) -> None:
    said = said_with(server, "langchain", "langchain-classic==1.0.8", "openai>=3,<4")
    assert said == {"function": ANSWER, "code": LINK}


def test_llama_index_runs_an_assistant(server: LiveServer) -> None:
    needed = ("llama-index-agent-openai==0.4.12", "openai==1.109.1")
    assert said_with(server, "llama_index", *needed) == {"function": ANSWER, "code": LINK}


def test_autogen_runs_an_assistant_with_files(server: LiveServer) -> None:
    needed = ("autogen-ext[openai]==0.7.5", "autogen-agentchat==0.7.5", "openai>=3,<4")
    said = said_with(server, "autogen", *needed)
    assert said.pop("search").startswith("The handbook says so【")
    assert said == {"function": ANSWER, "code": LINK}


def test_semantic_kernel_polls_and_streams_an_assistant(server: LiveServer) -> None:
    said = said_with(server, "semantic_kernel", "semantic-kernel==1.45.0", "openai>=3,<4")
    # Its stream tells the code and its output as well.
    streamed = said.pop("code, streamed")
    assert streamed.endswith(LINK)
    assert "counted to 10" in streamed
    assert said == {"function": ANSWER, "function, streamed": ANSWER, "code": LINK}
