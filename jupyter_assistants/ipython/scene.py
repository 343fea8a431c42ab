"""The scene: everything that a view draws beside the transcript."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.client.call_progress import CallProgress
from jupyter_assistants.client.citations import ViewOf, no_view
from jupyter_assistants.protocol.transcript import CallEntry

Json = dict[str, Any]


@dataclass(frozen=True)
class FileLink:
    """A file that code wrote, and where a reader of the notebook gets it.

    Parameters
    ----------
    href
        An address; None if there is none.
    """

    name: str
    bytes: int
    href: str | None


def _no_link(name: str) -> str | None:
    return None


@dataclass
class Scene:
    """The things that a view draws beside the transcript.

    Parameters
    ----------
    link
        Returns the address of a produced file by its name.
    progress
        The calls that this kernel runs itself, by id.
    files
        Produced files, for the list below the answer.
    facts
        Small print: assistant, seconds, thread.
    notes
        Sentences that the person should read.
    pictures
        Mime bundles of image files, by file id.
    ended
        How the run ended, empty if it completed; None while it goes on.
    recording
        The recording of the run, for the metadata of the last block.
    sent
        The preview of what is sent to the model; empty if the person has seen it in this thread.
    view_of
        Returns the address at which a file is shown at a location.
    """

    link: Callable[[str], str | None] = _no_link
    progress: Mapping[str, CallProgress] = field(default_factory=dict)
    files: Sequence[FileLink] = ()
    facts: Sequence[str] = ()
    notes: Sequence[str] = ()
    pictures: Mapping[str, Json] = field(default_factory=dict)
    ended: str | None = None
    recording: Json | None = None
    sent: str = ""
    view_of: ViewOf = no_view

    def outputs_of(self, entry: CallEntry) -> Sequence[Json]:
        """Return the outputs of a call; what this kernel saw itself is newer than the server's."""
        progress = self.progress.get(entry.id)
        return entry.outputs if progress is None else progress.outputs
