"""Threads are found by their metadata and by what was said in them."""

from __future__ import annotations

import pytest
from support.store_samples import message, thread

from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.storage.base import Storage


@pytest.fixture
def filled(storage: Storage) -> Storage:
    """Return a store with four threads, one of them somebody else's."""
    storage.save(
        thread("thread_1").changed(metadata={"title": "Penguin weights", "course": "bio"}),
        thread("thread_2").changed(metadata={"title": "100% of sales_2024", "course": "bio"}),
        thread("thread_3").changed(metadata={'x"course': "bio", 'odd, "course': "bio"}),
        message("thread_2", "Wie schwer ist ein Pinguin? GRÖẞE!"),
        message("thread_3", "nothing of it"),
        owner="ada",
    )
    storage.save(thread("thread_4"), message("thread_4", "penguin"), owner="bob")
    return storage


def found(storage: Storage, owner: str = "ada", **query: object) -> list[str]:
    return [each.id for each in storage.search_threads(owner, **query).data]  # type: ignore[arg-type]


def test_without_a_query_all_threads_of_the_owner_come_newest_first(filled: Storage) -> None:
    assert found(filled) == ["thread_3", "thread_2", "thread_1"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("penguin", ["thread_1"]),
        ("PENGUIN", ["thread_1"]),
        ("schwer ist", ["thread_2"]),
        ("grösse", ["thread_2"]),
        ("100%", ["thread_2"]),
        ("0% of sales_", ["thread_2"]),
        ("%", ["thread_2"]),
        ("_", ["thread_2"]),
        ("!", ["thread_2"]),
        ("thread.message", []),
        ("bio", ["thread_3", "thread_2", "thread_1"]),
    ],
)
def test_a_text_is_found_in_titles_and_messages(filled: Storage, text: str, ids: list[str]) -> None:
    assert found(filled, text=text) == ids


def test_pairs_of_metadata_must_all_match_exactly(filled: Storage) -> None:
    assert found(filled, metadata={"course": "bio"}) == ["thread_2", "thread_1"]
    assert found(filled, metadata={"course": "bi_"}) == []
    assert found(filled, metadata={"course": "b"}) == []
    pairs = {"course": "bio", "title": "Penguin weights"}
    assert found(filled, metadata=pairs) == ["thread_1"]
    assert found(filled, metadata=pairs, text="schwer") == []
    assert found(filled, metadata={'x"course': "bio"}) == ["thread_3"]


def test_somebody_elses_threads_are_not_found(filled: Storage) -> None:
    assert found(filled, owner="bob", text="penguin") == ["thread_4"]


def test_a_search_comes_in_pages(filled: Storage) -> None:
    page = filled.search_threads("ada", metadata={"course": "bio"}, limit=1)
    assert ([t.id for t in page.data], page.has_more) == (["thread_2"], True)
    assert found(filled, metadata={"course": "bio"}, after="thread_2") == ["thread_1"]
    assert found(filled, metadata={"course": "bio"}, after="thread_3") == ["thread_2", "thread_1"]
    assert found(filled, order="asc", limit=1) == ["thread_1"]
    with pytest.raises(NotFound):
        found(filled, after="thread_4")
