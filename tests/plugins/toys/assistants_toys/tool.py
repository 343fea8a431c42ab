"""A tool: it tells the time of a zone that its configuration names."""

from __future__ import annotations

from jupyter_assistants.models.base import ToolSpec
from jupyter_assistants.tools.base import Progress, Tool, ToolContext, ToolResult


class Clock(Tool):
    """The tool type ``clock``."""

    type = "clock"

    def spec(self) -> ToolSpec:
        """Return the function that the model sees."""
        return ToolSpec("clock", "Return the time.", {"type": "object", "properties": {}})

    async def call(
        self, call_id: str, arguments: str, context: ToolContext, progress: Progress
    ) -> ToolResult:
        """Return noon, in the zone that the assistant was given."""
        zone = getattr(self.config(context), "zone", "UTC")
        return self.result(call_id, arguments, f"12:00 {zone}")
