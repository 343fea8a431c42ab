"""What an endpoint sends is read up to a limit, compressed or not."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from support.upstream import Reply, Upstream, events, plain, streamed

from jupyter_assistants.models import bounded_bodies
from jupyter_assistants.models.base import ModelRequest, TextDelta
from jupyter_assistants.models.bounded_bodies import (
    LONGEST_ERROR,
    ResponseTooLarge,
    UnknownEncoding,
    limit_body,
    limit_body_async,
)
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.models.retries import Retries
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.retrieval.embedders.endpoint import EndpointEmbedder


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LONGEST_STREAM", "LONGEST_BODY", "LONGEST_LIST"):
        monkeypatch.setattr(bounded_bodies, name, 1024 * 1024)


class Pieces(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body in pieces, as they come from a network."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), 10_000):
            yield self._body[start : start + 10_000]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def response(body: bytes, encoding: str = "", status: int = 200) -> httpx2.Response:
    """Return a response whose body has not been read."""
    headers = {"Content-Encoding": encoding, "Location": "/"}
    request = httpx2.Request("POST", "http://lab.example/v1/embeddings")
    return httpx2.Response(status, headers=headers, stream=Pieces(body), request=request)


def read(given: httpx2.Response) -> bytes:
    limit_body(given)
    return given.read()


PACKED = {
    "identity": lambda body: body,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": lambda body: zlib.compress(body)[2:-4],
}


@pytest.mark.parametrize("encoding", PACKED)
async def test_a_body_within_the_limit_is_read_whole(encoding: str) -> None:
    body = json.dumps({"data": list(range(100_000))}).encode()
    packed = PACKED[encoding](body)
    assert read(response(packed, encoding)) == body
    later = response(packed, encoding)
    await limit_body_async(later)
    assert await later.aread() == body


@pytest.mark.parametrize("encoding", PACKED)
async def test_a_body_above_the_limit_is_refused(encoding: str) -> None:
    packed = PACKED[encoding](b"a" * 50_000_000)
    with pytest.raises(ResponseTooLarge, match="more than 1 MB"):
        read(response(packed, encoding))
    later = response(packed, encoding)
    await limit_body_async(later)
    with pytest.raises(ResponseTooLarge):
        await later.aread()


@pytest.mark.parametrize("status", [400, 404, 500])
def test_of_a_long_error_the_beginning_is_read(status: int) -> None:
    body = b'{"error": "no"}' + b" " * 50_000_000
    assert read(response(gzip.compress(body), "gzip", status)) == body[:LONGEST_ERROR]


def test_a_redirect_may_not_be_long() -> None:
    with pytest.raises(ResponseTooLarge):
        read(response(b" " * 50_000_000, status=302))


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip"])
def test_what_was_not_asked_for_or_is_broken_is_refused(encoding: str) -> None:
    with pytest.raises(UnknownEncoding):
        read(response(b"no archive", encoding))


# -- through the clients ----------------------------------------------------------------------------


async def answer(upstream: Upstream) -> str:
    model = ModelEndpoint("lab", base_url=upstream.url, wire="chat", retries=Retries(1))
    try:
        found = [event async for event in model.stream(ModelRequest("m", "", []))]
    finally:
        await model.close()
    return "".join(event.text for event in found if isinstance(event, TextDelta))


GZIP = {"Content-Encoding": "gzip"}
TOO_LARGE = {
    "a stream of comments": Reply([b": ping\n" * 100_000] * 30),
    "a stream of events": events(*[{"choices": []}] * 200_000),
    "an answer in one piece": Reply([b"{" + b" " * 500_000] * 50, mime="application/json"),
    "a compressed stream of comments": Reply([gzip.compress(b": x\n" * 10_000_000)], 200, GZIP),
}


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_an_answer_that_is_larger_than_any_says_so(name: str) -> None:
    with Upstream(TOO_LARGE[name]) as upstream, pytest.raises(ProviderError) as failed:
        await answer(upstream)
    assert 'sent more than an answer of m can have ("more than 1 MB")' in failed.value.message


async def test_a_compressed_answer_is_read() -> None:
    whole = b"".join(streamed({"content": "Hello"}).pieces)
    with Upstream(Reply([gzip.compress(whole)], 200, GZIP)) as upstream:
        assert await answer(upstream) == "Hello"
        assert upstream.received[0].headers["accept-encoding"] == "gzip, deflate"


async def test_an_error_of_many_megabytes_is_told_by_its_beginning() -> None:
    body = b"No such thing. " + b"x" * 30_000_000
    refusal = Reply([body], 400, mime="text/plain")
    with Upstream(refusal) as upstream, pytest.raises(ProviderError, match="No such thing"):
        await answer(upstream)


async def test_a_list_of_models_has_a_limit_and_the_problem_is_named() -> None:
    listed = plain({"data": [{"id": "m" * 1_000 + str(number)} for number in range(2_000)]})
    with Upstream(models=listed) as upstream:
        model = ModelEndpoint("lab", base_url=upstream.url)
        try:
            assert await model.models() == []
            assert "more than 1 MB" in (model.problem() or "")
        finally:
            await model.close()


def test_embeddings_have_a_limit() -> None:
    large = plain({"data": [], "more": "x" * 3_000_000})
    with Upstream(native={"/v1/embeddings": large}) as upstream:
        embedder = EndpointEmbedder("lab", base_url=upstream.url, key="", model="m")
        with pytest.raises(ProviderError, match="more than 1 MB"):
            embedder.embed(["duck"])
