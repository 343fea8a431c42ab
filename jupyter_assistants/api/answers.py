"""The kinds of answers that operations return, apart from wire objects."""

from __future__ import annotations

import enum
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, Protocol, TypeVar

from jupyter_assistants.protocol.events import Event


class AnswerKind(enum.Flag):
    """How a route answers: as a JSON object, server-sent events, a file or a page of HTML."""

    JSON = enum.auto()
    EVENTS = enum.auto()
    BYTES = enum.auto()
    PAGE = enum.auto()


class WireAnswer(Protocol):
    """A result that is sent as one JSON object."""

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        ...


class EventAnswer(Protocol):
    """A result that is sent as server-sent events."""

    @property
    def events(self) -> AsyncIterator[Event]:
        """Return the events."""
        ...


A = TypeVar("A", bound=WireAnswer)


@dataclass(frozen=True)
class Listing(Generic[A]):
    """A list that is always sent whole, without pages."""

    data: Sequence[A]

    def wire(self) -> dict[str, Any]:
        """Return the list envelope."""
        return {"object": "list", "data": [item.wire() for item in self.data]}


@dataclass(frozen=True)
class Download:
    """A file to save. Whoever receives it closes the stream.

    Parameters
    ----------
    size
        Bytes of the whole content.
    media_type
        None to derive it from the name, for files whose content nobody has checked.
    """

    filename: str
    size: int
    stream: BinaryIO
    media_type: str | None = None

    @classmethod
    def of(cls, filename: str, media_type: str, data: bytes) -> Download:
        """Return a download of bytes in memory."""
        return cls(filename, len(data), io.BytesIO(data), media_type)

    def read(self) -> bytes:
        """Return the whole content and close the stream. Blocking."""
        with self.stream:
            return self.stream.read()
