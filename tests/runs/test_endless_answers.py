"""Answers that do not end, come at once, or in a flood of small pieces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from support.service_session import FUNCTION, bench
from support.stalls import LIMIT

from jupyter_assistants.models.base import CallDelta, ModelEvent, ModelRequest, TextDelta
from jupyter_assistants.models.endpoint_errors import EndpointError, ErrorFormatter
from jupyter_assistants.models.scripted import Scripted
from jupyter_assistants.models.stream_result import StreamResult
from jupyter_assistants.runs.citations import CitedPassage
from jupyter_assistants.runs.file_links import MOST_ANNOTATIONS, annotate
from jupyter_assistants.tools.code_interpreter.streaming import CodeStream

NAMED = "more than 10,000 characters, the limit of this server (max_answer_characters)"


class Endless(Scripted):
    """A model that says the same again and again."""

    def __init__(self, event: Callable[[int], ModelEvent]) -> None:
        super().__init__(())
        self._event = event

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        for number in range(1_000_000):
            yield self._event(number)


ENDLESS: dict[str, Callable[[int], ModelEvent]] = {
    "text": lambda number: TextDelta("word "),
    "text at once": lambda number: TextDelta("x" * 20_000_000),
    "single letters": lambda number: TextDelta("x"),
    "arguments": lambda number: CallDelta(0, "[", "call_1", "weather"),
    "empty pieces of arguments": lambda number: CallDelta(0, "", "call_1", "weather"),
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_an_answer_without_an_end_is_stopped_and_says_at_which_limit(
    tmp_path: Path, name: str
) -> None:
    model = Endless(ENDLESS[name])
    async with bench(tmp_path, model=model, max_answer_characters=10_000) as b:
        await b.begin(FUNCTION)
        run = await b.run()
        assert run.status == "failed"
        assert run.last_error is not None and NAMED in run.last_error.message
        assert sum(len(message.text) for message in await b.messages()) <= 10_000


async def test_a_long_answer_within_the_limit_is_whole(tmp_path: Path) -> None:
    text = "A line of some words.\n" * 20_000
    async with bench(tmp_path, [text]) as b:
        await b.begin()
        assert (await b.run()).status == "completed"
        assert (await b.messages())[-1].text.strip() == text.strip()


def test_what_an_endpoint_writes_shows_its_control_characters_by_number() -> None:
    error = ErrorFormatter("lab", "lab.example").error(
        EndpointError("broken", "\x1b[2Jall is well\u202e", param="\x07x"), "m"
    )
    assert '("⟨U+001B⟩[2Jall is well⟨U+202E⟩")' in error.message
    assert error.param == "⟨U+0007⟩x"


# -- floods ---------------------------------------------------------------------------------------


async def longest_slice(work: AsyncIterator[Any]) -> float:
    """Return the processor time of the longest time in which nothing else gets a turn."""
    longest, last, over = 0.0, time.thread_time(), False

    async def others() -> None:
        nonlocal longest, last
        while not over:
            now = time.thread_time()
            longest, last = max(longest, now - last), now
            await asyncio.sleep(0)

    waiting = asyncio.create_task(others())
    await asyncio.sleep(0)
    try:
        async for _ in work:
            pass
    finally:
        over = True
        await waiting
    return longest


def stream(body: bytes) -> StreamResult:
    async def pieces() -> AsyncIterator[bytes]:
        # As large as a fast endpoint's, and all there already.
        for start in range(0, len(body), 1_000_000):
            yield body[start : start + 1_000_000]

    return StreamResult(httpx2.Response(200, content=pieces()), 60)


CHUNK = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
FLOODS = {
    "chunks": CHUNK * 60_000,
    "empty lines": b"\n" * 3_000_000,
    "comments": b": ping\n" * 400_000,
    "lines that are no event": b"x:y\n" * 500_000,
    "a long delta": b'data: {"a":"' + b"\\u00e4" * 3_000_000 + b'"}\n\n',
    "a wide chunk": b'data: {"a":[' + b"{}," * 2_000_000 + b"{}]}\n\n",
    "many lines of data": b"data: 1\n" * 400_000 + b"\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_from_an_endpoint_leaves_others_their_turn(name: str) -> None:
    async def chunks() -> AsyncIterator[Any]:
        try:
            async for chunk in stream(FLOODS[name]).chunks():
                yield chunk
        except EndpointError:
            return

    assert await longest_slice(chunks()) < LIMIT


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_code_that_streams_in_single_letters_is_read_once() -> None:
    seconds = []
    for size in (50_000, 200_000):
        began = time.thread_time()
        follow = CodeStream()
        shown = [follow.more(piece) for piece in ('{"code": "', *("x\\n" * size), '"}')]
        seconds.append(time.thread_time() - began)
        code = "".join(part["code_interpreter"]["input"] for part in shown if part)
        assert code == "x\n" * size
    assert seconds[1] < 3 * 4 * seconds[0]


def test_what_follows_code_in_the_arguments_is_not_read_again_and_again() -> None:
    follow = CodeStream()
    assert follow.more('{"code": "1 + 1", "more": "') is not None
    began = time.thread_time()
    assert all(follow.more("x" * 100) is None for _ in range(20_000))
    assert time.thread_time() - began < 1


def test_of_very_many_links_and_marks_the_first_are_annotated() -> None:
    text = "sandbox:/mnt/data/a.csv " * 3_000 + "【4:0†a】" * 3_000
    source = CitedPassage("file_1", 0.5, ())
    found = annotate(text, {"a.csv": "file_1"}, {"4:0": source})
    assert len(found) == 2 * MOST_ANNOTATIONS
    assert found[0].start_index == 0
