"""The progress of indexing as an output of a cell: a bar, then the result."""

from __future__ import annotations

import html
from collections.abc import Callable

from jupyter_assistants.client.index_progress import headline, notes
from jupyter_assistants.client.text import inert, one_line, plain
from jupyter_assistants.client.vector_stores import Indexing
from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.display_updates import Screen


def block(state: Indexing) -> DisplayBlock:
    """Return the progress as a block."""
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
    return DisplayBlock(
        {
            "text/html": page,
            "text/markdown": "\n".join([one_line(line), "", *(f"- {one_line(n)}" for n in shown)]),
            "text/plain": "\n".join([plain(line), *(f"  {plain(note)}" for note in shown)]),
        }
    )


def cell_progress(screen: Screen) -> Callable[[Indexing], None]:
    """Return a callback that draws the progress into the running cell."""
    drawn = ""

    def show(state: Indexing) -> None:
        nonlocal drawn
        if state.stage != drawn or screen.due:
            drawn = state.stage
            screen.draw([block(state)])

    return show
