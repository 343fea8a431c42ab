"""The command line of the benchmark: options, progress, and the table of figures."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir

from benchmarks.dabench import downloads
from benchmarks.dabench.questions import Question, load
from benchmarks.dabench.runner import DEMO, NO_DEMO, QuestionResult, Runner
from benchmarks.dabench.scores import Score, score
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.discovery import KEY, URL, KernelIdentity, find
from jupyter_assistants.protocol.errors import AssistantsError, InvalidRequest

LEVELS = ("easy", "medium", "hard")
INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="python -m benchmarks.dabench",
        description="Ask a model the 257 questions of InfiAgent-DABench, whose answers are known.",
    )
    add = top.add_argument
    add("-m", "--model", default="default", help="the model to ask")
    add("-n", "--limit", type=_positive, help="ask only this many questions")
    add("--level", choices=LEVELS, help="ask only questions of this level")
    add("--concurrency", type=_positive, default=2, help="questions at a time")
    add("--timeout", type=_positive, default=600, help="seconds for one question")
    add("--data", metavar="FOLDER", help="read the data from this folder, download nothing")
    add("-o", "--out", metavar="FILE", help="results as JSON lines; an existing file is continued")
    add("--keep", action="store_true", help="keep the threads for inspection")
    add("--json", action="store_true", help="print the figures as JSON")
    add("--url", default="", help=f"address of a Jupyter server (or ${URL})")
    add("--token", default="", help=f"its token (better: ${KEY})")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and return the exit status."""
    arguments = parser().parse_args(argv)
    try:
        return asyncio.run(_run_with_client(arguments))
    except AssistantsError as error:
        print(f"dabench: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("dabench: cancelled; the same command continues", file=sys.stderr)
        return INTERRUPTED


async def _run_with_client(arguments: argparse.Namespace) -> int:
    chosen = await find(KernelIdentity(), url=arguments.url, token=arguments.token)
    try:
        return await run(chosen.client, arguments)
    finally:
        await asyncio.to_thread(chosen.client.close)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


async def run(client: Client, arguments: argparse.Namespace) -> int:
    """Ask the questions, print the figures and return the exit status."""
    if arguments.model == DEMO:
        raise InvalidRequest(NO_DEMO)
    questions = select_questions(await asyncio.to_thread(_questions, arguments), arguments)
    results = Results.open(Path(arguments.out or _default_file(arguments.model)), questions)
    open_questions = [each for each in questions if each.id not in results.known]
    if len(open_questions) < len(questions):
        _report(
            f"{len(questions) - len(open_questions)} of {len(questions)} results are in {results.path}."
        )
    _report(
        f"{len(open_questions)} questions, {arguments.concurrency} at a time; results go to {results.path}"
    )
    runner = Runner(
        client, arguments.model, arguments.concurrency, arguments.timeout, arguments.keep
    )
    began = time.monotonic()

    def done(result: QuestionResult) -> None:
        results.add(result.wire())
        _report(_line(result, len(results.known), len(questions)))

    await runner.run(open_questions, done)
    figures = _figures(list(results.known.values()), time.monotonic() - began)
    print(json.dumps(figures, indent=1) if arguments.json else _table(figures))
    return 0


def select_questions(
    questions: Sequence[Question], arguments: argparse.Namespace
) -> list[Question]:
    """Return the questions that the options select."""
    level = arguments.level
    found = [each for each in questions if level is None or each.level == level]
    if not found:
        raise InvalidRequest(f"The benchmark has no questions of level {level}.")
    return found[: arguments.limit]


def _questions(arguments: argparse.Namespace) -> list[Question]:
    if arguments.data:
        return load(Path(arguments.data).expanduser())
    folder = Path(jupyter_data_dir()) / "jupyter_assistants" / "bench" / "dabench"
    return load(downloads.download(folder, _report))


def _default_file(model: str) -> str:
    safe = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in model)
    return f"dabench-{safe}.jsonl"


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass
class Results:
    """The file of results, one line for each question."""

    path: Path
    known: dict[str, Json]

    @classmethod
    def open(cls, path: Path, questions: Iterable[Question]) -> Results:
        """Read the results of these questions from an earlier run."""
        wanted = {each.id for each in questions}
        known: dict[str, Json] = {}
        try:
            for line in path.read_text("utf-8").splitlines() if path.exists() else []:
                each = json.loads(line)
                known |= {each["id"]: each} if each["id"] in wanted else {}
        except (OSError, ValueError, KeyError, TypeError):
            text = f"{path} is no file of results of this benchmark. Name another file with --out."
            raise AssistantsError(text) from None
        return cls(path, known)

    def add(self, line: Json) -> None:
        """Append one result."""
        self.known[line["id"]] = line
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise AssistantsError(f"Cannot write {self.path}: {error.strerror}.") from None


def _line(result: QuestionResult, number: int, total: int) -> str:
    right, of = sum(result.right.values()), len(result.right)
    word = "right" if right == of else "wrong"
    words = f"{number}/{total}  #{result.id}  {word} {right}/{of}"
    words += f"  {result.tokens:,} tokens  {result.seconds:.1f} s"
    return words if result.status == "completed" else f"{words}  {result.status}: {result.error}"


def _figures(lines: Sequence[Json], seconds: float) -> dict[str, Any]:
    scored: Score = score([(line["right"], line["near"]) for line in lines])
    costs = [line["cost"] for line in lines]
    known = [cost for cost in costs if cost is not None]
    return {
        "models": sorted({line["model"] for line in lines}),
        "asked": len(lines),
        "completed": sum(line["status"] == "completed" for line in lines),
        **{name: round(value, 4) for name, value in asdict(scored).items()},
        "prompt_tokens": sum(line["prompt_tokens"] for line in lines),
        "completion_tokens": sum(line["completion_tokens"] for line in lines),
        "cost": round(sum(known), 4) if known and len(known) == len(costs) else None,
        "seconds": round(sum(line["seconds"] for line in lines), 1),
        "wall_seconds": round(seconds, 1),
        "tool_calls": sum(line["tool_calls"] for line in lines),
        "tool_errors": sum(line["tool_errors"] for line in lines),
    }


def _table(figures: dict[str, Any]) -> str:
    cost = figures["cost"]
    rows = [
        ("Model", ", ".join(figures["models"])),
        ("Questions asked", f"{figures['asked']}, completed {figures['completed']}"),
        ("Accuracy by question (ABQ)", f"{figures['questions']:.2%}"),
        ("Proportional by value (PSAQ)", f"{figures['proportional']:.2%}"),
        ("Accuracy by value (UASQ)", f"{figures['values']:.2%}"),
        ("By question, last digit +-1", f"{figures['last_digit']:.2%}"),
        ("Tokens", f"{figures['prompt_tokens']:,} in, {figures['completion_tokens']:,} out"),
        ("Cost", f"$ {cost:.4f}" if cost is not None else "unknown: set prices for the model"),
        ("Seconds", f"{figures['seconds']:g}, {figures['wall_seconds']:g} by the clock"),
        ("Code", f"ran {figures['tool_calls']} times, {figures['tool_errors']} with an error"),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {figure}" for name, figure in rows)
