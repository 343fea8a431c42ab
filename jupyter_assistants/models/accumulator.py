"""What the accumulators of both APIs share: calls that arrive in pieces, usage, the end.

An accumulator folds the chunks of one answer into events, and in the end into whole calls, one
usage and one reason to stop. Servers differ in how they cut an answer into chunks; the rules are in
docs/internals/models.md, "Streams".
"""

from __future__ import annotations

import secrets
import string
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, ClassVar

from jupyter_assistants.models.base import (
    CallDelta,
    FunctionCall,
    ModelEvent,
    RefusalDelta,
    StopReason,
    StreamEnd,
    TextDelta,
    ThinkingDelta,
)
from jupyter_assistants.models.endpoint_errors import EndpointError
from jupyter_assistants.models.loose_json import (
    as_count,
    as_object,
    is_json,
    is_truncated,
    split_objects,
)
from jupyter_assistants.models.reasoning_tags import HiddenOpening, ReasoningTags
from jupyter_assistants.models.tokens import estimate
from jupyter_assistants.protocol.growing_text import GrowingText
from jupyter_assistants.protocol.runs import Usage


@dataclass
class PartialCall:
    """A call that is still arriving.

    Parameters
    ----------
    slot
        Its position among the calls of the answer.
    sent_id, call_id
        The endpoint's id, and ours, which is set when the call is announced.
    written
        The arguments so far.
    announced
        Whether an event has named it.
    complete
        Whether the endpoint has ended it.
    extra_content
        The endpoint's own field that must come back with the call.
    """

    slot: int
    sent_id: str = ""
    call_id: str = ""
    name: str = ""
    written: GrowingText = field(default_factory=GrowingText)
    announced: bool = False
    complete: bool = False
    extra_content: Any = None

    @property
    def arguments(self) -> str:
        """Return the arguments so far."""
        return str(self.written)


class Accumulator(ABC):
    """Folds the chunks of one answer into events.

    Parameters
    ----------
    backend
        The id under which the endpoint's own extras are stored.
    taken_ids
        Call ids of the history. A call id must name one call, and some servers count from
        ``call_0`` in every answer.
    hidden_opening
        Whether the model's template begins its reasoning, so that the answer only closes it.
    """

    usage_names: ClassVar[tuple[str, str]]
    """What this API calls the tokens of the prompt and of the answer."""

    def __init__(
        self,
        backend: str,
        taken_ids: AbstractSet[str] = frozenset(),
        *,
        hidden_opening: HiddenOpening = "no",
    ) -> None:
        self.backend = backend
        self._taken_ids = taken_ids
        self._chunks = 0
        self._begun = False
        self._status = ""
        self._calls: list[PartialCall] = []
        self._written: list[str] = []
        self._reasoning: list[str] = []
        self._tags = ReasoningTags(hidden_opening)
        self._usage: Usage | None = None

    @property
    def begun(self) -> bool:
        """Return whether the model has begun to answer, so that a long silence is a fault."""
        return self._begun

    @property
    def found_hidden(self) -> bool | None:
        """Return whether the answer closed reasoning that it had not opened; None if unknown."""
        return self._tags.found_hidden

    @abstractmethod
    def feed(self, chunk: Mapping[str, Any]) -> Iterator[ModelEvent]:
        """Yield the events of one chunk; a whole answer that was not streamed is one chunk.

        Raises
        ------
        EndpointError
            If the chunk holds an error.
        """

    @abstractmethod
    def _limit(self) -> StopReason | None:
        """Return the limit that ended the answer, or None."""

    def flush(self) -> Iterator[ModelEvent]:
        """Yield the events that the end of the stream brings; :meth:`finished` comes after them."""
        answered = bool(self._status) and not self._calls and self._limit() is None
        yield from self._end_text(answered=answered)

    def finished(self, prompt_tokens: int) -> StreamEnd:
        """Return the last event.

        Parameters
        ----------
        prompt_tokens
            The estimate for endpoints that do not count.

        Raises
        ------
        EndpointError
            If nothing came, or if the answer stops in the middle.
        """
        if not self._chunks:
            raise EndpointError("no_stream")
        if not (self._status or self._written or self._calls):
            raise EndpointError("cut")
        calls = [whole for call in self._calls if call.name for whole in self._split(call)]
        if not self._status and any(is_truncated(call.arguments) for call in calls):
            raise EndpointError("cut")
        limit = self._limit()
        if limit and not all(is_json(call.arguments) for call in calls):
            # The limit fell into a call. Code that was cut in the middle must not run.
            calls = []
        usage = self._usage or Usage.of(prompt_tokens, self._answer_tokens(), estimated=True)
        return StreamEnd("tool_calls" if calls else limit or "stop", calls, usage)

    def _release(self) -> Iterator[ModelEvent]:
        """Yield what must precede the answer's next text or call."""
        self._begun = True
        yield from ()

    def _write(
        self, text: str, event: type[TextDelta] | type[RefusalDelta] = TextDelta
    ) -> Iterator[ModelEvent]:
        if event is RefusalDelta:
            yield from self._show(text, event)
            return
        for shown in self._tags.feed(text):
            yield from self._show(shown)
        # Reasoning between tags may go on for minutes, and is no silence.
        self._begun = self._begun or bool(self._tags.growth)
        yield from self._thinking(self._tags.growth)

    def _show(
        self, text: str, event: type[TextDelta] | type[RefusalDelta] = TextDelta
    ) -> Iterator[ModelEvent]:
        if text:
            yield from self._release()
            self._written.append(text)
            yield event(text)

    def _think(self, text: str) -> Iterator[ModelEvent]:
        """Store reasoning that the endpoint sends in a field of its own."""
        for shown in self._tags.expect_none() if text else ():
            yield from self._show(shown)
        self._reasoning.append(text)
        yield from self._thinking(text)

    def _thinking(self, text: str) -> Iterator[ModelEvent]:
        if text:
            yield ThinkingDelta(len(text))

    def _end_text(self, *, answered: bool = False) -> Iterator[ModelEvent]:
        """Yield what is held back of the text, where it ends or something else begins."""
        for shown in self._tags.finish(answered=answered):
            yield from self._show(shown)
        self._reasoning += self._tags.thoughts
        self._tags.thoughts.clear()

    def _open_call(self) -> PartialCall:
        call = PartialCall(len(self._calls))
        self._calls.append(call)
        return call

    def _extend_call(self, call: PartialCall, arguments: str) -> Iterator[ModelEvent]:
        """Append to a call's arguments; the call is announced as soon as it has a name."""
        call.written.append(arguments)
        self._written.append(arguments)
        if call.announced:
            if arguments:
                yield CallDelta(call.slot, arguments)
        elif call.name:
            yield from self._end_text()
            yield from self._release()
            call.announced = True
            call.call_id = self._unique_id(call.sent_id)
            yield CallDelta(call.slot, call.arguments, call.call_id, call.name)

    def _unique_id(self, sent_id: str) -> str:
        others = {call.call_id for call in self._calls}
        if sent_id and sent_id not in self._taken_ids and sent_id not in others:
            return sent_id
        return new_call_id()

    def _split(self, call: PartialCall) -> Iterator[FunctionCall]:
        """Yield the call, or the several calls that an endpoint glued together."""
        first, *others = split_objects(call.arguments)
        yield FunctionCall(call.call_id, call.name, first, self._extras(call))
        for arguments in others:
            yield FunctionCall(new_call_id(), call.name, arguments)

    def _extras(self, call: PartialCall) -> dict[str, Any]:
        """Return the endpoint's own fields that must come back with a call."""
        return {}

    def _count_usage(self, usage: Mapping[str, Any]) -> None:
        """Keep the usage: the last one counts, as some servers repeat a growing one."""
        prompt_name, answer_name = self.usage_names
        prompt = as_count(usage.get(f"{prompt_name}_tokens"))
        answer = as_count(usage.get(f"{answer_name}_tokens"))
        if not (prompt or answer):
            return
        details = as_object(usage.get(f"{prompt_name}_tokens_details"))
        cached = details.get("cached_tokens") or usage.get("prompt_cache_hit_tokens")
        total = as_count(usage.get("total_tokens"))
        self._usage = Usage.of(prompt, answer, total=total, cached=as_count(cached))

    def _answer_tokens(self) -> int:
        return estimate("".join([*self._written, *self._reasoning]))


def new_call_id() -> str:
    """Return a new call id."""
    letters = string.ascii_letters + string.digits
    return "call_" + "".join(secrets.choice(letters) for _ in range(24))
