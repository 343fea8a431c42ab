"""Queries and answers of the extensions that follow runs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from jupyter_assistants.protocol.base import Body, Part


class RunQuery(Body):
    """The query of ``GET …/runs/{run_id}``.

    Parameters
    ----------
    wait
        Extension: seconds to wait until the run is over or waits for its client.
    """

    wait: float = Field(0.0, ge=0, le=60)


class EventQuery(Body):
    """The query of an event stream.

    Parameters
    ----------
    after
        The id of the last event that was read; the header ``Last-Event-ID`` says the same.
    """

    after: str | None = None


class PreviewedCall(Part):
    """A function as the model would be told of it."""

    name: str
    description: str
    parameters: dict[str, Any]


class RunPreview(Part):
    """The prompt that a run would send to its model. Nothing is stored, nothing is sent.

    Parameters
    ----------
    history
        The entries: ``{"type": "message", "role", "text", "images"}``, ``{"type": "call", …}`` or
        ``{"type": "output", …}``; of images type and size.
    estimated_tokens
        Of the whole request.
    seen
        Which of the thread's messages the model sees, for example ``34 of 61 messages``.
    truncated
        Whether some are left out.
    note
        One sentence when another model than the one asked for would answer.
    """

    object: Literal["thread.run.preview"] = "thread.run.preview"
    thread_id: str
    model: str
    instructions: str
    history: list[dict[str, Any]]
    tools: list[PreviewedCall]
    estimated_tokens: int
    seen: str
    truncated: bool
    note: str | None = None

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
