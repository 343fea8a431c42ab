"""A thread with the demo model that executes its code for real, in a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import io
import shutil
import traceback
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib

from support.paths import DATA

matplotlib.use("Agg")

import json

import matplotlib.pyplot as plt

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    ModelEvent,
    ModelRequest,
    StreamEnd,
    TextDelta,
    ToolSpec,
)
from jupyter_assistants.models.demo import Demo

RUN_PYTHON = ToolSpec(
    "run_python",
    "Run Python code.",
    {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]},
    strict=True,
)


def events(request: ModelRequest) -> list[ModelEvent]:
    """Return all events of one model call."""

    async def read() -> list[ModelEvent]:
        return [event async for event in Demo().stream(request)]

    return asyncio.run(read())


def text_of(stream: Sequence[ModelEvent]) -> str:
    return "".join(event.text for event in stream if isinstance(event, TextDelta))


@dataclass
class Reply:
    text: str = ""
    codes: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    figures: int = 0

    @property
    def rows(self) -> list[list[str]]:
        """The cells of all tables of the answer, header lines included."""
        lines = [line for line in self.text.splitlines() if line.startswith("| ")]
        cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
        return [line for line in cells if set(line) != {"---"}]

    def cell(self, *labels: str, column: int = -1) -> float:
        """The number in the table row that begins with these labels."""
        for row in self.rows:
            if row[: len(labels)] == list(labels):
                return float(row[column])
        raise AssertionError(f"no row {labels} in:\n{self.text}")


class DemoThread:
    """Asks the demo, runs what it calls, and posts the outputs, as the engine does."""

    def __init__(self, folder: Path, **variables: Any) -> None:
        self.folder = folder
        self.globals: dict[str, Any] = {"__name__": "__main__", **variables}
        self.history: list[HistoryEntry] = []
        self.pictures: Path | None = None

    def ask(self, question: str, *files: str, reject: str = "", **options: Any) -> Reply:
        """Ask with attached files: names in tests/data, or of files in the folder already."""
        self.say(question, *files)
        reply = Reply()
        for _ in range(6):
            stream = events(self.request(**options))
            assert isinstance(stream[-1], StreamEnd)
            if not stream[-1].calls:
                reply.text = text_of(stream)
                self.history.append(HistoryMessage("assistant", reply.text))
                return reply
            call = stream[-1].calls[0]
            deltas = [event for event in stream if isinstance(event, CallDelta)]
            assert (deltas[0].call_id, deltas[0].name) == (call.call_id, call.name)
            assert "".join(event.arguments for event in deltas) == call.arguments
            code = json.loads(call.arguments)["code"]
            reply.codes.append(code)
            output = reject or self.run(code, reply)
            reply.outputs.append(output)
            self.history += [call, FunctionOutput(call.call_id, output)]
        raise AssertionError("the demo does not stop calling")

    def say(self, question: str, *files: str) -> None:
        """Add a message of the user as the engine hands it to models."""
        for name in files:
            if not (self.folder / name).exists() and (DATA / name).exists():
                shutil.copy(DATA / name, self.folder / name)
        lines = [
            f"- /mnt/data/{name} (15 kB, id file-{number})" for number, name in enumerate(files)
        ]
        block = "\n\n[attached files]\n" + "\n".join(lines) if files else ""
        self.history.append(HistoryMessage("user", question + block))

    def answer(self, outputs: Sequence[str]) -> str:
        """Return the answer where the calls print these outputs."""
        for output in outputs:
            end = events(self.request())[-1]
            assert isinstance(end, StreamEnd)
            self.history += [end.calls[0], FunctionOutput(end.calls[0].call_id, output)]
        return text_of(events(self.request()))

    def request(self, **options: Any) -> ModelRequest:
        options = {"tools": (RUN_PYTHON,), **options}
        return ModelRequest("demo", "Be helpful.", tuple(self.history), **options)

    def run(self, code: str, reply: Reply) -> str:
        printed = io.StringIO()
        code = code.replace("/mnt/data", self.folder.as_posix())
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")
            try:
                exec(compile(code, "<cell>", "exec"), self.globals)
            except Exception:
                printed.write(traceback.format_exc())
        for number in plt.get_fignums():
            reply.figures += 1
            if self.pictures:
                name = f"{len(self.history)}-{number}.png"
                plt.figure(number).savefig(self.pictures / name, dpi=70)
        plt.close("all")
        return printed.getvalue()
