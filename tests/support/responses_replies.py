"""Replies of a scripted endpoint through the Responses API."""

from __future__ import annotations

from typing import Any

from support.upstream import Reply, events

ONE = '{"code": "1 + 1"}'
TWO = '{"code": "2 + 2"}'


def first_event() -> dict[str, Any]:
    return {"type": "response.created", "response": {"object": "response", "status": "in_progress"}}


def usage_counts(prompt: int = 11, completion: int = 7, cached: int = 0) -> dict[str, Any]:
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": cached},
        "output_tokens": completion,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": prompt + completion,
    }


def last_event(kind: str = "completed", **more: Any) -> dict[str, Any]:
    body = {"object": "response", "status": kind, "output": [], "usage": usage_counts(), **more}
    return {"type": f"response.{kind}", "response": body}


def message_events(*pieces: str, index: int = 0) -> list[dict[str, Any]]:
    item = {"type": "message", "id": f"msg_{index}", "role": "assistant", "content": []}
    place = {"output_index": index, "item_id": f"msg_{index}"}
    whole = {**item, "content": [{"type": "output_text", "text": "".join(pieces)}]}
    return [
        {"type": "response.output_item.added", "output_index": index, "item": item},
        *[{"type": "response.output_text.delta", "delta": p, **place} for p in pieces],
        {"type": "response.output_text.done", "text": "".join(pieces), **place},
        {"type": "response.output_item.done", "output_index": index, "item": whole},
    ]


def call_item(arguments: Any = ONE, number: int = 1, **more: Any) -> dict[str, Any]:
    names = {"id": f"fc_{number}", "call_id": f"call_{number}", "name": "run_python"}
    return {"type": "function_call", **names, "arguments": arguments, **more}


def call_events(arguments: str = ONE, number: int = 1, index: int = 0) -> list[dict[str, Any]]:
    place = {"output_index": index, "item_id": f"fc_{number}"}
    kind = "response.function_call_arguments"
    added = {"type": "response.output_item.added", "item": call_item("", number)}
    pieces = arguments[:7], arguments[7:]
    return [
        {**added, "output_index": index},
        *[{"type": f"{kind}.delta", "delta": piece, **place} for piece in pieces],
        {"type": f"{kind}.done", "arguments": arguments, **place},
        {
            "type": "response.output_item.done",
            "output_index": index,
            "item": call_item(arguments, number),
        },
    ]


def reasoning_item(number: int = 1, sealed: str | None = "gAAAA", **more: Any) -> dict[str, Any]:
    content = f"{sealed}{number}" if sealed else None
    given = {"type": "reasoning", "id": f"rs_{number}", "summary": []}
    return {**given, "encrypted_content": content, **more}


def reasoning_events(
    number: int = 1, index: int = 0, sealed: str | None = "gAAAA"
) -> list[dict[str, Any]]:
    added = {"type": "reasoning", "id": f"rs_{number}", "summary": []}
    kind = "response.output_item"
    return [
        {"type": f"{kind}.added", "output_index": index, "item": added},
        {"type": f"{kind}.done", "output_index": index, "item": reasoning_item(number, sealed)},
    ]


def response_stream(*parts: Any, done: bool = False) -> Reply:
    """Return a stream of these events, after the first one; this API has no ``[DONE]``."""
    flat: list[Any] = []
    for part in parts:
        flat += part if isinstance(part, list) else [part]
    return events(first_event(), *flat, done=done)


HELLO = response_stream(message_events("Hel", "lo"), last_event())
