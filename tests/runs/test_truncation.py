"""Long threads: what is shown of them, and how much of it the endpoint has seen before."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from statistics import median as median_of

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryMessage,
    Image,
    Reasoning,
)
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.truncation import Truncation
from jupyter_assistants.runs.prompt.calibration import MARGIN, Calibration
from jupyter_assistants.runs.prompt.truncation import (
    KEPT_IMAGES,
    KEPT_STEPS,
    MAX_ENTRIES,
    Entry,
    cost,
    cut,
    steps_of,
    truncate,
    turns_of,
)

FILES = ("- /mnt/data/sales.csv (15 kB, id file-1)",)
TASK = "the task\n\n[attached files]\n" + FILES[0]
FIXED = 800
"""Tokens of instructions and tools."""
ORDINARY, HEAVY = 100, 800
"""Median tokens of an output. Heavy threads grow by 3,400 tokens a turn."""
WORDS = ["alpha", "beta", "gamma", "delta", "mean", "value", "table", "column", "group"]


def again(number: int) -> str:
    return f"run the code again or read /mnt/data/.jupyter_assistants/outputs/{number}.txt"


def turn(chance: random.Random, number: int, median: int, calls: int = 2) -> Iterator[list[Entry]]:
    """Yield what each of about three model calls adds to the thread."""

    def text(words: float) -> str:
        return " ".join(chance.choices(WORDS, k=max(1, int(words))))

    asked = TASK if number == 0 else text(40)
    new = [
        Entry(f"u{number}", HistoryMessage("user", asked), True, listing=() if number else FILES)
    ]
    for at in range(calls):
        yield new
        id = number * 10 + at
        output = f"fact {id}\n{text(min(2700, chance.lognormvariate(0, 1) * median))}"
        code = f'{{"code": "{text(60)}"}}'
        new = [
            Entry(f"c{id}", FunctionCall(f"k{id}", "run_python", code)),
            Entry(f"o{id}", FunctionOutput(f"k{id}", output), again=again(id)),
        ]
    yield new
    yield [Entry(f"a{number}", HistoryMessage("assistant", text(90)), True)]


@dataclass
class Told:
    """What 120 turns gave."""

    hits: float
    breaks: int
    largest: int
    fresh: float
    """Median tokens of a prompt that were not in the one before."""
    turn: float
    """Median tokens of the turn that a prompt ends in."""
    error: float
    """How far our count was off at most, once it was calibrated."""


def follow(budget: int, median: int, seed: int) -> Told:
    """Ask a model about 360 times over 120 turns, and check every prompt."""
    chance, calibration, state = random.Random(seed), Calibration(), Truncation.of("t", "auto")
    history: list[Entry] = []
    before: list[tuple[Entry, int]] = []
    hit = total = breaks = largest = 0
    fresh, turns, error = list[int](), list[int](), 0.0
    for number in range(120):
        *asked, answer = turn(chance, number, median)
        for new in asked:
            history += new
            room = calibration.room("b", "m", budget) - FIXED
            shown, state = truncate(history, state, room)
            prompt = [(entry, cost(entry.part)) for entry in shown]
            size = FIXED + sum(tokens for _, tokens in prompt)
            # The endpoint counts otherwise than we do, by up to 8 %.
            counted = int(size * chance.uniform(1.0, 1.08))
            if before:
                error = max(error, abs(size * calibration.ratio("b", "m") / counted - 1))
            calibration.learn("b", "m", estimated=size, counted=counted)
            largest = max(largest, counted)
            check(history, shown)
            alike = zip(prompt, before, strict=False)
            prefix = len(list(takewhile(lambda two: two[0][0].part == two[1][0].part, alike)))
            if before:
                known = FIXED + sum(tokens for _, tokens in prompt[:prefix])
                hit += known
                fresh.append(size - known)
                turns.append(sum(cost(e.part) for e in list(turns_of(history))[-1]))
                total += size
                breaks += prefix < len(before)
            before = prompt
        history += answer
    middle = median_of(fresh), median_of(turns)
    return Told(hit / total, breaks, largest, *middle, error)


def check(history: Sequence[Entry], shown: Sequence[Entry]) -> None:
    assert shown[0].part == HistoryMessage("user", TASK), (
        "first message and file list are always there"
    )
    kept = {entry.id for entry in shown}
    recent = [entry.id for turn in list(turns_of(history))[-2:] for entry in turn]
    assert kept.issuperset(recent), "the last two turns are always there"
    check_calls(shown)
    for entry in shown:
        if isinstance(entry.part, FunctionOutput) and not entry.part.output.startswith("fact"):
            assert again(int(entry.id[1:])) in entry.part.output, (
                "what is cleared can be read again"
            )


def check_calls(shown: Sequence[Entry]) -> None:
    calls = [e.part.call_id for e in shown if isinstance(e.part, FunctionCall)]
    answers = [e.part.call_id for e in shown if isinstance(e.part, FunctionOutput)]
    assert sorted(calls) == sorted(answers), (
        "no call without its output, no output without its call"
    )
    places = {e.part.call_id: i for i, e in enumerate(shown) if isinstance(e.part, FunctionCall)}
    for at, entry in enumerate(shown):
        assert not isinstance(entry.part, FunctionOutput) or places[entry.part.call_id] < at


@pytest.mark.parametrize(("budget", "goal"), [(16_000, 0.85), (32_000, 0.90)])
def test_most_of_a_prompt_was_sent_before_even_when_outputs_are_large(
    budget: int, goal: float
) -> None:
    told = follow(budget, HEAVY, seed=1)
    assert told.hits >= goal
    assert told.largest <= budget
    assert told.fresh <= 1.1 * told.turn
    assert told.error < 0.10


@pytest.mark.parametrize(("budget", "median"), [(16_000, ORDINARY), (32_000, 3 * ORDINARY)])
def test_a_prompt_begins_otherwise_at_most_once_in_ten_turns(budget: int, median: int) -> None:
    told = follow(budget, median, seed=1)
    assert told.breaks <= 12
    assert told.hits >= 0.94
    assert told.largest <= budget


def entries(turns: int, median: int = ORDINARY, seed: int = 3) -> list[Entry]:
    chance = random.Random(seed)
    return [e for n in range(turns) for new in turn(chance, n, median) for e in new]


def test_a_short_thread_is_shown_whole() -> None:
    history, state = entries(5), Truncation.of("t", "auto")
    assert truncate(history, state, 100_000) == (history, state)


def test_outputs_are_cleared_before_turns_are_dropped() -> None:
    history = entries(20, median=600)
    total = sum(cost(entry.part) for entry in history)
    shown, state = truncate(history, Truncation.of("t", "auto"), int(total * 0.9))
    assert len(shown) == len(history) and state.first_kept is None
    outputs = [e.part.output for e in shown if isinstance(e.part, FunctionOutput)]
    assert all(output.startswith("fact") for output in outputs[-KEPT_STEPS:])
    assert outputs[0].startswith("[output removed to save space; ")
    assert outputs[0].endswith(again(0) + "]")


def test_turns_are_dropped_from_the_middle_and_the_gap_says_so() -> None:
    history = [e for e in entries(40) if isinstance(e.part, HistoryMessage)]
    file = "- /mnt/data/late.csv (1 kB, id file-2)"
    history[2] = Entry("u1", HistoryMessage("user", "see\n" + file), True, listing=(file,))
    total = sum(cost(entry.part) for entry in history)
    shown, state = truncate(history, Truncation.of("t", "auto"), total // 2)
    assert [entry.id for entry in (shown[0], shown[-1])] == ["u0", "a39"]
    assert sum(cost(entry.part) for entry in shown) <= total // 4
    gap = shown[1].part
    assert isinstance(gap, HistoryMessage)
    missing = len(history) - sum(entry.message for entry in shown)
    assert gap.text == f"[{missing} earlier messages omitted]\n\n[attached files]\n{file}"
    later, _ = truncate(history, state, 10 * total)
    assert later == shown, "what is gone stays gone, also under a larger budget"


@pytest.mark.parametrize("text", ["word " * 5000, "1.25," * 5000, "x" * 20_000, "数" * 9000])
def test_one_message_that_is_too_long_keeps_its_head_and_its_tail(text: str) -> None:
    history = [Entry("u0", HistoryMessage("user", f"BEGIN {text} END"), True)]
    shown, _ = truncate(history, Truncation.of("t", "auto"), 1000)
    part = shown[0].part
    assert isinstance(part, HistoryMessage)
    assert part.text.startswith("BEGIN") and part.text.endswith("END")
    assert "characters left out" in part.text and cost(part) <= 1000


def test_a_text_that_is_cut_is_never_longer_than_its_room() -> None:
    for text in ("a b c " * 999, "0123456789" * 500, "…" * 3000):
        assert estimate(cut(text, 100)) <= 100


def test_the_newest_images_stay_and_older_ones_go_in_batches() -> None:
    image = Image(b"x", "image/png")
    history, counts, state = (
        [Entry("u0", HistoryMessage("user", "plot"), True)],
        [],
        Truncation.of("t", "auto"),
    )
    for n in range(12):
        history += [
            Entry(f"c{n}", FunctionCall(f"k{n}", "run_python", "{}")),
            Entry(f"o{n}", FunctionOutput(f"k{n}", "[image]", [image])),
        ]
        shown, state = truncate(history, state, 100_000)
        counts.append(sum(bool(getattr(entry.part, "images", ())) for entry in shown))
    assert counts[:7] == [1, 2, 3, 4, 5, 6, KEPT_IMAGES] and min(counts[3:]) == KEPT_IMAGES
    assert "1 image(s) removed" in str(shown[2].part)


def test_a_thread_of_very_many_small_messages_is_shortened_as_well() -> None:
    history = [Entry(f"u{n}", HistoryMessage("user", "hi"), True) for n in range(MAX_ENTRIES + 1)]
    shown, _ = truncate(history, Truncation.of("t", "auto"), 1_000_000)
    assert len(shown) <= MAX_ENTRIES // 2 + 1


def test_a_gap_that_lost_its_end_is_made_anew() -> None:
    state = Truncation.of("t", "auto").changed(first_kept="gone", omitted=5)
    history = entries(2)
    shown, state = truncate(history, state, 100_000)
    assert shown == history and state.first_kept is None and state.omitted == 0


def test_blocks_of_context_and_reasoning_go_with_the_first_batch() -> None:
    block = Entry("x0", HistoryMessage("user", "[variables]\n- df"), context=True)
    thought = Entry("t0", Reasoning({"b": "z" * 4000}))
    history = entries(12, median=600)
    history[1:1] = [block, thought]
    newest = [
        Entry("u99", HistoryMessage("user", "and now?"), True),
        Entry("x9", block.part, context=True),
    ]
    total = sum(cost(entry.part) for entry in history)
    shown, _ = truncate([*history, *newest], Truncation.of("t", "auto"), int(total * 0.9))
    ids = [entry.id for entry in shown]
    assert "x0" not in ids and "t0" not in ids and ids[-1] == "x9"


TEXTS = st.integers(0, 400).map(lambda n: "word 12 " * n)
STEPS = st.lists(TEXTS, min_size=1, max_size=3)
TURNS = st.lists(st.tuples(TEXTS, st.lists(STEPS, max_size=4)), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(TURNS, st.lists(st.integers(1500, 9000), min_size=1, max_size=4))
def test_whatever_the_thread_it_fits_and_no_call_is_orphaned(
    turns: list[tuple[str, list[list[str]]]], budgets: list[int]
) -> None:
    state, history = Truncation.of("t", "auto"), list[Entry]()
    for number, (text, steps) in enumerate(turns):
        history.append(Entry(f"u{number}", HistoryMessage("user", f"ask {text}"), True))
        for at, outputs in enumerate(steps):
            ids = [f"{number}-{at}-{i}" for i in range(len(outputs))]
            history.append(Entry(f"t{ids[0]}", Reasoning({"b": "sealed"})))
            history += [Entry(f"c{id}", FunctionCall(id, "run_python", text)) for id in ids]
            history += [
                Entry(f"o{id}", FunctionOutput(id, output), again="run the code again")
                for id, output in zip(ids, outputs, strict=True)
            ]
        budget = budgets[number % len(budgets)]
        shown, state = truncate(history, state, budget)
        assert sum(cost(entry.part) for entry in shown) <= budget
        check_calls(shown)
        assert shown[0].id == "u0" and f"u{number}" in {entry.id for entry in shown}
        assert truncate(history, state, budget) == (shown, state), "a replay gives the same bytes"
        history.append(Entry(f"a{number}", HistoryMessage("assistant", "so"), True))


def test_calls_made_together_are_one_step() -> None:
    made = entries(1)[1:]
    assert [[e.id for e in step] for step in steps_of(made)] == [["c0", "o0"], ["c1", "o1"]]
    together = [made[0], made[2], made[1], made[3]]
    assert [[e.id for e in step] for step in steps_of(together)] == [["c0", "c1", "o0", "o1"]]


def test_our_count_follows_what_the_endpoint_reports() -> None:
    calibration = Calibration()
    assert calibration.room("b", "m", 1100) == int(1100 / MARGIN)
    calibration.learn("b", "m", estimated=100, counted=900)
    assert calibration.ratio("b", "m") == 1.0, "small prompts say nothing"
    calibration.learn("b", "m", estimated=1000, counted=2000)
    assert calibration.ratio("b", "m") == 2.0
    calibration.learn("b", "m", estimated=1000, counted=1000)
    assert calibration.ratio("b", "m") == pytest.approx(1.7)
    calibration.learn("c", "m", estimated=1000, counted=90_000)
    assert calibration.ratio("c", "m") == 3.0 and calibration.ratio("b", "other") == 1.0
