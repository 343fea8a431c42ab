"""Record what models are sent: ten questions over both APIs, one request of each in a document.

``python -m benchmarks.prompts`` writes the recorded requests into ``docs/internals/prompts.md``. The model
is scripted, kernel and outputs are invented, so the requests are the same on every machine.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks import figures  # finds the tests' helpers
from benchmarks.dabench.questions import load
from jupyter_assistants.api import build
from jupyter_assistants.config import Settings
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.models.scripted import Scripted
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.storage.sql import SqlStorage

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "internals" / "prompts.md"
HEADING = "## Recorded requests\n"
SHOWN = 4
"""The number of the question whose first request is shown: what came before has all kinds of parts."""

INTRODUCTION = f"""\
Written by `python -m benchmarks.prompts`; a test compares them with what is sent now. Both are the first
request for question {SHOWN + 1} of ten, from an assistant without instructions. Ids and image bytes are
shortened.
"""

Wire = Literal["chat", "responses"]
Json = dict[str, Any]

_TEN = ROOT / "benchmarks" / "ten"
_CODE = {"type": "code_interpreter"}
_MODEL = "gpt-6-luna"
_KERNEL = {
    "python": "3.13.9",
    "folder": "/home/ada/penguins",
    "packages": "numpy 2.4.0, pandas 3.1.0, matplotlib 3.11.0",
}
_TABLES = [
    "- penguins: DataFrame 344 rows x 3 columns: species (str), body_mass_g (float64, 2 missing), "
    "seen (datetime64[us], from 2007-11-11 to 2009-12-01)",
    "- threshold: int",
]
_CELLS = ["import pandas as pd", "penguins = pd.read_csv('penguins.csv', parse_dates=['seen'])"]
_PNG = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccfc0"
        "f01f0005050201ad2e8b4e0000000049454e44ae426082"
    )
).decode()
_TABLE = {
    "text/plain": "           count\nspecies         \nAdelie       152\nGentoo       124",
    "text/html": '<table class="dataframe"><tr><td>152</td></tr></table>',
}
_TRACEBACK = [
    "KeyError                                  Traceback (most recent call last)",
    'Cell In[3], line 2\n      1 import pandas as pd\n----> 2 penguins["mass"].mean()\n',
    "File /usr/lib/python3/site-packages/pandas/core/frame.py:4378, in DataFrame.__getitem__(self, key)\n"
    "-> 4378 indexer = self.columns.get_loc(key)\n",
    "KeyError: 'mass'",
]


@dataclass(frozen=True)
class Recorded:
    """The requests of one conversation.

    Parameters
    ----------
    bodies
        Every body that the endpoint received, oldest first.
    first_of
        The number of each question's first request.
    """

    bodies: Sequence[Json]
    first_of: Sequence[int]


def outputs_of(number: int) -> Json:
    """Return what the client submits for the code of a question: each kind of result in turn."""
    text = {"output_type": "stream", "name": "stdout", "text": f"@result[{number}]\n"}
    display = {"output_type": "display_data", "metadata": {}}
    error = {
        "output_type": "error",
        "ename": "KeyError",
        "evalue": "'mass'",
        "traceback": _TRACEBACK,
    }
    results: list[Json] = [
        {"status": "ok", "outputs": [text]},
        {
            "status": "ok",
            "outputs": [{**display, "data": _TABLE}, {**display, "data": {"image/png": _PNG}}],
        },
        {"status": "error", "outputs": [error]},
        {"status": "rejected", "note": "not on the whole table"},
        {"status": "ok", "outputs": [{**text, "text": "a line of text\n" * 2_000}]},
        {"status": "ok", "outputs": [text], "code": "penguins.describe()"},
    ]
    return results[number] if number < len(results) else results[0]


async def record(wire: Wire) -> Recorded:
    """Ask the ten questions in one thread and return what the endpoint was sent."""
    # Not at the top: importing benchmarks.figures has to come before.
    from support.service_session import Bench
    from support.upstream import Upstream

    questions = load(_TEN)
    lines = (_TEN / "gold.jsonl").read_text("utf-8").splitlines()
    gold = {each["id"]: each["code"] for each in map(json.loads, lines)}
    codes = [gold[each.id] for each in questions]
    with Upstream(*_replies(wire, codes)) as upstream, tempfile.TemporaryDirectory() as home:
        client = ModelEndpoint("mine", base_url=upstream.url, api_key="k", wire=wire)
        service = build(
            Settings(data_dir=Path(home), embedding_model="none"),
            storage=SqlStorage.in_memory(),
            clients={"mine": client},
        )
        await service.start()
        try:
            bench = Bench(service, Scripted([]))
            first_of = await _ask_all(bench, [each.text for each in questions], upstream)
        finally:
            await service.close()
    return Recorded([r.body for r in upstream.received if r.method == "POST"], first_of)


async def _ask_all(bench: Any, questions: Sequence[str], upstream: Any) -> list[int]:
    made = await bench.ask("POST", "/assistants", model=f"mine/{_MODEL}", tools=[_CODE])
    thread = await bench.ask("POST", "/threads")
    bench.assistant_id, bench.thread_id = made.id, thread.id
    file = await bench.upload("penguins.csv", b"species,body_mass_g\n")
    first_of = []
    for number, question in enumerate(questions):
        first_of.append(sum(r.method == "POST" for r in upstream.received))
        message: Json = {"role": "user", "content": question}
        if number == 0:
            message["attachments"] = [{"file_id": file.id, "tools": [_CODE]}]
        results = [f"- result_{n}: float" for n in range(number)]
        context = {
            "kernel": _KERNEL,
            "variables": "\n".join([*_TABLES, *results]),
            "cells": [*_CELLS, *(f"result_{n}" for n in range(number))],
        }
        place = {"place": "caller", "context": context}
        run = await bench.run(additional_messages=[message], jupyter=place)
        (called,) = run.required_action.submit_tool_outputs.tool_calls
        answer = {"tool_call_id": called.id, "output": "", "jupyter": outputs_of(number)}
        started = await bench.submit(run, answer)
        _ = [event async for event in started.events]
        run = await bench.get_run(run)
        if run.status != "completed":
            raise RuntimeError(
                f"The run of question {number} ended as {run.status}: {run.last_error}"
            )
    return first_of


def _replies(wire: Wire, codes: Sequence[str]) -> Iterator[Any]:
    """Yield a call and an answer for each question."""
    from support.responses_replies import call_events, last_event, message_events, response_stream
    from support.upstream import streamed

    for number, code in enumerate(codes):
        arguments, text = json.dumps({"code": code}), f"Answer {number}."
        if wire == "responses":
            yield response_stream(call_events(arguments, number), last_event())
            yield response_stream(message_events(text), last_event())
        else:
            function = {"name": "run_python", "arguments": arguments}
            call = {"index": 0, "id": f"call_{number}", "type": "function", "function": function}
            yield streamed({"tool_calls": [call]}, finish="tool_calls")
            yield streamed({"content": text})


def prefixes(recorded: Recorded) -> list[str]:
    """Return each request as the bytes that its endpoint reads before it answers, in their order."""
    return ["".join(_read_first(body)) for body in recorded.bodies]


def _read_first(body: Json) -> Iterator[str]:
    yield json.dumps(body["tools"], ensure_ascii=False)
    yield json.dumps(body.get("instructions"), ensure_ascii=False)
    for entry in body.get("messages") or body["input"]:
        yield json.dumps(entry, ensure_ascii=False)


def document(recordings: dict[Wire, Recorded]) -> str:
    """Return the document with these recordings in it."""
    before = DOCUMENT.read_text("utf-8").partition(HEADING)[0]
    return "\n".join([f"{before}{HEADING}", INTRODUCTION, *map(_section, recordings.items())])


def _section(recording: tuple[Wire, Recorded]) -> str:
    wire, recorded = recording
    body = recorded.bodies[recorded.first_of[SHOWN]]
    before = {**body, "messages": body["messages"][:1]} if wire == "chat" else {**body, "input": []}
    first, whole = (estimate(_shortened("".join(_read_first(each)))) for each in (before, body))
    request = "\n".join(_yaml(body))
    return (
        f"### {'Chat Completions' if wire == 'chat' else 'Responses'}\n\n"
        f"About {first:,} tokens come before the history, the same in every request of the thread; "
        f"{whole:,} are\nsent in all.\n\n```yaml\n{_shortened(request)}\n```\n"
    )


def _shortened(text: str) -> str:
    text = re.sub(r"\bfile-\w+", "file-…", text)
    return re.sub(r"(base64,)[\w+/=]+", r"\1…", text)


def _yaml(value: Any, indent: str = "") -> Iterator[str]:
    """Yield lines of YAML in which texts can be read."""
    entries = value.items() if isinstance(value, dict) else [("-", each) for each in value]
    for key, each in entries:
        start = f"{indent}-" if key == "-" else f"{indent}{key}:"
        if isinstance(each, dict | list) and each:
            yield start
            yield from _yaml(each, indent + "  ")
        elif isinstance(each, str) and "\n" in each:
            yield f"{start} |"
            yield from (f"{indent}  {line}".rstrip() for line in each.split("\n"))
        else:
            yield f"{start} {json.dumps(each, ensure_ascii=False)}"


async def record_both() -> dict[Wire, Recorded]:
    """Return the recordings of both APIs."""
    return {"chat": await record("chat"), "responses": await record("responses")}


def main() -> None:
    recordings = asyncio.run(record_both())
    DOCUMENT.write_text(document(recordings), "utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)} is written; {figures.machine()}")


if __name__ == "__main__":
    main()
