"""Runs over real endpoints: reasoning that goes back, waits that are shown, and faults."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support.endpoint_runs import endpoint, question, served
from support.responses_replies import (
    HELLO,
    call_events,
    last_event,
    message_events,
    reasoning_events,
    response_stream,
    usage_counts,
)
from support.service_session import FUNCTION, events
from support.upstream import CUT, Reply, Upstream, chunk, event, plain, refused, streamed

from jupyter_assistants.models.connection import Timeouts
from jupyter_assistants.protocol.items import Item

pytestmark = pytest.mark.slow

HANGS = 25.0
"""Seconds after which a run hangs: less than any endpoint here would let it wait."""

SPOKEN = streamed({"content": "Hello"})


def arguments(number: int) -> list[dict[str, Any]]:
    made = call_events('{"city": "Oslo"}', number, 1)
    for each in made:
        if "item" in each:
            each["item"]["name"] = "weather"
    return made


async def test_reasoning_is_stored_and_goes_back_in_the_next_call(tmp_path: Path) -> None:
    first = response_stream(
        reasoning_events(1), arguments(1), last_event(usage=usage_counts(50, 5, 40))
    )
    with Upstream(first, HELLO) as upstream:
        async with served(tmp_path, endpoint("r", upstream.url, wire="responses")) as bench:
            b = await question(bench, "r/m", FUNCTION)
            run = await b.run()
            history = b.service.storage.history(b.thread_id, limit=100)
            kinds = [entry.type for entry in history if isinstance(entry, Item)]
            assert kinds == ["reasoning", "function_call"]
            assert run.required_action is not None
            await events(await b.submit(run, {"tool_call_id": "call_1", "output": "cold"}))
            run = await b.get_run(run)
    assert run.status == "completed"
    assert run.usage is not None
    assert (run.usage.total_tokens, run.usage.cached_tokens) == (55 + 18, 40)
    types = [item.get("type") for item in upstream.body["input"]]
    assert types == [None, "reasoning", "function_call", "function_call_output"]
    assert upstream.body["input"][1]["encrypted_content"] == "gAAAA1"


async def test_reasoning_before_a_message_stands_before_it_in_the_next_run(tmp_path: Path) -> None:
    first = response_stream(reasoning_events(1), message_events("Four.", index=1), last_event())
    with Upstream(first, HELLO) as upstream:
        async with served(tmp_path, endpoint("r", upstream.url, wire="responses")) as bench:
            b = await question(bench, "r/m")
            await b.run()
            await b.run()
    types = [item.get("role") or item["type"] for item in upstream.body["input"]]
    assert types == ["user", "reasoning", "assistant"]


async def test_reasoning_is_no_step_and_no_message(tmp_path: Path) -> None:
    first = response_stream(reasoning_events(1), message_events("Four.", index=1), last_event())
    with Upstream(first) as upstream:
        async with served(tmp_path, endpoint("r", upstream.url, wire="responses")) as bench:
            b = await question(bench, "r/m")
            run = await b.run()
            assert [step.type for step in await b.steps(run)] == ["message_creation"]
            assert "gAAAA" not in str([m.wire() for m in await b.messages()])


async def test_what_a_message_was_for_goes_back_in_the_next_run(tmp_path: Path) -> None:
    message = message_events("Let me look.")
    for each in message:
        if "item" in each:
            each["item"] = {**each["item"], "phase": "commentary"}
    with Upstream(response_stream(message, last_event()), HELLO) as upstream:
        async with served(tmp_path, endpoint("r", upstream.url, wire="responses")) as bench:
            b = await question(bench, "r/m")
            await b.run()
            assert "commentary" not in str([m.wire() for m in await b.messages()])
            await b.run()
    said_before = {
        "type": "message",
        "role": "assistant",
        "content": "Let me look.",
        "phase": "commentary",
    }
    assert upstream.body["input"][1] == said_before


async def test_a_run_shows_that_it_waits_and_why(tmp_path: Path) -> None:
    with Upstream(plain({}, 429, retry_after="0.5"), SPOKEN) as upstream:
        async with served(tmp_path, endpoint("slow", upstream.url)) as bench:
            b = await question(bench, "slow/m")
            started = await b.start()
            run = await b.run_when(started.run, lambda run: run.jupyter.waiting)
            host = f"127.0.0.1:{upstream.port}"
            assert run.wire()["jupyter"]["waiting"] == f"waiting 1 s: rate limit of {host}"
            assert run.status == "in_progress"
            found = await events(started)
            run = await b.get_run(run)
    assert run.status == "completed"
    assert run.jupyter.waiting is None
    assert "waiting" not in run.wire()["jupyter"]
    names = [each.event for each in found]
    assert names.count("thread.run.in_progress") == 1
    assert not any("waiting" in str(each.data) for each in found)


async def test_a_run_that_is_cancelled_while_it_waits_does_not_wait_any_more(
    tmp_path: Path,
) -> None:
    with Upstream(plain({}, 429, retry_after="60"), SPOKEN) as upstream:
        async with served(tmp_path, endpoint("slow", upstream.url)) as bench:
            b = await question(bench, "slow/m")
            started = await b.start()
            await b.run_when(started.run, lambda run: run.jupyter.waiting)
            await b.ask("POST", f"/threads/{b.thread_id}/runs/{started.run.id}/cancel")
            # The endpoint asked for a minute.
            async with asyncio.timeout(HANGS):
                run = await b.run_when(started.run, lambda run: run.status == "cancelled")
    assert run.jupyter.waiting is None


async def test_a_prompt_that_is_too_long_is_sent_again_with_less_of_the_thread(
    tmp_path: Path,
) -> None:
    long = refused(400, "This model's maximum context length is 999 tokens.")
    with Upstream(long, SPOKEN) as upstream:
        async with served(tmp_path, endpoint("small", upstream.url)) as bench:
            b = await question(bench, "small/m")
            path = f"/threads/{b.thread_id}/messages"
            for number in range(12):
                await b.ask("POST", path, role="user", content=f"{number} " + "word " * 300)
            run = await b.run()
    assert run.status == "completed"
    assert len(upstream.received) == 2
    first, second = [len(str(received.body["messages"])) for received in upstream.received]
    assert second < 0.85 * first


async def test_a_prompt_that_stays_too_long_ends_the_run_after_one_more_try(tmp_path: Path) -> None:
    long = refused(400, "This model's maximum context length is 9 tokens.")
    with Upstream(long) as upstream:
        async with served(tmp_path, endpoint("small", upstream.url)) as bench:
            b = await question(bench, "small/m")
            run = await b.run()
    assert run.status == "failed"
    assert run.last_error is not None
    assert run.last_error.code == "invalid_prompt"
    assert "too long" in run.last_error.message
    assert len(upstream.received) == 2


FAULTS: list[tuple[str, Reply, str]] = [
    ("hangs before the first byte", Reply([30.0]), "sent nothing for 0.3 s"),
    ("hangs in the middle", Reply([event(chunk({"content": "Hel"})), 30.0]), "sent nothing for"),
    (
        "is killed in the middle",
        Reply([event(chunk({"content": "Hel"})), CUT]),
        "closed the connection",
    ),
    ("lies about the length", Reply([b"data: {"], headers={"Content-Length": "9999"}), ""),
    ("sends a page", Reply([b"<html>Sign in"], mime="text/html"), "login page"),
    ("sends an endless line", Reply([b"data: " + b"x" * 1_000_000] * 40), "has no end"),
    ("refuses", refused(500, "Oh no"), "Oh no"),
]


@pytest.mark.parametrize(("reply", "words"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
async def test_a_fault_of_the_endpoint_ends_the_run_in_time_and_frees_the_thread(
    tmp_path: Path, reply: Reply, words: str
) -> None:
    with Upstream(reply) as upstream:
        async with served(tmp_path, endpoint("bad", upstream.url)) as bench:
            b = await question(bench, "bad/m")
            async with asyncio.timeout(HANGS):
                run = await b.run()
            assert run.status == "failed"
            assert run.last_error is not None
            assert words in run.last_error.message
            assert f"127.0.0.1:{upstream.port}" in run.last_error.message
            upstream.replies[:] = [SPOKEN]
            assert (await b.run()).status == "completed"


async def test_what_was_said_before_a_fault_is_kept(tmp_path: Path) -> None:
    with Upstream(Reply([event(chunk({"content": "Half an answer"})), CUT])) as upstream:
        async with served(tmp_path, endpoint("bad", upstream.url)) as bench:
            b = await question(bench, "bad/m")
            await b.run()
            message = (await b.messages())[-1]
    assert (message.status, message.text) == ("incomplete", "Half an answer")


async def test_an_endpoint_that_trickles_for_ever_ends_with_the_run(tmp_path: Path) -> None:
    trickle = [event(chunk({"content": "x"})), 0.05] * 1200
    with Upstream(Reply(trickle)) as upstream:
        async with served(tmp_path, endpoint("slow", upstream.url), run_expiry=1) as bench:
            b = await question(bench, "slow/m")
            async with asyncio.timeout(HANGS):
                run = await b.run()
    assert run.status == "expired"


async def test_an_endpoint_that_hangs_holds_up_no_other_run(tmp_path: Path) -> None:
    with Upstream(Reply([30.0])) as hanging, Upstream(SPOKEN) as good:
        patient = endpoint("hangs", hanging.url, timeouts=Timeouts(first_byte=20))
        async with served(tmp_path, patient, endpoint("good", good.url)) as bench:
            stuck = [await question(bench, "hangs/m") for _ in range(5)]
            started = [await each.start() for each in stuck]
            fine = await question(bench, "good/m")
            assert (await fine.run()).status == "completed"
            runs = [await b.get_run(s.run) for b, s in zip(stuck, started, strict=True)]
            assert {run.status for run in runs} == {"in_progress"}


@pytest.mark.parametrize("dialect", [None, "ollama", "llamacpp", "lmstudio", "litellm"])
async def test_an_endpoint_that_hangs_when_asked_what_it_has_holds_up_no_run(
    tmp_path: Path, dialect: str | None
) -> None:
    hangs = Reply([30.0])
    paths = ("/api/show", "/api/ps", "/api/generate", "/props", "/api/v0/models", "/v1/model/info")
    with Upstream(SPOKEN, models=hangs, native=dict.fromkeys(paths, hangs)) as upstream:
        async with served(tmp_path, endpoint("shy", upstream.url, dialect=dialect)) as bench:
            b = await question(bench, "shy/m")
            async with asyncio.timeout(20):
                assert (await b.run()).status == "completed"


async def test_the_tokens_of_a_run_are_the_sum_of_what_the_endpoint_counted(tmp_path: Path) -> None:
    first = response_stream(arguments(1), last_event(usage=usage_counts(100, 10)))
    second = response_stream(arguments(2), last_event(usage=usage_counts(200, 20)))
    third = response_stream(message_events("Cold."), last_event(usage=usage_counts(300, 30)))
    with Upstream(first, second, third) as upstream:
        async with served(tmp_path, endpoint("r", upstream.url, wire="responses")) as bench:
            b = await question(bench, "r/m", FUNCTION)
            run = await b.run()
            while run.required_action is not None:
                [call] = run.required_action.submit_tool_outputs.tool_calls
                await events(await b.submit(run, {"tool_call_id": call.id, "output": "cold"}))
                run = await b.get_run(run)
            steps = await b.steps(run)
    assert run.usage is not None
    assert (run.usage.prompt_tokens, run.usage.completion_tokens) == (600, 60)
    assert sum(step.usage.total_tokens for step in steps if step.usage) == run.usage.total_tokens


async def test_a_switch_of_the_wire_in_a_run_is_not_noticed(tmp_path: Path) -> None:
    words = "To use function tools, use /v1/responses or set reasoning_effort to 'none'"

    def choose(body: dict[str, Any]) -> Reply:
        return HELLO if "input" in body else refused(400, words, param="reasoning_effort")

    with Upstream(choose=choose) as upstream:
        async with served(tmp_path, endpoint("new", upstream.url)) as bench:
            b = await question(bench, "new/m", FUNCTION)
            assert (await b.run()).status == "completed"
            assert (await b.messages())[-1].text == "Hello"
