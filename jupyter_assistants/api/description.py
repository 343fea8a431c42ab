"""The API's description of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.protocol.pages import RawDocument


@dataclass(frozen=True)
class ApiDescription:
    """The operation that returns the OpenAPI document.

    Parameters
    ----------
    document
        Returns the document. It is built from the routes, which this class is one of: a parameter
        instead of an import, which would be circular.
    """

    document: Callable[[], dict[str, Any]]

    async def get(self) -> RawDocument:
        """Return the OpenAPI document of this API."""
        return RawDocument(await asyncio.to_thread(self.document))
