"""The history as input items of a response."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Image,
    Reasoning,
)
from jupyter_assistants.models.history import (
    AFTER_RESULTS,
    ANSWER_IMAGES,
    BEFORE_ANSWER,
    NO_OUTPUT,
    OutputQueue,
    called_in_words,
    content_tokens,
    data_url,
    joined_content,
    result_in_words,
    valid_arguments,
    wire_id,
)
from jupyter_assistants.models.tokens import estimate

_Item = dict[str, Any]


def reasoning_entry(backend: str, model: str, item: Mapping[str, Any]) -> Reasoning:
    """Return a reasoning item as an entry that goes back only to this endpoint and model."""
    return Reasoning({backend: {"model": model, "item": dict(item)}})


def phase_entry(backend: str, model: str, phase: str) -> Reasoning:
    """Return the phase of the message that follows: its model wants it back with the message."""
    return Reasoning({backend: {"model": model, "phase": phase}})


def input_items(
    history: Sequence[HistoryEntry],
    backend: str,
    model: str,
    *,
    reasoning: bool,
    alternate: bool = False,
    plain_tools: bool = False,
) -> list[_Item]:
    """Return the input items: no call without its output, no reasoning without what it led to.

    Neighbouring messages of one role are one: servers that copy this API write them into the templates
    of their models, many of which accept no others.

    Parameters
    ----------
    reasoning
        Whether reasoning goes back at all.
    alternate
        Whether a user's message may only follow an answer in words, and the user begins.
    plain_tools
        Whether calls and results are told in messages of the model and the user.
    """
    items: Iterable[_Item] = _Projection(history, backend, model, reasoning).items()
    items = _merged(_in_words(items) if plain_tools else items)
    return list(_alternating(items) if alternate else items)


def _in_words(items: Iterable[_Item]) -> Iterator[_Item]:
    names: dict[str, str] = {}
    for item in items:
        match item.get("type"):
            case "function_call":
                names[item["call_id"]] = item["name"]
                yield _answer_item(called_in_words(item["name"], item["arguments"]))
            case "function_call_output":
                said = result_in_words(names[item["call_id"]])
                content = joined_content(said, item["output"], "input_text")
                yield {"role": "user", "content": content}
            case _:
                yield item


def _answer_item(text: str) -> _Item:
    # llama.cpp knows a message of the model by its type alone; elsewhere it may be left out.
    return {"type": "message", "role": "assistant", "content": text}


def _merged(items: Iterable[_Item]) -> Iterator[_Item]:
    before: _Item = {}
    for item in items:
        # Messages with another phase stay apart, and so do those with reasoning between them.
        same = item.keys() == before.keys() and "role" in item
        if same and all(item[key] == before[key] for key in item if key != "content"):
            content = joined_content(before["content"], item["content"], "input_text")
            before = {**item, "content": content}
            continue
        if before:
            yield before
        before = item
    if before:
        yield before


def _alternating(items: Iterable[_Item]) -> Iterator[_Item]:
    before = ""
    for item in items:
        kind = item.get("role") or item["type"]
        if kind != "user" and not before:
            yield {"role": "user", "content": BEFORE_ANSWER}
        if kind == "user" and before == "function_call_output":
            yield _answer_item(AFTER_RESULTS)
        before = kind
        yield item


def tokens_of(body: Mapping[str, Any]) -> int:
    """Estimate the tokens of a request's prompt, for endpoints that do not count them."""
    total = estimate(body.get("instructions") or "") + estimate(str(body.get("tools", "")))
    for item in body["input"]:
        total += 4 + estimate(item.get("name", "") + item.get("arguments", ""))
        total += content_tokens(item.get("content") if "content" in item else item.get("output"))
    return total


class _Projection:
    def __init__(
        self, history: Sequence[HistoryEntry], backend: str, model: str, reasoning: bool
    ) -> None:
        self._history = history
        self._backend = backend
        self._model = model
        self._reasoning = reasoning
        self._outputs = OutputQueue(history)

    def items(self) -> Iterator[_Item]:
        """Yield the items; the outputs of calls that follow each other come after all of them."""
        reasoning, calls, phase = list[_Item](), list[FunctionCall](), ""
        for entry in self._history:
            match entry:
                case Reasoning():
                    extras = self._own_extras(entry)
                    reasoning += [extras["item"]] if self._reasoning and "item" in extras else []
                    phase = extras.get("phase", phase)
                case FunctionCall():
                    yield from reasoning
                    yield _call_item(entry)
                    reasoning, calls = [], [*calls, entry]
                case FunctionOutput():
                    yield from self._output_items(calls)
                    reasoning, calls = [], []
                case HistoryMessage():
                    yield from self._output_items(calls)
                    yield from reasoning if entry.role == "assistant" and entry.text else ()
                    yield from _message_items(entry, phase)
                    reasoning, calls, phase = [], [], ""
        yield from self._output_items(calls)

    def _own_extras(self, reasoning: Reasoning) -> _Item:
        """Return what this endpoint and model stored; nothing if it was another one."""
        extras = reasoning.extras.get(self._backend)
        if not isinstance(extras, dict) or extras.get("model") != self._model:
            return {}
        return extras

    def _output_items(self, calls: Sequence[FunctionCall]) -> Iterator[_Item]:
        for call in calls:
            output = self._outputs.next_output(call)
            text = output.output or NO_OUTPUT
            yield {
                "type": "function_call_output",
                "call_id": wire_id(call.call_id),
                "output": _parts(text, output.images) if output.images else text,
            }


def _call_item(call: FunctionCall) -> _Item:
    return {
        "type": "function_call",
        "call_id": wire_id(call.call_id),
        "name": call.name,
        "arguments": valid_arguments(call),
    }


def _message_items(message: HistoryMessage, phase: str) -> Iterator[_Item]:
    if message.role == "user":
        content = _parts(message.text, message.images) if message.images else message.text
        yield {"role": "user", "content": content}
        return
    if message.text:
        extra = {"phase": phase} if phase else {}
        yield {**_answer_item(message.text), **extra}
    if message.images:
        yield {"role": "user", "content": _parts(ANSWER_IMAGES, message.images)}


def _parts(text: str, images: Sequence[Image]) -> list[_Item]:
    parts: list[_Item] = [{"type": "input_text", "text": text}] if text else []
    sent = [{"type": "input_image", "detail": "auto", "image_url": data_url(i)} for i in images]
    return parts + sent
