"""The cells that ran in this kernel before, as context for a model.

A kernel does not know the notebook's cells, but what it has executed, in that order. Models are told of
it as the panel tells them of the cells above: the server decides by the thread's level how much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_assistants.client.base import Json

MAX_CELLS = 50
MAX_SOURCE = 20_000
MAX_OUTPUT = 2_000
MAX_CHARACTERS = 100_000
"""Of all cells together; the server tells models of less."""

# What was asked is in the threads, and not meant for others.
_OURS = (
    "%%assistant",
    "%assistant",
    "%load_ext jupyter_assistants",
    "%reload_ext jupyter_assistants",
)


def earlier_cells(shell: Any, mask: Callable[[str], str], *, outputs: bool) -> list[Json]:
    """Return the newest cells, oldest first; of cells that ran again only their last time.

    Parameters
    ----------
    outputs
        Whether their outputs are included, where IPython has stored them.
    """
    history = shell.history_manager
    cells: list[Json] = []
    seen: set[str] = set()
    left = MAX_CHARACTERS
    for number, source in reversed(list(enumerate(history.input_hist_raw))):
        text = source.strip()
        if not text or text in seen or text.startswith(_OURS):
            continue
        seen.add(text)
        cell: Json = {"source": mask(text[:MAX_SOURCE]), "execution_count": number}
        if outputs:
            cell["output"] = mask(_output(history, number))
        left -= len(cell["source"]) + len(cell.get("output", ""))
        if left < 0 or len(cells) == MAX_CELLS:
            break
        cells.append(cell)
    return cells[::-1]


def _output(history: Any, number: int) -> str:
    """Return the text below a cell: since IPython 9 all of it, before that the value alone."""
    texts = []
    for output in getattr(history, "outputs", {}).get(number, ()):
        bundle = output.bundle
        text = bundle.get("stream") or bundle.get("text/plain") or ""
        texts.append("".join(text) if isinstance(text, list) else str(text))
    whole = "\n".join(text.rstrip() for text in texts if text.strip())
    return (whole or str(history.output_hist_reprs.get(number, "")))[:MAX_OUTPUT]
