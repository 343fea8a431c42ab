"""Folds the events of a streamed response into our events and whole calls.

Events and items are told apart by their ``type`` alone, and one that is not known is passed over:
the wire grows new ones within weeks. Servers that copy the wire leave parts of it out, so
everything that the deltas did not bring is taken from the items and from the last event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionCall,
    ModelEvent,
    Reasoning,
    RefusalDelta,
    StreamEnd,
    TextDelta,
)
from jupyter_assistants.models.endpoint_errors import EndpointError, error_of_event
from jupyter_assistants.models.responses.history import kept_phase, kept_thought
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.models.workarounds import (
    entries,
    is_json,
    is_torn,
    mapping,
    minted,
    number,
    objects,
    spelled,
    text,
)
from jupyter_assistants.protocol.runs import Usage

_ENDS = {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}
_THINKING = {
    "response.reasoning_text.delta",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary.delta",
    "response.reasoning.delta",
}


@dataclass
class _Call:
    """A call that is still coming in."""

    slot: int
    call_id: str = ""
    name: str = ""
    arguments: str = ""
    announced: bool = False
    whole: bool = False


@dataclass
class ResponsesAccumulator:
    """Takes events, gives ours, and in the end the whole answer.

    Parameters
    ----------
    backend, model
        For them alone the reasoning is kept.
    taken
        Call ids of the history; a call id must name one call.
    """

    backend: str
    model: str
    taken: AbstractSet[str] = frozenset()
    chunks: int = 0
    _begun: bool = False
    _thinks: bool = False
    _calls: list[_Call] = field(default_factory=list)
    _by_place: dict[Any, _Call] = field(default_factory=dict)
    _thoughts: list[Reasoning] = field(default_factory=list)
    _known_thoughts: set[str] = field(default_factory=set)
    _spoken: set[Any] = field(default_factory=set)
    _phased: set[Any] = field(default_factory=set)
    _written: list[str] = field(default_factory=list)
    _reasoned: list[str] = field(default_factory=list)
    _status: str = ""
    _why: str = ""
    _usage: Usage | None = None

    @property
    def begun(self) -> bool:
        """Return whether the model talks; while it thinks, this wire may be silent for minutes."""
        return self._begun and not self._thinks

    def feed(self, chunk: Mapping[str, Any]) -> Iterator[ModelEvent]:
        """Take one event; a whole response that was not streamed counts as one."""
        self.chunks += 1
        kind = text(chunk.get("type"))
        if kind == "error":
            raise error_of_event(chunk.get("error") or chunk)
        if chunk.get("object") == "response":
            yield from self._end(chunk)
        elif kind in _ENDS:
            yield from self._end(mapping(chunk.get("response")))
        elif kind.startswith("response.output_item."):
            yield from self._item(mapping(chunk.get("item")), _place(chunk), kind.endswith("done"))
        else:
            yield from self._delta(kind, chunk)

    def finished(self, prompt_tokens: int) -> StreamEnd:
        """Return the last event; see :meth:`.wire.Accumulator.finished`."""
        if not self.chunks:
            raise EndpointError("no_stream")
        if not (self._status or self._written or self._calls):
            raise EndpointError("cut")
        calls = self._whole_calls()
        if not self._status and any(is_torn(call.arguments) for call in calls):
            raise EndpointError("cut")
        usage = self._usage or self._estimated(prompt_tokens)
        if self._status == "incomplete":
            filtered = self._why == "content_filter"
            if not calls or not all(is_json(call.arguments) for call in calls):
                # The limit fell into a call: what is left of it must not run.
                return StreamEnd("content_filter" if filtered else "length", [], usage)
        return StreamEnd("tool_calls" if calls else "stop", calls, usage)

    # -- deltas -----------------------------------------------------------------------------

    def _delta(self, kind: str, chunk: Mapping[str, Any]) -> Iterator[ModelEvent]:
        match kind:
            case "response.output_text.delta":
                yield from self._say(text(chunk.get("delta")), _place(chunk))
            case "response.refusal.delta":
                yield from self._say(text(chunk.get("delta")), _place(chunk), RefusalDelta)
            case "response.function_call_arguments.delta":
                yield from self._more(self._call(_place(chunk)), spelled(chunk.get("delta")))
            case "response.function_call_arguments.done":
                call = self._call(_place(chunk))
                call.name = call.name or text(chunk.get("name"))
                yield from self._complete(call, spelled(chunk.get("arguments")))
            case _ if kind in _THINKING:
                self._thinks = True
                self._reasoned.append(text(chunk.get("delta")))

    def _say(
        self, said: str, place: Any, of: type[TextDelta] | type[RefusalDelta] = TextDelta
    ) -> Iterator[ModelEvent]:
        if not said:
            return
        yield from self._release()
        self._spoken.add(place)
        self._written.append(said)
        yield of(said)

    def _release(self) -> Iterator[ModelEvent]:
        """Return the thoughts before what they led to; those that lead to nothing are dropped."""
        self._begun, self._thinks = True, False
        thoughts, self._thoughts = self._thoughts, []
        yield from thoughts

    # -- calls ------------------------------------------------------------------------------

    def _call(self, place: Any) -> _Call:
        """Return the call at a place, opened if it is new; without a place, the last open one."""
        if place is None and self._calls and not self._calls[-1].whole:
            return self._calls[-1]
        if place is None or place not in self._by_place:
            call = _Call(len(self._calls))
            self._calls.append(call)
            if place is None:
                return call
            self._by_place[place] = call
        return self._by_place[place]

    def _more(self, call: _Call, arguments: str) -> Iterator[ModelEvent]:
        call.arguments += arguments
        self._written.append(arguments)
        if call.announced:
            if arguments:
                yield CallDelta(call.slot, arguments)
        elif call.name:
            yield from self._release()
            call.announced = True
            call.call_id = self._unique(call)
            yield CallDelta(call.slot, call.arguments, call.call_id, call.name)

    def _complete(self, call: _Call, arguments: str) -> Iterator[ModelEvent]:
        """Take the arguments as a whole: they count where the deltas brought fewer."""
        missing = arguments[len(call.arguments) :] if arguments.startswith(call.arguments) else ""
        if missing or not call.announced:
            yield from self._more(call, missing)
        if arguments:
            call.arguments = arguments

    def _unique(self, call: _Call) -> str:
        others = {each.call_id for each in self._calls if each is not call}
        if call.call_id and call.call_id not in self.taken and call.call_id not in others:
            return call.call_id
        return minted()

    def _whole_calls(self) -> list[FunctionCall]:
        return [whole for call in self._calls if call.name for whole in _split(call)]

    # -- items and ends ---------------------------------------------------------------------

    def _item(self, item: Mapping[str, Any], place: Any, done: bool) -> Iterator[ModelEvent]:
        match text(item.get("type")):
            case "function_call":
                yield from self._call_item(item, place, done)
            case "message":
                self._note_phase(text(item.get("phase")), place)
                silent = done and place not in self._spoken
                for part in entries(item.get("content")) if silent else ():
                    yield from self._say(text(part.get("text")), place)
                    yield from self._say(text(part.get("refusal")), place, RefusalDelta)
            case "reasoning":
                self._thinks = not done
                self._keep(item)

    def _call_item(self, item: Mapping[str, Any], place: Any, done: bool) -> Iterator[ModelEvent]:
        call = self._call(place)
        if not call.announced:
            call.call_id = call.call_id or text(item.get("call_id"))
            call.name = call.name or text(item.get("name"))
        if done:
            yield from self._complete(call, spelled(item.get("arguments")))
            call.whole = True
        elif not call.announced:
            yield from self._more(call, spelled(item.get("arguments")))

    def _note_phase(self, phase: str, place: Any) -> None:
        """Keep what a message is for, before its first word."""
        if phase and place not in self._spoken and place not in self._phased:
            self._phased.add(place)
            self._thoughts.append(kept_phase(self.backend, self.model, phase))

    def _keep(self, item: Mapping[str, Any]) -> None:
        """Keep reasoning that can go back; without its content the endpoint would not know it."""
        sealed, name = text(item.get("encrypted_content")), text(item.get("id"))
        if not sealed or sealed in self._known_thoughts:
            return
        self._known_thoughts.add(sealed)
        summary = entries(item.get("summary"))
        sent: dict[str, Any] = {"type": "reasoning", "summary": summary}
        sent |= {"id": name} if name else {}
        sent["encrypted_content"] = sealed
        self._thoughts.append(kept_thought(self.backend, self.model, sent))

    def _end(self, response: Mapping[str, Any]) -> Iterator[ModelEvent]:
        if response.get("error"):
            raise error_of_event(response["error"])
        self._status = text(response.get("status")) or "completed"
        if self._status in ("failed", "cancelled"):
            raise EndpointError("broken", f"the response is {self._status}")
        self._why = text(mapping(response.get("incomplete_details")).get("reason"))
        self._count(mapping(response.get("usage")))
        if self._begun:
            return
        for place, item in enumerate(entries(response.get("output"))):
            yield from self._item(item, ("output", place), True)

    def _count(self, usage: Mapping[str, Any]) -> None:
        prompt, completion = number(usage.get("input_tokens")), number(usage.get("output_tokens"))
        if prompt or completion:
            cached = mapping(usage.get("input_tokens_details")).get("cached_tokens")
            total = number(usage.get("total_tokens"))
            self._usage = Usage.of(prompt, completion, total=total, cached=number(cached))

    def _estimated(self, prompt_tokens: int) -> Usage:
        completion = estimate("".join([*self._written, *self._reasoned]))
        return Usage.of(prompt_tokens, completion)


def _split(call: _Call) -> Iterator[FunctionCall]:
    """Return the call, or the several ones that an endpoint glued together."""
    first, *others = objects(call.arguments)
    yield FunctionCall(call.call_id, call.name, first)
    for arguments in others:
        yield FunctionCall(minted(), call.name, arguments)


def _place(chunk: Mapping[str, Any]) -> Any:
    """Return where in the output an event belongs: a position, an item's id, or nothing."""
    index = chunk.get("output_index")
    if isinstance(index, int):
        return index
    item = mapping(chunk.get("item"))
    return text(chunk.get("item_id")) or text(item.get("id")) or None
