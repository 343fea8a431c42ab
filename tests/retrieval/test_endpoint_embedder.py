"""Vectors from an endpoint, and what its errors look like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.upstream import Reply, Upstream, plain, refused
from support.waiting import eventually
from traitlets import TraitError

from jupyter_assistants.api import Service, build
from jupyter_assistants.api.forms import ReceivedFile
from jupyter_assistants.config import Endpoint, Settings
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.files import CreateFile
from jupyter_assistants.protocol.vector_stores import (
    CreateVectorStore,
    SearchVectorStore,
    VectorStore,
)
from jupyter_assistants.retrieval.embedders.endpoint import EndpointEmbedder
from jupyter_assistants.storage.sql import SqlStorage

PATH = "/v1/embeddings"


def vectors(*rows: list[float]) -> Reply:
    data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(rows)]
    return plain({"object": "list", "data": data[::-1], "model": "m", "usage": {}})


def embedder(upstream: Upstream, key: str = "the-key") -> EndpointEmbedder:
    return EndpointEmbedder("lab", base_url=upstream.url, key=key, model="m")


def test_vectors_come_in_the_order_of_the_texts_and_have_length_1() -> None:
    with Upstream(native={PATH: vectors([3, 4], [0, 2])}) as upstream:
        one, two = embedder(upstream).embed(["one", "two"])
    np.testing.assert_allclose([one[0], two[0]], [[0.6, 0.8], [0, 1]])


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (refused(401, "Incorrect API key: the-key"), "key"),
        (refused(404, "no such model"), "m"),
        (vectors([1.0, 0.0]), "no vector for each text"),
        (plain({"nothing": 1}), "lab"),
    ],
)
def test_errors_say_what_to_do_and_not_the_key(reply: Reply, text: str) -> None:
    with Upstream(native={PATH: reply}) as upstream, pytest.raises(ProviderError) as error:
        embedder(upstream).embed(["one", "two"])
    assert text in error.value.message and "the-key" not in error.value.message


@pytest.mark.parametrize(
    ("base_url", "key", "text"),
    [
        ("http://127.0.0.1:9/v1", "the-k\u00e9y\n", "characters that no key has"),
        ("not an address", "the-key", "address"),
    ],
)
def test_what_no_request_can_be_made_with_is_a_clear_error(
    base_url: str, key: str, text: str
) -> None:
    asked = EndpointEmbedder("lab", base_url=base_url, key=key, model="m")
    with pytest.raises(ProviderError) as error:
        asked.embed(["one"])
    assert text in error.value.message and "the-k" not in error.value.message


def test_an_endpoint_that_is_not_there_is_a_clear_error() -> None:
    gone = EndpointEmbedder("lab", base_url="http://127.0.0.1:9/v1", key=None, model="m")
    with pytest.raises(ProviderError, match=r"127\.0\.0\.1:9"):
        gone.embed(["one"])


def service(tmp_path: Path, model: str, url: str) -> Service:
    endpoints = {"lab": Endpoint(base_url=url)}
    settings = Settings(data_dir=tmp_path, endpoints=endpoints, embedding_model=model)
    return build(settings, storage=SqlStorage.in_memory())


async def state(running: Service, vector_store: VectorStore, embedded: int) -> Any:
    async def reached() -> Any:
        shown = await running.vector_stores.get(vector_store)
        embeddings = shown.jupyter.embeddings
        return embeddings if embeddings.embedded == embedded else None

    return await eventually(reached)


async def test_a_vector_store_says_what_makes_its_vectors(tmp_path: Path) -> None:
    with Upstream(native={PATH: vectors([0.6, 0.8])}) as upstream:
        running = service(tmp_path, "lab/m", upstream.url)
        await running.start()
        with running.storage.write_file() as writer:
            writer.write(b"Ducks swim.")
            fields = CreateFile(purpose="assistants")
            received = ReceivedFile("a.txt", writer.commit(), fields)
            file = await running.files.create("o", fields, received)
        body = CreateVectorStore(file_ids=[file.id])
        made = await running.vector_stores.create("o", body)
        shown = await state(running, made, 1)
        assert (shown.model, shown.dimension, shown.chunks) == ("lab/m", 2, 1)
        found = await running.vector_stores.search("o", made, SearchVectorStore(query=["birds"]))
        assert [each.file_id for each in found.data] == [file.id]
        await running.close()


async def test_without_a_model_a_vector_store_says_so(tmp_path: Path) -> None:
    running = service(tmp_path, "none", "http://127.0.0.1:9/v1")
    await running.start()
    made = await running.vector_stores.create("o", CreateVectorStore())
    assert made.wire()["jupyter"] == {
        "embeddings": {"model": None, "dimension": None, "chunks": 0, "embedded": 0}
    }
    await running.close()


def test_an_unknown_endpoint_is_refused_when_the_server_starts(tmp_path: Path) -> None:
    with pytest.raises(TraitError, match="'elsewhere/m' is not ENDPOINT/MODEL"):
        service(tmp_path, "elsewhere/m", "http://127.0.0.1:9/v1")


def test_texts_are_not_sent_to_another_server_that_a_redirect_names() -> None:
    with Upstream(native={PATH: vectors([1, 0])}) as other:
        moved = Reply([], 307, {"location": other.url + "/embeddings"})
        with Upstream(native={PATH: moved}) as upstream, pytest.raises(ProviderError) as error:
            embedder(upstream).embed(["one"])
        assert "redirects requests to another server" in error.value.message
        assert other.received == []
