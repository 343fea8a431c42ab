"""Shows how indexing goes on: a bar in a cell, lines in a terminal."""

from __future__ import annotations

import html
import time
from collections.abc import Callable

from jupyter_assistants.client.vector_stores import Indexing
from jupyter_assistants.ipython.display_updates import Screen
from jupyter_assistants.ipython.render import Block
from jupyter_assistants.ipython.untrusted import inert, one_line, plain

SHOWN_FAILURES = 20
_LINE_SECONDS = 5.0


def headline(state: Indexing) -> str:
    """Return how far it is, in one line."""
    name = state.store["name"] or state.store["id"]
    if state.stage == "comparing":
        return f"Indexing into {name}: comparing the files …"
    if state.stage == "done":
        return _result(state, name)
    parts = [f"Indexing into {name}: {state.done} of {state.files} files"]
    if state.stage == "sending":
        parts.append(f"{state.sent} sent")
    for file in (state.progress.get("files") or [])[:1]:
        what = f"{file['stage']} {file['filename']}"
        if file.get("total"):
            what += f", part {file.get('done', 0)} of {file['total']}"
        elif file.get("chunks"):
            what += f", {file['chunks']} passages"
        parts.append(what)
    if (left := state.progress.get("seconds_left")) is not None:
        parts.append(f"{_time(left)} left")
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
    said = ", ".join(f"{count} {word}" for count, word in counts if count) or "no files"
    return f"Indexed into {name} ({state.store['id']}): {said} · {_time(state.seconds)}"


def notes(state: Indexing) -> list[str]:
    """Return what was left out, and why."""
    found = [f"{path}: {reason}" for path, reason in list(state.failed.items())[:SHOWN_FAILURES]]
    if len(state.failed) > SHOWN_FAILURES:
        found.append(f"… and {len(state.failed) - SHOWN_FAILURES} more that failed")
    if state.skipped:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in sorted(state.skipped.items()))
        found.append(f"Passed over, because their types cannot be searched: {kinds}")
    return found


def block(state: Indexing) -> Block:
    """Return the state as an output of a cell."""
    line = headline(state)
    shown = [] if state.stage != "done" else notes(state)
    if state.stage != "done":
        value = f' value="{state.done}" max="{state.files}"' if state.files else ""
        label = html.escape(inert(line), quote=True)
        page = f'<progress{value} aria-label="{label}" style="width: 20em"></progress> '
        page += f"<small>{html.escape(inert(line))}</small>"
    else:
        items = "".join(f"<li>{html.escape(inert(note))}</li>" for note in shown)
        page = f"<p>{html.escape(inert(line))}</p>" + (f"<ul>{items}</ul>" if items else "")
    return Block(
        {
            "text/html": page,
            "text/markdown": "\n".join([one_line(line), "", *(f"- {one_line(n)}" for n in shown)]),
            "text/plain": "\n".join([plain(line), *(f"  {plain(note)}" for note in shown)]),
        }
    )


def in_cell(screen: Screen) -> Callable[[Indexing], None]:
    """Return what draws the state into the cell that runs."""
    drawn = ""

    def show(state: Indexing) -> None:
        nonlocal drawn
        if state.stage != drawn or screen.due:
            drawn = state.stage
            screen.draw([block(state)])

    return show


def in_terminal(write: Callable[[str], object], *, live: bool) -> Callable[[Indexing], None]:
    """Return what prints the state.

    Parameters
    ----------
    live
        Whether a line can be written over; else there is a new one every few seconds.
    """
    last, width = float("-inf"), 0

    def show(state: Indexing) -> None:
        nonlocal last, width
        over = state.stage == "done"
        if not over and time.monotonic() - last < (0.1 if live else _LINE_SECONDS):
            return
        if not over and not live and last == float("-inf"):
            # What takes no time needs no lines but the last.
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


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
