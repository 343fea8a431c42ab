"""Blocks shown as outputs of the running cell, of which only those that differ are updated.

Each block is an output with a ``display_id``. Updates come at most ten times a second; a saved
notebook holds the last state only, because updates replace what they update.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from jupyter_assistants.ipython.blocks import EMPTY_BUNDLE, DisplayBlock

INTERVAL = 0.1
"""Seconds between two updates: front ends redraw the whole output for each."""

_EMPTY = DisplayBlock(EMPTY_BUNDLE)


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
        The shell's function that shows a mime bundle.
    clock
        Returns seconds.
    """

    def __init__(self, publish: Publish, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._publish = publish
        self._clock = clock
        self._shown: list[tuple[str, DisplayBlock]] = []
        self._last = float("-inf")

    @property
    def due(self) -> bool:
        """Whether it is time for another update."""
        return self._clock() - self._last >= INTERVAL

    def draw(self, blocks: Sequence[DisplayBlock]) -> None:
        """Show exactly these blocks."""
        wanted = [*blocks, *(_EMPTY for _ in self._shown[len(blocks) :])]
        for index, block in enumerate(wanted):
            if index == len(self._shown):
                display_id = new_display_id()
                self._shown.append((display_id, block))
                self._publish(block.data, block.metadata, transient={"display_id": display_id})
            elif self._shown[index][1] != block:
                transient = {"display_id": self._shown[index][0]}
                self._shown[index] = (transient["display_id"], block)
                self._publish(block.data, block.metadata, transient=transient, update=True)
        self._last = self._clock()


class ReplaceableOutput:
    """One output that can be replaced."""

    def __init__(self, publish: Publish, bundle: dict[str, Any]) -> None:
        self._publish = publish
        self._transient = {"display_id": new_display_id()}
        self._publish(bundle, transient=self._transient)

    def replace(self, bundle: dict[str, Any]) -> None:
        """Show this instead."""
        self._publish(bundle, transient=self._transient, update=True)


def new_display_id() -> str:
    """Return a display id that no other output has."""
    return os.urandom(16).hex()
