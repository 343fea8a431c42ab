"""Words and meanings are searched together, and vectors follow what the database says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support.waiting import eventually
from test_search_index import document, found

from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.retrieval.base import Ranking
from jupyter_assistants.retrieval.embedders.hashed import HashedEmbedder
from jupyter_assistants.retrieval.fusion import falling, fused
from jupyter_assistants.retrieval.index import HybridIndex
from jupyter_assistants.retrieval.index_storage import Rows
from jupyter_assistants.retrieval.ingestion.reembedder import Reembedder
from jupyter_assistants.retrieval.sqlite import IN_MEMORY, SqliteRows
from jupyter_assistants.retrieval.vectors import VectorTable


def made(path: Path | str = IN_MEMORY, dimension: int = 256) -> HybridIndex:
    return HybridIndex(SqliteRows(path), HashedEmbedder(dimension))


def test_a_chunk_is_found_by_words_at_once_and_by_meaning_when_embedded(rows: Rows) -> None:
    index = HybridIndex(rows, HashedEmbedder())
    index.add(document("one", "zoological gardens"))
    assert found(index, "zoologist") == [] and index.state("vs_A").embedded == 0
    assert index.embed() == 0
    assert found(index, "zoologist") == ["one"]
    state = index.state("vs_A")
    assert (state.chunks, state.embedded) == (1, 1)
    assert (state.model, state.dimension) == ("hashed-256", 256)


def test_without_an_embedder_the_state_says_so() -> None:
    index = HybridIndex(SqliteRows(IN_MEMORY))
    index.add(document("one", "ducks"))
    state = index.state("vs_A")
    assert index.embed() == 0 and state.chunks == 1 and state.model is None


def test_embedding_goes_on_in_portions_until_nothing_waits(rows: Rows) -> None:
    index = HybridIndex(rows, HashedEmbedder())
    index.add(document("one", "alpha", "beta", "gamma"))
    assert [index.embed(most=2), index.embed(most=2), index.embed(most=2)] == [1, 0, 0]


def test_another_model_embeds_anew_and_the_old_vectors_go(tmp_path: Path) -> None:
    first = made(tmp_path / "search.db")
    first.add(document("one", "zoological gardens"))
    first.embed()
    first.close()
    second = made(tmp_path / "search.db", dimension=128)
    assert second.state("vs_A").embedded == 0 and found(second, "zoologist") == []
    assert second.embed() == 0 and second.state("vs_A").embedded == 1
    assert found(second, "zoologist") == ["one"]
    table = second.load()
    assert table is not None and len(table) == 1
    second.close()
    third = made(tmp_path / "search.db")
    assert third.state("vs_A").embedded == 0
    third.close()


async def test_vectors_are_in_memory_before_somebody_searches(tmp_path: Path) -> None:
    first = made(tmp_path / "search.db")
    first.add(document("one", "zoological gardens"))
    first.embed()
    first.close()
    second = made(tmp_path / "search.db")
    embedding = Reembedder(second)
    embedding.open()
    await eventually(lambda: second.loaded)
    await embedding.close()
    assert found(second, "zoologist") == ["one"]
    second.close()


def test_another_model_replaces_the_vectors(rows: Rows) -> None:
    first = HybridIndex(rows, HashedEmbedder())
    first.add(document("one", "zoological gardens"))
    first.embed()
    second = HybridIndex(rows, HashedEmbedder(128))
    assert second.state("vs_A").embedded == 0 and second.embed() == 0
    state = second.state("vs_A")
    assert (state.model, state.dimension, state.embedded) == ("hashed-128", 128, 1)
    assert first.state("vs_A").embedded == 0 and found(second, "zoologist") == ["one"]


def test_documents_are_listed_to_find_what_a_crash_left(rows: Rows) -> None:
    index = HybridIndex(rows)
    index.add(document("one", "ducks"))
    index.add(document("one", "ducks", store="vs_B"))
    assert sorted(index.documents()) == [("vs_A", "one"), ("vs_B", "one")]
    index.add(document("two", "geese"))
    assert sorted(index.vector_stores()) == ["vs_A", "vs_B"]
    index.remove("vs_A")
    index.tidy()
    assert index.vector_stores() == ["vs_B"]
    assert index.documents() == [("vs_B", "one")] and found(index, "ducks", stores="vs_B")


def test_what_another_process_embeds_is_found(tmp_path: Path) -> None:
    one, two = made(tmp_path / "search.db"), made(tmp_path / "search.db")
    one.add(document("one", "zoological gardens"))
    one.embed()
    assert found(two, "zoologist") == ["one"]
    two.add(document("two", "zoologists"))
    two.embed()
    assert sorted(found(one, "zoologist")) == ["one", "two"]
    one.remove("vs_A", "one")
    assert found(two, "zoologist") == ["two"]
    one.close()
    two.close()


def test_the_same_content_is_kept_and_embedded_once(rows: Rows) -> None:
    index = HybridIndex(rows, HashedEmbedder())
    index.add(document("one", "zoological gardens", name="a.txt"))
    index.embed()
    index.add(document("two", "zoological gardens", name="a.txt", year=2020))
    index.add(document("one", "zoological gardens", name="a.txt", store="vs_B"))
    assert index.embed() == 0
    table = index.load()
    assert table is not None and len(table) == 1
    assert found(index, "gardens") == ["one", "two"] and found(index, "a.txt") == ["one", "two"]
    index.remove("vs_A", "one")
    assert found(index, "zoologist") == ["two"] == found(index, "gardens")
    assert found(index, "gardens", stores="vs_B") == ["one"]


def test_a_file_is_not_found_by_the_name_that_another_store_gave_to_its_content(rows: Rows) -> None:
    index = HybridIndex(rows)
    index.add(document("one", "zoological gardens", name="report.txt"))
    index.add(document("two", "zoological gardens", name="merger.txt", store="vs_B"))
    assert found(index, "merger") == [] and found(index, "report") == ["one"]
    assert found(index, "merger", stores="vs_B") == ["two"]


def test_weights_switch_one_side_off(rows: Rows) -> None:
    index = HybridIndex(rows, HashedEmbedder())
    index.add(document("word", "a gardener in town"))
    index.add(document("near", "gardening gardeners"))
    index.embed()
    words_only = Ranking(embedding_weight=0.0)
    assert found(index, "town", ranking=words_only) == ["word"]
    assert found(index, "zoo town", ranking=Ranking(text_weight=0.0))[0] == "word"
    assert found(index, "gardenia", ranking=words_only) == []


def test_weights_move_what_only_words_or_only_meaning_find(rows: Rows) -> None:
    index = HybridIndex(rows, HashedEmbedder())
    index.add(document("word", "the zoo " + "of an old and grey harbour town " * 3))
    index.add(document("near", "zoologists zoological zoology"))
    index.embed()
    assert found(index, "zoo", ranking=Ranking(text_weight=100.0))[0] == "word"
    assert found(index, "zoo", ranking=Ranking(embedding_weight=100.0))[0] == "near"


def test_without_fusion_each_chunk_stands_by_how_well_it_fits_by_itself(rows: Rows) -> None:
    index = HybridIndex(rows, HashedEmbedder())
    for number in range(6):
        index.add(document(f"{number}", "zoo " + "zoology of the harbour town " * number))
    index.embed()
    by_fit = {
        hit.file_id: hit.score
        for hit in index.search(["zoo town"], ["vs_A"], limit=9, ranking=Ranking(fusing=False))
    }
    fused_order = index.search(["zoo town"], ["vs_A"], limit=9)
    assert list(by_fit.values()) == sorted(by_fit.values(), reverse=True)
    assert set(by_fit) == {hit.file_id for hit in fused_order}
    few = index.search(["zoo town"], ["vs_A"], limit=2, ranking=Ranking(fusing=False))
    assert [(hit.file_id, hit.score) for hit in few] == list(by_fit.items())[:2]
    least = few[1].score
    kept = index.search(
        ["zoo town"], ["vs_A"], limit=9, threshold=least, ranking=Ranking(fusing=False)
    )
    assert all(hit.score >= least for hit in kept) and len(kept) < len(by_fit)


class Unreachable(HashedEmbedder):
    """The adapter, cut off."""

    def embed(self, texts: Sequence[str]) -> Sequence[NDArray[np.float32]]:
        raise ProviderError("it does not answer")


def test_a_model_that_does_not_answer_leaves_the_words(tmp_path: Path) -> None:
    first = made(tmp_path / "search.db")
    first.add(document("one", "zoological gardens"))
    first.embed()
    first.add(document("two", "gardens"))
    cut_off = HybridIndex(SqliteRows(tmp_path / "search.db"), Unreachable())
    assert sorted(found(cut_off, "gardens")) == ["one", "two"]
    with pytest.raises(ProviderError):
        cut_off.embed()
    first.close()
    cut_off.close()


def test_removed_text_is_in_no_file(tmp_path: Path) -> None:
    index = made(tmp_path / "search.db")
    secret = "xylophonist wrote quetzalcoatl"
    index.add(document("kept", *[f"passage {n} of ducks" for n in range(200)]))
    index.add(document("gone", *[f"{secret} {n}" for n in range(200)], name="whistleblower.txt"))
    index.embed(most=1000)
    table = index.load()
    assert table is not None
    vector = HashedEmbedder().embed([f"whistleblower.txt \n{secret} 7"])[0]
    index.remove("vs_A", "gone")
    index.tidy()
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for trace in (b"xylophon", b"quetzal", b"whistleblow", b"gone", vector.tobytes()[:64]):
        assert trace not in raw, trace
    assert b"passage 7 of ducks" in raw
    index.close()


def test_tables_of_another_version_are_replaced(tmp_path: Path) -> None:
    import sqlite3

    old = sqlite3.connect(tmp_path / "search.db")
    old.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY, blocks TEXT)")
    old.execute("CREATE VIRTUAL TABLE words USING fts5 (scope, filename, text)")
    old.execute("INSERT INTO words VALUES ('s', 'f', 'ducks')")
    old.commit()
    old.close()
    index = made(tmp_path / "search.db")
    assert index.documents() == []
    index.add(document("one", "ducks"))
    assert index.documents() == [("vs_A", "one")] and found(index, "ducks") == ["one"]
    index.close()


# -- fusion -------------------------------------------------------------------------------------


def test_what_both_lists_have_comes_first() -> None:
    assert fused([([1, 2, 3], 1.0), ([3, 4], 1.0)])[0] == 3
    assert fused([([1], 1.0), ([2], 0.0)]) == [1]


def test_scores_fall_and_stay_near_what_fits() -> None:
    assert falling([1, 2, 3], {1: 0.9, 2: 0.5, 3: 0.1}) == {1: 0.9, 2: 0.5, 3: 0.1}
    assert falling([1, 2, 3], {1: 0.2, 2: 0.4, 3: 0.1}) == pytest.approx({1: 0.3, 2: 0.3, 3: 0.1})


# -- the table of vectors -----------------------------------------------------------------------


def clustered(number: int, dimension: int = 32) -> NDArray[np.float32]:
    random = np.random.default_rng(1)
    centres = random.standard_normal((number // 50, dimension))
    points = centres[random.integers(0, len(centres), number)]
    points = points + 0.3 * random.standard_normal((number, dimension))
    lengths: NDArray[np.float64] = np.linalg.norm(points, axis=1, keepdims=True)
    return (points / lengths).astype(np.float32)


def test_cells_find_nearly_what_an_exact_search_finds() -> None:
    vectors = clustered(6000)
    numbers = np.arange(6000)
    exact, cells = VectorTable(32), VectorTable(32, exact_up_to=1000)
    for table in (exact, cells):
        table.append(numbers, numbers % 10, vectors)
    cells.build()
    contents = np.arange(10)
    hits = 0
    for query in vectors[::100]:
        wanted = {chunk for chunk, _ in exact.search(query, contents, 10)}
        hits += len(wanted & {chunk for chunk, _ in cells.search(query, contents, 10)})
    assert hits >= 0.97 * 600


def test_cells_honour_the_contents_and_what_came_later() -> None:
    vectors = clustered(6000)
    numbers = np.arange(6000)
    table = VectorTable(32, exact_up_to=1000)
    table.append(numbers[:5900], numbers[:5900] % 10, vectors[:5900])
    table.build()
    table.append(numbers[5900:], numbers[5900:] % 10, vectors[5900:])
    for at in (17, 5950):
        assert table.search(vectors[at], np.arange(10), 3)[0][0] == at
        assert table.search(vectors[at], np.array([at % 10]), 3)[0][0] == at
        others = table.search(vectors[at], np.array([(at + 1) % 10]), 20)
        assert others and all(chunk % 10 == (at + 1) % 10 for chunk, _ in others)


def test_a_chunk_with_several_vectors_is_found_once_by_its_nearest() -> None:
    table = VectorTable(2)
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    table.append(np.array([1, 1, 2]), np.array([1, 1, 1]), vectors)
    nearest = table.search(np.array([0, 1], np.float32), np.array([1]), 5)
    assert [chunk for chunk, _ in nearest] == [1, 2] and nearest[0][1] == pytest.approx(1.0)
