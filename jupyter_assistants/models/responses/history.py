"""From the history's items to the input items of a response."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jupyter_assistants.models.api_choice import NO_OUTPUT, data_url, valid_arguments
from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Image,
    Reasoning,
)
from jupyter_assistants.models.tokens import IMAGE_TOKENS, estimate

LONGEST_ID = 64
"""Letters of a call id that the endpoint takes; gateways make longer ones."""

_Item = dict[str, Any]


def kept_thought(backend: str, model: str, item: Mapping[str, Any]) -> Reasoning:
    """Return a reasoning item as an entry that only this endpoint and model get back."""
    return Reasoning({backend: {"model": model, "item": dict(item)}})


def kept_phase(backend: str, model: str, phase: str) -> Reasoning:
    """Return what a message was for, as an entry before it: its model wants to be told again."""
    return Reasoning({backend: {"model": model, "phase": phase}})


def input_items(
    history: Sequence[HistoryEntry], backend: str, model: str, *, thoughts: bool
) -> list[_Item]:
    """Return the input items: no call without its output, no reasoning without what it led to.

    Parameters
    ----------
    thoughts
        Whether reasoning goes back at all.
    """
    return list(_Projection(history, backend, model, thoughts).items())


def tokens_of(body: Mapping[str, Any]) -> int:
    """Estimate what a request's prompt counts, for endpoints that do not say."""
    total = estimate(body.get("instructions") or "") + estimate(str(body.get("tools", "")))
    for item in body["input"]:
        total += 4 + estimate(item.get("name", "") + item.get("arguments", ""))
        content = item.get("content") if "content" in item else item.get("output")
        for part in content if isinstance(content, list) else [{"text": content or ""}]:
            total += estimate(part["text"]) if "text" in part else IMAGE_TOKENS
    return total


class _Projection:
    def __init__(
        self, history: Sequence[HistoryEntry], backend: str, model: str, thoughts: bool
    ) -> None:
        self._history = history
        self._backend = backend
        self._model = model
        self._thoughts = thoughts
        self._answers: dict[str, deque[FunctionOutput]] = defaultdict(deque)
        for entry in history:
            if isinstance(entry, FunctionOutput):
                self._answers[entry.call_id].append(entry)

    def items(self) -> Iterator[_Item]:
        """Yield the items; the outputs of calls that follow each other come behind all of them."""
        thoughts, calls, phase = list[_Item](), list[FunctionCall](), ""
        for entry in self._history:
            match entry:
                case Reasoning():
                    own = self._own(entry)
                    thoughts += [own["item"]] if self._thoughts and "item" in own else []
                    phase = own.get("phase", phase)
                case FunctionCall():
                    yield from thoughts
                    yield self._call(entry)
                    thoughts, calls = [], [*calls, entry]
                case FunctionOutput():
                    yield from self._outputs(calls)
                    thoughts, calls = [], []
                case HistoryMessage():
                    yield from self._outputs(calls)
                    yield from thoughts if entry.role == "assistant" and entry.text else ()
                    yield from _said(entry, phase)
                    thoughts, calls, phase = [], [], ""
        yield from self._outputs(calls)

    def _own(self, thought: Reasoning) -> _Item:
        """Return what this endpoint and model left there; empty if it was another one."""
        own = thought.extras.get(self._backend)
        return own if isinstance(own, dict) and own.get("model") == self._model else {}

    def _call(self, call: FunctionCall) -> _Item:
        return {
            "type": "function_call",
            "call_id": _wire_id(call.call_id),
            "name": call.name,
            "arguments": valid_arguments(call),
        }

    def _outputs(self, calls: Sequence[FunctionCall]) -> Iterator[_Item]:
        for call in calls:
            queue = self._answers[call.call_id]
            answer = queue.popleft() if queue else FunctionOutput(call.call_id, NO_OUTPUT)
            text = answer.output or NO_OUTPUT
            yield {
                "type": "function_call_output",
                "call_id": _wire_id(call.call_id),
                "output": _parts(text, answer.images) if answer.images else text,
            }


def _said(said: HistoryMessage, phase: str) -> Iterator[_Item]:
    if said.role == "user":
        content = _parts(said.text, said.images) if said.images else said.text
        yield {"role": "user", "content": content}
        return
    if said.text:
        known = {"phase": phase} if phase else {}
        yield {"role": "assistant", "content": said.text, **known}
    if said.images:
        yield {"role": "user", "content": _parts("Images of this answer:", said.images)}


def _parts(text: str, images: Sequence[Image]) -> list[_Item]:
    parts: list[_Item] = [{"type": "input_text", "text": text}] if text else []
    sent = [{"type": "input_image", "detail": "auto", "image_url": data_url(i)} for i in images]
    return parts + sent


def _wire_id(call_id: str) -> str:
    if len(call_id) <= LONGEST_ID:
        return call_id
    return "call_" + hashlib.sha256(call_id.encode()).hexdigest()[:32]
