"""A run as a cassette, to be run again without a model. Extension."""

from __future__ import annotations

from typing import Any, Literal

from jupyter_assistants.protocol.base import Part


class Recording(Part):
    """A run that is over.

    Parameters
    ----------
    key
        The hash of the prompt, by which a cell finds the recording.
    error
        Why the run did not complete; empty if it did.
    inputs
        ``name`` and ``sha256`` of each file that the code could read; recordings of earlier versions
        have none.
    entries
        In order: ``message``, ``code`` (with its hash, its status and what its outputs said) and
        ``call``, by their ``type``.
    """

    format: Literal["jupyter_assistants.cassette"] = "jupyter_assistants.cassette"
    version: Literal[1] = 1
    key: str
    prompt: str
    run_id: str
    thread_id: str
    model: str
    status: Literal["completed", "failed", "cancelled", "incomplete", "expired"]
    error: str
    recorded_at: int
    usage: dict[str, Any] | None
    inputs: list[dict[str, Any]] = []
    entries: list[dict[str, Any]]


class RunCassette(Part):
    """The contents of a recording file with one recording."""

    format: Literal["jupyter_assistants.cassette"] = "jupyter_assistants.cassette"
    version: Literal[1] = 1
    recordings: list[Recording]

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
