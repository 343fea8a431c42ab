"""Broken and hostile files end in a clear state, and cost nothing but themselves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.hostile_files import CANARY, Case, cases

from jupyter_assistants.retrieval.blocks import Block, Unreadable
from jupyter_assistants.retrieval.chunking import chunks
from jupyter_assistants.retrieval.file_reader import FileReader

pytestmark = pytest.mark.slow

SECONDS = 5.0
MEMORY = 512 * 1024**2
AT_ONCE = 4

Outcome = Sequence[Block] | Unreadable


def outcomes(folder: Path) -> dict[str, Outcome]:
    """Read every file as the server does, some at once, in a process with the server's limits."""
    reader = FileReader(SECONDS, memory=MEMORY)

    async def one(case: Case, turn: asyncio.Semaphore) -> tuple[str, Outcome]:
        what, name, content = case
        path = folder / f"{abs(hash(what))}"
        path.write_bytes(content)
        async with turn:
            with path.open("rb") as stream:
                try:
                    found: Outcome = await reader.read(name, stream)
                    chunks(found, None)
                except Unreadable as error:
                    found = error
        path.unlink()
        return what, found

    async def every() -> dict[str, Outcome]:
        turn = asyncio.Semaphore(AT_ONCE)
        found: dict[str, Outcome] = {}
        batch: list[Case] = []
        for case in cases(folder):
            batch.append(case)
            if len(batch) == AT_ONCE * 4:
                found |= dict(await asyncio.gather(*(one(each, turn) for each in batch)))
                batch = []
        return found | dict(await asyncio.gather(*(one(each, turn) for each in batch)))

    try:
        return asyncio.run(every())
    finally:
        reader.close()


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    began = time.monotonic()
    found = outcomes(tmp_path_factory.mktemp("hostile"))
    print(f"{len(found)} files in {time.monotonic() - began:.0f} s")
    return found


@pytest.mark.timeout(400)
def test_each_of_200_files_ends_in_a_clear_state(read: dict[str, Outcome]) -> None:
    assert len(read) >= 200
    for what, outcome in read.items():
        if isinstance(outcome, Unreadable):
            assert outcome.kind in ("invalid_file", "unsupported_file"), what
            assert 10 < len(outcome.message) < 300, what
        else:
            assert any(block.text.strip() for block in outcome), what


REASONS = {
    "docx that is a bomb": "would unpack to 600 MB",
    "xlsx that is a bomb": "would unpack to 600 MB",
    "pptx of too many parts": "10,500 parts",
    "docx that says it is large": "would unpack to",
    "docx with a password": "protected by a password",
    "xlsx of before 2007": "before 2007",
    "docx without its parts": "no readable Word file",
    "docx with laughs": "",
    "docx with a huge attribute": "",
    "xlsx with laughs": "",
    "pdf with a password": "protected by a password",
    "pdf that is a scan": "it may be a scan",
    "pdf cut at 0.0": "",
    "csv: no table": "no text in UTF-8",
    "csv: nulls": "no text in UTF-8",
    "ipynb: a deep notebook": "no readable notebook",
    "ipynb: a notebook without cells": "it has no cells",
    "html: html of open tags": "",
    "txt: too much text": "larger than 64 MB",
    "txt: empty lines": "The file is empty",
    "txt: half a character": "no text in UTF-8",
    "py: code that is a picture": "no text in UTF-8",
    "doc: a password": "protected by a password",
    "doc: pieces that are nowhere": "no readable Word file",
    "doc: more text than bytes": "no readable Word file",
    "doc: a million pieces": "no readable Word file",
    "doc: pieces that run backwards": "no readable Word file",
    "doc: a piece that is nowhere": "no readable Word file",
    "doc: a stream that says it is large": "no readable Word file",
    "doc as docx": "before 2007",
    "parquet: a footer that lies": "no readable Parquet",
    "parquet: an encrypted footer": "encrypted",
    "pdf as docx": "no readable Word file",
    "docx as pdf": "no readable PDF",
    "csv as parquet": "no readable Parquet",
}


@pytest.mark.parametrize(("what", "reason"), REASONS.items())
def test_a_file_that_cannot_be_read_says_why(
    read: dict[str, Outcome], what: str, reason: str
) -> None:
    outcome = read[what]
    assert isinstance(outcome, Unreadable) and reason in outcome.message


@pytest.mark.parametrize(
    "what",
    [
        "docx with a macro",
        "xlsx with a macro",
        "docx with a remote document type",
        "docx with many paragraphs",
        "xlsx with a lie about its size",
        "html: deep html",
        "md: many headings",
    ],
)
def test_a_file_that_is_only_odd_is_read(read: dict[str, Outcome], what: str) -> None:
    outcome = read[what]
    if what == "html: deep html":
        # There is nothing in it to read.
        assert isinstance(outcome, Unreadable) and outcome.message == "The file is empty."
    else:
        assert not isinstance(outcome, Unreadable), outcome.message


def test_no_external_entity_brings_in_another_file(read: dict[str, Outcome]) -> None:
    for what, outcome in read.items():
        if not isinstance(outcome, Unreadable):
            text = "".join(block.text for block in outcome)
            assert CANARY not in text and "root:" not in text, what
