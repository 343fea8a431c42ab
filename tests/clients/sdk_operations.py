"""Which operations of the protocol a client has asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from protocol_facts import read_notes

from jupyter_assistants.routes import find

OPERATIONS = read_notes()[0] | {"GET /models", "GET /models/{model}"}
"""The 48 of the protocol, and those two that every SDK has as well: ``GET /files/{file_id}``."""


def operations(requests: Iterable[Sequence[str]]) -> set[str]:
    """Give the operations behind requests, each a verb, a path and more."""
    asked = {(verb, path.partition("?")[0]) for verb, path, *_ in requests}
    routes = [find(verb, path.removeprefix("/assistants/v1"))[0] for verb, path in asked]
    return {f"{route.verb} {route.path}" for route in routes}
