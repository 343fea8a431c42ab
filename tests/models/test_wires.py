"""Which wire an endpoint is asked on, what it teaches by refusing, and what both have in common."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from support.conversations import answer_of, client, collect, run_with, sample_request
from support.responses_replies import (
    HELLO,
    call_events,
    last_event,
    message_events,
    response_stream,
)
from support.upstream import CUT, Received, Reply, Upstream, event, plain, refused, streamed
from support.waiting import LONG, eventually
from test_chat_errors import FINAL, PASSING

from jupyter_assistants.models.base import RetryDelay, TextDelta
from jupyter_assistants.models.dialects import dialect_named
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.protocol.errors import ProviderError

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
SPOKEN = streamed({"content": "Hello"})
NEEDS_RESPONSES = refused(
    400,
    "Function tools with reasoning_effort are not supported for gpt-6.1-sol in "
    "/v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to "
    "'none'",
    param="reasoning_effort",
)


Answers = Reply | Callable[[dict[str, Any]], Reply]


class Two(Upstream):
    """An endpoint with an answer for each wire: a scripted one, or one that the body decides."""

    def __init__(self, chat: Answers, responses: Answers) -> None:
        super().__init__()
        self._by_path = {CHAT: chat, RESPONSES: responses}

    def _reply(self, request: Received) -> Reply:
        if request.path not in self._by_path:
            return super()._reply(request)
        self.received.append(request)
        answer = self._by_path[request.path]
        return answer if isinstance(answer, Reply) else answer(request.body)

    @property
    def paths(self) -> list[str]:
        return [received.path for received in self.received]


def auto(url: str, first: str | None = None) -> ModelEndpoint:
    """Return a client that chooses the wire, as if its host were known for one."""
    model = client(url, wire="auto")
    if first:
        model._first_wire = first
    return model


@pytest.mark.parametrize(
    ("dialect", "wire"),
    [
        ("openai", "responses"),
        ("azure", "responses"),
        ("xai", "responses"),
        ("mistral", "chat"),
        ("openrouter", "chat"),
        ("ollama", "chat"),
        ("other", "chat"),
    ],
)
def test_a_host_is_known_for_a_wire(dialect: str, wire: str) -> None:
    assert dialect_named(dialect).first_wire == wire


def test_an_unknown_host_is_asked_for_chat_completions() -> None:
    with Two(SPOKEN, HELLO) as upstream:
        assert answer_of(auto(upstream.url)).text == "Hello"
    assert upstream.paths == [CHAT]


def test_a_wire_that_is_configured_is_taken() -> None:
    with Two(SPOKEN, HELLO) as upstream:
        answer_of(client(upstream.url, wire="responses"))
        answer_of(client(upstream.url, wire="chat"))
    assert upstream.paths == [RESPONSES, CHAT]


@pytest.mark.parametrize(
    "refusal",
    [
        NEEDS_RESPONSES,
        refused(404, "This model is only supported in v1/responses and not in v1/chat/completions"),
    ],
    ids=["tools while reasoning", "responses-only model"],
)
def test_a_model_that_needs_responses_gets_them_and_that_is_remembered(refusal: Reply) -> None:
    with Two(refusal, HELLO) as upstream:
        assert answer_of(auto(upstream.url), sample_request(), sample_request()).text == "Hello"
    assert upstream.paths == [CHAT, RESPONSES, RESPONSES]


def test_what_one_model_needs_is_not_asked_of_another() -> None:
    with Two(NEEDS_RESPONSES, HELLO) as upstream:
        model = auto(upstream.url)

        async def act(model: ModelEndpoint) -> None:
            await collect(model.stream(sample_request()))
            with pytest.raises(ProviderError):
                upstream._by_path[RESPONSES] = refused(401, "No")
                await collect(model.stream(sample_request(model="another")))

        run_with(model, act)
    assert upstream.paths == [CHAT, RESPONSES, CHAT, RESPONSES]


@pytest.mark.parametrize(
    "refusal",
    [
        plain({"detail": "Not Found"}, 404),
        plain({"detail": "Method Not Allowed"}, 405),
        refused(404, "Unknown request URL: POST /v1/responses. This model server has no such path"),
        Reply([b"<h1>404</h1>"], 404, mime="text/html"),
        refused(501, "Not implemented"),
    ],
    ids=["404", "405", "404 with words", "404 page", "501"],
)
def test_an_endpoint_without_responses_gets_chat_and_that_is_remembered(refusal: Reply) -> None:
    with Two(SPOKEN, refusal) as upstream:
        assert (
            answer_of(auto(upstream.url, "responses"), sample_request(), sample_request()).text
            == "Hello"
        )
    assert upstream.paths == [RESPONSES, CHAT, CHAT]


@pytest.mark.parametrize("first", ["chat", "responses"])
def test_an_endpoint_that_sends_us_in_a_circle_is_asked_without_reasoning(first: str) -> None:
    def chat(body: dict[str, Any]) -> Reply:
        return SPOKEN if body.get("reasoning_effort") == "none" else NEEDS_RESPONSES

    with Two(chat, plain({"detail": "Not Found"}, 404)) as upstream:
        assert (
            answer_of(auto(upstream.url, first), sample_request(), sample_request()).text == "Hello"
        )
    assert upstream.paths[-3:] == ([RESPONSES] if first == "chat" else [CHAT]) + [CHAT, CHAT]


def test_a_wire_that_is_configured_is_not_left() -> None:
    with (
        Two(SPOKEN, plain({"detail": "Not Found"}, 404)) as upstream,
        pytest.raises(ProviderError, match="at this address"),
    ):
        answer_of(client(upstream.url, wire="responses"))
    assert upstream.paths == [RESPONSES]


def test_a_failed_switch_is_not_remembered() -> None:
    with Two(refused(401, "No"), plain({"detail": "Not Found"}, 404)) as upstream:
        model = auto(upstream.url, "responses")

        async def act(model: ModelEndpoint) -> None:
            for _ in range(2):
                with pytest.raises(ProviderError, match="did not accept the API key"):
                    await collect(model.stream(sample_request()))

        run_with(model, act)
    assert upstream.paths == [RESPONSES, CHAT] * 2


# -- what both wires have in common ---------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "words", "code"), [row[1:] for row in FINAL], ids=[row[0] for row in FINAL]
)
def test_a_refusal_is_the_same_sentence_on_responses(reply: Reply, words: str, code: str) -> None:
    with Upstream(reply, HELLO) as upstream, pytest.raises(ProviderError) as caught:
        answer_of(client(upstream.url, wire="responses"))
    assert words in caught.value.message
    assert caught.value.run_code == code
    assert len(upstream.received) == 1


@pytest.mark.parametrize("reply", [row[1] for row in PASSING], ids=[row[0] for row in PASSING])
def test_what_may_pass_is_tried_again_on_responses(reply: Reply) -> None:
    with Upstream(reply, reply, HELLO) as upstream:
        assert answer_of(client(upstream.url, wire="responses")).text == "Hello"
    assert len(upstream.received) == 3


@pytest.mark.parametrize("tail", [[CUT], [event("{broken")], [event({"error": "Oh no"})]])
def test_nothing_is_tried_again_on_responses_once_text_came(tail: list[Any]) -> None:
    reply = Reply([*map(event, message_events("Hel")[:2]), *tail])
    with Upstream(reply, HELLO) as upstream, pytest.raises(ProviderError):
        answer_of(client(upstream.url, wire="responses"))
    assert len(upstream.received) == 1


def test_nothing_is_tried_again_on_responses_once_a_call_came() -> None:
    reply = Reply([*map(event, call_events()[:2]), CUT])
    with Upstream(reply, HELLO) as upstream, pytest.raises(ProviderError):
        answer_of(client(upstream.url, wire="responses"))
    assert len(upstream.received) == 1


@pytest.mark.parametrize(("wire", "good"), [("chat", SPOKEN), ("responses", HELLO)])
def test_a_wait_is_told_with_its_reason_and_its_end(wire: str, good: Reply) -> None:
    with Upstream(plain({}, 429, retry_after="0.05"), good) as upstream:
        events = answer_of(client(upstream.url, wire=wire)).events
    host = f"127.0.0.1:{upstream.port}"
    assert events[:2] == [RetryDelay(0.05, f"rate limit of {host}"), RetryDelay(0.0)]
    assert isinstance(events[2], TextDelta)


def test_an_endpoint_that_cannot_stream_responses_is_remembered() -> None:
    answer = plain(
        {
            "object": "response",
            "status": "completed",
            "output": [message_events("Hello")[-1]["item"]],
        }
    )
    with Upstream(Reply([]), answer) as upstream:
        assert (
            answer_of(
                client(upstream.url, wire="responses"), sample_request(), sample_request()
            ).text
            == "Hello"
        )
    assert [received.body.get("stream") for received in upstream.received] == [True, None, None]


def test_hard_thinking_has_more_time_before_the_first_byte() -> None:
    slow = Reply([1.5, *response_stream(message_events("Hello"), last_event()).pieces])
    with Upstream(slow) as upstream:
        model = client(upstream.url, wire="responses", first_byte_seconds=1.0)
        assert answer_of(model, sample_request(reasoning_effort="high")).text == "Hello"


@pytest.mark.parametrize("wire", ["chat", "responses"])
def test_cancelling_ends_the_request(wire: str) -> None:
    """Row 31."""

    async def act(model: ModelEndpoint) -> None:
        task = asyncio.create_task(collect(model.stream(sample_request())))
        await eventually(lambda: upstream.received)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(upstream.left.wait, LONG)

    with Upstream(Reply([threading.Event()])) as upstream:
        run_with(client(upstream.url, wire=wire), act)
