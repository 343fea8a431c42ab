"""The port of models: one request in, a stream of events out.

A provider writes the request in its API and reads the API's stream as these events. Whatever an
endpoint gets wrong is corrected on the way, so that the run loop sees whole calls with ids, one
usage and one reason to stop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Self

from jupyter_assistants.protocol.runs import Usage
from jupyter_assistants.protocol.tools import NamedToolChoice, ReasoningEffort, ResponseFormat


@dataclass(frozen=True)
class Image:
    """An image for a model that accepts them: its bytes and MIME type."""

    data: bytes
    mime: str


@dataclass(frozen=True)
class HistoryMessage:
    """A message of the history: text, and images for models that accept them."""

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
    """The output of a function call: text, and images for models that accept them."""

    call_id: str
    output: str
    images: Sequence[Image] = ()


@dataclass(frozen=True)
class Reasoning:
    """Reasoning that only its own endpoint can read; it precedes whatever it led to.

    It comes as an event of a stream, and goes back as an entry of the history.

    Parameters
    ----------
    extras
        By backend id, what the endpoint wants back: the model's name and the opaque item.
    """

    extras: dict[str, Any]


HistoryEntry = HistoryMessage | FunctionCall | FunctionOutput | Reasoning


@dataclass(frozen=True)
class ToolSpec:
    """A function as it is described to the model; ``parameters`` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]
    strict: bool = False


@dataclass(frozen=True)
class ModelRequest:
    """Everything that one call of a model sends."""

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
class ThinkingDelta:
    """More reasoning: its size alone, for the cost of an answer that is cut short."""

    characters: int


@dataclass(frozen=True)
class CallDelta:
    """More of a call. The first delta of an ``index`` has id and name; all carry arguments."""

    index: int
    arguments: str = ""
    call_id: str = ""
    name: str = ""


@dataclass(frozen=True)
class RetryDelay:
    """The endpoint will be asked again after so many seconds; 0 once the wait is over.

    Parameters
    ----------
    reason
        For people: ``rate limit of api.example.org``.
    """

    seconds: float
    reason: str = ""


StopReason = Literal["stop", "tool_calls", "length", "content_filter"]


@dataclass(frozen=True)
class StreamEnd:
    """The last event of every stream.

    Parameters
    ----------
    reason
        Why the model stopped.
    calls
        The whole calls. Where a call's deltas differ from this, this counts.
    usage
        As the endpoint counted, or an estimate where it does not.
    """

    reason: StopReason
    calls: Sequence[FunctionCall] = ()
    usage: Usage = field(default_factory=Usage)


ModelEvent = (
    TextDelta | RefusalDelta | ThinkingDelta | CallDelta | Reasoning | RetryDelay | StreamEnd
)


@dataclass(frozen=True)
class Limits:
    """The limits and abilities of a model.

    Parameters
    ----------
    window
        Tokens of prompt and answer together.
    max_output
        Tokens of the answer; None where nobody says.
    vision
        Whether the model accepts images.
    source
        Where the figures come from, for people.
    tools
        Whether the model calls functions; None where nobody says.
    advice
        One sentence for people where the model could have a larger window, or is shut down soon.
    """

    window: int
    max_output: int | None = None
    vision: bool = False
    source: str = "default"
    tools: bool | None = None
    advice: str | None = None


class ModelClient(Protocol):
    """The models of one endpoint, or of a provider of its own, as the run loop sees them."""

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
        """Return a model's limits.

        Parameters
        ----------
        asking
            Whether the model is about to be asked: then it may be loaded, to be sure.
        """

    async def models(self) -> Sequence[str]:
        """Return the names of the models; empty if the endpoint does not list them."""

    def problem(self) -> str | None:
        """Return one sentence on why the last :meth:`models` failed, or None."""

    async def close(self) -> None:
        """Close connections."""


@dataclass(frozen=True)
class ProviderOptions:
    """The settings of one endpoint, for the provider that serves it.

    Parameters
    ----------
    name
        The endpoint's name, before the slash in ``provider/model``.
    base_url
        Its address; None for the provider's own.
    key
        Its key; None for none. It must not be shown, logged or put into a prompt.
    wire
        The API to ask through, ``auto`` to find out.
    dialect
        The name of its dialect; None to go by its address.
    max_attempts
        Attempts per request.
    first_byte_seconds
        How long it may take to begin; None for the provider's default.
    idle_seconds
        How long it may be silent in the middle of an answer.
    windows
        The user's own figures of context windows, by patterns of models.
    """

    name: str
    base_url: str | None = None
    key: str | None = None
    wire: Literal["auto", "chat", "responses"] = "auto"
    dialect: str | None = None
    max_attempts: int = 4
    first_byte_seconds: float | None = None
    idle_seconds: float = 60.0
    windows: Mapping[str, int] = field(default_factory=dict)


class ModelProvider(ABC):
    """Serves models; the base of the plug-ins in the group ``jupyter_assistants.model_providers``.

    The smallest provider has an ``id`` that equals its entry point's name, and :meth:`stream`.
    """

    id: str

    @classmethod
    def connect(cls, options: ProviderOptions) -> Self | None:
        """Return a client for the models of one endpoint.

        A provider with models of its own is connected without being configured: then only the
        options' ``name`` and ``windows`` are set. None stands for "there is nothing to connect to".
        """
        return cls()

    @abstractmethod
    def stream(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Ask the model; see :meth:`ModelClient.stream`."""

    async def limits(self, model: str, *, asking: bool = False) -> Limits:
        """Return a model's limits; see :meth:`ModelClient.limits`."""
        return Limits(window=128_000, source=f"a cautious guess for {self.id}")

    async def models(self) -> Sequence[str]:
        """Return the names of the models; one that is named like the provider."""
        return [self.id]

    def problem(self) -> str | None:
        """Return None: this provider's list of models never fails."""
        return None

    async def close(self) -> None:  # noqa: B027 a provider without connections closes none
        """Close connections; there are none by default."""
