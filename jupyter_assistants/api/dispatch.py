"""The way from a verb, a path and a body to an operation.

The HTTP server and the in-process client both go through :func:`find` and :func:`perform`, so
that neither can know an operation that the other lacks. Nothing here knows of HTTP beyond verbs
and paths.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from jupyter_assistants.api.forms import ReceivedFile
from jupyter_assistants.api.path_objects import load
from jupyter_assistants.api.route import Route
from jupyter_assistants.api.routes import ROUTES
from jupyter_assistants.api.service import Service
from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import MethodNotAllowed, NotFound
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.validation import parse
from jupyter_assistants.runs.engine import Started


def find(verb: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route of a verb and a path, and the names in the path.

    Parameters
    ----------
    path
        What follows ``/assistants/v1``, percent-encoded, without the query.

    Raises
    ------
    NotFound
        If no route has this path.
    MethodNotAllowed
        If only other verbs have it.
    """
    known = False
    for route in ROUTES:
        match = route.pattern.match(path)
        if match is None:
            continue
        if route.verb == verb:
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
        known = True
    if known:
        raise MethodNotAllowed(f"Not allowed to {verb} on /v1{path}.")
    raise NotFound(f"Invalid URL ({verb} /v1{path})")


async def check_path(service: Service, owner: str, names: Mapping[str, str]) -> None:
    """Check that every id of a path names an object of this owner, under its parent.

    :func:`perform` does so itself; this is for refusing a request before its body is read.

    Raises
    ------
    NotFound
        For the first that does not.
    """
    await asyncio.to_thread(load, service.storage, owner, names)


async def perform(
    service: Service,
    owner: str,
    route: Route,
    names: Mapping[str, str],
    *,
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
    received: ReceivedFile | None = None,
    key: str | None = None,
) -> Any:
    """Validate and carry out one operation; return its function's result.

    Parameters
    ----------
    received
        The form, for a route that has one.
    key
        Of a POST, its ``Idempotency-Key``: the same request is carried out once a day.

    Raises
    ------
    AssistantsError
        As the function does; NotFound for an id of the path, then InvalidRequest for the query
        or the body.
    """

    def prepare() -> tuple[Mapping[str, Any], dict[str, Any]]:
        loaded = load(service.storage, owner, names)
        arguments: dict[str, Any] = {"owner": owner, **names}
        if route.query is not None:
            arguments["query"] = parse(route.query, dict(query or {}))
        if route.body is not None:
            arguments["body"] = parse(route.body, dict(body or {}), strict=True)
        return loaded, arguments

    # Validation in the thread as well: a body may have megabytes.
    loaded, arguments = await asyncio.to_thread(prepare)
    if received is not None:
        arguments |= {"received": received, "fields": received.fields}

    async def call(objects: Mapping[str, Any]) -> Any:
        given = {**arguments, **objects}
        values = {name: given[name] for name in route.parameters}
        return await route.operation(service.resource_of(route.operation), **values)

    if key is None or route.verb != "POST":
        return await call(loaded)

    async def call_later() -> Any:
        # An earlier request with the key may have taken a while, and failed: load again.
        return await call(await asyncio.to_thread(load, service.storage, owner, names))

    path = f"{route.id} {sorted(names.items())}"
    request = [dict(query or {}), dict(body or {}), *_form_values(received)]
    return await service.idempotency.once(
        owner, key, path, request, route.answers, _answered(route), call_later
    )


def _form_values(received: ReceivedFile | None) -> list[Any]:
    """Return what distinguishes one form from another."""
    if received is None:
        return []
    fields = received.fields.model_dump(mode="json") if received.fields is not None else {}
    return [received.filename, fields, received.blob.sha256]


def _answered(route: Route) -> type[WireObject] | None:
    """Return the class of the object that an operation saves and answers, if it does so."""
    if route.returns is Started:
        return Run
    found = route.returns
    return found if isinstance(found, type) and issubclass(found, WireObject) else None


for _route in ROUTES:
    # Read now, so that a signature that no request can fill stops the start, not a request.
    _route.parameters  # noqa: B018
