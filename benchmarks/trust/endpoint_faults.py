"""Endpoints that hang, break off, lie and babble, in random order under one service.

A case is one run on an endpoint with one kind of fault. It must reach an end in time, leave nothing in
progress, and free its thread; the endpoint is well again in the next run on the same thread.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from support.service_session import Bench, events
from support.upstream import CUT, Reply, Upstream, chunk, event, page, plain, refused, streamed

from benchmarks.trust.campaign import Deadline, Outcome
from jupyter_assistants.api import build
from jupyter_assistants.config import Settings
from jupyter_assistants.models.connection import Timeouts
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.models.retries import Retries
from jupyter_assistants.models.scripted import Scripted
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.runs.states import is_over
from jupyter_assistants.storage.sql import SqlStorage

STUCK_SECONDS = 60.0
"""After which a run is stuck. Its endpoints time out within one second, also on a busy machine."""
AT_ONCE = 5
SPOKEN = streamed({"content": "Hello"})
HALF = event(chunk({"content": "Hel"}))
_HANG = 30.0


def call(arguments: str, name: str = "weather") -> dict[str, Any]:
    """Return a delta that calls a function."""
    function = {"name": name, "arguments": arguments}
    return {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]}


KINDS: dict[str, Reply] = {
    "hangs before the first byte": Reply([_HANG]),
    "hangs in the middle": Reply([HALF, _HANG]),
    "hangs within an event": Reply([HALF[:9], _HANG]),
    "is killed before the first byte": Reply([CUT]),
    "is killed in the middle": Reply([HALF, CUT]),
    "is killed within an event": Reply([HALF, HALF[:9], CUT]),
    "ends without a finish reason": Reply([HALF]),
    "ends with nothing at all": Reply([]),
    "sends only [DONE]": Reply([event("[DONE]")]),
    "lies about the length": Reply([b"data: {"], headers={"Content-Length": "9999"}),
    "sends a login page": page("<html>Sign in</html>"),
    "sends a page as events": Reply([b"<html>Sign in"], mime="text/html"),
    "sends an endless line": Reply([b"data: " + b"x" * 1_000_000] * 40),
    "sends broken JSON": Reply([b'data: {"choices": [{"delta": \n\n']),
    "sends JSON of another shape": Reply([event({"choices": "none"}), event([1, 2]), event("7")]),
    "sends nested JSON": Reply([event("[" * 50_000)]),
    "sends bytes that are no text": Reply([b"data: \xff\xfe\x00\n\n", b"\x00" * 4096]),
    "calls with broken arguments": streamed(call('{"city": '), finish="tool_calls"),
    "calls a tool that is not there": streamed(call("{}", "nothing"), finish="tool_calls"),
    "sends an error in the stream": Reply([HALF, event({"error": {"message": "Overloaded"}})]),
    "refuses with 500": refused(500, "Oh no"),
    "refuses with 401": refused(401, "Incorrect API key provided: sk-…", "invalid_api_key"),
    "refuses with 404": refused(404, "The model does not exist", "model_not_found"),
    "refuses with 429 for ever": plain({"error": {"message": "Slow"}}, 429, retry_after="0.05"),
    "refuses without a reason": Reply([b""], 503, mime="text/plain"),
    "sends control characters": streamed({"content": "\x00\x1b[2J\u202e" * 50}, finish="weird"),
    "sends a very long error": refused(400, "no " * 100_000),
    "says a number where text belongs": Reply([event(chunk({"content": 7}))]),
}


class EndpointFaults:
    """The campaign."""

    title: ClassVar[str] = f"runs on endpoints with {len(KINDS)} kinds of faults"
    aim: ClassVar[str] = "runs stuck, threads locked"
    full: ClassVar[int] = len(KINDS) * 20
    small: ClassVar[int] = len(KINDS)

    def run(self, cases: int, seed: int, deadline: Deadline) -> Outcome:
        """Start runs on faulty endpoints, several at once."""
        drawn = random.Random(seed)
        kinds = list(KINDS) * (cases // len(KINDS) + 1)
        kinds = kinds[:cases]
        drawn.shuffle(kinds)
        with tempfile.TemporaryDirectory() as folder:
            return asyncio.run(_attack(Path(folder), kinds, deadline))


async def _attack(folder: Path, kinds: list[str], deadline: Deadline) -> Outcome:
    failures: list[str] = []
    left = iter(kinds)
    done = 0

    def choose(body: dict[str, Any]) -> Reply:
        # The first message of a thread names the fault, a later one asks for a sane answer.
        told = json.dumps(body["messages"])
        kind = next((each for each in KINDS if json.dumps(each)[1:-1] in told), "")
        return SPOKEN if "be well again" in told or not kind else KINDS[kind]

    with Upstream(choose=choose) as upstream:
        client = ModelEndpoint(
            "bad",
            base_url=upstream.url,
            api_key="k",
            timeouts=Timeouts(first_byte=0.5, idle=0.5, connect=1),
            retries=Retries(first_wait=0.01),
        )
        service = build(
            Settings(data_dir=folder, embedding_model="none"),
            storage=SqlStorage.in_memory(),
            clients={"bad": client},
        )
        await service.start()

        async def attack() -> None:
            nonlocal done
            for kind in left:
                if deadline.passed:
                    return
                found = await _case(Bench(service, Scripted([])), kind)
                failures.extend(f"an endpoint that {kind}: {each}" for each in found)
                done += 1

        try:
            await asyncio.gather(*(attack() for _ in range(AT_ONCE)))
        finally:
            await service.close()
    return Outcome(done, failures, "" if done == len(kinds) else "ended by the clock")


async def _case(b: Bench, kind: str) -> list[str]:
    """Return what is wrong after a run on an endpoint with a fault."""
    function = {"type": "function", "function": {"name": "weather", "parameters": {}}}
    await b.begin(function, text=kind)
    model = {"model": "bad/m"}
    try:
        async with asyncio.timeout(STUCK_SECONDS):
            run = await b.run(**model)
    except TimeoutError:
        return ["the run is stuck"]
    found = []
    if run.status == "requires_action":
        await b.ask("POST", f"/threads/{run.thread_id}/runs/{run.id}/cancel")
        run = await _ended(b, run)
    if not is_over(run):
        found.append(f"the run is {run.status}")
    if run.status == "failed" and (run.last_error is None or not run.last_error.message.strip()):
        found.append("the run does not say why it failed")
    found += [
        f"message {each.id} is in progress"
        for each in await b.messages()
        if each.status == "in_progress"
    ]
    steps: list[RunStep] = await b.steps(run)
    found += [f"step {each.id} is in progress" for each in steps if each.status == "in_progress"]
    try:
        path = f"/threads/{b.thread_id}/messages"
        await b.ask("POST", path, role="user", content="be well again")
        async with asyncio.timeout(STUCK_SECONDS):
            again = await b.start(**model)
            await events(again)
            well = await b.get_run(again.run)
    except (AssistantsError, TimeoutError) as error:
        return [*found, f"the thread takes no further run: {error}"]
    if well.status != "completed":
        found.append(f"the run after it is {well.status}: {well.last_error}")
    return found


async def _ended(b: Bench, run: Run) -> Run:
    async with asyncio.timeout(STUCK_SECONDS):
        while not is_over(run):
            await asyncio.sleep(0.02)
            run = await b.get_run(run)
    return run
