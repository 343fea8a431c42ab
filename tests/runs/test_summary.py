"""Turns that a prompt drops can be summed up by the model, once, and where that is switched on."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.service_session import Bench, bench

from jupyter_assistants.models.base import HistoryMessage, ModelRequest
from jupyter_assistants.models.scripted import Line, Turn
from jupyter_assistants.protocol.errors import ProviderError
from jupyter_assistants.protocol.truncation import Truncation

pytestmark = pytest.mark.slow

BUDGET = 1500


def is_summary(request: ModelRequest) -> bool:
    return request.instructions.startswith("You keep the notes")


def texts(request: ModelRequest) -> str:
    return "\n".join(entry.text for entry in request.history if isinstance(entry, HistoryMessage))


def answer(request: ModelRequest) -> Turn:
    if is_summary(request):
        number = texts(request).count("NOTES") + 1
        return f"NOTES number {number}: the user wants fruit."
    return "So be it."


async def talk(b: Bench, turns: int, first: int = 0) -> None:
    """Send long messages, a run after each."""
    for number in range(first, first + turns):
        content = f"message {number} " + "apple banana cherry " * 40
        await b.ask("POST", f"/threads/{b.thread_id}/messages", role="user", content=content)
        assert (await b.run()).status == "completed"


async def test_what_is_dropped_is_summed_up_once_and_shown_from_then_on(tmp_path: Path) -> None:
    turns = [answer] * 60
    async with bench(tmp_path, *turns, prompt_budget=BUDGET, summaries=True) as b:
        await b.begin(text="the task")
        await talk(b, 24)
        asked = b.model.requests
        summaries = [at for at, request in enumerate(asked) if is_summary(request)]
        assert 1 < len(summaries) < 8
        first, second = summaries[:2]
        assert "message 0 " in texts(asked[first]) and "message 1 " in texts(asked[first])
        assert asked[first].tools == ()
        shown = texts(asked[first + 1])
        assert "earlier messages omitted]\n\n[notes on them]\nNOTES number 1" in shown
        assert "message 0 " not in shown and shown.startswith("the task")
        assert "[notes on them]\nNOTES number 1" in texts(asked[second - 1])
        assert "[notes so far]\nNOTES number 1" in texts(asked[second])
        assert "NOTES number 2" in texts(asked[second + 1])
        state = b.service.storage.get(Truncation, f"truncation_auto_{b.thread_id}")
        assert state.summary.startswith("NOTES number")
        assert "[notes on them]" not in str([message.text for message in await b.messages()])


async def test_a_summary_counts_in_what_the_run_used(tmp_path: Path) -> None:
    async with bench(tmp_path, *[answer] * 60, prompt_budget=BUDGET, summaries=True) as b:
        await b.begin(text="the task")
        used, before = [], 0
        while not any(map(is_summary, b.model.requests)):
            before = len(b.model.requests)
            await talk(b, 1, first=before)
            runs = await b.ask("GET", f"/threads/{b.thread_id}/runs", query_limit=1)
            used.append(runs.data[0].usage.prompt_tokens)
        assert len(b.model.requests) == before + 2
        assert used[-1] > 1.2 * used[-2], "two prompts, not one"
        assert runs.data[0].turns == 1


async def test_a_summary_that_fails_does_not_fail_the_run(tmp_path: Path) -> None:
    def fails(request: ModelRequest) -> Turn:
        line: Line = ProviderError("no notes today") if is_summary(request) else "So be it."
        return [line]

    async with bench(tmp_path, *[fails] * 60, prompt_budget=BUDGET, summaries=True) as b:
        await b.begin(text="the task")
        await talk(b, 16)
        assert any(map(is_summary, b.model.requests))
        shown = texts(b.model.requests[-1])
        assert "earlier messages omitted]" in shown and "[notes" not in shown


async def test_nothing_is_summed_up_unless_it_is_switched_on(tmp_path: Path) -> None:
    async with bench(tmp_path, *[answer] * 60, prompt_budget=BUDGET) as b:
        await b.begin(text="the task")
        await talk(b, 16)
        assert not any(map(is_summary, b.model.requests))
        assert "earlier messages omitted]" in texts(b.model.requests[-1])
