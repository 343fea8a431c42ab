"""A step renderer: calls of the clock as one line."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.scene import Scene
from jupyter_assistants.ipython.step_renderers.base import StepRenderer
from jupyter_assistants.protocol.transcript import CallEntry


class ClockRenderer(StepRenderer):
    """Draws the time."""

    def blocks(self, entry: CallEntry, scene: Scene) -> Iterator[DisplayBlock]:
        """Yield the line."""
        yield text_block(f"The clock shows {entry.output or 'nothing yet'}")
