"""Folds the chunks of a chat completion into events and whole calls.

Endpoints differ in how they cut a call into pieces; the rules are in docs/internals/models.md,
"Streams".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.models.accumulator import Accumulator, PartialCall
from jupyter_assistants.models.base import ModelEvent, RefusalDelta, StopReason
from jupyter_assistants.models.loose_json import (
    as_arguments,
    as_object,
    as_objects,
    as_text,
    is_json,
)
from jupyter_assistants.models.reasoning_tags import HiddenOpening

_LIMITS: dict[str, StopReason] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
}

_LONGEST_GLUED = 64 * 1024
"""Characters of arguments behind which nothing is looked for that would end a call: they are read
again with each piece that names one."""


@dataclass(frozen=True)
class _CallPiece:
    """One element of ``delta.tool_calls``, without its nulls and values of other types."""

    index: int | None
    sent_id: str
    name: str
    arguments: str
    extra_content: Any

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> _CallPiece:
        function = as_object(raw.get("function"))
        index = raw.get("index")
        return cls(
            index=index if isinstance(index, int) else None,
            sent_id=as_text(raw.get("id")),
            name=as_text(function.get("name")),
            arguments=as_arguments(function.get("arguments")),
            extra_content=raw.get("extra_content"),
        )

    @property
    def empty(self) -> bool:
        return not (self.sent_id or self.name or self.arguments)


class ChatAccumulator(Accumulator):
    """Folds the chunks of one chat completion.

    Parameters
    ----------
    keep_reasoning
        Whether the endpoint wants ``reasoning_content`` back with its calls.
    """

    usage_names = ("prompt", "completion")

    def __init__(
        self,
        backend: str,
        taken_ids: AbstractSet[str] = frozenset(),
        *,
        keep_reasoning: bool = False,
        hidden_opening: HiddenOpening = "no",
    ) -> None:
        super().__init__(backend, taken_ids, hidden_opening=hidden_opening)
        self._keep_reasoning = keep_reasoning
        self._by_index: dict[int, PartialCall] = {}

    def feed(self, chunk: Mapping[str, Any]) -> Iterator[ModelEvent]:
        """Yield the events of one chunk; a whole completion is one chunk."""
        self._chunks += 1
        # Groq counts in a field of its own.
        usage = chunk.get("usage") or as_object(chunk.get("x_groq")).get("usage")
        self._count_usage(as_object(usage))
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        self._status = as_text(choice.get("finish_reason")) or self._status
        if "message" in choice and not choice.get("delta"):
            self._tags.expect_hidden_opening()
        yield from self._delta(as_object(choice.get("delta") or choice.get("message")))

    def _limit(self) -> StopReason | None:
        return _LIMITS.get(self._status)

    def _delta(self, delta: Mapping[str, Any]) -> Iterator[ModelEvent]:
        reasoning = as_text(delta.get("reasoning_content")) or as_text(delta.get("reasoning"))
        if reasoning:
            self._begun = True
            yield from self._think(reasoning)
        yield from self._write(_joined_text(delta.get("content")))
        yield from self._write(as_text(delta.get("refusal")), RefusalDelta)
        for raw in as_objects(delta.get("tool_calls")):
            yield from self._call_piece(_CallPiece.of(raw))

    def _call_piece(self, piece: _CallPiece) -> Iterator[ModelEvent]:
        call = self._find_call(piece)
        if call is None:
            return
        if piece.extra_content is not None:
            call.extra_content = piece.extra_content
        call.sent_id = call.sent_id or piece.sent_id
        call.name = call.name or piece.name
        yield from self._extend_call(call, piece.arguments)

    def _find_call(self, piece: _CallPiece) -> PartialCall | None:
        """Return the call that a piece belongs to, opened if it is new; None if it is empty."""
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
            call = self._open_call()
        if piece.index is not None:
            self._by_index[piece.index] = call
        return call

    def _extras(self, call: PartialCall) -> dict[str, Any]:
        extras: dict[str, Any] = {}
        if call.extra_content is not None:
            extras["extra_content"] = call.extra_content
        if self._keep_reasoning and self._reasoning and call is self._calls[0]:
            extras["reasoning_content"] = "".join(self._reasoning)
        return {self.backend: extras} if extras else {}


def _starts_another(piece: _CallPiece, call: PartialCall) -> bool:
    if piece.sent_id and call.sent_id:
        return piece.sent_id != call.sent_id
    if len(call.written) > _LONGEST_GLUED:
        return False
    renamed = piece.name != call.name or bool(piece.arguments)
    return bool(piece.name) and renamed and bool(call.name) and is_json(call.arguments)


def _joined_text(content: Any) -> str:
    """Return the text of a content that is a string or, at Mistral, a list of parts."""
    if isinstance(content, list):
        return "".join(as_text(part.get("text")) for part in as_objects(content))
    return as_text(content)
