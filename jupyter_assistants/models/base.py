"""The port of models: one request in, a stream of events out.

A provider turns the history into its wire and the wire's stream into these events. What an
endpoint gets wrong is mended here, so that the engine sees whole calls with ids, one usage and
one reason to stop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from jupyter_assistants.protocol.runs import Usage
from jupyter_assistants.protocol.tools import NamedToolChoice, ReasoningEffort, ResponseFormat


@dataclass(frozen=True)
class Image:
    """An image for a model that sees: its bytes and mime type."""

    data: bytes
    mime: str


@dataclass(frozen=True)
class HistoryMessage:
    """A message of the history: text, and images for models that see."""

    role: Literal["user", "assistant"]
    text: str
    images: Sequence[Image] = ()


@dataclass(frozen=True)
class FunctionCall:
    """A function call that the model made; ``arguments`` is JSON text."""

    call_id: str
    name: str
    arguments: str
    extras: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FunctionOutput:
    """What the call gave: text, and images for models that see."""

    call_id: str
    output: str
    images: Sequence[Image] = ()


@dataclass(frozen=True)
class Reasoning:
    """Reasoning that only its own endpoint can read; it stands before what it led to.

    It comes as an event of a stream, and goes back as an entry of the history.

    Parameters
    ----------
    extras
        What the endpoint wants back, by backend id: the model's name and the opaque item.
    """

    extras: dict[str, Any]


HistoryEntry = HistoryMessage | FunctionCall | FunctionOutput | Reasoning


@dataclass(frozen=True)
class ToolSpec:
    """A function as the model is told of it; ``parameters`` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]
    strict: bool = False


@dataclass(frozen=True)
class ModelRequest:
    """Everything that one model call sends."""

    model: str
    instructions: str
    history: Sequence[HistoryEntry]
    tools: Sequence[ToolSpec] = ()
    tool_choice: Literal["none", "auto", "required"] | NamedToolChoice = "auto"
    parallel_tool_calls: bool = True
    temperature: float | None = None
    top_p: float | None = None
    max_output_tokens: int | None = None
    reasoning_effort: ReasoningEffort | None = None
    response_format: ResponseFormat | None = None


@dataclass(frozen=True)
class TextDelta:
    """More text of the answer."""

    text: str


@dataclass(frozen=True)
class RefusalDelta:
    """More text of a refusal."""

    text: str


@dataclass(frozen=True)
class CallDelta:
    """More of a call. The first one of an ``index`` has id and name; all have their arguments."""

    index: int
    arguments: str = ""
    call_id: str = ""
    name: str = ""


@dataclass(frozen=True)
class RetryDelay:
    """The endpoint is to be asked again after so many seconds; 0 once that is over.

    Parameters
    ----------
    reason
        For people: ``rate limit of api.example.org``.
    """

    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class StreamEnd:
    """The last event of every stream.

    Parameters
    ----------
    reason
        ``stop``, ``tool_calls``, ``length`` or ``content_filter``.
    calls
        The whole calls. They are right where a call's deltas and this differ.
    usage
        As the endpoint counted, or an estimate when it did not say.
    """

    reason: Literal["stop", "tool_calls", "length", "content_filter"]
    calls: Sequence[FunctionCall] = ()
    usage: Usage = field(default_factory=Usage)


ModelEvent = TextDelta | RefusalDelta | CallDelta | Reasoning | RetryDelay | StreamEnd


@dataclass(frozen=True)
class Limits:
    """What a model can take.

    Parameters
    ----------
    window
        Tokens of prompt and answer together.
    vision
        Whether images may be sent.
    source
        Where the figures come from, for people.
    tools
        Whether it calls functions; None where nobody says.
    advice
        One sentence for the person where the model can be had better, or not for long.
    """

    window: int
    max_output: int | None = None
    vision: bool = False
    source: str = "default"
    tools: bool | None = None
    advice: str | None = None


class ModelClient(Protocol):
    """One endpoint, or one model of our own."""

    id: str
    """Names the backend in messages and in stored extras, for example ``openai``."""

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Ask the model. The last event is :class:`StreamEnd`.

        Closing the iterator ends the request.

        Raises
        ------
        ProviderError
            If the endpoint is down, refuses, or does not answer as a model does.
        """

    async def limits(self, model: str, *, asking: bool = False) -> Limits:
        """Return what the model can take.

        Parameters
        ----------
        asking
            Whether the model is about to be asked: then it may be loaded, to know for sure.
        """

    async def models(self) -> Sequence[str]:
        """Return the names that can be asked for; empty if the endpoint does not say."""

    def problem(self) -> str | None:
        """Return one sentence on what was wrong when :meth:`models` was called last, or None."""

    async def close(self) -> None:
        """End connections."""
