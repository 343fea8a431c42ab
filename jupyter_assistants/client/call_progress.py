"""Calls that this process answers itself: their progress, and how calls are described in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.client.text import inert, plain, plain_line
from jupyter_assistants.protocol.transcript import CallEntry

Json = dict[str, Any]

MAX_NAMES = 8
MAX_NAME_CHARACTERS = 60


@dataclass
class CallProgress:
    """The progress of a call that this process runs, before the server reports it back.

    Parameters
    ----------
    status
        ``waiting`` (for the approval), ``running``, or how it ended.
    outputs
        nbformat outputs so far.
    changes
        The entry of the kernel's ledger.
    """

    status: str = "waiting"
    outputs: Sequence[Json] = ()
    seconds: float | None = None
    note: str = ""
    changes: Json | None = None

    @property
    def is_live(self) -> bool:
        """Return whether the call has not ended."""
        return self.status in ("waiting", "running")


def language_name(entry: CallEntry) -> str:
    """Return the name of the language of a call's code, for people."""
    return plain_line(entry.name or "Python")[:80]


def call_changes(entry: CallEntry, progress: CallProgress | None) -> str:
    """Return what a call changed in the kernel, in one line."""
    return changes_line((progress.changes if progress else None) or entry.changes)


def changes_line(changes: Json | None) -> str:
    """Return an entry of the ledger in one line; an empty string if nothing changed."""
    if not changes:
        return ""
    variables, files = changes.get("variables") or {}, changes.get("files") or {}
    kinds = ("new", "changed", "deleted")
    parts = [f"{kind} {_names(variables[kind])}" for kind in kinds if variables.get(kind)]
    parts += [
        f"{kind} file{'s' if len(files[kind]) > 1 else ''} {_names(files[kind])}"
        for kind in kinds
        if files.get(kind)
    ]
    if settings := changes.get("settings"):
        parts.append(f"changed setting{'s' if len(settings) > 1 else ''} {_names(settings)}")
    undo, note = changes.get("undo"), plain(str(changes.get("note") or ""))
    if undo == "undone":
        parts.append("undone")
    elif undo in ("full", "partial") and changes.get("step"):
        parts.append(f"%assistant undo {changes['step']}")
    text = " · ".join(parts)
    return inert(f"{text[:1].upper()}{text[1:]}{' · ' if text and note else ''}{note}")


def _names(names: Sequence[str]) -> str:
    shown = [plain_line(str(name))[:MAX_NAME_CHARACTERS] for name in names[:MAX_NAMES]]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return ", ".join(shown) + more
