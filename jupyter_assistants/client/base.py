"""The one way in which the notebook and the command line speak to the API.

Two implementations: a running Jupyter server over HTTP, and the same service inside this process.
The magics cannot tell them apart.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from jupyter_assistants.protocol.errors import (
    AssistantsError,
    Forbidden,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthenticated,
)

T = TypeVar("T")
Json = dict[str, Any]

_BY_STATUS: dict[int, type[AssistantsError]] = {
    error.status: error
    for error in (InvalidRequest, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, TooLarge)
}


class Client(Protocol):
    """The API as seen from a kernel. Usable from any event loop and any thread.

    Every method raises the :class:`AssistantsError` that fits the server's answer, with the
    server's message.
    """

    where: str
    """For people: which server, or ``inside this process``."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Json:
        """Carry out one operation of :mod:`jupyter_assistants.api.routes`; give its JSON object."""

    def stream(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[tuple[str, Any]]:
        """Carry out one operation and yield its events: name, and data as parsed JSON.

        The last event is ``done``. Leaving early ends the reading, never the run.
        """

    async def upload(self, path: Path, *, purpose: str, filename: str | None = None) -> Json:
        """Store a file of this machine; give its File object."""

    async def download(self, file_id: str) -> bytes:
        """Return the bytes of a file."""

    async def document(self, path: str, *, query: Mapping[str, Any]) -> bytes:
        """Return what an operation exports: its bytes, whatever they are."""

    def url_of_file(self, file_id: str) -> str | None:
        """Return an address for links, without any secret in it; None if there is none."""

    def url_of_view(self, file_id: str, start: int | None, end: int | None) -> str | None:
        """Return the address at which a browser shows a file's text; None if there is none.

        Where the browser has the notebook from the same server, it begins with a slash, so that
        it holds behind any proxy and when the server comes back on another port.
        """

    def close(self) -> None:
        """Let go of what is held. Runs go on where they run."""


def error_of(status: int, answer: Any) -> AssistantsError:
    """Return the error that an answer with this status means."""
    found = answer.get("error") if isinstance(answer, dict) else None
    found = found if isinstance(found, dict) else {}
    fallback = answer.get("message") if isinstance(answer, dict) else None
    message = found.get("message") or fallback or f"The Jupyter server answered {status}."
    kind = _BY_STATUS.get(status, AssistantsError)
    return kind(str(message), param=found.get("param"), code=found.get("code"))


async def in_thread(work: Callable[[], T], stop: Callable[[], None]) -> T:
    """Do blocking work in a thread of its own; when this is cancelled, call ``stop``.

    Not the loop's executor: its threads are joined when Python ends, and a read may never end.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def body() -> None:
        try:
            outcome: tuple[T | None, BaseException | None] = (work(), None)
        except (AssistantsError, OSError, ValueError) as error:
            outcome = (None, error)
        tell(loop, settle, *outcome)

    threading.Thread(target=body, daemon=True, name="jupyter_assistants request").start()
    try:
        return await future
    except asyncio.CancelledError:
        stop()
        raise


def tell(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: Any) -> None:
    """Call something on a loop from another thread, unless nobody listens there any more."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(call, *arguments)


def wait_for(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end and give its result, also where a loop is running already.

    A line magic is a plain function inside the kernel's running loop, so the coroutine gets a
    thread and a loop of its own. It must not touch the user's namespace.
    """
    outcome: list[T] = []
    failure: list[BaseException] = []

    def body() -> None:
        try:
            outcome.append(asyncio.run(coroutine))
        except (AssistantsError, OSError, ValueError) as error:
            failure.append(error)

    thread = threading.Thread(target=body, daemon=True, name="jupyter_assistants command")
    thread.start()
    while thread.is_alive():
        # A bare join cannot be interrupted on every platform.
        thread.join(0.2)
    if failure:
        raise failure[0]
    return outcome[0]
