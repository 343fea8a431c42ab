"""Citations: the quote stands word for word at the place that is named with it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import DOCUMENTS

from jupyter_assistants.protocol.locations import CitationExtension
from jupyter_assistants.protocol.messages import FileCitationAnnotation
from jupyter_assistants.protocol.steps import (
    CallExtension,
    FileSearch,
    FileSearchCall,
    RunStep,
    StepExtension,
    ToolCallsDetails,
)
from jupyter_assistants.protocol.vector_stores import StaticChunking
from jupyter_assistants.retrieval.base import Chunk, Hit
from jupyter_assistants.retrieval.blocks import Block, FileText
from jupyter_assistants.retrieval.chunking import chunks
from jupyter_assistants.retrieval.file_reader import FileReader
from jupyter_assistants.retrieval.locations import Location
from jupyter_assistants.runs.citations import LONGEST_QUOTE, citation, sources, statement
from jupyter_assistants.runs.file_links import annotate
from jupyter_assistants.tools.file_search.passages import for_model, passages
from jupyter_assistants.tools.file_search.tool import _result

READABLE = [
    path
    for path in sorted(DOCUMENTS.iterdir())
    if "password" not in path.name and FileReader().supports(path.name)
]


def hits(found: list[Chunk], file_id: str = "file-1") -> list[Hit]:
    """Return hits of these chunks, each a little worse than the one before it."""
    return [
        Hit("vs_1", file_id, "a.txt", chunk, round(1 - at / 100, 2))
        for at, chunk in enumerate(found)
    ]


def step_of(found: list[Hit], text: FileText) -> RunStep:
    """Return the step that a search with these hits leaves behind, as it comes from the store."""
    shown, _ = for_model(passages(found, lambda hit: text), 4, 100_000)
    call = FileSearchCall(id="c", file_search=FileSearch(results=[_result(p) for p in shown]))
    step = RunStep(
        id="step_1",
        created_at=1,
        assistant_id="asst_1",
        thread_id="thread_1",
        run_id="run_1",
        type="tool_calls",
        step_details=ToolCallsDetails(tool_calls=[call]),
        jupyter=StepExtension(calls={"c": CallExtension(number=4)}),
    )
    return RunStep.model_validate_json(step.model_dump_json())


def check(cited: CitationExtension | None, text: FileText) -> None:
    assert cited is not None
    place = Location.from_json(cited.place.model_dump())
    assert 0 < len(cited.quote) <= LONGEST_QUOTE
    assert cited.quote == cited.quote.strip()
    assert text.text[cited.start : cited.end] == cited.quote
    assert cited.quote in text.within(place)
    assert cited.label == (place.label or None)


WORDS = st.lists(
    st.sampled_from(
        ["duck", "lake", "Ente", "1.5", "and.", "x|y", "e.g.", "“so”", "\n", "\n\n", "é!"]
    ),
    min_size=1,
    max_size=60,
).map(" ".join)
TEXTS = WORDS.filter(str.strip)


@st.composite
def files(draw: st.DrawFn) -> list[Block]:
    """Return a file of pages, of lines, of a table's rows, or of headings."""
    texts = draw(st.lists(TEXTS, min_size=1, max_size=6))
    kind = draw(st.sampled_from(["page", "lines", "cells", "headings"]))
    found, line = [], 1
    for number, text in enumerate(texts, 1):
        last = line + text.count("\n")
        match kind:
            case "page":
                place = Location(page=number)
            case "lines":
                place = Location(lines=(line, last), headings=("A", str(number)))
            case "cells":
                place = Location(sheet="S", cells=f"A{line}:C{last}")
            case _:
                place = Location(headings=("Top", str(number)))
        found.append(Block(text, place))
        line = last + 1 + draw(st.integers(1, 3))
    return found


@settings(max_examples=150, deadline=None)
@given(files(), st.integers(0, 50), st.data(), TEXTS)
def test_a_quote_is_a_part_of_its_place(
    blocks: list[Block], overlap: int, data: st.DataObject, said: str
) -> None:
    text = FileText(blocks)
    sizes = StaticChunking(max_chunk_size_tokens=100, chunk_overlap_tokens=overlap)
    cut = chunks(blocks, data.draw(st.sampled_from([sizes, None])))
    some = data.draw(st.lists(st.sampled_from(cut), min_size=1, max_size=4))
    for source in sources(step_of(hits(some), text)).values():
        check(citation(said, source), text)


@pytest.mark.parametrize(
    "path",
    READABLE,
    ids=lambda p: p.name,
)
@pytest.mark.parametrize("sizes", [None, StaticChunking()], ids=["auto", "static"])
def test_quotes_of_real_documents_stand_at_their_places(path: Path, sizes: Any) -> None:
    with path.open("rb") as content:
        blocks = asyncio.run(FileReader().read(path.name, content))
    text = FileText(blocks)
    cut = chunks(blocks, sizes)
    for chunk in cut[:40]:
        middle = chunk.text[len(chunk.text) // 2 :][:80]
        for source in sources(step_of(hits([chunk]), text)).values():
            check(citation(f"As it says: {middle}", source), text)


# -- what is quoted ------------------------------------------------------------------------------

PAGES = [
    Block("Ducks eat bread.\nThey swim on\nthe lake in May.", Location(page=1)),
    Block("Ships carry corn over the sea. Ducks do not.", Location(page=2)),
]


def cited(said: str, blocks: list[Block] = PAGES) -> CitationExtension:
    text = FileText(blocks)
    (source,) = sources(step_of(hits(chunks(blocks, StaticChunking())), text)).values()
    found = citation(said, source)
    check(found, text)
    assert found is not None
    return found


def test_the_sentence_that_fits_the_statement_is_quoted_with_its_own_page() -> None:
    found = cited("Corn is carried by ships")
    assert found.quote == "Ships carry corn over the sea."
    assert found.place.page == 2 and found.label == "page 2" and found.score == 1.0


def test_a_sentence_that_a_page_has_wrapped_is_quoted_as_a_whole() -> None:
    text = "A title\nIn addition to word processors, special tools have\nemerged for lawyers. More."
    found = cited("special tools for lawyers emerged", [Block(text, Location(page=1))])
    assert found.quote == (
        "In addition to word processors, special tools have\nemerged for lawyers."
    )


@pytest.mark.parametrize(
    ("text", "said", "quote"),
    [
        (
            "Der Vertrag ist alt. Die Kündigung wirkt am 24. Dezember um Mitternacht. Er endet dann.",
            "Die Kündigung wirkt an Heiligabend.",
            "Die Kündigung wirkt am 24. Dezember um Mitternacht.",
        ),
        (
            "It was late. The trial was led by Dr. J. Smith of St. Louis in 2007. It ended.",
            "Smith led the trial in St. Louis.",
            "The trial was led by Dr. J. Smith of St. Louis in 2007.",
        ),
        (
            "Es regnet. Enten fressen z. B. Brot und Nr. 5 der Liste. Gänse nicht.",
            "Enten fressen Brot.",
            "Enten fressen z. B. Brot und Nr. 5 der Liste.",
        ),
        (
            "今天天气很好。公园里有很多鸭子在游泳！我们回家了。",
            "公园里的鸭子会游泳。",
            "公园里有很多鸭子在游泳！",
        ),
        (
            "วันนี้ฝนตก\nแมวของฉันชอบนอนบนหลังคา\nหมาอยู่ในบ้าน",
            "แมวชอบนอนบนหลังคา",
            "แมวของฉันชอบนอนบนหลังคา",
        ),
    ],
)
def test_a_quote_is_a_whole_sentence(text: str, said: str, quote: str) -> None:
    part = FileText([Block(text)])
    (source,) = sources(step_of(hits(chunks(part.blocks, None)), part)).values()
    cited = citation(said, source)
    check(cited, part)
    assert cited is not None and cited.quote == quote


def test_what_the_answer_quotes_itself_is_quoted_across_line_breaks() -> None:
    found = cited("It says “they swim on the lake”, does it not?")
    assert cited("“the lake in May.”").quote == "the lake in May."
    assert found.quote == "They swim on\nthe lake" and found.label == "page 1"


def test_a_made_up_quote_becomes_one_that_is_there() -> None:
    assert cited("“Ships carry gold over the moon”").quote == "Ships carry corn over the sea."


def test_a_statement_without_a_common_word_gets_some_quote() -> None:
    assert cited("")


def test_rows_are_quoted_with_their_cells_and_lines_with_their_numbers() -> None:
    table = [Block("Oslo | 1\nRome | 2\nBonn | 3", Location(sheet="Towns", cells="A2:B4"))]
    found = cited("Rome has 2", table)
    assert found.quote == "Rome | 2" and found.label == "Towns!A3:B3"
    code = [Block("def f():\n    return 1\n\ndef g():\n    return 2", Location(lines=(10, 14)))]
    found = cited("g is defined there", code)
    assert found.quote == "def g():" and found.label == "line 13"


def test_each_mark_is_read_with_the_statement_before_it() -> None:
    answer = "Ducks eat.【4:0†a】 Ships carry corn【4:0†a】【4:1†b】.\n\nNew: x【4:0†a】"
    first, second, third, last = (at for at, c in enumerate(answer) if c == "【")
    assert statement(answer, first) == "Ducks eat."
    assert statement(answer, second) == statement(answer, third) == " Ships carry corn"
    assert statement(answer, last) == "New: x"


def test_an_annotation_has_the_quote_and_survives_the_wire() -> None:
    text = FileText(PAGES)
    known = sources(step_of(hits(chunks(PAGES, StaticChunking())), text))
    answer = "Ünïcode 🦆: ships carry corn【4:0†a.txt】, and【9:9†x】."
    (annotation,) = annotate(answer, {}, known)
    assert isinstance(annotation, FileCitationAnnotation)
    assert answer[annotation.start_index : annotation.end_index] == annotation.text
    wire = annotation.model_dump(mode="json")
    assert wire["file_citation"] == {"file_id": "file-1"}
    assert wire["jupyter"] == {
        "quote": "Ships carry corn over the sea.",
        "place": {"page": 2},
        "label": "page 2",
        "score": 1.0,
        "start": text.text.index("Ships"),
        "end": text.text.index("Ships") + 30,
    }
    assert FileCitationAnnotation.model_validate(wire) == annotation


def test_a_citation_of_a_passage_that_is_not_known_has_no_quote() -> None:
    step = step_of(hits(chunks(PAGES, None)), FileText(PAGES)).without_passages()
    (annotation,) = annotate("Ships【4:0†a】", {}, sources(step))[:1]
    wire = annotation.model_dump(mode="json")
    assert wire["file_citation"] == {"file_id": "file-1"} and "jupyter" not in wire
