"""Shows blocks as outputs of the running cell, and changes only what differs.

Each block is an output with a ``display_id``. Updates come at most ten times a second; a saved
notebook holds the last state only, because updates replace what they update.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from jupyter_assistants.ipython.render import Block

INTERVAL = 0.1

# An output cannot be taken back, and nbconvert warns about a bundle without any type.
_NOTHING = Block({"text/html": "", "text/plain": ""})


class Publish(Protocol):
    """IPython's ``display_pub.publish``."""

    def __call__(
        self, data: Any, metadata: Any = None, *, transient: Any = None, update: bool = False
    ) -> None:
        """Show a mime bundle, or replace the one with the same display id."""


class Screen:
    """The outputs of one cell.

    Parameters
    ----------
    publish
        The shell's way to show a mime bundle.
    clock
        Gives seconds.
    """

    def __init__(self, publish: Publish, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._publish = publish
        self._clock = clock
        self._shown: list[tuple[str, Block]] = []
        self._last = float("-inf")

    @property
    def due(self) -> bool:
        """Whether it is time for another update."""
        return self._clock() - self._last >= INTERVAL

    def draw(self, blocks: Sequence[Block]) -> None:
        """Show exactly these blocks."""
        wanted = [*blocks, *(_NOTHING for _ in self._shown[len(blocks) :])]
        for index, block in enumerate(wanted):
            if index == len(self._shown):
                id = os.urandom(16).hex()
                self._shown.append((id, block))
                self._publish(block.data, block.metadata, transient={"display_id": id})
            elif self._shown[index][1] != block:
                id = self._shown[index][0]
                self._shown[index] = (id, block)
                self._publish(block.data, block.metadata, transient={"display_id": id}, update=True)
        self._last = self._clock()
