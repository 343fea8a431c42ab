"""The client of a running Jupyter server, over the standard library's HTTP.

It runs in every user's kernel, beside packages of their own choice, so it needs nothing that has to
be installed: no HTTP library, and no decoder of events (:mod:`.sse`). ipykernel brings
tornado, whose HTTP client would run on the kernel's loop, and the user's code may block that.

Reading blocks, so it happens in threads that feed the caller's event loop: the kernel's loop runs
on while a cell waits for the model. A cancelled call closes its socket. No proxy is ever used, and
the token is in one header and nowhere else. Nothing is retried: a request that was sent may have
been carried out, and a run survives the loss of its reader.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import mimetypes
import re
import secrets
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from jupyter_assistants.client.base import Json, error_of
from jupyter_assistants.client.event_loops import call_on_loop, run_blocking
from jupyter_assistants.client.sse import decode
from jupyter_assistants.protocol.errors import AssistantsError, InvalidRequest

_CHUNK = 64 * 1024
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_WAIT = 600.0
"""Seconds of silence after which a connection counts as dead; servers send comments meanwhile."""


class _Exchange:
    """One request and its answer, on a connection of its own."""

    def __init__(self, connection: http.client.HTTPConnection, host: str) -> None:
        self._connection = connection
        self._host = host
        self._stopped = False

    def open(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None
    ) -> http.client.HTTPResponse:
        """Send the request and return the response; raise the error that it stands for."""
        if self._stopped:
            raise AssistantsError("The request was stopped before it was sent")
        try:
            self._send(method, path, headers, body)
            response = self._connection.getresponse()
            if response.status >= 400:
                raise error_of(response.status, _json(response.read()))
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from None
        return response

    def read(self, response: http.client.HTTPResponse) -> bytes:
        """Return the whole answer."""
        try:
            return response.read()
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from None

    def lines(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """Yield the answer's lines as they come."""
        try:
            while line := response.readline():
                yield line
        except (OSError, ValueError, http.client.HTTPException, AttributeError) as error:
            # http.client raises any of these when another thread closes the socket.
            if not self._stopped:
                raise self._unreachable(error) from None

    def stop(self) -> None:
        """End the exchange now, from any thread."""
        self._stopped = True
        sock = self._connection.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def close(self) -> None:
        """Close the connection, once nobody reads from it."""
        self._connection.close()

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> None:
        try:
            self._connection.request(method, path, body=body, headers=dict(headers))
        except (BrokenPipeError, ConnectionResetError):
            # A server that refuses a long body answers before it has read all of it. The answer says why,
            # so it is read although the body could not be sent.
            if self._connection.sock is None:
                raise

    def _unreachable(self, error: Exception) -> AssistantsError:
        reason = str(error) or type(error).__name__
        return AssistantsError(f"The Jupyter server at {self._host} does not answer: {reason}")


class HttpClient:
    """Speaks to ``<url>/assistants/v1``.

    Parameters
    ----------
    url
        The Jupyter server's address, with its base path; ``/assistants/v1`` may follow.
    token
        The server's token; may be empty.
    own
        Whether it is the server that shows the notebook to the browser.
    """

    def __init__(
        self, url: str, token: str = "", *, timeout: float = _WAIT, own: bool = False
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidRequest(f"Not the address of a Jupyter server: {_without_secrets(url)}")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port or (443 if self._secure else 80)
        # People copy the base_url of their SDK programs, which ends in the API's own path.
        self._base = parts.path.rstrip("/").removesuffix("/assistants/v1")
        self._token = token
        self._timeout = timeout
        self._own = own
        self.where = f"the Jupyter server at {_without_secrets(url)}"

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Json:
        """Perform one operation."""
        raw = await self._read(method, _target(path, query), body)
        answer = _json(raw)
        if not isinstance(answer, dict):
            raise AssistantsError(f"{self.where} sent no JSON object for {path}")
        return answer

    async def stream(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        query: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[tuple[str, Any]]:
        """Perform one operation and yield its events."""
        path = _target(path, query)
        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[tuple[str, Any] | BaseException | None] = asyncio.Queue()
        exchange = self._new_exchange()

        def read() -> None:
            ending: BaseException | None = None
            try:
                response = exchange.open(
                    method, self._path(path), self._json_headers(), _body(body)
                )
                for event in decode(exchange.lines(response)):
                    call_on_loop(loop, arrived.put_nowait, event)
            except AssistantsError as error:
                ending = error
            finally:
                exchange.close()
                call_on_loop(loop, arrived.put_nowait, ending)

        threading.Thread(target=read, daemon=True, name="jupyter_assistants stream").start()
        try:
            while (event := await arrived.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                yield event
                if event[0] == "done":
                    return
            raise AssistantsError(f"{self.where} ended the stream before the run did")
        finally:
            exchange.stop()

    async def upload(self, path: Path, *, purpose: str, filename: str | None = None) -> Json:
        """Upload a file, read in pieces."""
        form = _Form(path, purpose, filename or path.name)
        headers = self._headers() | form.headers
        exchange = self._new_exchange()
        work = _once(exchange, "POST", self._path("/files"), headers, form.pieces())
        answer = _json(await run_blocking(work, exchange.stop))
        return answer if isinstance(answer, dict) else {}

    async def download(self, file_id: str) -> bytes:
        """Return the bytes of a file."""
        return await self._read("GET", _content(file_id), None)

    async def document(self, path: str, *, query: Mapping[str, Any]) -> bytes:
        """Return the document that an operation exports."""
        return await self._read("GET", _target(path, query), None)

    def url_of_file(self, file_id: str) -> str | None:
        """Return the address at which a browser that is logged in gets the file."""
        return self._origin + self._path(_content(file_id))

    def url_of_view(self, file_id: str, start: int | None, end: int | None) -> str | None:
        """Return the address at which a browser shows the file's text at a location."""
        path = self._path(f"/files/{quote(file_id, safe='')}/view")
        cited = f"{_target(path, {'start': start, 'end': end})}#quote" if end else path
        return cited if self._own else self._origin + cited

    @property
    def _origin(self) -> str:
        scheme = "https" if self._secure else "http"
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{host}:{self._port}"

    def close(self) -> None:
        """Return at once: every exchange has its own connection."""

    async def probe(self, path: str) -> bool:
        """Return whether the server answers this path (not the API's) without an error."""
        exchange = self._new_exchange()
        try:
            await run_blocking(
                _once(exchange, "GET", self._base + path, self._headers()), exchange.stop
            )
        except AssistantsError:
            return False
        return True

    async def _read(self, method: str, path: str, body: Mapping[str, Any] | None) -> bytes:
        exchange = self._new_exchange()
        headers = self._headers() if body is None else self._json_headers()
        work = _once(
            exchange, method, self._path(path), headers, None if body is None else _body(body)
        )
        return await run_blocking(work, exchange.stop)

    def _new_exchange(self) -> _Exchange:
        if not self._secure:
            plain = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
            return _Exchange(plain, self._host)
        context = ssl.create_default_context()
        if self._host in _LOOPBACK:
            # Jupyter servers on this machine have self-signed certificates, and the traffic stays on it.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        secure = http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout, context=context
        )
        return _Exchange(secure, self._host)

    def _path(self, path: str) -> str:
        return f"{self._base}/assistants/v1{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self._token}"} if self._token else {}

    def _json_headers(self) -> dict[str, str]:
        return self._headers() | {"Content-Type": "application/json"}


class _Form:
    """A multipart form with one file, of known length and read in pieces."""

    def __init__(self, path: Path, purpose: str, filename: str) -> None:
        boundary = secrets.token_hex(16)
        mime = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        safe = re.sub(r'(["\\])', r"\\\1", " ".join(filename.splitlines()))
        self._path = path
        self._head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n{purpose}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{safe}"\r\n'
            f"Content-Type: {mime}\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        length = len(self._head) + path.stat().st_size + len(self._tail)
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(length),
        }

    def pieces(self) -> Iterator[bytes]:
        """Yield the body."""
        yield self._head
        with self._path.open("rb") as file:
            while piece := file.read(_CHUNK):
                yield piece
        yield self._tail


def _once(
    exchange: _Exchange, method: str, path: str, headers: Mapping[str, str], body: Any = None
) -> Callable[[], bytes]:
    def work() -> bytes:
        try:
            return exchange.read(exchange.open(method, path, headers, body))
        finally:
            exchange.close()

    return work


def _content(file_id: str) -> str:
    return f"/files/{quote(file_id, safe='')}/content"


def _body(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _target(path: str, query: Mapping[str, Any] | None) -> str:
    present = {name: value for name, value in (query or {}).items() if value is not None}
    return f"{path}?{urlencode(present)}" if present else path


def _without_secrets(url: str) -> str:
    """Return an address without user, password and query, in which secrets may be."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"
