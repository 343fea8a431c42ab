"""The fold, on the golden streams that its TypeScript twin reads too."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict
from typing import Any

import pytest
from support.paths import GOLDEN

from jupyter_assistants.protocol.transcript import CallEntry, Transcript, merge

STREAMS = sorted(path.stem for path in GOLDEN.glob("*.jsonl"))


def events(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").splitlines()]


def folded(stream: list[dict[str, Any]]) -> dict[str, Any]:
    transcript = Transcript()
    for line in stream:
        transcript.fold(line["event"], line["data"])
    return json.loads(json.dumps(asdict(transcript.view())))


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_folds_to_the_expected_view(name: str) -> None:
    assert folded(events(name)) == json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", STREAMS)
def test_folding_leaves_the_events_as_they_are(name: str) -> None:
    stream = events(name)
    before = copy.deepcopy(stream)
    folded(stream)
    assert stream == before


@pytest.mark.parametrize("name", STREAMS)
def test_every_prefix_of_a_stream_can_be_drawn(name: str) -> None:
    stream = events(name)
    for end in range(len(stream)):
        folded(stream[:end])


def test_a_reader_of_objects_sees_what_a_reader_of_deltas_sees() -> None:
    assert folded(events("late_reader_objects_only")) == folded(events("code_with_image_and_file"))


def test_a_stream_read_twice_shows_everything_once() -> None:
    stream = events("code_with_image_and_file")
    assert folded(stream + stream) == folded(stream)


def test_deltas_alone_give_the_text_of_the_finished_message() -> None:
    stream = events("text_answer")
    [before] = folded(stream[:-4])["entries"]
    [after] = folded(stream)["entries"]
    assert before["parts"] == after["parts"]
    assert before["status"] == "in_progress"


def test_unknown_events_change_nothing() -> None:
    stream = events("text_answer")
    odd = [{"event": "ping", "data": "x"}, {"event": "thread.created", "data": {"id": "thread_x"}}]
    assert folded(odd + stream) == folded(stream)


def test_an_unfinished_object_keeps_what_deltas_added() -> None:
    stream = events("code_in_a_kernel")
    again = next(line for line in stream if line["event"] == "thread.run.step.in_progress")
    assert folded([*stream, again]) == folded(stream)


def test_deltas_merge_as_the_sdks_merge() -> None:
    known = {"index": 0, "type": "a", "text": "x", "n": 1, "deep": {"k": [{"index": 0, "v": "p"}]}}
    delta = {"index": 0, "type": "b", "text": "y", "n": 2, "deep": {"k": [{"index": 0, "v": "q"}]}}
    assert merge(known, delta) == {
        "index": 0,
        "type": "b",
        "text": "xy",
        "n": 3,
        "deep": {"k": [{"index": 0, "v": "pq"}]},
    }


def test_code_that_is_not_python_has_the_name_of_its_language() -> None:
    code = {"id": "call_1", "type": "code_interpreter", "code_interpreter": {"input": "1 + 1"}}
    step = {
        "id": "step_1",
        "status": "completed",
        "step_details": {"type": "tool_calls", "tool_calls": [code]},
        "jupyter": {"calls": {"call_1": {"status": "ok", "language": "r"}}},
    }
    transcript = Transcript()
    transcript.fold("thread.run.step.completed", step)
    (entry,) = transcript.view().entries
    assert isinstance(entry, CallEntry) and entry.name == "r"
