"""Loops of the stock ``openai`` package that delete what they list, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import openai
import pytest
from openai import OpenAI
from openai.pagination import SyncCursorPage
from openai.types.beta import Thread
from support.live_server import LiveServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SEVEN = range(7)
Paged = Iterator[Any]


@pytest.fixture(scope="module")
def client(assistants_server: LiveServer) -> Iterator[OpenAI]:
    with assistants_server.client(max_retries=0) as client:
        yield client


class Loop:
    """Seven objects of a kind, how they are listed, and how one is deleted."""

    def __init__(self, client: OpenAI) -> None:
        self.client = client
        self.ids = self.create()

    def create(self) -> list[str]:
        raise NotImplementedError

    def list(self, **query: Any) -> Paged:
        raise NotImplementedError

    def delete(self, id: str) -> Any:
        raise NotImplementedError


class Assistants(Loop):
    def create(self) -> list[str]:
        return [self.client.beta.assistants.create(model="demo").id for _ in SEVEN]

    def list(self, **query: Any) -> Paged:
        return iter(self.client.beta.assistants.list(**query))

    def delete(self, id: str) -> Any:
        return self.client.beta.assistants.delete(id)


class Threads(Loop):
    def create(self) -> list[str]:
        return [self.client.beta.threads.create().id for _ in SEVEN]

    def list(self, **query: Any) -> Paged:
        # The hosted API cannot list threads, so the package has no method; it turns our pages as well.
        page = SyncCursorPage[Thread]
        options: Any = {"params": query}
        return iter(self.client.get_api_list("/threads", page=page, model=Thread, options=options))

    def delete(self, id: str) -> Any:
        return self.client.beta.threads.delete(id)


class Messages(Loop):
    def create(self) -> list[str]:
        self.thread = self.client.beta.threads.create().id
        add = self.client.beta.threads.messages.create
        return [add(self.thread, role="user", content=f"{n}").id for n in SEVEN]

    def list(self, **query: Any) -> Paged:
        return iter(self.client.beta.threads.messages.list(self.thread, **query))

    def delete(self, id: str) -> Any:
        return self.client.beta.threads.messages.delete(id, thread_id=self.thread)


class Files(Loop):
    def create(self) -> list[str]:
        add = self.client.files.create
        return [add(file=(f"{n}.txt", b"abc"), purpose="assistants").id for n in SEVEN]

    def list(self, **query: Any) -> Paged:
        return iter(self.client.files.list(purpose="assistants", **query))

    def delete(self, id: str) -> Any:
        return self.client.files.delete(id)


class VectorStores(Loop):
    def create(self) -> list[str]:
        return [self.client.vector_stores.create(name=f"{n}").id for n in SEVEN]

    def list(self, **query: Any) -> Paged:
        return iter(self.client.vector_stores.list(**query))

    def delete(self, id: str) -> Any:
        return self.client.vector_stores.delete(id)


class VectorStoreFiles(Loop):
    def create(self) -> list[str]:
        ids = Files.create(self)  # type: ignore[arg-type]
        self.store = self.client.vector_stores.create().id
        batches = self.client.vector_stores.file_batches
        self.batch = batches.create_and_poll(self.store, file_ids=ids, poll_interval_ms=50).id
        return ids

    def list(self, **query: Any) -> Paged:
        return iter(self.client.vector_stores.files.list(self.store, **query))

    def delete(self, id: str) -> Any:
        return self.client.vector_stores.files.delete(id, vector_store_id=self.store)


class BatchFiles(VectorStoreFiles):
    def list(self, **query: Any) -> Paged:
        list_files = self.client.vector_stores.file_batches.list_files
        return iter(list_files(self.batch, vector_store_id=self.store, **query))


class FilesOfAStore(VectorStoreFiles):
    """The file itself is deleted, and leaves the vector store with it."""

    def delete(self, id: str) -> Any:
        return self.client.files.delete(id)


LOOPS: list[Callable[[OpenAI], Loop]] = [
    *(Assistants, Threads, Messages, Files),
    *(VectorStores, VectorStoreFiles, BatchFiles, FilesOfAStore),
]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_deletes_everything_that_it_lists(
    client: OpenAI, loop: Callable[[OpenAI], Loop], order: Literal["asc", "desc"]
) -> None:
    ours = loop(client)
    deleted = []
    for each in ours.list(limit=2, order=order):
        if each.id in ours.ids:
            ours.delete(each.id)
            deleted.append(each.id)
    assert deleted == (ours.ids if order == "asc" else ours.ids[::-1])
    assert not set(ours.ids) & {each.id for each in ours.list(limit=100)}


def test_a_cursor_that_never_was_there_is_an_error(client: OpenAI) -> None:
    for loop in (Assistants, Threads, Messages, Files, VectorStores, VectorStoreFiles):
        ours = loop(client)
        with pytest.raises(openai.NotFoundError, match="unknown_123"):
            next(ours.list(after="unknown_123"))
        ours.delete(ours.ids[0])
        with pytest.raises(openai.NotFoundError, match=f"{ours.ids[0]}x"):
            next(ours.list(after=f"{ours.ids[0]}x"))


def test_a_deleted_message_has_no_place_in_another_thread(client: OpenAI) -> None:
    ours, other = Messages(client), Messages(client)
    ours.delete(ours.ids[3])
    with pytest.raises(openai.NotFoundError, match=ours.ids[3]):
        next(other.list(after=ours.ids[3]))
    assert [each.id for each in ours.list(after=ours.ids[3], order="asc")] == ours.ids[4:]
    before = list(ours.list(before=ours.ids[3], order="asc"))
    assert [each.id for each in before] == ours.ids[:3]


def test_the_lists_of_a_deleted_thread_are_gone(client: OpenAI) -> None:
    ours = Messages(client)
    client.beta.threads.delete(ours.thread)
    with pytest.raises(openai.NotFoundError, match=f"No thread found with id '{ours.thread}'"):
        next(ours.list(after=ours.ids[0]))
