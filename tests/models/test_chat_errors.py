"""What a person reads when an endpoint does not do its part, and what is tried again."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import aclosing
from typing import Any

import pytest
from support.conversations import answer_of, client, collect, run_with, sample_request
from support.upstream import (
    CUT,
    Reply,
    Upstream,
    chunk,
    event,
    events,
    page,
    plain,
    refused,
    streamed,
)
from support.waiting import LONG, eventually

from jupyter_assistants.models.base import RetryDelay, StreamEnd, TextDelta
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.redaction import MASKED

pytestmark = pytest.mark.slow

GOOD = streamed({"content": "Hello"})


def failing(model: ModelEndpoint) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        answer_of(model)
    assert caught.value.__cause__ is None
    return caught.value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


FINAL: list[tuple[str, Reply, str, str]] = [
    ("wrong key", refused(401, "Incorrect API key"), "did not accept the API key", "server_error"),
    (
        "no access",
        refused(403, "Not for you"),
        "does not allow this API key to use",
        "server_error",
    ),
    ("no model", refused(404, "The model `x` does not exist"), "has no model", "server_error"),
    ("no path", plain({"detail": "Not Found"}, 404), "most end in /v1", "server_error"),
    (
        "quota",
        refused(429, "You exceeded your current quota", "insufficient_quota"),
        "quota or credit",
        "rate_limit_exceeded",
    ),
    ("no credit", refused(402, "Insufficient credits"), "quota or credit", "rate_limit_exceeded"),
    (
        "long prompt",
        refused(400, "This model's maximum context length is 8192 tokens."),
        "The prompt is too long",
        "invalid_prompt",
    ),
    (
        "Gemini's long prompt in a list",
        plain([{"error": {"message": "The input token count exceeds the maximum"}}], 400),
        "The input token count exceeds",
        "invalid_prompt",
    ),
    (
        "content filter",
        refused(400, "Filtered by the content management policy", "content_filter"),
        "The content filter",
        "invalid_prompt",
    ),
    ("bad prompt", refused(400, "No.", "invalid_prompt"), "refused the prompt", "invalid_prompt"),
    ("bad request", refused(400, "No tools here."), '("No tools here")', "server_error"),
    (
        "an event in place of a body",
        Reply([event({"error": {"message": "No tools"}}), event("[DONE]")], 400),
        '("No tools")',
        "server_error",
    ),
    ("plain text", Reply([b"go away"], 400, mime="text/plain"), '("go away")', "server_error"),
    (
        "a page",
        page("<html><style>b{}</style><h1>Not <b>now</b></h1></html>", 400),
        '("Not now")',
        "server_error",
    ),
    (
        "error event without a chance",
        events({"error": {"code": 401, "message": "No key"}}),
        "did not accept the API key",
        "server_error",
    ),
    (
        "error in a 200 answer",
        plain({"error": {"code": 403, "message": "Not you"}}),
        "does not allow",
        "server_error",
    ),
]


@pytest.mark.parametrize(
    ("reply", "words", "code"), [row[1:] for row in FINAL], ids=[row[0] for row in FINAL]
)
def test_a_refusal_is_one_sentence_and_is_not_tried_again(
    reply: Reply, words: str, code: str
) -> None:
    with Upstream(reply, GOOD) as upstream:
        error = failing(client(upstream.url))
    assert words in error.message
    assert f"127.0.0.1:{upstream.port}" in error.message
    assert "some-model" in error.message
    assert error.run_code == code
    assert len(upstream.received) == 1


PASSING: list[tuple[str, Reply, str, str]] = [
    ("busy", refused(429, "Slow down"), "accepts no more requests", "rate_limit_exceeded"),
    ("broken", refused(500, "Oh no"), '("Oh no")', "server_error"),
    ("overloaded", refused(529, "Overloaded"), "an internal error", "server_error"),
    ("cut before the first word", Reply([CUT]), "closed the connection", "server_error"),
    ("nothing", events(chunk({"role": "assistant"})), "closed the connection", "server_error"),
    (
        "busy inside a stream",
        events({"error": {"code": 429, "message": "Slow down"}}),
        "accepts no more requests",
        "rate_limit_exceeded",
    ),
    (
        "an error in plain words inside a stream",
        events({"error": "out of memory"}),
        '("out of memory")',
        "server_error",
    ),
    (
        "an event named error",
        Reply([b'event: error\ndata: {"message": "out of memory"}\n\n']),
        '("out of memory")',
        "server_error",
    ),
]


@pytest.mark.parametrize(
    ("reply", "words", "code"), [row[1:] for row in PASSING], ids=[row[0] for row in PASSING]
)
def test_what_may_pass_is_tried_four_times(reply: Reply, words: str, code: str) -> None:
    with Upstream(reply) as upstream:
        error = failing(client(upstream.url))
    assert words in error.message
    assert error.run_code == code
    assert len(upstream.received) == 4


@pytest.mark.parametrize("reply", [row[1] for row in PASSING], ids=[row[0] for row in PASSING])
def test_a_later_attempt_may_succeed(reply: Reply) -> None:
    with Upstream(reply, reply, GOOD) as upstream:
        assert answer_of(client(upstream.url)).text == "Hello"


def test_retries_can_be_turned_off() -> None:
    with Upstream(refused(429, "Slow down"), GOOD) as upstream:
        failing(client(upstream.url, max_attempts=1))
    assert len(upstream.received) == 1


@pytest.mark.parametrize(
    "reply",
    [
        plain({}, 429, retry_after="0.2"),
        plain({}, 429, retry_after_ms="200"),
        plain({"error": {"details": [{"retryDelay": "0.2s"}]}}, 429),
    ],
    ids=["Retry-After", "retry-after-ms", "retryDelay"],
)
def test_the_endpoints_own_wait_is_kept(reply: Reply) -> None:
    with Upstream(reply, GOOD) as upstream:
        answer = answer_of(client(upstream.url, first_wait=0.0))
    assert answer.text == "Hello"
    waits = [each.seconds for each in answer.events if isinstance(each, RetryDelay)]
    assert waits == [0.2, 0.0]


@pytest.mark.parametrize("wait", ["300", "Wed, 01 Jan 2200 00:00:00 GMT"])
def test_a_wait_that_is_too_long_ends_the_request_at_once(wait: str) -> None:
    with Upstream(plain({}, 429, retry_after=wait), GOOD) as upstream:
        error = failing(client(upstream.url))
    assert error.run_code == "rate_limit_exceeded"
    assert len(upstream.received) == 1


@pytest.mark.parametrize("wait", ["nan", "soon", "-5"])
def test_a_wait_that_makes_no_sense_does_no_harm(wait: str) -> None:
    with Upstream(plain({}, 429, retry_after=wait), GOOD) as upstream:
        assert answer_of(client(upstream.url)).text == "Hello"


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ([CUT], "closed the connection"),
        ([event("{broken")], "not JSON"),
        ([event({"error": {"message": "Oh no"}})], '("Oh no")'),
        ([threading.Event()], "sent nothing for 1 s"),
    ],
    ids=["cut", "broken JSON", "error event", "silence"],
)
def test_nothing_is_tried_again_once_text_came(tail: list[Any], words: str) -> None:
    reply = Reply([event(chunk({"content": "Hel"})), *tail])
    with Upstream(reply, GOOD) as upstream:
        model = client(upstream.url, idle_seconds=1.0)
        came = []

        async def act(model: ModelEndpoint) -> None:
            async for each in model.stream(sample_request()):
                came.append(each)

        with pytest.raises(ProviderError) as caught:
            run_with(model, act)
    assert words in caught.value.message
    assert came == [TextDelta("Hel")]
    assert len(upstream.received) == 1


def test_broken_json_before_the_first_word_is_an_error() -> None:
    with Upstream(events("{broken")) as upstream:
        assert "not JSON" in failing(client(upstream.url)).message


def test_silence_before_the_first_byte_is_tried_once_more() -> None:
    silent = Reply([threading.Event()])
    with Upstream(silent, GOOD) as upstream:
        assert answer_of(client(upstream.url, first_byte_seconds=1.0)).text == "Hello"
    with Upstream(silent) as upstream:
        error = failing(client(upstream.url, first_byte_seconds=1.0))
    assert "sent nothing for 1 s" in error.message
    assert len(upstream.received) == 2


def test_a_comment_is_a_sign_of_life() -> None:
    waiting = [b": still here\n\n", 0.5] * 3
    with Upstream(events(*waiting, chunk({"content": "Hello"}, "stop"))) as upstream:
        assert answer_of(client(upstream.url, first_byte_seconds=1.2)).text == "Hello"


def test_a_model_that_thinks_first_gets_the_longer_time() -> None:
    thinking = chunk({"role": "assistant", "content": ""}), 1.5
    with Upstream(events(*thinking, chunk({"content": "Hello"}, "stop"))) as upstream:
        assert answer_of(client(upstream.url, idle_seconds=1.0)).text == "Hello"


def test_an_endpoint_that_is_down_is_tried_once_more_and_then_reported() -> None:
    port = free_port()
    waits: list[Any] = []

    async def act(model: ModelEndpoint) -> None:
        async for each in model.stream(sample_request()):
            waits.append(each)

    with pytest.raises(ProviderError) as caught:
        run_with(client(f"http://127.0.0.1:{port}/v1", first_wait=0.3), act)
    error = caught.value
    assert [type(each) for each in waits] == [RetryDelay, RetryDelay]
    assert waits[0].seconds <= 0.3 and waits[1].seconds == 0
    assert error.message.startswith(f"Nothing answers at 127.0.0.1:{port} (model some-model)")


def test_an_unknown_host_is_told() -> None:
    error = failing(client("http://no-such-host.invalid/v1"))
    assert "The name of the host no-such-host.invalid" in error.message


@pytest.mark.parametrize(
    "base_url", ["localhost:11434", "http://[::1", "http://host:port", "http:"]
)
def test_an_address_that_is_none_is_told(base_url: str) -> None:
    assert "begins with http://" in failing(client(base_url)).message


def test_a_key_that_no_header_can_carry_is_told_and_not_shown() -> None:
    error = failing(client("http://127.0.0.1:9/v1", api_key="sk-geheim-ü"))
    assert "characters that no key has" in error.message
    assert "geheim" not in error.message


def test_a_login_page_is_asked_once_more_without_a_stream() -> None:
    with Upstream(page("<html><title>Sign in</title></html>")) as upstream:
        error = failing(client(upstream.url))
    assert "is this a login page" in error.message
    assert "Sign in" in error.message
    assert [received.body.get("stream") for received in upstream.received] == [True, None]


def test_an_endpoint_that_cannot_stream_is_remembered() -> None:
    answer = plain({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]})
    with Upstream(events(), answer) as upstream:
        assert answer_of(client(upstream.url), sample_request(), sample_request()).text == "Hello"
    assert [received.body.get("stream") for received in upstream.received] == [True, None, None]


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_the_key_is_in_no_error(status: int) -> None:
    echo = refused(status, "Bad key secret/0815, or sk-another-secret, in Bearer secret/0815")
    with Upstream(echo) as upstream:
        model = client(upstream.url, api_key="secret/0815")
        error = failing(model)
    assert "secret" not in error.message + repr(error) + repr(model)


def test_other_secrets_that_an_endpoint_shows_are_in_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WAREHOUSE_PASSWORD", "correct-horse-7")
    token = "ghp_" + "a1B2" * 9
    with Upstream(refused(400, f"No: correct-horse-7 nor {token}")) as upstream:
        error = failing(client(upstream.url))
    assert "horse" not in error.message and "a1B2" not in error.message
    assert f"No: {MASKED} nor {MASKED}" in error.message


def test_a_password_in_the_address_is_in_no_error() -> None:
    error = failing(client(f"http://me:hush@127.0.0.1:{free_port()}/v1"))
    assert "hush" not in error.message


def test_an_endpoint_without_a_key_gets_a_harmless_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    with Upstream(GOOD) as upstream:
        answer_of(client(upstream.url, api_key=""))
    headers = upstream.received[0].headers
    assert headers["authorization"] == "Bearer not-needed"
    assert "openai-organization" not in headers


def test_the_environments_address_is_used_when_none_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Upstream(GOOD) as upstream:
        monkeypatch.setenv("OPENAI_BASE_URL", upstream.url)
        assert answer_of(ModelEndpoint("openai", base_url=None, api_key="k")).text == "Hello"


def test_closing_the_iterator_ends_the_request() -> None:
    endless = Reply([event(chunk({"content": "Hel"})), threading.Event()])

    async def act(model: ModelEndpoint) -> None:
        async with aclosing(model.stream(sample_request())) as stream:
            assert await anext(stream) == TextDelta("Hel")
        assert await asyncio.to_thread(upstream.left.wait, LONG)

    with Upstream(endless) as upstream:
        run_with(client(upstream.url), act)


def test_a_connection_serves_several_requests() -> None:
    with Upstream(GOOD) as upstream:
        answer_of(client(upstream.url), sample_request(), sample_request(), sample_request())
    assert upstream.connections == 1


def test_two_requests_run_side_by_side() -> None:
    gate = threading.Event()

    async def act(model: ModelEndpoint) -> list[Any]:
        tasks = [asyncio.create_task(collect(model.stream(sample_request()))) for _ in range(4)]
        # No answer ends before all four requests have arrived.
        await eventually(lambda: len(upstream.received) == len(tasks))
        gate.set()
        return await asyncio.gather(*tasks)

    with Upstream(events(gate, chunk({"content": "Hello"}, "stop"))) as upstream:
        answers = run_with(client(upstream.url), act)
    assert [type(answer.finished) for answer in answers] == [StreamEnd] * 4


def redirect(url: str, status: int = 307) -> Reply:
    return Reply([], status, {"location": url})


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_server_gets_neither_the_prompt_nor_the_key(status: int) -> None:
    with Upstream(GOOD) as other, Upstream(redirect(f"{other.url}/chat/completions", status)) as up:
        error = failing(client(up.url))
        assert "redirects requests to another server" in error.message
        assert other.received == []


def test_a_redirect_on_the_same_server_is_followed() -> None:
    with Upstream(redirect("/v1/chat/completions"), GOOD) as upstream:
        assert "Hello" in answer_of(client(upstream.url, max_attempts=1)).text
        assert len(upstream.received) == 2


def test_a_list_of_models_is_not_read_from_another_server() -> None:
    with Upstream(GOOD) as other, Upstream(models=redirect(f"{other.url}/models")) as upstream:
        model = client(upstream.url)
        assert list(run_with(model, lambda model: model.models())) == []
        assert "redirects requests to another server" in str(model.problem())
        assert (other.received, other.listings) == ([], 0)
