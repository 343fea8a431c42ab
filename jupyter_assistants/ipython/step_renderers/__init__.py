"""Renderers of run steps in a cell: one class for each kind of step, found by entry points.

The group is ``jupyter_assistants.step_renderers``, the name is the type of the tool call. A type
without a renderer gets the card of :class:`~.base.StepRenderer`.
"""

from __future__ import annotations

from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.scene import Scene
from jupyter_assistants.ipython.step_renderers.base import StepRenderer
from jupyter_assistants.protocol.transcript import CallEntry
from jupyter_assistants.registry import STEP_RENDERERS, Group, PluginEntry

__all__ = ["STEP_RENDERER_GROUP", "StepRenderer", "blocks_of"]


def _created(entry: PluginEntry, plugin: object) -> StepRenderer:
    if not (isinstance(plugin, type) and issubclass(plugin, StepRenderer)):
        raise TypeError(f"{entry.reference} is not a subclass of StepRenderer")
    return plugin()


STEP_RENDERER_GROUP: Group[StepRenderer] = Group(STEP_RENDERERS, _created)
_DEFAULT = StepRenderer()


def blocks_of(entry: CallEntry, scene: Scene) -> list[DisplayBlock]:
    """Return the blocks of a call, drawn by the renderer of its kind."""
    renderer = STEP_RENDERER_GROUP.get(entry.kind)
    if renderer is not None:
        try:
            return list(renderer.blocks(entry, scene))
        except Exception as error:
            # A broken renderer must not fail the cell, whose code has run already.
            STEP_RENDERER_GROUP.report_failure(STEP_RENDERER_GROUP.entries()[entry.kind], error)
    return list(_DEFAULT.blocks(entry, scene))
