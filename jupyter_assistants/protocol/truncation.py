"""What of a thread is no longer shown to models: stored beside the thread, never sent."""

from __future__ import annotations

from typing import ClassVar, Literal

from jupyter_assistants.protocol.base import WireObject


class Truncation(WireObject):
    """How far a thread is truncated. It only ever grows, so that every replay gives the same bytes.

    Parameters
    ----------
    scope
        The truncation strategy that it belongs to: they see different ends of the thread.
    cleared
        Ids of entries whose text has become a placeholder.
    blind
        Ids of entries whose images are left out.
    first_kept
        Id of the first entry after the gap that follows the first message; None without a gap.
    omitted
        How many messages are in the gap.
    listing
        Lines that tell of the files attached to messages in the gap.
    cuts
        Tokens that long texts were cut to, by the ids of their entries.
    summary
        What the model wrote down of the messages in the gap; empty where that is off.
    skipped
        Ids of calls and outputs left out of the turns that are kept.
    """

    kind: ClassVar[str] = "thread.truncation"

    object: Literal["thread.truncation"] = "thread.truncation"
    thread_id: str
    scope: Literal["auto", "last_messages"] = "auto"
    cleared: list[str] = []
    blind: list[str] = []
    first_kept: str | None = None
    omitted: int = 0
    listing: list[str] = []
    summary: str = ""
    cuts: dict[str, int] = {}
    skipped: list[str] = []

    @property
    def parent(self) -> str:
        """Return the thread's id."""
        return self.thread_id

    @classmethod
    def of(cls, thread_id: str, scope: Literal["auto", "last_messages"]) -> Truncation:
        """Return that of a thread which was never too long."""
        name = f"truncation_{scope}_{thread_id}"
        return cls(id=name, created_at=0, thread_id=thread_id, scope=scope)
