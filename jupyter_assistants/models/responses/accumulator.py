"""Folds the events of a streamed response into our events and whole calls.

Events and items are told apart by their ``type`` alone, and unknown ones are ignored: the API grows
new ones within weeks. Servers that copy it leave parts out, so whatever the deltas did not bring is
taken from the items and from the last event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from jupyter_assistants.models.accumulator import Accumulator, PartialCall
from jupyter_assistants.models.base import (
    ModelEvent,
    Reasoning,
    RefusalDelta,
    StopReason,
    TextDelta,
)
from jupyter_assistants.models.endpoint_errors import EndpointError
from jupyter_assistants.models.error_rules import error_of_event
from jupyter_assistants.models.loose_json import as_arguments, as_object, as_objects, as_text
from jupyter_assistants.models.reasoning_tags import HiddenOpening
from jupyter_assistants.models.responses.history import phase_entry, reasoning_entry
from jupyter_assistants.protocol.growing_text import GrowingText

_LAST_EVENTS = {
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.cancelled",
}
_REASONING_DELTAS = {
    "response.reasoning_text.delta",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary.delta",
    "response.reasoning.delta",
}


class ResponsesAccumulator(Accumulator):
    """Folds the events of one response.

    Parameters
    ----------
    model
        The model's name: only the same backend and model get the reasoning back.
    """

    usage_names = ("input", "output")

    def __init__(
        self,
        backend: str,
        taken_ids: AbstractSet[str] = frozenset(),
        *,
        model: str,
        hidden_opening: HiddenOpening = "no",
    ) -> None:
        super().__init__(backend, taken_ids, hidden_opening=hidden_opening)
        self._model = model
        self._thinks = False
        self._incomplete_reason = ""
        self._by_position: dict[Any, PartialCall] = {}
        self._pending: list[Reasoning] = []
        """Reasoning that is yielded before the text or call that it leads to."""
        self._seen_reasoning: set[str] = set()
        self._spoken: set[Any] = set()
        self._phased: set[Any] = set()

    @property
    def begun(self) -> bool:
        """Return whether the model answers; while it thinks, this API may be silent for minutes."""
        return self._begun and not self._thinks

    def feed(self, chunk: Mapping[str, Any]) -> Iterator[ModelEvent]:
        """Yield the events of one event; a whole response that was not streamed is one event."""
        self._chunks += 1
        kind = as_text(chunk.get("type"))
        if kind == "error":
            raise error_of_event(chunk.get("error") or chunk)
        if chunk.get("object") == "response":
            yield from self._last_event(chunk)
        elif kind in _LAST_EVENTS:
            yield from self._last_event(as_object(chunk.get("response")))
        elif kind.startswith("response.output_item."):
            item, done = as_object(chunk.get("item")), kind.endswith("done")
            yield from self._item(item, _position(chunk), done)
        else:
            yield from self._delta(kind, chunk)

    def _limit(self) -> StopReason | None:
        if self._status != "incomplete":
            return None
        filtered = self._incomplete_reason == "content_filter"
        return "content_filter" if filtered else "length"

    def _release(self) -> Iterator[ModelEvent]:
        """Yield the reasoning before what it led to; reasoning that led to nothing is dropped."""
        self._begun, self._thinks = True, False
        pending, self._pending = self._pending, []
        yield from pending

    # -- deltas -----------------------------------------------------------------------------

    def _delta(self, kind: str, chunk: Mapping[str, Any]) -> Iterator[ModelEvent]:
        position, delta = _position(chunk), chunk.get("delta")
        match kind:
            case "response.output_text.delta":
                yield from self._speak(as_text(delta), position)
            case "response.refusal.delta":
                yield from self._speak(as_text(delta), position, RefusalDelta)
            case "response.function_call_arguments.delta":
                yield from self._extend_call(self._call_at(position), as_arguments(delta))
            case "response.function_call_arguments.done":
                call = self._call_at(position)
                call.name = call.name or as_text(chunk.get("name"))
                yield from self._complete_call(call, as_arguments(chunk.get("arguments")))
            case _ if kind in _REASONING_DELTAS:
                self._thinks = True
                yield from self._think(as_text(delta))

    def _speak(
        self,
        text: str,
        position: Any,
        event: type[TextDelta] | type[RefusalDelta] = TextDelta,
    ) -> Iterator[ModelEvent]:
        if text and position not in self._spoken:
            yield from self._end_text() if self._spoken else ()
            self._spoken.add(position)
        yield from self._write(text, event)

    # -- calls ------------------------------------------------------------------------------

    def _call_at(self, position: Any) -> PartialCall:
        """Return the call at a position, opened if it is new; without one, the last open call."""
        if position is None:
            open_last = self._calls and not self._calls[-1].complete
            return self._calls[-1] if open_last else self._open_call()
        if position not in self._by_position:
            self._by_position[position] = self._open_call()
        return self._by_position[position]

    def _complete_call(self, call: PartialCall, arguments: str) -> Iterator[ModelEvent]:
        """Set the whole arguments, and yield what the deltas left out of them."""
        missing = arguments[len(call.arguments) :] if arguments.startswith(call.arguments) else ""
        if missing or not call.announced:
            yield from self._extend_call(call, missing)
        if arguments:
            call.written = GrowingText(arguments)

    # -- items and the last event -------------------------------------------------------------

    def _item(self, item: Mapping[str, Any], position: Any, done: bool) -> Iterator[ModelEvent]:
        match as_text(item.get("type")):
            case "function_call":
                yield from self._call_item(item, position, done)
            case "message":
                self._note_phase(as_text(item.get("phase")), position)
                unspoken = done and position not in self._spoken
                for part in as_objects(item.get("content")) if unspoken else ():
                    yield from self._speak(as_text(part.get("text")), position)
                    yield from self._speak(as_text(part.get("refusal")), position, RefusalDelta)
            case "reasoning":
                self._thinks = not done
                self._note_reasoning(item)

    def _call_item(
        self, item: Mapping[str, Any], position: Any, done: bool
    ) -> Iterator[ModelEvent]:
        call = self._call_at(position)
        if not call.announced:
            call.sent_id = call.sent_id or as_text(item.get("call_id"))
            call.name = call.name or as_text(item.get("name"))
        if done:
            yield from self._complete_call(call, as_arguments(item.get("arguments")))
            call.complete = True
        elif not call.announced:
            yield from self._extend_call(call, as_arguments(item.get("arguments")))

    def _note_phase(self, phase: str, position: Any) -> None:
        """Store what a message is for, before its first word."""
        if phase and position not in self._spoken and position not in self._phased:
            self._phased.add(position)
            self._pending.append(phase_entry(self.backend, self._model, phase))

    def _note_reasoning(self, item: Mapping[str, Any]) -> None:
        """Store reasoning that can go back; without its content the endpoint does not know it."""
        content, id = as_text(item.get("encrypted_content")), as_text(item.get("id"))
        if not content or content in self._seen_reasoning:
            return
        self._seen_reasoning.add(content)
        sent: dict[str, Any] = {"type": "reasoning", "summary": as_objects(item.get("summary"))}
        sent |= {"id": id} if id else {}
        sent["encrypted_content"] = content
        self._pending.append(reasoning_entry(self.backend, self._model, sent))

    def _last_event(self, response: Mapping[str, Any]) -> Iterator[ModelEvent]:
        if response.get("error"):
            raise error_of_event(response["error"])
        self._status = as_text(response.get("status")) or "completed"
        if self._status in ("failed", "cancelled"):
            raise EndpointError("broken", f"the response is {self._status}")
        details = as_object(response.get("incomplete_details"))
        self._incomplete_reason = as_text(details.get("reason"))
        self._count_usage(as_object(response.get("usage")))
        if self._begun:
            return
        self._tags.expect_hidden_opening()
        for position, item in enumerate(as_objects(response.get("output"))):
            yield from self._item(item, ("output", position), True)


def _position(chunk: Mapping[str, Any]) -> Any:
    """Return where in the output an event belongs: an index, an item's id, or None."""
    index = chunk.get("output_index")
    if isinstance(index, int):
        return index
    item = as_object(chunk.get("item"))
    return as_text(chunk.get("item_id")) or as_text(item.get("id")) or None
