"""``jupyter assistants bench``: the questions, the progress, the figures."""

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

from jupyter_assistants.bench import fetching
from jupyter_assistants.bench.questions import Question, load
from jupyter_assistants.bench.running import DEMO, NO_DEMO, Outcome, Runner
from jupyter_assistants.bench.scoring import Score, score
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.protocol.errors import AssistantsError, InvalidRequest

LEVELS = ("easy", "medium", "hard")


def add_arguments(bench: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    bench.add_argument("name", choices=["dabench"], help="InfiAgent-DABench, 257 questions")
    bench.add_argument("-m", "--model", default="default", help="the model to ask")
    bench.add_argument("-n", "--limit", type=_positive, help="only so many questions")
    bench.add_argument("--level", choices=LEVELS, help="only questions of this level")
    bench.add_argument("--concurrency", type=_positive, default=2, help="questions at a time")
    bench.add_argument("--timeout", type=_positive, default=600, help="seconds for one question")
    bench.add_argument(
        "--data", metavar="FOLDER", help="a folder with the data; nothing is fetched"
    )
    bench.add_argument(
        "-o", "--out", metavar="FILE", help="results as JSON lines; a file that is there goes on"
    )
    bench.add_argument("--keep", action="store_true", help="keep the threads, to look at them")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


async def run(client: Client, arguments: argparse.Namespace) -> int:
    """Carry the command out; give the exit status."""
    if arguments.model == DEMO:
        raise InvalidRequest(NO_DEMO)
    questions = chosen(await asyncio.to_thread(_questions, arguments), arguments)
    results = Results.open(Path(arguments.out or _name(arguments.model)), questions)
    left = [each for each in questions if each.id not in results.known]
    if len(left) < len(questions):
        _tell(f"{len(questions) - len(left)} of {len(questions)} results are in {results.path}.")
    _tell(f"{len(left)} questions, {arguments.concurrency} at a time; results go to {results.path}")
    runner = Runner(
        client, arguments.model, arguments.concurrency, arguments.timeout, arguments.keep
    )
    began = time.monotonic()

    def done(outcome: Outcome) -> None:
        results.add(outcome.wire())
        _tell(_line(outcome, len(results.known), len(questions)))

    await runner.run(left, done)
    figures = _figures(list(results.known.values()), time.monotonic() - began)
    print(json.dumps(figures, indent=1) if arguments.json else _table(figures))
    return 0


def chosen(questions: Sequence[Question], arguments: argparse.Namespace) -> list[Question]:
    """Return the questions that are wanted."""
    level = arguments.level
    found = [each for each in questions if level is None or each.level == level]
    if not found:
        raise InvalidRequest(f"There are no questions of level {level}.")
    return found[: arguments.limit]


def _questions(arguments: argparse.Namespace) -> list[Question]:
    if arguments.data:
        return load(Path(arguments.data).expanduser())
    folder = Path(jupyter_data_dir()) / "jupyter_assistants" / "bench" / "dabench"
    return load(fetching.fetch(folder, _tell))


def _name(model: str) -> str:
    safe = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in model)
    return f"dabench-{safe}.jsonl"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass
class Results:
    """The file of results, a line for each question that was asked."""

    path: Path
    known: dict[str, Json]

    @classmethod
    def open(cls, path: Path, questions: Iterable[Question]) -> Results:
        """Read what is there, of these questions."""
        wanted = {each.id for each in questions}
        known: dict[str, Json] = {}
        try:
            for line in path.read_text("utf-8").splitlines() if path.exists() else []:
                each = json.loads(line)
                known |= {each["id"]: each} if each["id"] in wanted else {}
        except (OSError, ValueError, KeyError, TypeError):
            text = f"{path} holds no results of this benchmark: give another file by --out."
            raise AssistantsError(text) from None
        return cls(path, known)

    def add(self, line: Json) -> None:
        """Keep one more result."""
        self.known[line["id"]] = line
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise AssistantsError(f"Cannot write {self.path}: {error.strerror}.") from None


def _line(outcome: Outcome, number: int, total: int) -> str:
    right, of = sum(outcome.right.values()), len(outcome.right)
    word = "right" if right == of else "wrong"
    words = f"{number}/{total}  #{outcome.id}  {word} {right}/{of}"
    words += f"  {outcome.tokens:,} tokens  {outcome.seconds:.1f} s"
    return words if outcome.status == "completed" else f"{words}  {outcome.status}: {outcome.error}"


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
