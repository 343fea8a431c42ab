"""Servers that load their model, were restarted, or serve several: when they are asked, and for what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.conversations import answer_of, client, run_with, sample_request
from support.endpoint_runs import endpoint, question, served
from support.responses_replies import HELLO
from support.upstream import Received, Reply, Upstream, plain, refused, streamed
from support.waiting import eventually

from jupyter_assistants.models import endpoint as endpoint_module
from jupyter_assistants.models.base import Limits, RetryDelay
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.protocol.errors import ProviderError

GOOD = {"chat": streamed({"content": "Hello"}), "responses": HELLO}
LOADING = {
    "llama.cpp": refused(503, "Loading model", 503, type="unavailable_error"),
    "a gateway": plain({"detail": "Model is currently loading", "estimated_time": 20.0}, 503),
    "without a word": plain({}, 503),
    "a page": Reply([b"<html>The model is loading.</html>"], 503, mime="text/html"),
}
LISTED = plain({"data": [{"id": "m", "owned_by": "llamacpp"}]})


def props(tokens: int, **more: Any) -> Reply:
    return plain({"default_generation_settings": {"n_ctx": tokens}, **more})


@pytest.mark.parametrize("wire", ["chat", "responses"])
@pytest.mark.parametrize("name", LOADING)
def test_a_server_that_loads_its_model_is_waited_for(wire: Any, name: str) -> None:
    loading = [LOADING[name]] * 9
    with Upstream(*loading, GOOD[wire]) as upstream:
        answer = answer_of(client(upstream.url, wire=wire))
    assert answer.text == "Hello"
    waits = [event for event in answer.events if isinstance(event, RetryDelay) and event.seconds]
    assert len(waits) == 9
    assert waits[0].reason == f"127.0.0.1:{upstream.port} is loading the model"


def test_a_server_that_loads_for_too_long_is_given_up() -> None:
    with Upstream(LOADING["llama.cpp"]) as upstream, pytest.raises(ProviderError) as raised:
        answer_of(client(upstream.url, first_byte_seconds=0.1))
    assert "is still loading some-model" in raised.value.message
    assert "first_byte_seconds" in raised.value.message


def test_a_gateway_that_punishes_retries_is_not_asked_again() -> None:
    with Upstream(LOADING["llama.cpp"]) as upstream, pytest.raises(ProviderError):
        answer_of(client(upstream.url, max_attempts=1))
    assert len(upstream.received) == 1


async def test_a_prompt_is_built_with_the_window_of_the_model_once_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_module, "LOADING_LOOK", 0.02)
    native = {"/props": LOADING["llama.cpp"], "/props?model=m&autoload=false": LOADING["llama.cpp"]}
    long = "The mean of column seven is 4.25, said Ada on Monday. " * 1000
    with Upstream(GOOD["chat"], models=LISTED, native=native) as upstream:
        async with served(tmp_path, endpoint("e", upstream.url, timeouts=None)) as service:
            b = await question(service, "e/m", content=long)
            started = await b.start()
            run = await b.run_when(started.run, lambda run: run.jupyter.waiting)
            assert run.jupyter.waiting == "e is loading the model"
            native["/props"] = props(32_768)
            run = await b.run_when(started.run, lambda run: run.status == "completed")
    assert upstream.body["messages"][-1]["content"] == long
    assert run.jupyter.note is None, "nothing was left out"


async def window(model: ModelEndpoint, *, asking: bool = True) -> int:
    limits: Limits = await model.limits("m", asking=asking)
    return limits.window


def test_the_window_is_read_again_after_a_restart() -> None:
    native = {"/props": props(4096)}

    async def act(model: ModelEndpoint) -> list[int]:
        before = await window(model)
        native["/props"] = props(16_384)
        return [before, await window(model), await window(model, asking=False)]

    with Upstream(models=LISTED, native=native) as upstream:
        assert run_with(client(upstream.url), act) == [4096, 16_384, 16_384]


def test_a_server_for_one_model_is_known_by_any_name() -> None:
    listed = plain({"data": [{"id": "/models/qwen3.gguf", "owned_by": "llamacpp"}]})
    with Upstream(models=listed, native={"/props": props(4096)}) as upstream:
        assert run_with(client(upstream.url), window) == 4096


def test_a_window_in_the_list_is_read_again_after_a_restart() -> None:
    with Upstream(models=plain({"data": [{"id": "m", "max_model_len": 4096}]})) as upstream:

        async def act(model: ModelEndpoint) -> list[int]:
            before = await window(model)
            upstream.models = plain({"data": [{"id": "m", "max_model_len": 16_384}]})
            return [before, await window(model)]

        assert run_with(client(upstream.url), act) == [4096, 16_384]


def test_a_refusal_says_nothing_any_more_after_a_restart() -> None:
    native = {"/props": props(8192)}
    too_long = refused(400, "This model's maximum context length is 4096 tokens")

    async def act(model: ModelEndpoint) -> list[int]:
        windows = [await window(model)]
        with pytest.raises(ProviderError):
            await anext(model.stream(sample_request(model="m")))
        windows.append(await window(model))
        native["/props"] = props(16_384)
        return [*windows, await window(model)]

    with Upstream(too_long, models=LISTED, native=native) as upstream:
        assert run_with(client(upstream.url), act) == [8192, 4096, 16_384]


def capable(**caps: bool) -> Reply:
    return props(4096, chat_template_caps=caps, modalities={"vision": True})


@pytest.mark.parametrize(
    ("caps", "tools"),
    [({"supports_tools": True}, True), ({"supports_tools": False}, False), ({}, None)],
)
def test_llama_cpp_says_whether_its_template_knows_tools(
    caps: dict[str, bool], tools: bool | None
) -> None:
    with Upstream(models=LISTED, native={"/props": capable(**caps)}) as upstream:
        found = run_with(client(upstream.url), lambda model: model.limits("m"))
    assert (found.tools, found.vision) == (tools, True)


class Router(Upstream):
    """llama.cpp as a router: it loads a model when it is asked for it."""

    def __init__(self) -> None:
        super().__init__(models=LISTED)
        self.loaded = False

    def _reply(self, request: Received) -> Reply:
        self.asked.append(request.path)
        if request.path == "/props":
            return props(0, role="router")
        if request.path == "/props?model=m&autoload=false" and not self.loaded:
            return refused(400, "model is not loaded")
        if request.path in ("/props?model=m", "/props?model=m&autoload=false"):
            self.loaded = True
            return props(20_000)
        return super()._reply(request)


def test_a_router_loads_a_model_only_when_it_is_about_to_be_asked() -> None:
    async def act(model: ModelEndpoint) -> list[int]:
        return [await window(model, asking=False), await window(model), await window(model)]

    with Router() as upstream:
        assert run_with(client(upstream.url), act) == [8192, 20_000, 20_000]
    assert upstream.asked.count("/props?model=m") == 1


WRONG_NAMES = [
    (
        400,
        "Invalid model name passed in model=some-model. Call `/v1/models` to view available models",
    ),
    (400, "Server is pinned to 'Qwen/Qwen3-0.6B'; requested 'some-model'"),
    (400, "The model `some-model` does not exist."),
    (422, "model 'some-model' not found, try pulling it first"),
    (404, "The model `some-model` does not exist or you do not have access to it."),
]


@pytest.mark.parametrize("wire", ["chat", "responses"])
@pytest.mark.parametrize(("status", "text"), WRONG_NAMES)
def test_a_wrong_name_says_the_model_and_what_there_is(wire: Any, status: int, text: str) -> None:
    listed = plain({"data": [{"id": "qwen3:8b"}, {"id": "llama4"}, {"id": "text-embedding-3"}]})
    with (
        Upstream(refused(status, text), models=listed) as upstream,
        pytest.raises(ProviderError) as raised,
    ):
        answer_of(client(upstream.url, wire=wire))
    message = raised.value.message
    assert f"127.0.0.1:{upstream.port} has no model some-model" in message
    assert "choose one that it lists (qwen3:8b, llama4), or load" in message


NO_TOOLS = [
    (400, "registry.ollama.ai/library/gemma2:2b does not support tools"),
    (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    (500, "tools param requires --jinja flag"),
    (404, 'No endpoints found that support tool use. Try disabling "look".'),
    (400, "openai does not support parameters: ['tools'], for model=m"),
]


@pytest.mark.parametrize("wire", ["chat", "responses"])
@pytest.mark.parametrize(("status", "text"), NO_TOOLS)
def test_a_model_without_tools_says_which_tool_needs_them(
    wire: Any, status: int, text: str
) -> None:
    with Upstream(refused(status, text)) as upstream, pytest.raises(ProviderError) as raised:
        answer_of(client(upstream.url, wire=wire))
    message = raised.value.message
    assert message.startswith(f"some-model at 127.0.0.1:{upstream.port} calls no functions")
    assert "and code_interpreter, look cannot do without" in message
    assert "change the setting" not in message


async def test_waiting_shows_nothing_once_it_is_over(tmp_path: Path) -> None:
    with Upstream(LOADING["llama.cpp"], GOOD["chat"]) as upstream:
        async with served(tmp_path, endpoint("e", upstream.url, timeouts=None)) as service:
            b = await question(service, "e/m")
            run = await b.run()
            assert (run.status, run.jupyter.waiting) == ("completed", None)
            assert await eventually(b.messages)
