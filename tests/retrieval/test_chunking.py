"""Chunks have the size and the overlap that were asked for, and lose nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.vector_stores import StaticChunking
from jupyter_assistants.retrieval.base import Chunk
from jupyter_assistants.retrieval.blocks import Block, FileText, Unreadable
from jupyter_assistants.retrieval.chunking import AUTO_TOKENS, auto_chunks, chunks, static_chunks
from jupyter_assistants.retrieval.locations import Location

WORDS = " ".join(f"word{n}" for n in range(400))
PAGES = [(1, "one ", 60), (2, "two ", 60), (3, "three", 1)]
SIZES = st.integers(100, 400).flatmap(lambda s: st.tuples(st.just(s), st.integers(0, s // 2)))


def cut_by(blocks: Sequence[Block], *, size: int, overlap: int, **options: int) -> list[Chunk]:
    return static_chunks(FileText(blocks), size=size, overlap=overlap, **options)


def test_a_short_text_is_one_chunk() -> None:
    (chunk,) = cut_by([Block("Hello, you.")], size=800, overlap=400)
    assert chunk.text == "Hello, you." and chunk.location == Location()


def test_nothing_to_read_is_no_chunk() -> None:
    assert cut_by([Block("  \t ")], size=800, overlap=400) == []


def test_chunks_are_full_and_overlap_as_asked() -> None:
    # Each of these words has two tokens.
    cut = cut_by([Block(WORDS)], size=100, overlap=20)
    assert [estimate(each.text) for each in cut[:-1]] == [100] * (len(cut) - 1)
    for before, after in pairwise(cut):
        shared = [word for word in after.text.split() if word in before.text.split()]
        assert len(shared) == 10 and after.text.startswith(" ".join(shared))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=3000), SIZES)
def test_no_chunk_is_too_large_and_every_word_is_in_one(text: str, sizes: tuple[int, int]) -> None:
    size, overlap = sizes
    cut = cut_by([Block(text)], size=size, overlap=overlap)
    assert all(estimate(each.text) <= size for each in cut)
    at = 0
    for each in cut:
        start = text.index(each.text, max(0, at - len(each.text)))
        assert not text[at:start].strip() or start <= at
        at = start + len(each.text)


def test_one_endless_word_is_cut_as_well() -> None:
    cut = cut_by([Block("a" * 10_000)], size=100, overlap=0)
    assert "".join(each.text for each in cut) == "a" * 10_000
    assert all(estimate(each.text) <= 100 for each in cut)


def test_a_chunk_says_where_it_stands() -> None:
    blocks = [Block(word * n, Location(page=at)) for at, word, n in PAGES]
    places = [each.location.label for each in cut_by(blocks, size=100, overlap=0)]
    assert places == ["page 1 to page 2", "page 2 to page 3"]


def test_a_file_above_the_limit_of_tokens_is_refused() -> None:
    with pytest.raises(Unreadable, match="more than 1,000 tokens"):
        cut_by([Block("a " * 1001)], size=800, overlap=400, most=1000)
    assert cut_by([Block("a " * 1000)], size=800, overlap=400, most=1000)


def test_the_same_text_cut_in_the_same_way_has_the_same_ids() -> None:
    blocks = [Block(WORDS), Block("end")]
    ids = [each.id for each in chunks(blocks, StaticChunking())]
    assert ids == [each.id for each in chunks(list(blocks), StaticChunking())]
    assert len(set(ids)) == len(ids) > 1


def test_a_chunk_is_what_stands_between_its_offsets() -> None:
    file = FileText([Block(WORDS, Location(page=1)), Block("end\nof it", Location(page=2))])
    for each in [*auto_chunks(file), *cut_by(file.blocks, size=100, overlap=50)]:
        assert file.text[each.start : each.end] == each.text


STRUCTURE = st.lists(
    st.builds(
        Block,
        st.text(st.sampled_from("ab1.\n 语"), max_size=400),
        st.builds(Location, page=st.integers(1, 3), headings=st.sampled_from([(), ("A",)])),
        st.sampled_from(["text", "table", "code"]),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(STRUCTURE)
def test_auto_loses_no_word_and_keeps_its_limit(blocks: list[Block]) -> None:
    file = FileText(blocks)
    cut = auto_chunks(file, size=100)
    assert all(estimate(each.text) <= 100 for each in cut)
    assert "".join("".join(each.text for each in cut).split()) == "".join(file.text.split())


def test_auto_ends_a_chunk_with_its_page_if_it_is_long_enough() -> None:
    pages = [Block("one " * 150, Location(page=1)), Block("two " * 150, Location(page=2))]
    assert [each.location for each in auto_chunks(FileText(pages))] == [
        Location(page=1),
        Location(page=2),
    ]


def test_auto_joins_short_sections() -> None:
    blocks = [Block(f"Section {n}\nshort", Location(headings=(f"Section {n}",))) for n in range(3)]
    (chunk,) = auto_chunks(FileText(blocks))
    assert chunk.location.label == "Section 0 to Section 2"
    assert chunk.head == "Section 0 › Section 1 › Section 2"


def test_auto_cuts_between_paragraphs() -> None:
    paragraph = "word " * 150
    cut = auto_chunks(FileText([Block("\n\n".join([paragraph.strip()] * 5))]))
    assert [each.text.split("\n\n") for each in cut] == [
        [paragraph.strip()] * 2,
        [paragraph.strip()] * 2,
        [paragraph.strip()],
    ]
    assert all(estimate(each.text) <= AUTO_TOKENS for each in cut)


def test_auto_cuts_tables_between_rows_and_names_the_columns() -> None:
    rows = "\n".join(f"row {n} | some text of the row" for n in range(2, 200))
    block = Block(rows, Location(sheet="S", cells="A2:B199"), "table", head="Name | Text")
    cut = auto_chunks(FileText([block]))
    assert len(cut) > 2 and all(each.text.startswith("row ") for each in cut)
    assert all(each.head == "Name | Text" for each in cut)
    first = len(cut[0].text.splitlines())
    assert cut[0].location.label == f"S!A2:B{first + 1}"
    assert cut[1].location.cells is not None and cut[1].location.cells.startswith(f"A{first + 2}:")


def test_auto_never_goes_on_from_one_sheet_to_the_next() -> None:
    sheets = [Block("a", Location(sheet=name, cells="A1:A1"), "table") for name in "ST"]
    assert [each.location.sheet for each in auto_chunks(FileText(sheets))] == ["S", "T"]
