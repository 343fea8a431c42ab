"""Places are named for people, can be narrowed and joined, and hold what they are said to."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_assistants.retrieval.blocks import Block, FileText
from jupyter_assistants.retrieval.chunking import auto_chunks, static_chunks
from jupyter_assistants.retrieval.locations import Location

LABELS = [
    (Location(), ""),
    (Location(page=3), "page 3"),
    (Location(slide=2), "slide 2"),
    (Location(sheet="Sheet1", cells="A2:C40"), "Sheet1!A2:C40"),
    (Location(sheet="Sheet1"), "Sheet1"),
    (Location(cells="A2:C3"), "cells A2:C3"),
    (Location(cell=5, lines=(1, 3)), "cell 5"),
    (Location(lines=(12, 30), headings=("A",)), "line 12-30"),
    (Location(lines=(12, 12)), "line 12"),
    (Location(headings=("Methods", "Data")), "Methods › Data"),
    (Location(page=1, until=Location(page=2)), "page 1 to page 2"),
    (
        Location(sheet="S", cells="A1:B2", until=Location(sheet="T", cells="A1:A1")),
        "S!A1:B2 to T!A1:A1",
    ),
]


@pytest.mark.parametrize(("place", "label"), LABELS)
def test_a_place_has_a_label_and_survives_json(place: Location, label: str) -> None:
    assert place.label == label
    assert Location.from_json(json.loads(json.dumps(place.to_json()))) == place


def test_lines_and_rows_can_be_narrowed_and_joined() -> None:
    assert Location(lines=(10, 20)).narrowed(1, 3) == Location(lines=(11, 13))
    assert Location(cells="B2:D9").narrowed(1, 100) == Location(cells="B3:D9")
    assert Location(page=1).narrowed(1, 2) == Location(page=1)
    assert Location(lines=(1, 2)).through(Location(lines=(9, 12))) == Location(lines=(1, 12))
    assert Location(cells="A1:B2").through(Location(cells="A5:AA9")) == Location(cells="A1:AA9")
    assert Location(cell=1).through(Location(cell=2)) == Location(cell=1, until=Location(cell=2))


def pages(texts: list[str]) -> list[Block]:
    return [Block(text, Location(page=at)) for at, text in enumerate(texts, 1)]


def lined(texts: list[str]) -> list[Block]:
    """Return blocks of one text file, each with its lines."""
    blocks, line = [], 1
    for text in texts:
        last = line + text.count("\n")
        blocks.append(Block(text, Location(lines=(line, last))))
        line = last + 2
    return blocks


def rows(texts: list[str]) -> list[Block]:
    blocks = []
    for at, text in enumerate(texts):
        cells = f"A2:C{text.count(chr(10)) + 2}"
        blocks.append(Block(text, Location(sheet=f"Sheet {at}", cells=cells), "table"))
    return blocks


TEXTS = st.lists(
    st.text(st.sampled_from("ab \n.语"), min_size=1, max_size=300), min_size=1, max_size=5
)
FILES = st.tuples(st.sampled_from([pages, lined, rows]), TEXTS).map(lambda both: both[0](both[1]))


@settings(max_examples=150, deadline=None)
@given(FILES, st.data())
def test_what_is_quoted_is_an_exact_substring_of_its_place(
    blocks: list[Block], data: st.DataObject
) -> None:
    file = FileText(blocks)
    start = data.draw(st.integers(0, len(file.text) - 1))
    end = data.draw(st.integers(start + 1, len(file.text)))
    assert file.text[start:end].strip() in file.within(file.locate(start, end))
    for chunk in [*auto_chunks(file, size=100), *static_chunks(file, size=100, overlap=50)]:
        assert chunk.text in file.within(chunk.location)
