"""The window of a model comes from the surest source that says something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.conversations import run_with
from support.upstream import Reply, Upstream, plain, refused, streamed

from jupyter_assistants.models.base import HistoryMessage, Limits, ModelRequest
from jupyter_assistants.models.context_windows import window_in_refusal
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.protocol.errors import ProviderError

SHOWN = {
    "capabilities": ["completion", "tools"],
    "model_info": {"general.architecture": "llama", "llama.context_length": 131_072},
}
LISTED = plain({"data": [{"id": "m", "owned_by": "library"}]})


def running(tokens: int) -> Reply:
    return plain({"models": [{"name": "m:latest", "context_length": tokens}]})


def endpoint(upstream: Upstream, kind: str | None = None, **windows: int) -> ModelEndpoint:
    return ModelEndpoint("lab", base_url=upstream.url, dialect=kind, windows=windows)


def limits(model: ModelEndpoint, *, asking: bool = False) -> Limits:
    found: Limits = run_with(model, lambda model: model.limits("m", asking=asking))
    return found


def test_what_ollama_has_set_aside_counts_and_not_what_the_model_was_trained_for() -> None:
    native = {"/api/show": plain(SHOWN), "/api/ps": running(4096)}
    with Upstream(models=LISTED, native=native) as upstream:
        found = limits(endpoint(upstream))
    assert (found.window, found.source) == (4096, "what Ollama has allocated")
    assert (found.tools, found.vision) == (True, False)
    assert "Set OLLAMA_CONTEXT_LENGTH=64000" in (found.advice or "")


def test_a_model_that_ollama_has_not_loaded_gets_a_cautious_window_and_is_not_loaded() -> None:
    native = {"/api/show": plain(SHOWN), "/api/ps": plain({"models": []})}
    with Upstream(models=LISTED, native=native) as upstream:
        found = limits(endpoint(upstream))
    assert found.window == 8192
    assert "trained for 131,072" in found.source
    assert found.advice is None
    assert "/api/generate" not in upstream.asked


def test_a_model_that_is_about_to_be_asked_is_loaded_to_know_its_window() -> None:
    native = {"/api/show": plain(SHOWN), "/api/ps": plain({"models": []})}
    with Upstream(models=LISTED, native=native) as upstream:
        model = endpoint(upstream)

        async def act(model: ModelEndpoint) -> list[int]:
            before = await model.limits("m")
            asking = model.limits("m", asking=True)
            native["/api/generate"] = plain({"done": True})
            native["/api/ps"] = running(32_768)
            return [before.window, (await asking).window, (await model.limits("m")).window]

        assert run_with(model, act) == [8192, 32_768, 32_768]


def test_the_models_own_num_ctx_counts_until_it_is_loaded() -> None:
    shown = {**SHOWN, "parameters": 'stop "x"\nnum_ctx                        16384'}
    native = {"/api/show": plain(shown), "/api/ps": plain({"models": []})}
    with Upstream(models=LISTED, native=native) as upstream:
        assert limits(endpoint(upstream)).window == 16_384


def test_llama_cpp_says_what_one_slot_has() -> None:
    entry = {"id": "m", "owned_by": "llamacpp", "meta": {"n_ctx_train": 131_072}}
    props = {"default_generation_settings": {"n_ctx": 4096}, "modalities": {"vision": True}}
    with Upstream(models=plain({"data": [entry]}), native={"/props": plain(props)}) as upstream:
        found = limits(endpoint(upstream))
    assert (found.window, found.vision) == (4096, True)


@pytest.mark.parametrize(
    ("kind", "path", "body"),
    [
        (
            "lmstudio",
            "/api/v0/models",
            {"data": [{"id": "m", "loaded_context_length": 5000, "capabilities": ["tool_use"]}]},
        ),
        (
            "litellm",
            "/v1/model/info",
            {
                "data": [
                    {
                        "model_name": "m",
                        "model_info": {"max_input_tokens": 5000, "supports_function_calling": True},
                    }
                ]
            },
        ),
    ],
)
def test_other_servers_say_it_in_their_own_words(kind: str, path: str, body: Any) -> None:
    with Upstream(native={path: plain(body)}) as upstream:
        found = limits(endpoint(upstream, kind))
    assert (found.window, found.tools) == (5000, True)


@pytest.mark.parametrize(
    "answer", [plain([1]), plain({}, 500), Reply([b"<html>"]), plain({"models": "no"})], ids=repr
)
def test_nonsense_instead_of_a_window_does_no_harm(answer: Reply) -> None:
    native = {"/api/show": answer, "/api/ps": answer, "/props": answer}
    with Upstream(models=LISTED, native=native) as upstream:
        assert limits(endpoint(upstream), asking=True).window == 8192


def test_the_users_own_figure_comes_before_everything() -> None:
    native = {"/api/show": plain(SHOWN), "/api/ps": running(4096)}
    with Upstream(models=LISTED, native=native) as upstream:
        found = limits(endpoint(upstream, **{"lab/*": 20_000}))
        assert (found.window, found.source) == (20_000, "the setting windows")
        assert limits(endpoint(upstream, m=7)).window == 7
        assert limits(endpoint(upstream, other=7)).window == 4096


@pytest.mark.parametrize(
    ("words", "window"),
    [
        ("This model's maximum context length is 4097 tokens. However, you requested 9", 4097),
        ("exceeds the available context size (8192 tokens), try increasing it", 8192),
        ("prompt is too long: 210000 tokens > 200000 maximum", 200_000),
        (
            "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
            1_048_576,
        ),
        ('the request exceeds the context: {"n_prompt_tokens": 9000, "n_ctx": 4096}', 4096),
        ("maximum context length of 131,072 tokens", 131_072),
        ("Please reduce the length of the messages.", None),
        ("Your input exceeds the context window of this model.", None),
    ],
)
def test_a_refusal_teaches_the_window_that_it_names(words: str, window: int | None) -> None:
    assert window_in_refusal(words) == window


def test_a_window_that_was_learnt_is_kept_and_never_raises_what_is_known() -> None:
    long = refused(400, "This model's maximum context length is 999 tokens.")

    async def act(model: ModelEndpoint) -> tuple[int, int, str]:
        before = (await model.limits("m")).window
        with pytest.raises(ProviderError):
            async for _ in model.stream(ModelRequest("m", "", [HistoryMessage("user", "x")])):
                pass
        after = await model.limits("m")
        return before, after.window, after.source

    with Upstream(long) as upstream:
        assert run_with(endpoint(upstream), act) == (
            8192,
            999,
            "the endpoint's refusal of a long prompt",
        )
    large = refused(400, "This model's maximum context length is 99999 tokens.")
    with Upstream(large, streamed({"content": "Hi"})) as upstream:
        assert run_with(endpoint(upstream), act)[:2] == (8192, 8192)


def test_a_model_that_its_vendor_ends_soon_says_so() -> None:
    soon = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    late = (datetime.now(UTC) + timedelta(days=200)).date().isoformat()
    for day, said in ((soon, True), (late, False), ("no day", False)):
        listed = plain({"data": [{"id": "m", "shutdown_date": day}]})
        with Upstream(models=listed) as upstream:
            assert bool(limits(endpoint(upstream)).advice) is said
