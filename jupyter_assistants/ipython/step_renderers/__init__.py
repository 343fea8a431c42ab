"""Renderers of run steps in a cell: one class for each kind of step, found by entry points.

The group is ``jupyter_assistants.step_renderers``, the name is the type of the tool call. A type
without a renderer gets the card of :class:`~.base.StepRenderer`.
"""

from __future__ import annotations

from jupyter_assistants.ipython.step_renderers.base import StepRenderer
from jupyter_assistants.protocol.transcript import CallEntry
from jupyter_assistants.registry import STEP_RENDERERS, Group, PluginEntry


def _created(entry: PluginEntry, plugin: object) -> StepRenderer:
    if not (isinstance(plugin, type) and issubclass(plugin, StepRenderer)):
        raise TypeError(f"{entry.reference} is not a subclass of StepRenderer")
    return plugin()


GROUP: Group[StepRenderer] = Group(STEP_RENDERERS, _created)
_DEFAULT = StepRenderer()


def renderer_of(entry: CallEntry) -> StepRenderer:
    """Return the renderer of a call."""
    return GROUP.get(entry.kind) or _DEFAULT
