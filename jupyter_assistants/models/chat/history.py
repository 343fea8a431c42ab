"""From the history's items to the messages of a chat completion."""

from __future__ import annotations

import hashlib
import re
import string
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

_Message = dict[str, Any]


def messages(
    instructions: str, history: Sequence[HistoryEntry], backend: str, family: str
) -> list[_Message]:
    """Return the messages: one system message first, and no call without its answer."""
    system = [{"role": "system", "content": instructions}] if instructions else []
    return [*system, *_Projection(history, backend, family).messages()]


def tokens_of(body: Mapping[str, Any]) -> int:
    """Estimate what a request's prompt counts, for endpoints that do not say."""
    total = 0
    for message in body["messages"]:
        total += 4
        content = message.get("content")
        for part in content if isinstance(content, list) else [{"text": content or ""}]:
            total += estimate(part["text"]) if "text" in part else IMAGE_TOKENS
        for call in message.get("tool_calls", ()):
            total += estimate(call["function"]["name"] + call["function"]["arguments"])
    return total + estimate(str(body.get("tools", "")))


class _Projection:
    def __init__(self, history: Sequence[HistoryEntry], backend: str, family: str) -> None:
        self._history = [entry for entry in history if not isinstance(entry, Reasoning)]
        self._backend = backend
        self._family = family
        self._answers: dict[str, deque[FunctionOutput]] = defaultdict(deque)
        for entry in history:
            if isinstance(entry, FunctionOutput):
                self._answers[entry.call_id].append(entry)

    def messages(self) -> Iterator[_Message]:
        """Yield the messages; calls that follow each other are one turn of the model."""
        text, calls = "", list[FunctionCall]()
        for entry in self._history:
            if isinstance(entry, FunctionCall):
                calls.append(entry)
                continue
            if calls or text:
                yield from self._turn(text, calls)
                text, calls = "", []
            if isinstance(entry, HistoryMessage) and entry.role == "assistant":
                text = entry.text
                if entry.images:
                    yield from self._turn(text, [])
                    text = ""
                    yield _user("Images of this answer:", entry.images)
            elif isinstance(entry, HistoryMessage):
                yield _user(entry.text, entry.images)
        if calls or text:
            yield from self._turn(text, calls)

    def _turn(self, text: str, calls: Sequence[FunctionCall]) -> Iterator[_Message]:
        if not calls:
            if text:
                yield {"role": "assistant", "content": text}
            return
        yield self._calling(text, calls)
        images: list[Image] = []
        for call in calls:
            queue = self._answers[call.call_id]
            answer = queue.popleft() if queue else FunctionOutput(call.call_id, NO_OUTPUT)
            images.extend(answer.images)
            yield {
                "role": "tool",
                "tool_call_id": self._wire_id(call.call_id),
                "content": answer.output or NO_OUTPUT,
            }
        if images:
            # A tool message of this wire holds text only.
            yield _user("Images that the tools gave:", images)

    def _calling(self, text: str, calls: Sequence[FunctionCall]) -> _Message:
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
        """Return the id that the endpoint takes; Mistral wants nine letters or digits."""
        if self._family != "mistral" or re.fullmatch(r"[a-zA-Z0-9]{9}", call_id):
            return call_id
        letters = string.ascii_letters + string.digits
        return "".join(letters[byte % 62] for byte in hashlib.sha256(call_id.encode()).digest()[:9])


def _user(text: str, images: Sequence[Image]) -> _Message:
    if not images:
        return {"role": "user", "content": text}
    parts: list[_Message] = [{"type": "text", "text": text}] if text else []
    for image in images:
        parts.append({"type": "image_url", "image_url": {"url": data_url(image)}})
    return {"role": "user", "content": parts}
