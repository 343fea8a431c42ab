"""The hosted tools that are installed, by the name of their ``type``."""

from __future__ import annotations

from typing import Any

from jupyter_assistants import registry
from jupyter_assistants.protocol.tool_types import ToolType, register_tool_type
from jupyter_assistants.registry import Group, PluginEntry
from jupyter_assistants.tools.base import Tool, ToolParts

PROTOCOL_TYPES = frozenset({"code_interpreter", "file_search", "function"})
"""Types whose classes the protocol defines, also where a plug-in answers their calls."""


def _tool_class(entry: PluginEntry, plugin: Any) -> type[Tool]:
    if not isinstance(plugin, type) or not issubclass(plugin, Tool):
        raise TypeError(
            f"{entry.reference} is not a subclass of jupyter_assistants.tools.base.Tool"
        )
    if getattr(plugin, "type", None) != entry.name:
        raise TypeError(f"{entry.reference} must have the attribute type = '{entry.name}'")
    return plugin


TOOLS: Group[type[Tool]] = Group(registry.TOOLS, _tool_class)


def build_tools(parts: ToolParts) -> dict[str, Tool]:
    """Return every installed tool by its type, and let the wire take these types.

    A tool that cannot be built is skipped.
    """
    tools: dict[str, Tool] = {}
    for name, tool_class in TOOLS.load_all().items():
        try:
            tools[name] = tool_class(parts)
        # A plug-in's constructor may raise anything; the service has to start.
        except Exception as error:
            TOOLS.report_failure(TOOLS.entries()[name], error)
            continue
        if name not in PROTOCOL_TYPES:
            models = tool_class.config_model, tool_class.call_model, tool_class.delta_model
            register_tool_type(ToolType(name, *models))
    return tools
