"""The hosted tools that are installed. Extension."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_assistants.api.answers import Listing
from jupyter_assistants.protocol.listed_tools import ListedTool
from jupyter_assistants.tools.base import Tool

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tools:
    """Operations on hosted tools."""

    installed: Mapping[str, Tool]

    async def list(self) -> Listing[ListedTool]:
        """Return the hosted tools that are installed, plug-ins among them. Extension."""
        return Listing(
            [
                ListedTool(type=name, description=_describe(tool))
                for name, tool in sorted(self.installed.items())
            ]
        )


def _describe(tool: Tool) -> str:
    try:
        return tool.spec().description
    # A plug-in may raise anything, and must not hide the other tools.
    except Exception:
        log.warning("the tool '%s' cannot be described", tool.type, exc_info=True)
        return ""
