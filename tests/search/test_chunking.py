"""Passages have the size and the overlap that were asked for, and lose nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_assistants.search.blocks import Block, Unreadable
from jupyter_assistants.search.chunking import passages
from jupyter_assistants.tokens import estimate

WORDS = " ".join(f"word{n}" for n in range(400))
SIZES = st.integers(100, 400).flatmap(lambda s: st.tuples(st.just(s), st.integers(0, s // 2)))


def test_a_short_text_is_one_passage() -> None:
    (passage,) = passages([Block("Hello, you.")], size=800, overlap=400)
    assert passage.text == "Hello, you." and passage.place == ""


def test_nothing_to_read_is_no_passage() -> None:
    assert passages([Block("  \t ")], size=800, overlap=400) == []


def test_passages_are_full_and_overlap_as_asked() -> None:
    # Each of these words has two tokens.
    cut = passages([Block(WORDS)], size=100, overlap=20)
    assert [estimate(each.text) for each in cut[:-1]] == [100] * (len(cut) - 1)
    for before, after in pairwise(cut):
        shared = [word for word in after.text.split() if word in before.text.split()]
        assert len(shared) == 10 and after.text.startswith(" ".join(shared))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=3000), SIZES)
def test_no_passage_is_too_large_and_every_word_is_in_one(
    text: str, sizes: tuple[int, int]
) -> None:
    size, overlap = sizes
    cut = passages([Block(text)], size=size, overlap=overlap)
    assert all(estimate(each.text) <= size for each in cut)
    at = 0
    for each in cut:
        start = text.index(each.text, max(0, at - len(each.text)))
        assert not text[at:start].strip() or start <= at
        at = start + len(each.text)


def test_one_endless_word_is_cut_as_well() -> None:
    cut = passages([Block("a" * 10_000)], size=100, overlap=0)
    assert "".join(each.text for each in cut) == "a" * 10_000
    assert all(estimate(each.text) <= 100 for each in cut)


def test_a_passage_says_where_it_stands() -> None:
    blocks = [Block("one " * 60, "page 1"), Block("two " * 60, "page 2"), Block("three", "page 3")]
    places = [each.place for each in passages(blocks, size=100, overlap=0)]
    assert places == ["page 1 to page 2", "page 2 to page 3"]


def test_a_file_above_the_limit_of_tokens_is_refused() -> None:
    with pytest.raises(Unreadable, match="more than 1,000 tokens"):
        passages([Block("a " * 1001)], size=800, overlap=400, most=1000)
    assert passages([Block("a " * 1000)], size=800, overlap=400, most=1000)
