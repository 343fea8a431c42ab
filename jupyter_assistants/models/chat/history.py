"""The history as messages of a chat completion."""

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
    TOOL_IMAGES,
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

_Message = dict[str, Any]


def messages(
    instructions: str,
    history: Sequence[HistoryEntry],
    backend: str,
    *,
    tool_images: bool = False,
    alternate: bool = False,
    system: bool = True,
    plain_tools: bool = False,
) -> list[_Message]:
    """Return the messages: one system message first, and no call without its output.

    Neighbours of one role are one message: the templates of many models accept no others.

    Parameters
    ----------
    backend
        The id under which the endpoint's own extras of a call are stored.
    tool_images
        Whether the endpoint accepts images in a tool's message.
    alternate
        Whether a user's message may only follow an answer in words, and the user begins.
    system
        Whether there is a role for instructions. Without one they begin the user's first message.
    plain_tools
        Whether calls and results are told in messages of the model and the user.
    """
    sent: Iterable[_Message] = _Projection(history, backend, tool_images).messages()
    if instructions and not system:
        sent = [_user_message(instructions, ()), *sent]
    sent = _merged(_in_words(sent) if plain_tools else sent)
    if alternate:
        sent = _alternating(sent)
    leading = [{"role": "system", "content": instructions}] if instructions and system else []
    return [*leading, *sent]


def _in_words(sent: Iterable[_Message]) -> Iterator[_Message]:
    names: dict[str, str] = {}
    for message in sent:
        if message["role"] == "tool":
            said = result_in_words(names[message["tool_call_id"]])
            content = joined_content(said, message["content"], "text")
            yield {"role": "user", "content": content}
        elif "tool_calls" in message:
            functions = [call["function"] for call in message["tool_calls"]]
            names |= {call["id"]: call["function"]["name"] for call in message["tool_calls"]}
            called = "\n\n".join(called_in_words(f["name"], f["arguments"]) for f in functions)
            content = joined_content(message["content"], called, "text")
            yield {"role": "assistant", "content": content}
        else:
            yield message


def _merged(sent: Iterable[_Message]) -> Iterator[_Message]:
    before: _Message = {}
    for message in sent:
        alike = before and before["role"] == message["role"] != "tool"
        if alike and "tool_calls" not in before:
            content = joined_content(before["content"], message["content"], "text")
            before = {**message, "content": content}
            continue
        if before:
            yield before
        before = message
    if before:
        yield before


def _alternating(sent: Iterable[_Message]) -> Iterator[_Message]:
    before = ""
    for message in sent:
        role = message["role"]
        if role == "assistant" and not before:
            yield _user_message(BEFORE_ANSWER, ())
        if role == "user" and before == "tool":
            yield {"role": "assistant", "content": AFTER_RESULTS}
        before = role
        yield message


def tokens_of(body: Mapping[str, Any]) -> int:
    """Estimate the tokens of a request's prompt, for endpoints that do not count them."""
    total = 0
    for message in body["messages"]:
        total += 4 + content_tokens(message.get("content"))
        for call in message.get("tool_calls", ()):
            total += estimate(call["function"]["name"] + call["function"]["arguments"])
    return total + estimate(str(body.get("tools", "")))


class _Projection:
    def __init__(self, history: Sequence[HistoryEntry], backend: str, tool_images: bool) -> None:
        self._history = history
        self._backend = backend
        self._tool_images = tool_images
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
            own = output.images if self._tool_images else ()
            images.extend(() if own else output.images)
            yield {
                "role": "tool",
                "tool_call_id": wire_id(call.call_id),
                "content": _content(output.output or NO_OUTPUT, own),
            }
        if images:
            # A tool message of this API holds text only, if its server is not known to take more.
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
            "id": wire_id(call.call_id),
            "type": "function",
            "function": {"name": call.name, "arguments": valid_arguments(call)},
        }
        extra = call.extras.get(self._backend, {}).get("extra_content")
        if extra is not None:
            sent["extra_content"] = extra
        return sent


def _user_message(text: str, images: Sequence[Image]) -> _Message:
    return {"role": "user", "content": _content(text, images)}


def _content(text: str, images: Sequence[Image]) -> Any:
    if not images:
        return text
    parts: list[_Message] = [{"type": "text", "text": text}] if text else []
    for image in images:
        parts.append({"type": "image_url", "image_url": {"url": data_url(image)}})
    return parts
