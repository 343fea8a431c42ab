"""Endpoints as people see them: what is connected, what could be, and what is missing. Extension."""

from __future__ import annotations

from typing import Any, Literal

from jupyter_assistants.protocol.base import Body, Part

EndpointOrigin = Literal["configuration", "key", "person", "plugin"]
"""Who connected an endpoint."""


class ConnectEndpoint(Body):
    """How an endpoint is connected. It takes no address and no key: nobody but the server has them.

    Parameters
    ----------
    model
        The model of it that becomes the default, where the administrator chose none. Without it,
        the first one that makes text takes the place of ``demo``.
    """

    model: str | None = None


class ListedEndpoint(Part):
    """One endpoint.

    Parameters
    ----------
    id
        The name that stands before the slash in ``endpoint/model``.
    status
        ``connected``; ``offered``, if it can be connected as it is; ``absent``, if its key or its
        server is missing.
    by
        Who connected it: the ``configuration``, its ``key`` alone, a ``person``, or a ``plugin``
        that brings its own models.
    host
        Its address without a path.
    why
        What is missing, and what to do.
    """

    id: str
    object: Literal["endpoint"] = "endpoint"
    title: str
    status: Literal["connected", "offered", "absent"]
    by: EndpointOrigin | None = None
    host: str | None = None
    local: bool = False
    default_model: str | None = None
    why: str | None = None

    def wire(self) -> dict[str, Any]:
        """Return the JSON object."""
        return self.model_dump(mode="json")
