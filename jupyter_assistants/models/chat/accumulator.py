"""Folds the chunks of a chat completion into events and whole calls.

Endpoints differ in how they cut a call into pieces; the rules here are those of models.md
section 3.2, each with the endpoint that needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionCall,
    ModelEvent,
    RefusalDelta,
    StreamEnd,
    TextDelta,
)
from jupyter_assistants.models.endpoint_errors import EndpointError
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.models.workarounds import (
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

Reason = Literal["stop", "tool_calls", "length", "content_filter"]

_REASONS: dict[str, Reason] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
}


@dataclass
class _Call:
    """A call that is still coming in. ``sent_id`` is the endpoint's id, ``call_id`` ours."""

    slot: int
    call_id: str = ""
    sent_id: str = ""
    name: str = ""
    arguments: str = ""
    announced: bool = False
    extra_content: Any = None


@dataclass
class _Piece:
    """One element of ``delta.tool_calls``, with what may be null or of another type mended."""

    index: int | None
    sent_id: str
    name: str
    arguments: str
    extra_content: Any

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> _Piece:
        function = raw.get("function")
        function = function if isinstance(function, dict) else {}
        index = raw.get("index")
        return cls(
            index=index if isinstance(index, int) else None,
            sent_id=text(raw.get("id")),
            name=text(function.get("name")),
            arguments=spelled(function.get("arguments")),
            extra_content=raw.get("extra_content"),
        )

    @property
    def empty(self) -> bool:
        return not (self.sent_id or self.name or self.arguments)


@dataclass
class ChatAccumulator:
    """Takes chunks, gives events, and in the end the whole answer.

    Parameters
    ----------
    backend
        Under this id the endpoint's own extras of a call are kept.
    taken
        Call ids of the history. Some servers count from ``call_0`` in every answer, and a call
        id must name one call.
    keep_reasoning
        Whether the endpoint wants ``reasoning_content`` back with its calls.
    """

    backend: str
    taken: AbstractSet[str] = frozenset()
    keep_reasoning: bool = False
    chunks: int = 0
    begun: bool = False
    """Whether the model said or thought anything yet."""
    _calls: list[_Call] = field(default_factory=list)
    _by_index: dict[int, _Call] = field(default_factory=dict)
    _written: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    _reason: str = ""
    _usage: Usage | None = None

    def feed(self, chunk: Mapping[str, Any]) -> Iterator[ModelEvent]:
        """Take one chunk; a whole completion counts as one."""
        self.chunks += 1
        self._count(chunk)
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        self._reason = text(choice.get("finish_reason")) or self._reason
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            yield from self._delta(delta)

    def finished(self, prompt_tokens: int) -> StreamEnd:
        """Return the last event; ``prompt_tokens`` is the estimate for endpoints that do not count.

        Raises
        ------
        Trouble
            If nothing came, or if the answer stops in the middle.
        """
        if not self.chunks:
            raise EndpointError("no_stream")
        if not (self._reason or self._written or self._calls):
            raise EndpointError("cut")
        calls = self._whole_calls()
        if not self._reason and any(is_torn(call.arguments) for call in calls):
            raise EndpointError("cut")
        reason: Reason = "tool_calls" if calls else _REASONS.get(self._reason, "stop")
        if self._reason in _REASONS and not all(is_json(call.arguments) for call in calls):
            # The limit fell into a call: what is left of it must not run.
            calls, reason = [], _REASONS[self._reason]
        return StreamEnd(reason, calls, self._usage or self._estimated(prompt_tokens))

    def _count(self, chunk: Mapping[str, Any]) -> None:
        usage = chunk.get("usage")
        if not isinstance(usage, dict):
            groq = chunk.get("x_groq")
            usage = groq.get("usage") if isinstance(groq, dict) else None
        if not isinstance(usage, dict):
            return
        prompt = number(usage.get("prompt_tokens"))
        completion = number(usage.get("completion_tokens"))
        details = mapping(usage.get("prompt_tokens_details"))
        # DeepSeek has a name of its own.
        cached = details.get("cached_tokens") or usage.get("prompt_cache_hit_tokens")
        if prompt or completion:
            total = number(usage.get("total_tokens"))
            self._usage = Usage.of(prompt, completion, total=total, cached=number(cached))

    def _estimated(self, prompt_tokens: int) -> Usage:
        completion = estimate("".join([*self._written, *self._reasoning]))
        return Usage.of(prompt_tokens, completion)

    def _delta(self, delta: Mapping[str, Any]) -> Iterator[ModelEvent]:
        reasoning = text(delta.get("reasoning_content")) or text(delta.get("reasoning"))
        if reasoning:
            self.begun = True
            self._reasoning.append(reasoning)
        for event in self._events(delta):
            self.begun = True
            yield event

    def _events(self, delta: Mapping[str, Any]) -> Iterator[ModelEvent]:
        if said := _joined(delta.get("content")):
            self._written.append(said)
            yield TextDelta(said)
        if refusal := text(delta.get("refusal")):
            self._written.append(refusal)
            yield RefusalDelta(refusal)
        pieces = delta.get("tool_calls")
        for raw in pieces if isinstance(pieces, list) else ():
            if isinstance(raw, dict):
                yield from self._piece(_Piece.of(raw))

    def _piece(self, piece: _Piece) -> Iterator[ModelEvent]:
        call = self._find(piece)
        if call is None:
            return
        if piece.extra_content is not None:
            call.extra_content = piece.extra_content
        call.sent_id = call.sent_id or piece.sent_id
        call.name = call.name or piece.name
        call.arguments += piece.arguments
        self._written.append(piece.arguments)
        if call.announced:
            if piece.arguments:
                yield CallDelta(call.slot, piece.arguments)
        elif call.name:
            call.announced = True
            call.call_id = self._unique(call.sent_id)
            yield CallDelta(call.slot, call.arguments, call.call_id, call.name)

    def _find(self, piece: _Piece) -> _Call | None:
        """Return the call that a piece belongs to, opened if it is new; None if it says nothing."""
        last = self._calls[-1] if self._calls else None
        if piece.index is not None:
            call = self._by_index.get(piece.index)
        elif piece.sent_id:
            call = next((c for c in self._calls if c.sent_id == piece.sent_id), None)
        else:
            call = last
        if piece.empty:
            return call or last
        if call is None or _starts_another(piece, call):
            call = _Call(len(self._calls))
            self._calls.append(call)
        if piece.index is not None:
            self._by_index[piece.index] = call
        return call

    def _unique(self, sent_id: str) -> str:
        others = {call.call_id for call in self._calls}
        if sent_id and sent_id not in self.taken and sent_id not in others:
            return sent_id
        return minted()

    def _whole_calls(self) -> list[FunctionCall]:
        return [whole for call in self._calls if call.name for whole in self._split(call)]

    def _split(self, call: _Call) -> Iterator[FunctionCall]:
        """Return the call, or the several ones that an endpoint glued together."""
        first, *others = objects(call.arguments)
        yield FunctionCall(call.call_id, call.name, first, self._extras(call))
        for arguments in others:
            yield FunctionCall(minted(), call.name, arguments)

    def _extras(self, call: _Call) -> dict[str, Any]:
        extras: dict[str, Any] = {}
        if call.extra_content is not None:
            extras["extra_content"] = call.extra_content
        if self.keep_reasoning and self._reasoning and call is self._calls[0]:
            extras["reasoning_content"] = "".join(self._reasoning)
        return {self.backend: extras} if extras else {}


def _starts_another(piece: _Piece, call: _Call) -> bool:
    if piece.sent_id and call.sent_id:
        return piece.sent_id != call.sent_id
    renamed = piece.name != call.name or bool(piece.arguments)
    return bool(piece.name) and renamed and bool(call.name) and is_json(call.arguments)


def _joined(content: Any) -> str:
    """Return the text of a content that is a string or, at Mistral, a list of parts."""
    if isinstance(content, list):
        return "".join(text(part.get("text")) for part in content if isinstance(part, dict))
    return text(content)
