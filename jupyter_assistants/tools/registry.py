"""The hosted tools that are installed, by the name of their ``type``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_assistants import registry
from jupyter_assistants.registry import Group, PluginEntry
from jupyter_assistants.tools.base import Tool, ToolParts

ToolFactory = Callable[[ToolParts], Tool]


def _tool_factory(entry: PluginEntry, plugin: Any) -> ToolFactory:
    if not callable(plugin) or not isinstance(getattr(plugin, "type", None), str):
        raise TypeError(f"{entry.reference} is no class of a tool with a `type`")
    factory: ToolFactory = plugin
    return factory


TOOLS: Group[ToolFactory] = Group(registry.TOOLS, _tool_factory)


def build_tools(parts: ToolParts) -> dict[str, Tool]:
    """Return every installed tool by its type. One that cannot be built is skipped."""
    tools: dict[str, Tool] = {}
    for name, factory in TOOLS.load_all().items():
        try:
            tool = factory(parts)
        # A plug-in's constructor may raise anything; the service has to start.
        except Exception as error:
            TOOLS.report_failure(TOOLS.entries()[name], error)
            continue
        tools[tool.type] = tool
    return tools
