"""``python -m benchmarks.dabench`` on our own ten questions, with a scripted endpoint and real kernels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.paths import ROOT
from support.upstream import Reply, Upstream, chunk, events, plain, refused, usage

from benchmarks.dabench.command import main
from benchmarks.dabench.questions import load

TEN = ROOT / "benchmarks" / "ten"
GOLD = {
    each["id"]: each["code"]
    for each in map(json.loads, (TEN / "gold.jsonl").open(encoding="utf-8"))
}
QUESTIONS = load(TEN)
CALL_TOKENS, ANSWER_TOKENS = (100, 20), (150, 10)


class Endpoint:
    """Answers each question by its gold code, and with what that printed."""

    def __init__(self) -> None:
        self.code = dict(GOLD)
        self.asked: list[str] = []

    def __call__(self, body: dict[str, Any]) -> Reply:
        messages = body["messages"]
        prompt = next(m["content"] for m in messages if m["role"] == "user")
        id = next(each.id for each in QUESTIONS if each.text in prompt)
        if messages[-1]["role"] == "tool":
            text = chunk({"content": f"The result is {messages[-1]['content']}"}, "stop")
            return events(text, {"choices": [], "usage": usage(*ANSWER_TOKENS)})
        self.asked.append(id)
        assert "@" in prompt and "Constraints:" in prompt and ".csv" in prompt
        code = self.code[id]
        if code == "refuse":
            return refused(400, "no such thing")
        function = {"name": "run_python", "arguments": json.dumps({"code": code})}
        call = {"index": 0, "id": f"call-{id}", "function": function}
        end = {"choices": [], "usage": usage(*CALL_TOKENS)}
        return events(chunk({"tool_calls": [call]}, "tool_calls"), end)


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture(autouse=True)
def configured(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Configure an endpoint ``lab`` as an administrator does, and work in an empty folder."""
    with Upstream(models=plain({"data": [{"id": "m"}]}), choose=endpoint) as upstream:
        folder = tmp_path / "config"
        folder.mkdir()
        options = {
            "providers": {"lab": {"base_url": upstream.url}},
            "default_model": "lab/m",
            "prices": {
                "m": {"input": 1.0, "output": 10.0},
                "lab/m": {"input": 1.0, "output": 10.0},
            },
            "data_dir": str(tmp_path / "data"),
        }
        config = {"JupyterAssistantsApp": options}
        (folder / "jupyter_server_config.json").write_text(json.dumps(config))
        monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
        for name in ("JUPYTER_ASSISTANTS_URL", "JUPYTER_ASSISTANTS_MODEL", "OPENAI_API_KEY"):
            monkeypatch.delenv(name, raising=False)
        (tmp_path / "work").mkdir()
        monkeypatch.chdir(tmp_path / "work")
        yield


def dabench(*more: str) -> int:
    return main(["--data", str(TEN), *more])


@pytest.mark.slow
def test_ten_questions_are_asked_answered_scored_and_counted(
    endpoint: Endpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # One wrong value of two, and one answer that is off by one in its last digit.
    endpoint.code["hottest"] = "print('@date[2014-08-11] @temp_max[1.0]')"
    endpoint.code["flipper-mass"] = "print('@r[0.872]')"
    endpoint.code["missing"] = "print(1 / 0)"
    assert dabench("--json", "--concurrency", "3", "--out", "results.jsonl") == 0
    printed = capsys.readouterr()
    figures = json.loads(printed.out)
    assert (figures["asked"], figures["completed"]) == (10, 10)
    assert figures["models"] == ["lab/m"] or figures["models"] == ["m"]
    assert figures["questions"] == pytest.approx(7 / 10)
    assert figures["proportional"] == pytest.approx(7.5 / 10)
    assert figures["values"] == pytest.approx(13 / 16, abs=1e-4)
    assert figures["last_digit"] == pytest.approx(8 / 10)
    assert (figures["prompt_tokens"], figures["completion_tokens"]) == (10 * 250, 10 * 30)
    assert figures["cost"] == pytest.approx(2500 / 1e6 + 300 * 10 / 1e6, abs=1e-4)
    assert (figures["tool_calls"], figures["tool_errors"]) == (10, 1)
    assert sorted(endpoint.asked) == sorted(GOLD)
    lines = [json.loads(line) for line in Path("results.jsonl").read_text().splitlines()]
    assert sorted(line["id"] for line in lines) == sorted(GOLD)
    wrong = {line["id"] for line in lines if not all(line["right"].values())}
    assert wrong == {"hottest", "flipper-mass", "missing"}
    assert "10/10  #" in printed.err and "wrong 1/2" in printed.err


@pytest.mark.slow
def test_a_bench_that_was_interrupted_goes_on(
    endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dabench("--limit", "1") == 0
    assert dabench("--limit", "2") == 0
    assert endpoint.asked == [each.id for each in QUESTIONS[:2]]
    printed = capsys.readouterr()
    assert "1 of 2 results are in dabench-default.jsonl" in printed.err
    assert "Accuracy by question (ABQ)    100.00%" in printed.out


@pytest.mark.slow
def test_a_question_that_fails_counts_as_wrong_and_says_why(
    endpoint: Endpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint.code[QUESTIONS[0].id] = "refuse"
    assert dabench("--limit", "1") == 0
    printed = capsys.readouterr()
    assert "failed" in printed.err and "no such thing" in printed.err
    assert "Accuracy by question (ABQ)    0.00%" in printed.out


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--model", "demo"], "does not run on demo"),
        (["--model", "gpt-nowhere", "--limit", "1"], "does not run on demo"),
        (["--data", "nowhere"], "has no da-dev-questions.jsonl"),
        (["--level", "hard", "--out", "."], "is no file of results"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    more: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "config" / "jupyter_server_config.json"
    if "gpt-nowhere" in more:
        # Nothing is connected, so demo would answer.
        options = {"data_dir": str(tmp_path / "data")}
        path.write_text(json.dumps({"JupyterAssistantsApp": options}))
    assert dabench(*more) == 1
    assert words in capsys.readouterr().err.splitlines()[-1]


def test_a_default_of_demo_is_refused_before_anything_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"data_dir": str(tmp_path / "data"), "default_model": "demo"}
    path = tmp_path / "config" / "jupyter_server_config.json"
    path.write_text(json.dumps({"JupyterAssistantsApp": options}))
    assert dabench() == 1
    assert "does not run on demo" in capsys.readouterr().err
