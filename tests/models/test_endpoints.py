"""Limits and lists of models."""

from __future__ import annotations

from typing import Any

import pytest
from support.conversations import client, run_with
from support.upstream import Upstream, page, plain

from jupyter_assistants.models.base import Limits
from jupyter_assistants.models.dialects import OPENAI_URL, dialect_of
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.models.model_names import limits_of

REMOTE = "https://models.example.org/v1"
LOCAL = "http://localhost:8080/v1"


def limits(model: ModelEndpoint, name: str) -> Limits:
    answer: Limits = run_with(model, lambda model: model.limits(name))
    return answer


@pytest.mark.parametrize(
    ("entry", "window"),
    [
        ({"max_model_len": 4096}, 4096),
        ({"context_length": 9000, "top_provider": {"context_length": 7000}}, 7000),
        ({"context_window": 131_072}, 131_072),
        ({"meta": {"n_ctx_train": 32_768}}, 32_768),
        ({"loaded_context_length": 4096, "max_context_length": 65_536}, 4096),
        ({"context_length": None, "meta": None}, 8_192),
    ],
)
def test_the_endpoint_knows_best(entry: dict[str, Any], window: int) -> None:
    listed = plain({"data": [{"id": "gpt-x", **entry}]})
    with Upstream(models=listed) as upstream:
        assert limits(client(upstream.url), "gpt-x").window == window


@pytest.mark.parametrize(
    ("model", "base_url", "window"),
    [
        ("gpt-4o-mini", REMOTE, 128_000),
        ("gpt-4.1", OPENAI_URL, 1_047_576),
        ("gpt-4", REMOTE, 8_192),
        ("gpt-6-luna", OPENAI_URL, 1_050_000),
        ("openai/gpt-5.4-mini", "https://openrouter.ai/api/v1", 400_000),
        ("claude-sonnet-5", "https://api.anthropic.com/v1/", 200_000),
        # Nothing is known about a host that is not the vendor's, whatever it calls its models.
        ("gpt-4.1", REMOTE, 128_000),
        ("gpt-6-luna", REMOTE, 128_000),
        ("gpt-6-luna", LOCAL, 8_192),
        ("claude-sonnet-5", "http://127.0.0.1:8000/v1", 8_192),
        ("alias-large", REMOTE, 128_000),
        ("llama3.1", LOCAL, 8_192),
        ("mistral-small", "http://localhost:11434/v1", 8_192),
        ("alias", "http://192.168.1.20:8000/v1", 8_192),
    ],
)
def test_a_name_says_something_when_the_endpoint_says_nothing(
    model: str, base_url: str, window: int
) -> None:
    assert limits_of(model, base_url, {}).window == window


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4o",
        "gpt-4o-mini",
        "gpt-4.1-mini",
        "gpt-5-mini",
        "gpt-6-luna",
        "o3",
        "o4-mini",
        "claude-opus-5",
        "gemini-3-pro",
        "llava:13b",
        "qwen2.5-vl-7b",
        "qwen3-vl",
        "qwen2.5vl:7b",
        "pixtral-12b",
        "openai/gpt-4o",
    ],
)
def test_these_models_see(model: str) -> None:
    assert limits_of(model, REMOTE, {}).vision


@pytest.mark.parametrize(
    "model",
    [
        "gpt-3.5-turbo",
        "gpt-4",
        "o3-mini",
        "gpt-oss:20b",
        "llama3.1",
        "qwen3-coder",
        "deepseek-chat",
    ],
)
def test_these_models_do_not_see(model: str) -> None:
    assert not limits_of(model, REMOTE, {}).vision


def test_an_endpoint_may_say_that_a_model_sees() -> None:
    assert limits_of("x", REMOTE, {"architecture": {"input_modalities": ["image"]}}).vision


def test_an_endpoint_that_is_down_has_cautious_limits() -> None:
    model = ModelEndpoint("mine", base_url="http://127.0.0.1:9/v1", api_key="")
    assert limits(model, "x").window == 8_192


@pytest.mark.parametrize(
    "models", [page("<html>"), plain([]), plain({"data": [1]}), plain({}, 500)], ids=repr
)
def test_a_list_that_is_none_is_empty(models: Any) -> None:
    with Upstream(models=models) as upstream:
        assert run_with(client(upstream.url), lambda model: model.models()) == []


@pytest.mark.parametrize("base_url", ["nowhere", "http://127.0.0.1:9/v1"])
def test_an_address_that_does_not_answer_has_no_models(base_url: str) -> None:
    assert run_with(client(base_url), lambda model: model.models()) == []


def test_models_are_listed_by_their_names() -> None:
    with Upstream(models=plain({"data": [{"id": "b"}, {"id": "a"}]})) as upstream:
        assert run_with(client(upstream.url), lambda model: model.models()) == ["b", "a"]


def test_the_list_is_read_once_for_many_limits() -> None:
    async def act(model: ModelEndpoint) -> None:
        for _ in range(3):
            await model.limits("a")

    with Upstream(models=plain({"data": [{"id": "a"}]})) as upstream:
        run_with(client(upstream.url), act)
    assert upstream.listings == 1


@pytest.mark.parametrize(
    ("base_url", "dialect"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://me.openai.azure.com/openai/v1/", "azure"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", "gemini"),
        ("http://localhost:11434/v1", "ollama"),
        ("https://notopenai.com.example.org/v1", "other"),
        ("http://localhost:notaport/v1", "other"),
    ],
)
def test_an_address_has_a_dialect(base_url: str, dialect: str) -> None:
    assert dialect_of(base_url).name == dialect
