"""The caller runs the code and posts what it gave; nobody vouches for it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jupyter_assistants.kernels.base import Executor, Handout, Produced
from jupyter_assistants.kernels.caller import CallerExecutor


def stdout(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_the_code_is_handed_out_as_it_is() -> None:
    caller: Executor = CallerExecutor()
    handout = asyncio.run(caller.run("open('/mnt/data/x')", lambda output: None))
    assert handout == Handout("run_python", {"code": "open('/mnt/data/x')"})
    assert caller.live and caller.place == "caller"


def test_what_the_caller_posts_is_the_result() -> None:
    result = CallerExecutor().receive(
        {
            "output": "for the model",
            "jupyter": {
                "status": "interrupted",
                "outputs": [stdout("a"), stdout("b")],
                "note": "Stopped.",
                "files": [{"name": "plots/x.png", "file_id": "file-1"}],
                "seconds": 1.5,
            },
        }
    )
    assert result.status == "interrupted"
    assert result.outputs == [stdout("ab")]
    assert result.note == "Stopped."
    assert result.files == [Produced("plots/x.png", file_id="file-1")]
    assert result.seconds == 1.5


def test_a_stock_client_posts_text_alone() -> None:
    result = CallerExecutor().receive({"output": "42", "jupyter": None})
    assert (result.status, result.outputs) == ("ok", [stdout("42")])
    assert CallerExecutor().receive({"output": ""}).outputs == []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"status": "fine", "outputs": "none", "note": 1, "files": {}, "seconds": "1"},
        {"outputs": [None, 1, {"output_type": "comm"}], "files": [None, {"name": 1}]},
        {"seconds": float("inf"), "files": [{"name": "x", "file_id": None}]},
    ],
)
def test_what_is_not_valid_is_left_out(given: dict[str, Any]) -> None:
    result = CallerExecutor().receive({"output": "x", "jupyter": given})
    assert (result.status, result.outputs, result.files) == ("ok", [], [])
    assert (result.note, result.seconds) == ("", 0.0)


def test_an_error_among_the_outputs_is_an_error_when_no_status_is_given() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}
    assert CallerExecutor().receive({"jupyter": {"outputs": [error]}}).status == "error"


def test_too_much_is_cut_and_said_so() -> None:
    result = CallerExecutor().receive({"jupyter": {"outputs": [stdout("x" * 3_000_000)]}})
    assert len(result.outputs[0]["text"]) < 1_000_100
    assert result.note == "2,000,000 characters of output were left out."


def test_names_of_posted_files_lead_nowhere_else() -> None:
    files = [{"name": "../../etc/passwd", "file_id": "file-1"}, {"name": "/", "file_id": "file-2"}]
    result = CallerExecutor().receive({"jupyter": {"files": files}})
    assert [file.name for file in result.files] == ["etc/passwd", "file"]
