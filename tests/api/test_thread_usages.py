"""What runs cost is what endpoints reported, to the token, on both wires."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.responses_replies import (
    call_events,
    last_event,
    message_events,
    response_stream,
    usage_counts,
)
from support.service_session import FUNCTION, Bench, events
from support.upstream import Reply, Upstream, chunk, plain, usage
from support.upstream import events as chunks

from jupyter_assistants.api import build
from jupyter_assistants.config import Settings
from jupyter_assistants.models.endpoint import ModelEndpoint
from jupyter_assistants.models.retries import Retries
from jupyter_assistants.models.scripted import Scripted
from jupyter_assistants.storage.sql import SqlStorage

PRICES = {"m": {"input": 2.0, "output": 8.0}}
CODE = {"type": "code_interpreter"}


class Meter:
    """An endpoint that calls a tool twice and then answers, and remembers what it reported."""

    def __init__(self, wire: str, seed: int, tool: str, arguments: str) -> None:
        self.wire = wire
        self.tool = tool
        self.arguments = arguments
        self.reported: list[tuple[int, int, int]] = []
        self.refuse_next = False
        self.cut_short = False
        self._chance = random.Random(seed)

    def __call__(self, body: dict[str, Any]) -> Reply:
        if self.refuse_next:
            self.refuse_next = False
            return plain({"error": {"message": "slow down"}}, 429, retry_after="0.01")
        prompt, completion = self._chance.randint(100, 9000), self._chance.randint(1, 900)
        cached = self._chance.randint(0, prompt)
        self.reported.append((prompt, completion, cached))
        sent = body.get("messages") or body["input"]
        outputs = sum(m.get("role") == "tool" or "output" in m for m in since_the_user(sent))
        calls = outputs < 2 and not self.cut_short
        if self.wire == "chat":
            return self._chat(calls, prompt, completion, cached)
        figures = usage_counts(prompt, completion, cached)
        if not calls:
            return response_stream(message_events("Done."), last_event(usage=figures))
        made = call_events(self.arguments, len(self.reported))
        for each in made:
            if "item" in each:
                each["item"]["name"] = self.tool
        return response_stream(made, last_event(usage=figures))

    def _chat(self, calls: bool, prompt: int, completion: int, cached: int) -> Reply:
        figures = {**usage(prompt, completion), "prompt_tokens_details": {"cached_tokens": cached}}
        last = {"choices": [], "usage": figures}
        if self.cut_short:
            return chunks(chunk({"content": "Half"}), chunk({}, "length"), last)
        if not calls:
            return chunks(chunk({"content": "Done."}), chunk({}, "stop"), last)
        function = {"name": self.tool, "arguments": self.arguments}
        call = {"index": 0, "id": f"call_{len(self.reported)}", "function": function}
        # On every chunk, as some do: the last one counts.
        early = {**chunk({"tool_calls": [call]}), "usage": usage(prompt, 1)}
        return chunks(early, chunk({}, "tool_calls"), last)

    @property
    def sums(self) -> tuple[int, int, int]:
        prompts, completions, cached = zip(*self.reported, strict=True)
        return sum(prompts), sum(completions), sum(cached)


def since_the_user(sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what came after the newest message of the user."""
    places = [i for i, each in enumerate(sent) if each.get("role") == "user"]
    return sent[places[-1] :]


@asynccontextmanager
async def metered(tmp_path: Path, meter: Meter, tool: dict[str, Any]) -> AsyncIterator[Bench]:
    with Upstream(choose=meter, models=plain({"data": [{"id": "m"}]})) as upstream:
        wire: Any = meter.wire
        client = ModelEndpoint(
            "lab", base_url=upstream.url, wire=wire, retries=Retries(first_wait=0.01)
        )
        settings = Settings(data_dir=tmp_path, prices=PRICES)
        service = build(settings, storage=SqlStorage.in_memory(), clients={"lab": client})
        await service.start()
        b = Bench(service, Scripted([]))
        made = await b.ask("POST", "/assistants", model="lab/m", tools=[tool])
        thread = await b.ask("POST", "/threads", messages=[{"role": "user", "content": "go"}])
        b.assistant_id, b.thread_id = made.id, thread.id
        try:
            yield b
        finally:
            await service.close()


async def check(b: Bench, meter: Meter, *runs: Any) -> None:
    """Compare every place that says what was used."""
    prompt, completion, cached = meter.sums
    used = [run.usage for run in runs]
    assert sum(u.prompt_tokens for u in used) == prompt
    assert sum(u.completion_tokens for u in used) == completion
    assert sum(u.total_tokens for u in used) == prompt + completion
    assert sum(u.cached_tokens or 0 for u in used) == cached
    steps = [step for run in runs for step in await b.steps(run)]
    assert sum(step.usage.total_tokens for step in steps if step.usage) == prompt + completion
    total = await b.ask("GET", f"/threads/{b.thread_id}/usage")
    assert (total.prompt_tokens, total.completion_tokens) == (prompt, completion)
    assert total.cost == pytest.approx((2 * prompt + 8 * completion) / 1e6)


@pytest.mark.parametrize("wire", ["chat", "responses"])
async def test_several_runs_of_several_turns_cost_what_was_reported(
    tmp_path: Path, wire: str
) -> None:
    meter = Meter(wire, 7, "weather", '{"city": "Oslo"}')
    async with metered(tmp_path, meter, FUNCTION) as b:
        runs = []
        for number in range(3):
            # A refused attempt costs nothing.
            meter.refuse_next = number == 1
            await b.ask("POST", f"/threads/{b.thread_id}/messages", role="user", content="again")
            run = await b.run()
            while run.required_action is not None:
                [call] = run.required_action.submit_tool_outputs.tool_calls
                await events(await b.submit(run, {"tool_call_id": call.id, "output": "cold"}))
                run = await b.get_run(run)
            assert run.status == "completed"
            runs.append(run)
        assert len(meter.reported) == 9
        await check(b, meter, *runs)


async def test_a_run_that_stops_in_the_middle_costs_what_was_reported(tmp_path: Path) -> None:
    meter = Meter("chat", 8, "weather", "{}")
    meter.cut_short = True
    async with metered(tmp_path, meter, FUNCTION) as b:
        run = await b.run()
        assert run.status == "incomplete"
        await check(b, meter, run)


@pytest.mark.slow
@pytest.mark.parametrize("wire", ["chat", "responses"])
async def test_a_run_with_real_code_costs_what_was_reported(tmp_path: Path, wire: str) -> None:
    meter = Meter(wire, 9, "run_python", json.dumps({"code": "print(6 * 7)"}))
    async with metered(tmp_path, meter, CODE) as b:
        async with asyncio.timeout(60):
            run = await b.run()
        assert run.status == "completed"
        assert len(meter.reported) == 3
        await check(b, meter, run)
