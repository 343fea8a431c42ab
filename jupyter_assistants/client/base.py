"""The port through which every face but the panel speaks to the API.

Two adapters: a running Jupyter server over HTTP (:mod:`.http`), and the same service inside this
process (:mod:`.in_process`). Callers cannot tell them apart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from jupyter_assistants.protocol.errors import (
    AssistantsError,
    Forbidden,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthenticated,
)

Json = dict[str, Any]

_BY_STATUS: dict[int, type[AssistantsError]] = {
    error.status: error
    for error in (InvalidRequest, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, TooLarge)
}


class Client(Protocol):
    """The API as seen from a kernel or a terminal, usable from any event loop and any thread.

    Every method raises the :class:`AssistantsError` that fits the server's answer, with the
    server's message.
    """

    where: str
    """For people: which server, or ``this process``."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Json:
        """Perform one operation of :mod:`jupyter_assistants.api.routes`; return its JSON object."""

    def stream(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[tuple[str, Any]]:
        """Perform one operation and yield its events: name, and data as parsed JSON.

        The last event is ``done``. Closing the iterator early stops the reading, never the run.
        """

    async def upload(self, path: Path, *, purpose: str, filename: str | None = None) -> Json:
        """Upload a file of this machine; return its File object."""

    async def download(self, file_id: str) -> bytes:
        """Return the bytes of a file."""

    async def document(self, path: str, *, query: Mapping[str, Any]) -> bytes:
        """Return the document that an operation exports, as bytes."""

    def url_of_file(self, file_id: str) -> str | None:
        """Return an address for links, without any secret in it; None if there is none."""

    def url_of_view(self, file_id: str, start: int | None, end: int | None) -> str | None:
        """Return the address at which a browser shows a file's text; None if there is none.

        Where the browser has the notebook from the same server, it begins with a slash, so that
        it holds behind any proxy and when the server comes back on another port.
        """

    def close(self) -> None:
        """Close connections. Runs continue on the server."""


def error_of(status: int, answer: Any) -> AssistantsError:
    """Return the error that an HTTP answer with this status stands for."""
    details = answer.get("error") if isinstance(answer, dict) else None
    details = details if isinstance(details, dict) else {}
    fallback = answer.get("message") if isinstance(answer, dict) else None
    message = details.get("message") or fallback or f"The Jupyter server answered {status}."
    kind = _BY_STATUS.get(status, AssistantsError)
    return kind(str(message), param=details.get("param"), code=details.get("code"))
