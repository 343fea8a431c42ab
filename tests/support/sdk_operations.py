"""Which operations of the protocol a client has asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jupyter_assistants.api.dispatch import find
from support.protocol_facts import read_notes

OPERATIONS = read_notes()[0] | {"GET /models", "GET /models/{model}"}
"""The 48 of the protocol, and those two that every SDK has as well: ``GET /files/{file_id}``."""


def operations(requests: Iterable[Sequence[str]]) -> set[str]:
    """Return the operations behind requests, each a verb, a path and more."""
    asked = {(verb, path.partition("?")[0]) for verb, path, *_ in requests}
    routes = [find(verb, path.removeprefix("/assistants/v1"))[0] for verb, path in asked]
    return {f"{route.verb} {route.path}" for route in routes}
