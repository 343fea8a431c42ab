"""Which operations of the API a client has asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jupyter_assistants.routes import ROUTES, find

_OURS = {"list_threads", "describe_api"}
"""Operations that the protocol does not have."""

OPERATIONS = {route.operation for route in ROUTES} - _OURS


def operations(requests: Iterable[Sequence[str]]) -> set[str]:
    """Give the operations behind requests, each a verb, a path and more."""
    asked = {(verb, path.partition("?")[0]) for verb, path, *_ in requests}
    return {find(verb, path.removeprefix("/assistants/v1"))[0].operation for verb, path in asked}
