"""Answers with nothing in them, answers that a limit cut, and answers that were stopped."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.endpoint_runs import endpoint, question, served
from support.responses_replies import last_event, message_events, response_stream
from support.service_session import FUNCTION, bench, events
from support.upstream import CUT, Reply, Upstream, chunk, refused, streamed, usage
from support.upstream import events as sse

from jupyter_assistants.models.base import HistoryMessage, Limits, StreamEnd, ThinkingDelta
from jupyter_assistants.models.scripted import Scripted, call
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run, Usage

WIRES = ["chat", "responses"]


def answer(wire: str, text: str, *, finish: str = "stop") -> Reply:
    if wire == "chat":
        return streamed({"content": text}, finish=finish)
    ended = "completed" if finish == "stop" else "incomplete"
    details = {} if finish == "stop" else {"incomplete_details": {"reason": "max_output_tokens"}}
    return response_stream(message_events(text) if text else [], last_event(ended, **details))


def words(message: Message) -> str:
    return "".join(part.text.value for part in message.content)  # type: ignore[union-attr]


async def asked(
    tmp_path: Path, wire: Any, *replies: Reply, **body: Any
) -> tuple[Run, list[Message], Any]:
    """Return the run of one question, the thread's messages and the endpoint's requests."""
    with Upstream(*replies) as upstream:
        async with served(tmp_path, endpoint("e", upstream.url, wire=wire)) as service:
            b = await question(service, "e/m")
            return await b.run(**body), await b.messages(), upstream.received


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("text", ["", " \n\t\n", "<think>Hm.</think>\n\n"])
async def test_an_empty_answer_is_asked_for_once_more(tmp_path: Path, wire: str, text: str) -> None:
    run, messages, received = await asked(tmp_path, wire, answer(wire, text), answer(wire, "Four."))
    assert run.status == "completed"
    assert [words(m) for m in messages] == ["hello", "Four."]
    assert "Your last answer was empty" in str(received[1].body)
    assert run.usage is not None and run.usage.total_tokens == 36, "both answers cost tokens"


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("text", ["", "\n \n"])
async def test_a_run_that_would_show_nothing_fails_and_says_why(
    tmp_path: Path, wire: str, text: str
) -> None:
    run, messages, received = await asked(tmp_path, wire, answer(wire, text))
    assert run.status == "failed" and run.last_error is not None
    assert run.last_error.message.startswith("e/m sent an empty answer, twice")
    assert (len(messages), len(received)) == (1, 2)


async def test_an_empty_answer_after_a_tools_output_completes_the_run_with_a_note(
    tmp_path: Path,
) -> None:
    model = Scripted([[call("weather", {"city": "Oslo"})], [], [StreamEnd("stop")]])
    async with bench(tmp_path, model=model) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        await events(await b.submit(run, {"tool_call_id": "call_1", "output": "cold"}))
        run = await b.get_run(run)
    assert run.status == "completed"
    assert "ended the run without a word" in (run.jupyter.note or "")
    assert len(model.requests) == 3


async def test_white_space_before_words_is_part_of_the_answer(tmp_path: Path) -> None:
    async with bench(tmp_path, model=Scripted([["  ", "\n", "Four."]])) as b:
        await b.begin()
        await b.run()
        assert words((await b.messages())[-1]) == "  \nFour."


@pytest.mark.parametrize("wire", WIRES)
async def test_a_limit_of_the_endpoint_is_not_told_as_one_of_the_run(
    tmp_path: Path, wire: str
) -> None:
    cut = answer(wire, "Four and", finish="length")
    run, messages, _ = await asked(tmp_path, wire, cut)
    assert run.status == "incomplete"
    assert "stopped the answer at its own limit" in (run.jupyter.note or "")
    assert messages[-1].incomplete_details is not None
    assert messages[-1].incomplete_details.reason == "max_tokens"


@pytest.mark.parametrize(
    ("limit", "endpoints"), [(300, False), (256, False), (301, True), (1000, True)]
)
async def test_a_limit_of_the_run_is_told_from_one_of_the_endpoint_by_what_was_used(
    tmp_path: Path, limit: int, endpoints: bool
) -> None:
    counted = {"choices": [], "usage": usage(11, 300)}
    cut = sse(chunk({"content": "Four and"}), chunk({}, "length"), counted)
    run, _, _ = await asked(tmp_path, "chat", cut, max_completion_tokens=limit)
    assert run.incomplete_details is not None
    assert run.incomplete_details.reason == "max_completion_tokens"
    assert ("its own limit" in (run.jupyter.note or "")) is endpoints


def estimated(spent: Usage | None) -> tuple[bool, bool]:
    """Return whether tokens were counted, and whether all of them are said to be an estimate."""
    assert spent is not None
    whole = spent.prompt_tokens + spent.completion_tokens
    return spent.prompt_tokens > 0 and spent.completion_tokens > 0, spent.estimated_tokens == whole


@pytest.mark.parametrize("wire", WIRES)
async def test_a_cancelled_answer_counts_about_what_it_has_cost(tmp_path: Path, wire: Any) -> None:
    gate = threading.Event()
    said = [chunk({"content": "Four and "}), chunk({"content": "five"})]
    spoken = message_events("Four and ", "five")[:3]
    reply = sse(*said, gate) if wire == "chat" else response_stream(spoken, gate)
    with Upstream(reply) as upstream:
        async with served(
            tmp_path, endpoint("e", upstream.url, wire=wire, timeouts=None)
        ) as service:
            b = await question(service, "e/m")
            started = await b.start()
            async for event in started.events:
                if event.event == "thread.message.delta":
                    break
            await b.ask("POST", f"/threads/{b.thread_id}/runs/{started.run.id}/cancel")
            run = await b.run_when(started.run, lambda run: run.status == "cancelled")
        gate.set()
    assert estimated(run.usage) == (True, True)


async def test_a_cancelled_answer_counts_reasoning_that_nobody_saw(tmp_path: Path) -> None:
    gate = threading.Event()
    reply = sse(chunk({"reasoning_content": "Hm. " * 400}), chunk({"content": "F"}), gate)
    with Upstream(reply) as upstream:
        async with served(tmp_path, endpoint("e", upstream.url, timeouts=None)) as service:
            b = await question(service, "e/m")
            started = await b.start()
            async for event in started.events:
                if event.event == "thread.message.delta":
                    break
            await b.ask("POST", f"/threads/{b.thread_id}/runs/{started.run.id}/cancel")
            run = await b.run_when(started.run, lambda run: run.status == "cancelled")
        gate.set()
    assert run.usage is not None and run.usage.completion_tokens > 300


@pytest.mark.parametrize("wire", WIRES)
async def test_an_answer_that_breaks_off_counts_about_what_it_has_cost(
    tmp_path: Path, wire: Any
) -> None:
    spoken = message_events("Four and ", "five")[:3]
    reply = (
        sse(chunk({"content": "Four and five"}), CUT)
        if wire == "chat"
        else response_stream(spoken, CUT)
    )
    run, _, _ = await asked(tmp_path, wire, reply)
    assert run.status == "failed"
    assert estimated(run.usage) == (True, True)


async def test_an_endpoint_that_does_not_count_is_said_to_be_estimated(tmp_path: Path) -> None:
    run, _, _ = await asked(tmp_path, "chat", sse(chunk({"content": "Four and five"}, "stop")))
    assert run.status == "completed"
    assert estimated(run.usage) == (True, True)


async def test_an_endpoint_that_counts_is_not_said_to_be_estimated(tmp_path: Path) -> None:
    run, _, _ = await asked(tmp_path, "chat", streamed({"content": "Four"}))
    assert run.usage is not None and "estimated_tokens" not in run.usage.model_dump(mode="json")


SMALL = Limits(8_192, source="the test")


ROOM = 6_516
"""Tokens for the thread in a window of 8,192: an eighth is for the answer, and a reserve of 10 %."""


@pytest.mark.parametrize("characters", [23_000, 28_000, 60_000, 200_000])
async def test_a_message_that_is_too_long_is_sent_as_far_as_it_fits(
    tmp_path: Path, characters: int
) -> None:
    text = ("The mean of column seven is 4.25, said Ada on Monday. " * 4000)[:characters]
    model = Scripted(["So it is."], limits=SMALL)
    async with bench(tmp_path, model=model) as b:
        await b.begin(text=text)
        run = await b.run()
    (sent,) = model.requests[0].history
    assert isinstance(sent, HistoryMessage)
    note = run.jupyter.note or ""
    if characters == 23_000:
        assert (sent.text, note) == (text, "")
        return
    assert 0.98 * ROOM < estimate(sent.text) <= ROOM
    assert f"of {characters:,} characters were left out" in note
    assert "The model did not see the middle of a long message" in note


async def test_a_prompt_that_the_endpoint_finds_too_long_is_shortened_until_it_fits(
    tmp_path: Path,
) -> None:
    too_long = refused(400, "the request exceeds the available context size")
    with Upstream(too_long, too_long, too_long, answer("chat", "Four.")) as upstream:
        async with served(tmp_path, endpoint("e", upstream.url)) as service:
            b = await question(service, "e/m", content="column 7 is 4.25, " * 1000)
            run = await b.run()
    sizes = [len(received.body["messages"][-1]["content"]) for received in upstream.received]
    assert run.status == "completed"
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 4


async def test_an_image_that_the_model_cannot_see_is_told_to_the_person(tmp_path: Path) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    content = [{"type": "text", "text": "What is this?"}, image, image]
    model = Scripted(["I cannot see it.", "Really."], limits=SMALL)
    async with bench(tmp_path, model=model) as b:
        await b.begin()
        await b.ask("POST", f"/threads/{b.thread_id}/messages", role="user", content=content)
        run = await b.run()
        assert "scripted/it was not shown 2 images" in (run.jupyter.note or "")
        await b.ask("POST", f"/threads/{b.thread_id}/messages", role="user", content="Sure?")
        run = await b.run()
        assert run.jupyter.note is None, "it is told once"


async def test_a_model_that_knows_no_tools_is_told_to_the_person(tmp_path: Path) -> None:
    model = Scripted(["I cannot look."], limits=replace(SMALL, tools=False))
    async with bench(tmp_path, model=model) as b:
        await b.begin({"type": "code_interpreter"}, FUNCTION)
        run = await b.run()
    note = (
        "scripted/it knows no tools, as its server says, and will not use code_interpreter, weather"
    )
    assert (run.jupyter.note or "").startswith(note)


def test_thinking_shows_its_size_alone() -> None:
    assert repr(ThinkingDelta(3)) == "ThinkingDelta(characters=3)"
