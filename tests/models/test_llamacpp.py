"""A server that nobody here wrote: llama.cpp's own, with a model of random weights made for the test."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.conversations import CODE, answer_of, run_with, sample_request
from support.endpoint_runs import question, served
from support.environments import python_with
from support.live_server import free_port
from support.paths import ROOT
from support.waiting import until
from test_chat_templates import HISTORIES, TEMPLATES

from jupyter_assistants.models.base import (
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Limits,
    TextDelta,
)
from jupyter_assistants.models.endpoint import ModelEndpoint

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SCRIPT = ROOT / "tests" / "support" / "llamacpp_server.py"


@contextmanager
def serving(folder: Path, template: str, port: int, window: int = 4096) -> Iterator[str]:
    """Run the server and yield its address once it answers."""
    python = python_with("llamacpp", "xllamacpp", "gguf")
    folder.mkdir(exist_ok=True)
    written = folder / "template.jinja"
    written.write_text(template)
    command = [str(python), str(SCRIPT), str(folder), str(written), str(port), str(window)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}/v1"
            until(lambda: process.poll() is not None or answers(url), seconds=120)
            assert process.poll() is None, (folder / "server.log").read_text()[-2000:]
            yield url
        finally:
            process.kill()
            process.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/models", timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


@pytest.fixture(scope="module", params=TEMPLATES)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("llamacpp")
    with serving(folder, TEMPLATES[request.param], free_port()) as url:
        yield url


def model_at(url: str, wire: Any = "auto") -> ModelEndpoint:
    return ModelEndpoint("here", base_url=url, wire=wire)


def blind(entry: HistoryEntry) -> HistoryEntry:
    """Return an entry without its images: this model sees none."""
    if isinstance(entry, HistoryMessage):
        return HistoryMessage(entry.role, entry.text)
    return (
        FunctionOutput(entry.call_id, entry.output) if isinstance(entry, FunctionOutput) else entry
    )


@pytest.mark.parametrize("wire", ["chat", "responses"])
def test_every_history_is_answered(server: str, wire: Any) -> None:
    for name, history in HISTORIES.items():
        sent = [*map(blind, history), HistoryMessage("user", "And?")]
        for tools in ([], [CODE]):
            request = sample_request(history=sent, tools=tools, max_output_tokens=16)
            assert answer_of(model_at(server, wire), request).finished.usage.prompt_tokens > 0, name


def test_its_window_is_the_one_that_it_has_allocated(server: str) -> None:
    found: Limits = run_with(model_at(server), lambda model: model.limits("any name"))
    assert (found.window, found.source) == (4096, "what llama.cpp has allocated")


async def test_a_long_message_fits_and_the_person_is_told(server: str, tmp_path: Path) -> None:
    async with served(tmp_path, model_at(server)) as service:
        b = await question(service, "here/any", content="The mean of column seven is 4.25. " * 800)
        run = await b.run()
    assert run.status in ("completed", "incomplete"), run.last_error
    assert "did not see the middle of a long message" in (run.jupyter.note or "")
    assert run.usage is not None and run.usage.prompt_tokens <= 4096


def test_an_answer_can_be_left_and_the_next_one_comes(server: str) -> None:
    async def act(model: ModelEndpoint) -> None:
        for _ in range(2):
            stream = model.stream(sample_request(tools=[]))
            async for event in stream:
                if isinstance(event, TextDelta):
                    break
            await stream.aclose()

    run_with(model_at(server), act)


def test_another_window_after_a_restart_is_noticed(tmp_path: Path) -> None:
    port = free_port()

    async def window(model: ModelEndpoint) -> int:
        return (await model.limits("any", asking=True)).window

    async def act(model: ModelEndpoint) -> list[int]:
        found = []
        for tokens in (2048, 4096):
            with serving(tmp_path / str(tokens), TEMPLATES["chatml"], port, tokens):
                found.append(await window(model))
        return found

    url = f"http://127.0.0.1:{port}/v1"
    assert run_with(model_at(url), act) == [2048, 4096]
