"""Errors of every origin, mapped to HTTP answers in the API's shape."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.httputil import url_concat

from jupyter_assistants.api.dispatch import find
from jupyter_assistants.api.route import PAGE
from jupyter_assistants.protocol.errors import (
    AssistantsError,
    Forbidden,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    StorageUnavailable,
    Unauthenticated,
)
from jupyter_assistants.protocol.events import Event
from jupyter_assistants.server.identity import below_prefix, masked, presented_key
from jupyter_assistants.server.streams import frame

if TYPE_CHECKING:
    from jupyter_assistants.server.app import JupyterAssistantsApp


class ErrorHandler(APIHandler):
    """A handler that answers every error in the API's shape, without internals."""

    def initialize(self, app: JupyterAssistantsApp) -> None:
        """Set the extension that the handler belongs to."""
        self.app = app
        self.refusal: AssistantsError | None = None
        self.streaming = False

    @cached_property
    def request_id(self) -> str:
        """The id that the answer carries and the log names."""
        return f"req_{uuid.uuid4().hex}"

    def set_default_headers(self) -> None:
        """Set Jupyter's headers, and the request's id."""
        super().set_default_headers()
        self.set_header("x-request-id", self.request_id)

    @property
    def api_path(self) -> str:
        """The path after ``/assistants/v1`` or its like, as it was sent."""
        # Not a group of the route's pattern: tornado would decode it, and %2F became a slash.
        return below_prefix(str(self.request.path)[len(self.base_url.rstrip("/")) :])

    def answer_error(self, error: AssistantsError) -> None:
        """Answer an error, unless something has been answered already."""
        if self._finished:
            return
        if self._headers_written:
            raise error
        if isinstance(error, Unauthenticated) and self._is_page:
            # A bookmarked link, in a browser whose login is over.
            self.redirect(url_concat(self.settings["login_url"], {"next": self.request.uri}))
            return
        self.set_status(error.status)
        if isinstance(error, Unauthenticated):
            self.set_header("WWW-Authenticate", "Bearer")
        if isinstance(error, StorageUnavailable):
            self.set_header("Retry-After", str(error.retry_after))
        self.finish(error.body())

    @property
    def _is_page(self) -> bool:
        """Whether a person looks at the answer in a browser."""
        if "text/html" not in self.request.headers.get("Accept", ""):
            return False
        try:
            route, _ = find("GET", self.api_path)
        except AssistantsError:
            return False
        return route.answers == PAGE

    def translate(self, error: BaseException | None) -> AssistantsError:
        """Return any error in the API's shape, without internals."""
        if isinstance(error, AssistantsError):
            return error
        if isinstance(error, web.HTTPError):
            return self._translate_http(error)
        if isinstance(error, OSError):
            self.log.error("%s: the body could not be stored: %s", self.request_id, error)
            return StorageUnavailable(
                "The server could not write the body of your request to its disk. See that it has space."
            )
        return AssistantsError(
            "The server had an error while processing your request. Its log names the cause "
            f"under {self.request_id}."
        )

    def _translate_http(self, error: web.HTTPError) -> AssistantsError:
        if error.status_code == 405:
            return MethodNotAllowed(f"Not allowed to {self.request.method} on /v1{self.api_path}.")
        if error.status_code == 404:
            return self.unknown_path()
        if error.status_code == 400:
            return InvalidRequest("We could not read your request.")
        if error.status_code == 403:
            return self._forbidden(error)
        return self.translate(None)

    def unknown_path(self) -> NotFound:
        """Return the error for a path that no route has."""
        return NotFound(f"Invalid URL ({self.request.method} /v1{self.api_path})")

    def _forbidden(self, error: web.HTTPError) -> AssistantsError:
        if getattr(self, "_jupyter_current_user", None) is None:
            return self.unauthenticated()
        text = error.get_message() or "You are not allowed to do this."
        if not self.identity_provider.auth_enabled:
            text += " This server runs without a token: start it with one for programs to use it."
        return Forbidden(text)

    def unauthenticated(self) -> Unauthenticated:
        """Return the error for a request without a valid key."""
        key = presented_key(self.request)
        hint = "Use this Jupyter server's token (`jupyter server list` shows it) as the API key."
        if not key:
            return Unauthenticated(f"You didn't provide an API key. {hint}")
        return Unauthenticated(
            f"Incorrect API key provided: {masked(key)}. {hint}", code="invalid_api_key"
        )

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer an error; in the middle of a stream as its last event.

        See docs/internals/protocol.md, "Events and streaming".
        """
        if self._headers_written and self.streaming and not self._finished:
            self.write(frame(Event(-1, "error", self.translate(None).body())))
        super().send_error(status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error that tornado caught, in the API's shape."""
        _, error, _ = kwargs.get("exc_info") or (None, None, None)
        self.answer_error(self.refusal or self.translate(error))

    def log_exception(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """Log an unexpected error under the request's id, without headers or the query."""
        if isinstance(error, (AssistantsError, web.HTTPError)):
            return
        request = f"{self.request.method} {self.request.path}"
        exc_info = (kind, error, trace) if error is not None else None
        self.log.error("%s: %s failed", self.request_id, request, exc_info=exc_info)
