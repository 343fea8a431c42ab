"""Programs that are generated from assistants, run as they are against a real server."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.environments import node, node_modules
from support.live_server import LiveServer

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {
    "model": "demo",
    "name": 'Übersicht "1"',
    "instructions": 'Say "hi".\nThen \\ and ${x} and {y} and $HOME and `z`.',
    "tools": [{"type": "code_interpreter"}],
    "metadata": {"course": "101"},
    "temperature": 0.2,
}
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}},
}


def program(server: LiveServer, language: str, **more: Any) -> str:
    client = server.client()
    made = client.beta.assistants.create(**{**SETTINGS, **more})
    query = {"language": language}
    answer: dict[str, Any] = client.get(
        f"/assistants/{made.id}/program", cast_to=dict[str, Any], options={"params": query}
    )
    return str(answer["source"])


def output(server: LiveServer, command: Sequence[str], folder: Path) -> str:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "JUPYTER"))}
    where = {"JUPYTER_ASSISTANTS_URL": server.root, "JUPYTER_ASSISTANTS_KEY": server.token}
    done = subprocess.run(
        command, cwd=folder, env={**inherited, **where}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def check_made(server: LiveServer, text: str) -> None:
    """Check that the answer came, and that the newest assistant is like the one it is made from."""
    assert "rules, not an AI" in text
    newest = server.client().beta.assistants.list(limit=1).data[0].to_dict()
    for name, value in SETTINGS.items():
        assert newest[name] == value, name


def test_the_python_program_runs(assistants_server: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "assistant.py").write_text(program(assistants_server, "python"))
    text = output(assistants_server, [sys.executable, "assistant.py", "hello"], tmp_path)
    check_made(assistants_server, text)


def test_the_javascript_program_runs(assistants_server: LiveServer) -> None:
    folder = node_modules(Path(__file__).with_name("node"))
    (folder / "assistant.mjs").write_text(program(assistants_server, "javascript"))
    check_made(assistants_server, output(assistants_server, [node(), "assistant.mjs"], folder))


def test_the_curl_program_runs(assistants_server: LiveServer, tmp_path: Path) -> None:
    if not (shutil.which("curl") and shutil.which("jq") and shutil.which("sh")):
        pytest.skip("curl and jq are not here")
    (tmp_path / "assistant.sh").write_text(program(assistants_server, "curl"))
    check_made(assistants_server, output(assistants_server, ["sh", "assistant.sh"], tmp_path))


def test_programs_of_assistants_with_functions_leave_a_place_for_them(
    assistants_server: LiveServer,
) -> None:
    tools = [WEATHER]
    python = program(assistants_server, "python", tools=tools)
    compile(python, "assistant.py", "exec")
    names = [n.name for n in ast.walk(ast.parse(python)) if isinstance(n, ast.FunctionDef)]
    assert names == ["call"] and "submit_tool_outputs_and_poll" in python
    javascript = program(assistants_server, "javascript", tools=tools)
    assert "submitToolOutputsAndPoll" in javascript and "weather" in javascript
    folder = node_modules(Path(__file__).with_name("node"))
    (folder / "functions.mjs").write_text(javascript)
    subprocess.run([node(), "--check", "functions.mjs"], cwd=folder, check=True)
