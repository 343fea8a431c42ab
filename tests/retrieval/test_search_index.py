"""What every search index does; each one runs through all of this."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from jupyter_assistants.protocol.filters import SearchFilter
from jupyter_assistants.retrieval import sqlite_words
from jupyter_assistants.retrieval.base import Chunk, IndexedDocument, SearchIndex
from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.index_storage import Rows
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.retrieval.sqlite import SqliteRows

FILTER: TypeAdapter[Any] = TypeAdapter(SearchFilter)


@pytest.fixture
def index(rows: Rows) -> SearchIndex:
    return HybridIndex(rows)


def document(
    file_id: str, *texts: str, store: str = "vs_A", name: str = "", **attributes: Any
) -> IndexedDocument:
    """Return a document whose chunks are these texts."""
    chunks = [Chunk(f"chunk_{at}", text, Location(page=at)) for at, text in enumerate(texts, 1)]
    blocks = [Block(each.text, each.location) for each in chunks]
    return IndexedDocument(store, file_id, name or f"{file_id}.txt", blocks, chunks, attributes)


def found(index: SearchIndex, *queries: str, stores: str = "vs_A", **options: Any) -> list[str]:
    hits = index.search(queries, stores.split(), **{"limit": 10, **options})
    return [hit.file_id for hit in hits]


def test_a_chunk_is_found_by_its_words_in_any_form(index: SearchIndex) -> None:
    index.add(document("one", "Ducks are swimming.", "The weather is cold."))
    (hit,) = index.search(["Where does a duck swim?"], ["vs_A"], limit=10)
    assert (hit.file_id, hit.filename, hit.location) == ("one", "one.txt", Location(page=1))
    assert hit.text == "Ducks are swimming." and hit.vector_store_id == "vs_A"


def test_a_file_is_found_by_its_name(index: SearchIndex) -> None:
    index.add(document("one", "Nothing of interest.", name="penguins.txt"))
    assert found(index, "penguins") == ["one"]


def test_what_shares_no_word_is_not_found(index: SearchIndex) -> None:
    index.add(document("one", "Ducks are swimming."))
    assert found(index, "volcano") == []
    assert found(index, "") == [] and found(index, "?!") == []


def test_scores_are_between_0_and_1_and_fall(index: SearchIndex) -> None:
    index.add(document("both", "red apples and green pears"))
    index.add(document("one", "red bricks"))
    hits = index.search(["red apples"], ["vs_A"], limit=10)
    assert [hit.file_id for hit in hits] == ["both", "one"]
    assert 1 >= hits[0].score > hits[1].score > 0


def test_a_chunk_with_all_words_of_the_query_alone_in_its_store_scores_1(
    index: SearchIndex,
) -> None:
    index.add(document("one", "red apples"))
    assert index.search(["red apples"], ["vs_A"], limit=1)[0].score == 1.0


def test_the_threshold_and_the_limit_keep_results_out(index: SearchIndex) -> None:
    index.add(document("both", "red apples"))
    index.add(document("one", "red bricks"))
    assert found(index, "red apples", threshold=0.9) == ["both"]
    assert found(index, "red apples", limit=1) == ["both"]


def test_several_queries_are_merged_by_the_best_score(index: SearchIndex) -> None:
    index.add(document("one", "red apples"))
    index.add(document("two", "a volcano"))
    hits = index.search(["red stones", "volcano", "red apples"], ["vs_A"], limit=10)
    assert {hit.file_id: hit.score for hit in hits} == {"one": 1.0, "two": 1.0}


def test_only_the_named_vector_stores_are_searched(index: SearchIndex) -> None:
    index.add(document("one", "ducks", store="vs_A"))
    index.add(document("two", "ducks", store="vs_B"))
    index.add(document("three", "ducks", store="vs_a"))
    assert found(index, "ducks", stores="vs_A") == ["one"]
    assert sorted(found(index, "ducks", stores="vs_A vs_B")) == ["one", "two"]
    assert found(index, "ducks", stores="vs_C") == [] and found(index, "ducks", stores="") == []


def test_a_document_that_is_added_again_replaces_the_old_one(index: SearchIndex) -> None:
    index.add(document("one", "old ducks"))
    size = index.add(document("one", "new geese"))
    assert found(index, "ducks") == [] and found(index, "geese") == ["one"]
    assert index.bytes_of("vs_A") == size > 0
    assert index.sizes("vs_A", ["one", "two"]) == {"one": size}
    assert list(index.filenames("vs_A", limit=5)) == ["one.txt"]


def test_a_removed_document_leaves_no_trace(index: SearchIndex) -> None:
    index.add(document("one", "ducks"))
    index.add(document("two", "ducks"))
    index.remove("vs_A", "one")
    assert found(index, "ducks") == ["two"] and index.blocks("vs_A", "one") == []
    index.remove("vs_A", "unknown")
    index.remove("vs_A")
    assert found(index, "ducks") == [] and index.bytes_of("vs_A") == 0


def test_removing_a_file_keeps_it_in_other_vector_stores(index: SearchIndex) -> None:
    index.add(document("one", "ducks", store="vs_A"))
    index.add(document("one", "ducks", store="vs_B"))
    index.remove("vs_A", "one")
    assert found(index, "ducks", stores="vs_B") == ["one"]


def test_the_parsed_text_is_kept(index: SearchIndex) -> None:
    index.add(document("one", "first", "second"))
    assert list(index.blocks("vs_A", "one")) == [
        Block("first", Location(page=1)),
        Block("second", Location(page=2)),
    ]
    assert index.blocks("vs_A", "two") == []


@pytest.mark.parametrize(
    ("wanted", "files"),
    [
        ({"type": "eq", "key": "year", "value": 2020}, ["old"]),
        ({"key": "lang", "value": "en"}, ["new"]),
        ({"type": "ne", "key": "year", "value": 2020}, ["bare", "new"]),
        ({"type": "gt", "key": "year", "value": 2020}, ["new"]),
        ({"type": "gte", "key": "year", "value": 2020.0}, ["new", "old"]),
        ({"type": "lt", "key": "year", "value": 2025}, ["old"]),
        ({"type": "lte", "key": "year", "value": 1}, []),
        ({"type": "in", "key": "year", "value": [2020, 2025]}, ["new", "old"]),
        ({"type": "nin", "key": "year", "value": [2020]}, ["bare", "new"]),
        ({"type": "gt", "key": "lang", "value": 1}, []),
        ({"type": "eq", "key": "final", "value": 1}, []),
        ({"type": "eq", "key": "final", "value": True}, ["new"]),
        ({"type": "eq", "key": 'a "quoted" key', "value": "x"}, ["old"]),
        (
            {
                "type": "or",
                "filters": [
                    {"type": "eq", "key": "year", "value": 2020},
                    {
                        "type": "and",
                        "filters": [
                            {"type": "eq", "key": "lang", "value": "en"},
                            {"type": "gt", "key": "year", "value": 2000},
                        ],
                    },
                ],
            },
            ["new", "old"],
        ),
    ],
)
def test_filters_choose_by_attributes(index: SearchIndex, wanted: Any, files: list[str]) -> None:
    index.add(document("old", "ducks", year=2020, **{'a "quoted" key': "x"}))
    index.add(document("new", "ducks", year=2025, lang="en", final=True))
    index.add(document("bare", "ducks"))
    assert sorted(found(index, "ducks", filters=FILTER.validate_python(wanted))) == files


def test_attributes_can_be_replaced(index: SearchIndex) -> None:
    index.add(document("one", "ducks", year=2020))
    index.describe("vs_A", "one", {"year": 2021})
    index.describe("vs_A", "unknown", {"year": 2021})
    wanted = FILTER.validate_python({"key": "year", "value": 2021})
    (hit,) = index.search(["ducks"], ["vs_A"], limit=1, filters=wanted)
    assert hit.attributes == {"year": 2021}


@pytest.fixture
def large(index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> SearchIndex:
    """An index that counts as large: every chunk has "common", and many have "usual"."""
    monkeypatch.setattr(sqlite_words, "SMALL", 0)
    monkeypatch.setattr(sqlite_words, "RANKED", 50)
    monkeypatch.setattr(sqlite_words, "SKIMMED", 500)
    monkeypatch.setattr(sqlite_words, "MOST_RANKED", 200)
    words = ["common", "usual", "rare"]
    every = (None, 3, 100)
    texts = [
        " ".join(word for word, n in zip(words, every, strict=True) if n is None or at % n == 1)
        for at in range(640)
    ]
    index.add(document("many", *texts))
    return index


def test_in_a_large_index_rare_words_count_and_frequent_ones_stand_beside(
    large: SearchIndex,
) -> None:
    hits = large.search(["common usual rare"], ["vs_A"], limit=7)
    pages = [hit.location.page for hit in hits]
    # Pages count from 1, and texts from 0.
    assert sorted(page for page in pages if page) == [2, 102, 202, 302, 402, 502, 602]
    assert {hit.text for hit in hits[:3]} == {"common usual rare"}
    assert {hit.text for hit in hits[3:]} == {"common rare"}


def test_in_a_large_index_a_word_that_all_chunks_have_is_found_all_the_same(
    large: SearchIndex,
) -> None:
    hits = large.search(["common"], ["vs_A"], limit=20)
    assert len(hits) == 20 and all("common" in hit.text for hit in hits)
    assert found(large, "common", stores="vs_B") == []


@pytest.mark.parametrize(
    "odd", ['"', "duck* AND (", "NEAR(", "a:b", "\x00", "\udcff", "-", "'; --"]
)
def test_no_query_and_no_text_breaks_the_index(index: SearchIndex, odd: str) -> None:
    index.add(document("one", f"ducks {odd}", name=f"{odd}.txt"))
    found(index, odd)
    assert found(index, "ducks") == ["one"]


def test_it_can_be_searched_while_others_write(index: SearchIndex) -> None:
    index.add(document("first", "ducks"))
    seen: list[list[str]] = []

    def write(part: int) -> None:
        for number in range(20):
            index.add(document(f"{part}-{number}", "ducks and more ducks"))

    def read() -> None:
        seen.extend(found(index, "ducks", limit=100) for _ in range(20))

    threads = [threading.Thread(target=write, args=(part,)) for part in range(3)]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found(index, "ducks", limit=100)) == 61 and all(seen)


def test_a_file_index_is_there_after_it_was_closed(tmp_path: Path) -> None:
    first = HybridIndex(SqliteRows(tmp_path / "search.db"))
    first.add(document("one", "ducks"))
    first.close()
    second = HybridIndex(SqliteRows(tmp_path / "search.db", journal_mode="delete"))
    assert found(second, "ducks") == ["one"]
    second.close()


def test_two_processes_may_write_to_one_file_index(tmp_path: Path) -> None:
    one, two = (HybridIndex(SqliteRows(tmp_path / "search.db")) for _ in range(2))
    for number in range(10):
        one.add(document(f"one-{number}", "ducks"))
        two.add(document(f"two-{number}", "ducks"))
    assert len(found(one, "ducks", limit=50)) == len(found(two, "ducks", limit=50)) == 20
    one.close()
    two.close()


def test_a_file_that_is_no_database_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "search.db").write_bytes(b"this is not a database" * 100)
    index = HybridIndex(SqliteRows(tmp_path / "search.db"))
    index.add(document("one", "ducks"))
    assert found(index, "ducks") == ["one"]
    index.close()
