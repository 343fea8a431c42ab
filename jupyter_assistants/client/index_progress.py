"""The progress of indexing in words, and as lines of a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable

from jupyter_assistants.client.text import plain
from jupyter_assistants.client.vector_stores import Indexing

SHOWN_FAILURES = 20
_LINE_SECONDS = 5.0
_LIVE_SECONDS = 0.1


def headline(state: Indexing) -> str:
    """Return the progress in one line."""
    name = state.store["name"] or state.store["id"]
    if state.stage == "comparing":
        return f"Indexing into {name}: comparing the files …"
    if state.stage == "done":
        return _result(state, name)
    parts = [f"Indexing into {name}: {state.done} of {state.files} files"]
    if state.stage == "sending":
        parts.append(f"{state.sent} sent")
    for file in (state.progress.get("files") or [])[:1]:
        text = f"{file['stage']} {file['filename']}"
        if file.get("total"):
            text += f", part {file.get('done', 0)} of {file['total']}"
        elif file.get("chunks"):
            text += f", {file['chunks']} passages"
        parts.append(text)
    if (left := state.progress.get("seconds_left")) is not None:
        parts.append(f"{_duration(left)} left")
    return " · ".join(parts)


def _result(state: Indexing, name: str) -> str:
    new = state.completed - min(state.changed, state.completed)
    counts = [
        (new, "new"),
        (min(state.changed, state.completed), "changed"),
        (state.unchanged, "unchanged"),
        (state.removed, "removed"),
        (len(state.failed), "failed"),
    ]
    summary = ", ".join(f"{count} {word}" for count, word in counts if count) or "no files"
    return f"Indexed into {name} ({state.store['id']}): {summary} · {_duration(state.seconds)}"


def notes(state: Indexing) -> list[str]:
    """Return which files were left out, and why."""
    lines = [f"{path}: {reason}" for path, reason in list(state.failed.items())[:SHOWN_FAILURES]]
    if len(state.failed) > SHOWN_FAILURES:
        lines.append(f"… and {len(state.failed) - SHOWN_FAILURES} more that failed")
    if state.skipped:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in sorted(state.skipped.items()))
        lines.append(f"Left out, because files of these types cannot be searched: {kinds}")
    return lines


def terminal_progress(write: Callable[[str], object], *, live: bool) -> Callable[[Indexing], None]:
    """Return a callback that prints the progress.

    Parameters
    ----------
    live
        Whether a line can be overwritten; otherwise there is a new one every few seconds.
    """
    last, width = float("-inf"), 0

    def show(state: Indexing) -> None:
        nonlocal last, width
        over = state.stage == "done"
        if not over and time.monotonic() - last < (_LIVE_SECONDS if live else _LINE_SECONDS):
            return
        if not over and not live and last == float("-inf"):
            # Work that ends at once needs no line but the last.
            last = time.monotonic()
            return
        last = time.monotonic()
        line = plain(headline(state))
        start = "\r" if live else ""
        write(f"{start}{line.ljust(width)}{'' if live and not over else chr(10)}")
        width = len(line) if live else 0
        for note in notes(state) if over else []:
            write(f"  {plain(note)}\n")

    return show


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
