"""What a model reads of a search: neighbours joined, doubles gone, within a budget."""

from __future__ import annotations

from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.vector_stores import StaticChunking
from jupyter_assistants.retrieval.base import Chunk, Hit
from jupyter_assistants.retrieval.blocks import Block, FileText
from jupyter_assistants.retrieval.chunking import chunks
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.tools.file_search.passages import for_model, passages

SIZES = StaticChunking(max_chunk_size_tokens=100, chunk_overlap_tokens=50)
LONG = " ".join(f"Word{number} stands here." for number in range(600))
TEXT = FileText([Block(LONG, Location(page=1)), Block("Short end.", Location(page=2))])
CUT = chunks(TEXT.blocks, SIZES)


def hit(chunk: Chunk, score: float = 0.5, file_id: str = "file-1") -> Hit:
    return Hit("vs_1", file_id, f"{file_id}.txt", chunk, score)


def test_overlapping_chunks_become_one_passage_that_says_nothing_twice() -> None:
    assert CUT[3].start < CUT[2].end
    (found,) = passages([hit(CUT[3], 0.9), hit(CUT[2], 0.4)], lambda hit: TEXT)
    assert found.text == TEXT.text[CUT[2].start : CUT[3].end]
    assert found.score == 0.9 and found.location.label == "page 1"
    assert "".join(piece.text for piece in found.pieces) == found.text


def test_passages_far_apart_stay_apart_and_the_best_is_first() -> None:
    found = passages([hit(CUT[1], 0.4), hit(CUT[9], 0.9)], lambda hit: TEXT)
    assert [each.score for each in found] == [0.9, 0.4]


def test_a_passage_over_two_pages_has_a_piece_of_each() -> None:
    (found,) = passages([hit(CUT[-1])], lambda hit: TEXT)
    assert [piece.location.page for piece in found.pieces] == [1, 2]
    assert found.pieces[1].text == "Short end." and found.location.label == "page 1 to page 2"
    assert found.prompt_text.startswith("[page 1]\n") and found.prompt_text.endswith(
        "\n[page 2]\nShort end."
    )
    for piece in found.pieces:
        assert TEXT.text[piece.start : piece.stop] == piece.text


def test_the_same_text_in_two_files_or_stores_is_found_once() -> None:
    same = [hit(CUT[0], 0.9), hit(CUT[0], 0.9, "file-2"), hit(CUT[0], 0.8)]
    assert [each.file_id for each in passages(same, lambda hit: TEXT)] == ["file-1"]


def test_joined_passages_do_not_grow_without_end() -> None:
    found = passages([hit(chunk) for chunk in CUT], lambda hit: TEXT)
    assert len(found) > 1 and all(len(each.text) <= 8000 for each in found)


def test_a_file_that_went_in_the_meantime_is_shown_as_it_was_found() -> None:
    (found,) = passages([hit(CUT[0])], lambda hit: FileText([]))
    assert found.text == CUT[0].text and [p.text for p in found.pieces] == [CUT[0].text]


def test_the_model_gets_what_fits_into_its_share_and_at_least_one_passage() -> None:
    found = passages([hit(CUT[number], 1 - number / 100) for number in (0, 4, 8)], lambda hit: TEXT)
    assert len(found) == 3
    for budget in (60, 130, 250, 10_000):
        shown, text = for_model(found, 0, budget)
        assert shown == found[: len(shown)] and shown
        assert estimate(text) <= budget + 40
    assert len(for_model(found, 0, 10_000)[0]) == 3


def test_marks_and_places_stand_above_the_passages() -> None:
    _, text = for_model(passages([hit(CUT[0]), hit(CUT[8])], lambda hit: TEXT), 7, 10_000)
    assert text.startswith("【7:0†file-1.txt】 page 1\nWord0 stands here.")
    assert "\n\n【7:1†file-1.txt】 page 1\n" in text
