"""The benchmark's rule, its questions, and how its data are downloaded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.paths import ROOT

from benchmarks.dabench.downloads import download, git_hash, pinned_hashes
from benchmarks.dabench.questions import load
from benchmarks.dabench.scores import is_near, is_right, marks, score, values_in
from jupyter_assistants.protocol.errors import AssistantsError

TEN = ROOT / "benchmarks" / "ten"


@pytest.mark.parametrize(
    ("given", "expected", "right", "near"),
    [
        ("34.65", "34.65", True, True),
        ("34.650", "34.65", True, True),
        ("34.6500000001", "34.65", True, True),
        ("34.66", "34.65", False, True),
        ("34.67", "34.65", False, False),
        ("1e2", "100", True, True),
        ("101", "100", False, True),
        ("yes", "yes", True, True),
        ("Yes", "yes", False, False),
        ("nan", "nan", True, True),
        ("", "1", False, False),
        (None, "1", False, False),
        ("5%", "5", False, False),
    ],
)
def test_a_value_is_right_when_it_is_equal_or_the_same_number(
    given: str | None, expected: str, right: bool, near: bool
) -> None:
    assert (is_right(given, expected), is_near(given, expected)) == (right, near)


def test_values_are_found_in_an_answer_and_the_last_of_a_name_counts() -> None:
    text = "First @a[1], then @b[x y]; no, @a[2]. Mail me@b.c [3] @c []"
    assert values_in(text) == {"a": "2", "b": "x y"}
    assert marks(text, {"a": "2", "b": "x", "d": "0"}) == {"a": True, "b": False, "d": False}


def test_the_three_accuracies_are_the_benchmarks_own() -> None:
    found = [({"a": True}, {"a": True}), ({"a": True, "b": False}, {"a": True, "b": True})]
    figures = score([*found, ({"a": False}, {"a": False})])
    assert figures.questions == pytest.approx(1 / 3)
    assert figures.proportional == pytest.approx((1 + 0.5 + 0) / 3)
    assert figures.values == pytest.approx(2 / 4)
    assert figures.last_digit == pytest.approx(2 / 3)
    assert score([]).questions == 0


def test_our_ten_questions_are_whole() -> None:
    questions = load(TEN)
    assert len(questions) == 10
    assert all(each.table.is_file() for each in questions)
    assert all(f"@{name}[" in each.format for each in questions for name in each.expected)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("questions.jsonl", "{", "Line 1 of"),
        ("questions.jsonl", '{"question": "x"}', "Line 1 of"),
        ("questions.jsonl", '{"id": 1, "file_name": "../../etc/passwd"}', "names no file"),
        ("labels.jsonl", "", "The question 1 has no label"),
    ],
)
def test_data_that_are_not_right_are_told(
    tmp_path: Path, file: str, content: str, words: str
) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "questions.jsonl").write_text('{"id": 1, "file_name": "a.csv"}')
    (tmp_path / "labels.jsonl").write_text('{"id": 1, "common_answers": [["a", "1"]]}')
    assert load(tmp_path)[0].expected == {"a": "1"}
    (tmp_path / file).write_text(content)
    with pytest.raises(AssistantsError, match=words):
        load(tmp_path)


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and remembers what was asked for."""

    asked: list[str] = []

    def do_GET(self) -> None:
        Quiet.asked.append(self.path)
        super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def source(tmp_path: Path) -> Iterator[str]:
    """Serve three files over real HTTP."""
    folder = tmp_path / "there"
    (folder / "da-dev-tables").mkdir(parents=True)
    (folder / "da-dev-questions.jsonl").write_text("questions")
    (folder / "da-dev-tables" / "a b.csv").write_text("x,y\n1,2\n")
    Quiet.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


KNOWN = {
    "da-dev-questions.jsonl": git_hash(b"questions"),
    "da-dev-tables/a b.csv": git_hash(b"x,y\n1,2\n"),
}


def test_what_is_missing_is_fetched_and_checked_and_no_more(tmp_path: Path, source: str) -> None:
    said: list[str] = []
    folder = tmp_path / "here"
    get = partial(download, folder, said.append, source=source, known=KNOWN)
    get()
    assert (folder / "da-dev-tables" / "a b.csv").read_text() == "x,y\n1,2\n"
    assert "CC BY-NC 4.0" in said[0]
    get()
    assert len(Quiet.asked) == 2
    (folder / "da-dev-questions.jsonl").write_text("torn")
    get()
    assert Quiet.asked[2:] == ["/da-dev-questions.jsonl"]


def test_another_file_than_expected_is_not_kept(tmp_path: Path, source: str) -> None:
    known = {"da-dev-questions.jsonl": git_hash(b"others")}
    with pytest.raises(AssistantsError, match="is not the expected file"):
        download(tmp_path / "here", print, source=source, known=known)
    assert not (tmp_path / "here").exists()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "{source}nowhere/"])
def test_without_a_network_it_says_what_to_do(tmp_path: Path, source: str, address: str) -> None:
    with pytest.raises(AssistantsError, match="cannot be downloaded.*--data"):
        download(tmp_path, print, source=address.format(source=source), known=KNOWN)


def test_the_pinned_list_names_the_questions_the_labels_and_their_tables() -> None:
    names = pinned_hashes()
    assert {"da-dev-questions.jsonl", "da-dev-labels.jsonl"} <= set(names)
    assert sum(name.startswith("da-dev-tables/") for name in names) == 68
    assert all(len(digest) == 40 for digest in names.values())


def test_hashes_are_those_of_git() -> None:
    assert git_hash(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
