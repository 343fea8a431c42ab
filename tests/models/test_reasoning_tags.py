"""Reasoning between tags in the content, separated from the answer wherever a stream is cut."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.conversations import answer_of, client, sample_request
from support.responses_replies import last_event, message_events, response_stream
from support.upstream import Reply, Upstream, plain, streamed, usage

from jupyter_assistants.models.base import TextDelta, ThinkingDelta
from jupyter_assistants.models.reasoning_tags import HiddenOpening, ReasoningTags

CODE = "Write it as\n\n```xml\n<think>\nhm\n</think>\n```\n\nor as `<think>hm</think>`."
HARMONY = (
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Four."
)
SHAPES: dict[str, tuple[str, str, str]] = {
    "DeepSeek, Qwen": ("<think>\nHm.\n</think>\n\nFour.", "\nHm.\n", "Four."),
    "after white space": ("\n <think>Hm.</think> Four.", "Hm.", "Four."),
    "thinking": ("<thinking>Hm.</thinking>\nFour.", "Hm.", "Four."),
    "thought": ("<thought>Hm.</thought>Four.", "Hm.", "Four."),
    "Seed": ("<seed:think>Hm.</seed:think>Four.", "Hm.", "Four."),
    "Magistral": ("[THINK]Hm.[/THINK]Four.", "Hm.", "Four."),
    "Kimi-VL": ("◁think▷Hm.◁/think▷Four.", "Hm.", "Four."),
    "Gemma 4": ("<|channel>thought\nHm.\n<channel|>Four.", "\nHm.\n", "Four."),
    "gpt-oss": (HARMONY + "<|return|>", "Hm.", "Four."),
    "gpt-oss without analysis": ("<|channel|>final<|message|>Four.", "", "Four."),
    "gpt-oss thinks twice": (
        HARMONY[:-5].replace("final", "commentary") + HARMONY,
        "Hm.Hm.",
        "Four.",
    ),
    "Command A": (
        "<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>Four.<|END_RESPONSE|>",
        "Hm.",
        "Four.",
    ),
    "OpenThinker": (
        "<|begin_of_thought|>Hm.<|end_of_thought|>\n<|begin_of_solution|>Four.<|end_of_solution|>",
        "Hm.",
        "Four.",
    ),
    "empty": ("<think>\n\n</think>\n\nFour.", "\n\n", "Four."),
    "twice": ("<think>Hm.</think>\n<think>Oh.</think>Four.", "Hm.Oh.", "Four."),
    "between paragraphs": ("Well.\n\n<think>Hm.</think>\n\nFour.", "Hm.", "Well.\n\nFour."),
    "a quoted closing tag": (
        "<think>`</think>` ends it</think>Four.",
        "`</think>` ends it",
        "Four.",
    ),
    "no tags": ("Four < five, and 3 > 2.\n<b>Four</b>", "", "Four < five, and 3 > 2.\n<b>Four</b>"),
    "code": (CODE, "", CODE),
    "code after reasoning": (f"<think>Hm.</think>{CODE}", "Hm.", CODE),
    "indented code": ("So:\n\n    <think>hm</think>\n", "", "So:\n\n    <think>hm</think>\n"),
    "inside a line": ("The tag <think> opens it.", "", "The tag <think> opens it."),
    "a line about it": ("Tags:\n<think> opens it.", "", "Tags:\n<think> opens it."),
    "a beginning of a tag": ("a\n<thin", "", "a\n<thin"),
    "never closed": ("<think>Four.", "", "Four."),
    "fence in a list": ("1. ```\n<think>\n```\n", "", "1. ```\n<think>\n```\n"),
    "leading white space": ("\n\n Four.", "", "\n\n Four."),
    "blank": (" \n\t ", "", ""),
    "a later tag after a fence": (
        "```\nx\n```\n<think>Hm.</think>Four.",
        "Hm.",
        "```\nx\n```\nFour.",
    ),
}
"""By name: what a model writes, its reasoning, and its answer."""

HIDDEN: dict[str, tuple[str, str, str]] = {
    "DeepSeek R1": ("Hm.\n</think>\n\nFour.", "Hm.\n", "Four."),
    "another tag": ("Hm.[/THINK]Four.", "Hm.", "Four."),
    "opened all the same": ("<think>Hm.</think>Four.", "Hm.", "Four."),
    "nothing thought": ("\n</think>\n\nFour.", "", "Four."),
    "no reasoning": ("Four.", "", "Four."),
    "code afterwards": (f"Hm.</think>{CODE}", "Hm.", CODE),
}
"""The same for a model whose template writes the opening tag."""


def separated(
    pieces: list[str], hidden: HiddenOpening = "no", *, answered: bool = True
) -> tuple[str, str]:
    tags = ReasoningTags(hidden)
    shown = [text for piece in pieces for text in tags.feed(piece)]
    shown += tags.finish(answered=answered)
    return "".join(tags.thoughts), "".join(shown)


def cut_everywhere(text: str) -> list[list[str]]:
    twice = [[text[:i], text[i:]] for i in range(1, len(text))]
    return [[text], list(text), *twice]


@pytest.mark.parametrize("name", SHAPES)
def test_reasoning_is_separated_wherever_it_is_cut(name: str) -> None:
    text, thought, shown = SHAPES[name]
    for pieces in cut_everywhere(text):
        assert separated(pieces) == (thought, shown), pieces


@pytest.mark.parametrize("name", HIDDEN)
def test_reasoning_without_its_opening_tag_is_separated_wherever_it_is_cut(name: str) -> None:
    text, thought, shown = HIDDEN[name]
    for pieces in cut_everywhere(text):
        assert separated(pieces, "maybe") == (thought, shown), pieces


TAGS = ["<think>", "</think>", "[THINK]", "[/THINK]", "<|channel|>analysis<|message|>", "<|end|>"]
OTHERS = ["<|channel|>final<|message|>", "```", "~~~", "`", "\n", " ", "    ", "a", "<", "</", "- "]
PARTS = st.sampled_from([*TAGS, *OTHERS])


@given(
    st.lists(PARTS, max_size=25).map("".join),
    st.lists(st.integers(0, 200), max_size=8),
    st.sampled_from(["no", "maybe", "sure"]),
    st.booleans(),
)
def test_every_cut_gives_the_same(
    text: str, cuts: list[int], hidden: HiddenOpening, answered: bool
) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(places)]
    whole = separated([text], hidden, answered=answered)
    assert separated(pieces, hidden, answered=answered) == whole
    assert separated(list(text), hidden, answered=answered) == whole


def replies(text: str) -> dict[str, Reply]:
    """Return the same answer on both wires, letter by letter."""
    deltas = [{"content": letter} for letter in text]
    return {
        "chat": streamed(*deltas),
        "responses": response_stream(message_events(*text), last_event()),
    }


@pytest.mark.parametrize("wire", ["chat", "responses"])
@pytest.mark.parametrize("name", ["DeepSeek, Qwen", "Magistral", "gpt-oss", "code", "never closed"])
def test_an_answer_is_shown_without_its_reasoning(wire: Any, name: str) -> None:
    text, _, shown = SHAPES[name]
    with Upstream(replies(text)[wire]) as upstream:
        answer = answer_of(client(upstream.url, wire=wire))
    assert answer.text == shown
    assert answer.finished.reason == "stop"


@pytest.mark.parametrize("wire", ["chat", "responses"])
def test_a_template_that_opens_the_reasoning_is_known_by_the_models_name(wire: Any) -> None:
    with Upstream(replies(HIDDEN["DeepSeek R1"][0])[wire]) as upstream:
        request = sample_request(model="deepseek-ai/DeepSeek-R1-Distill-Qwen-7B")
        assert answer_of(client(upstream.url, wire=wire), request).text == "Four."


@pytest.mark.parametrize("wire", ["chat", "responses"])
def test_a_template_that_opens_the_reasoning_is_learned_from_the_first_answer(wire: Any) -> None:
    with Upstream(replies(HIDDEN["DeepSeek R1"][0])[wire]) as upstream:
        model = client(upstream.url, wire=wire)
        assert answer_of(model, sample_request()).text == "Hm.\nFour."
        assert answer_of(model, sample_request()).text == "Four."


def test_an_answer_that_comes_whole_is_separated_without_an_opening_tag() -> None:
    message = {"role": "assistant", "content": "Hm.\n</think>\n\nFour."}
    body = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage(1, 1)}
    with Upstream(plain(body)) as upstream:
        assert answer_of(client(upstream.url)).text == "Four."


def test_a_server_that_separates_the_reasoning_is_streamed_whatever_the_models_name() -> None:
    reply = streamed({"reasoning_content": "Hm."}, {"content": "Fo"}, {"content": "ur."})
    with Upstream(reply) as upstream:
        answer = answer_of(client(upstream.url), sample_request(model="deepseek-r1"))
    assert [event.text for event in answer.events if isinstance(event, TextDelta)] == ["Fo", "ur."]


def test_reasoning_before_a_call_is_no_text_and_goes_back_where_it_must() -> None:
    piece = {"index": 0, "id": "call_1", "function": {"name": "look", "arguments": "{}"}}
    reply = streamed({"content": "<think>Hm."}, {"tool_calls": [piece]}, finish="tool_calls")
    with Upstream(reply) as upstream:
        answer = answer_of(client(upstream.url), sample_request(model="kimi-k2"))
    assert answer.text == ""
    assert answer.finished.calls[0].extras == {"mine": {"reasoning_content": "Hm."}}


def test_reasoning_that_a_limit_cut_is_no_text() -> None:
    with Upstream(streamed({"content": "<think>Hm, hm"}, finish="length")) as upstream:
        answer = answer_of(client(upstream.url))
    assert (answer.text, answer.finished.reason) == ("", "length")


def test_a_stream_that_breaks_off_in_reasoning_is_asked_for_again() -> None:
    with Upstream(
        streamed({"content": "<think>Hm"}, finish=None), replies("Four.")["chat"]
    ) as upstream:
        assert answer_of(client(upstream.url)).text == "Four."
    assert len(upstream.received) == 2


def test_reasoning_comes_as_events_of_its_own() -> None:
    with Upstream(replies(SHAPES["DeepSeek, Qwen"][0])["chat"]) as upstream:
        events = answer_of(client(upstream.url)).events
    assert sum(e.characters for e in events if isinstance(e, ThinkingDelta)) == len("\nHm.\n")
