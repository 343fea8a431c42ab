"""The history as messages of a chat completion."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterator, Mapping, Sequence
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
    ANSWER_IMAGES,
    NO_OUTPUT,
    TOOL_IMAGES,
    OutputQueue,
    content_tokens,
    data_url,
    valid_arguments,
)
from jupyter_assistants.models.tokens import estimate

_Message = dict[str, Any]
_LETTERS = string.ascii_letters + string.digits


def messages(
    instructions: str, history: Sequence[HistoryEntry], backend: str, call_id_length: int
) -> list[_Message]:
    """Return the messages: one system message first, and no call without its output.

    Parameters
    ----------
    backend
        The id under which the endpoint's own extras of a call are stored.
    call_id_length
        The exact length of call ids that the endpoint accepts; 0 for any.
    """
    system = [{"role": "system", "content": instructions}] if instructions else []
    return [*system, *_Projection(history, backend, call_id_length).messages()]


def tokens_of(body: Mapping[str, Any]) -> int:
    """Estimate the tokens of a request's prompt, for endpoints that do not count them."""
    total = 0
    for message in body["messages"]:
        total += 4 + content_tokens(message.get("content"))
        for call in message.get("tool_calls", ()):
            total += estimate(call["function"]["name"] + call["function"]["arguments"])
    return total + estimate(str(body.get("tools", "")))


class _Projection:
    def __init__(self, history: Sequence[HistoryEntry], backend: str, call_id_length: int) -> None:
        self._history = history
        self._backend = backend
        self._call_id_length = call_id_length
        self._outputs = OutputQueue(history)

    def messages(self) -> Iterator[_Message]:
        """Yield the messages; calls that follow each other are one message of the model."""
        text, calls = "", list[FunctionCall]()
        for entry in self._history:
            match entry:
                case Reasoning():
                    # This API has no place for it.
                    continue
                case FunctionCall():
                    calls.append(entry)
                    continue
                case FunctionOutput() | HistoryMessage():
                    yield from self._answer(text, calls)
                    text, calls = "", []
            if isinstance(entry, HistoryMessage) and entry.role == "user":
                yield _user_message(entry.text, entry.images)
            elif isinstance(entry, HistoryMessage) and entry.images:
                yield from self._answer(entry.text, [])
                yield _user_message(ANSWER_IMAGES, entry.images)
            elif isinstance(entry, HistoryMessage):
                text = entry.text
        yield from self._answer(text, calls)

    def _answer(self, text: str, calls: Sequence[FunctionCall]) -> Iterator[_Message]:
        if not calls:
            if text:
                yield {"role": "assistant", "content": text}
            return
        yield self._calling_message(text, calls)
        images: list[Image] = []
        for call in calls:
            output = self._outputs.next_output(call)
            images.extend(output.images)
            yield {
                "role": "tool",
                "tool_call_id": self._wire_id(call.call_id),
                "content": output.output or NO_OUTPUT,
            }
        if images:
            # A tool message of this API holds text only.
            yield _user_message(TOOL_IMAGES, images)

    def _calling_message(self, text: str, calls: Sequence[FunctionCall]) -> _Message:
        message: _Message = {"role": "assistant", "content": text or None}
        message["tool_calls"] = [self._call(call) for call in calls]
        for call in calls:
            reasoning = call.extras.get(self._backend, {}).get("reasoning_content")
            if reasoning:
                message["reasoning_content"] = reasoning
        return message

    def _call(self, call: FunctionCall) -> _Message:
        sent: _Message = {
            "id": self._wire_id(call.call_id),
            "type": "function",
            "function": {"name": call.name, "arguments": valid_arguments(call)},
        }
        extra = call.extras.get(self._backend, {}).get("extra_content")
        if extra is not None:
            sent["extra_content"] = extra
        return sent

    def _wire_id(self, call_id: str) -> str:
        """Return an id of the length that the endpoint accepts, the same for the same call."""
        length = self._call_id_length
        if not length or (len(call_id) == length and re.fullmatch(r"[a-zA-Z0-9]+", call_id)):
            return call_id
        digest = hashlib.sha256(call_id.encode()).digest()
        return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:length])


def _user_message(text: str, images: Sequence[Image]) -> _Message:
    if not images:
        return {"role": "user", "content": text}
    parts: list[_Message] = [{"type": "text", "text": text}] if text else []
    for image in images:
        parts.append({"type": "image_url", "image_url": {"url": data_url(image)}})
    return {"role": "user", "content": parts}
