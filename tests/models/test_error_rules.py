"""Errors of endpoints: their text is hostile, long, and may contain the key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_assistants.models.chat.request import ChatWire
from jupyter_assistants.models.context_windows import window_in_refusal
from jupyter_assistants.models.dialects import UNKNOWN
from jupyter_assistants.models.endpoint_errors import EndpointError, ErrorFormatter
from jupyter_assistants.models.error_rules import (
    LONGEST_DETAIL,
    error_of_event,
    error_of_response,
    find_message,
)
from jupyter_assistants.models.model_names import generates_text, limits_of
from jupyter_assistants.models.probes import OllamaProbe
from jupyter_assistants.models.responses.request import ResponsesWire

MILLION = 1_000_000
HOSTILE = [
    "context length ",
    "exceed ",
    "<",
    "<script>",
    "<!--",
    "<style",
    "</script",
    "1,",
    "context size ",
    "n_ctx" + " " * 4,
    " \n",
    "sk-",
    "reasoning ",
    '"retryDelay": "1',
    "[",
    '{"error":',
]


def long(text: str) -> str:
    return (text * (MILLION // len(text) + 1))[:MILLION]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_a_megabyte_of_an_error_is_read_in_linear_time(text: str, status: int) -> None:
    """Every expression that reads an endpoint's text; a quadratic one would take minutes here."""
    error = error_of_response(status, long(text), {})
    assert len(error.detail) <= LONGEST_DETAIL
    formatted = ErrorFormatter("lab", "example.org", "the-key-of-the-lab").error(error, "m")
    assert len(formatted.message) < 1_000
    for wire in (ChatWire("lab", UNKNOWN), ResponsesWire("lab", UNKNOWN)):
        body: dict[str, Any] = {"model": "m", "input": [], "messages": [], "tools": []}
        assert wire.workarounds.find(error, body, frozenset()) is None
    find_message(long(text))
    error_of_event({"message": long(text), "code": long(text)})


@pytest.mark.parametrize("text", HOSTILE)
def test_a_megabyte_of_a_name_or_of_a_figure_is_read_in_linear_time(text: str) -> None:
    assert limits_of(long(text), "https://example.org/v1", {}).window == 128_000
    generates_text(long(text))
    window_in_refusal(long(text))


@pytest.mark.parametrize("text", ["\n", " \n", "num_ctx ", "num_ctx 1", "num_ctx " + "9" * 400])
async def test_a_megabyte_of_a_models_parameters_is_read_in_linear_time(text: str) -> None:
    async def ask(path: str, body: Any, *, loads: bool = False) -> Any:
        return {"parameters": long(text)} if path == "/api/show" else {}

    await OllamaProbe().measure("m", ask)


@pytest.mark.parametrize("start", range(270, 310))
def test_a_key_that_straddles_the_cut_is_removed(start: int) -> None:
    key = "abcdefgh-ijklmnop-qrstuvwx"
    error = EndpointError("refused", "y" * start + key + "z" * 100)
    text = ErrorFormatter("lab", "example.org", key).error(error, "m").message
    assert "abc" not in text


def test_a_deeply_nested_error_is_still_an_error() -> None:
    nested: Any = {"message": "deep"}
    for _ in range(500):
        nested = {"error": nested}
    assert error_of_response(400, json.dumps(nested), {}).kind == "refused"
    assert error_of_response(400, "[" * 60_000, {}).kind == "refused"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>Log in</p>", "Log in"),
        ("<script>a < b</script >Log in<!-- no --> now", "Log in now"),
        ("Log in<style>p {}", "Log in"),
        ("<SCRIPT>x</script>Log in", "Log in"),
    ],
)
def test_the_text_of_a_page_is_what_a_person_sees(page: str, text: str) -> None:
    assert find_message(page) == text
