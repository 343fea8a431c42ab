"""Ten questions over both APIs: prompts that begin alike, and the document that shows them."""

from __future__ import annotations

import asyncio
import itertools
import json

import pytest

from benchmarks.prompts import DOCUMENT, SHOWN, Recorded, Wire, document, prefixes, record_both
from jupyter_assistants.tools.code_interpreter.prompt import DEFAULT_INSTRUCTIONS

pytestmark = pytest.mark.slow

WIRES: list[Wire] = ["chat", "responses"]


@pytest.fixture(scope="module")
def recordings() -> dict[Wire, Recorded]:
    return asyncio.run(record_both())


@pytest.mark.parametrize("wire", WIRES)
def test_every_request_begins_with_all_bytes_of_the_one_before(
    recordings: dict[Wire, Recorded], wire: Wire
) -> None:
    texts = prefixes(recordings[wire])
    assert len(texts) == 20, "ten questions, each with a call and an answer"
    for before, after in itertools.pairwise(texts):
        assert after.startswith(before) and len(after) > len(before)
    bodies = recordings[wire].bodies
    rest = [{k: v for k, v in b.items() if k not in ("messages", "input")} for b in bodies]
    assert all(each == rest[0] for each in rest), "nothing else changes from turn to turn"


@pytest.mark.parametrize("wire", WIRES)
def test_a_turn_adds_no_more_than_is_new_in_it(
    recordings: dict[Wire, Recorded], wire: Wire
) -> None:
    recorded = recordings[wire]
    texts = prefixes(recorded)
    last = texts[recorded.first_of[-1]].removeprefix(texts[recorded.first_of[-1] - 1])
    assert "result_8: float" in last and "penguins: DataFrame" not in last
    assert "pd.read_csv" not in last and len(last) < 700
    assert texts[-1].count("penguins: DataFrame") == 1


@pytest.mark.parametrize("wire", WIRES)
def test_images_of_tools_are_not_the_users(recordings: dict[Wire, Recorded], wire: Wire) -> None:
    body = recordings[wire].bodies[-1]
    for entry in body.get("messages") or body["input"]:
        if entry.get("role") == "user" and "image" in json.dumps(entry["content"]):
            assert "not from the user" in entry["content"][0]["text"]
    assert "data:image/png;base64," in json.dumps(body)


def test_an_assistant_without_instructions_is_told_the_default_ones(
    recordings: dict[Wire, Recorded],
) -> None:
    chat, responses = (recordings[wire].bodies[0] for wire in WIRES)
    assert chat["messages"][0]["content"].startswith(DEFAULT_INSTRUCTIONS)
    assert responses["instructions"] == chat["messages"][0]["content"]


def test_the_document_shows_what_is_sent_now(recordings: dict[Wire, Recorded]) -> None:
    assert DOCUMENT.read_text("utf-8") == document(recordings), "run: python -m benchmarks.prompts"
    assert 0 < SHOWN < 10
