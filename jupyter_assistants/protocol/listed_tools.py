"""The hosted tools that a server has. Extension."""

from __future__ import annotations

from typing import Any, Literal

from jupyter_assistants.protocol.base import Part


class ListedTool(Part):
    """A hosted tool that an assistant can be given.

    Parameters
    ----------
    type
        Its ``type`` in ``tools: […]``.
    description
        What the model is told that it does.
    """

    type: str
    object: Literal["tool"] = "tool"
    description: str = ""

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
