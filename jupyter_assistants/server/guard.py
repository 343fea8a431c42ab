"""Guards every request: who asks, whether they may, and how they are refused."""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from jupyter_server import CallContext
from jupyter_server.auth.identity import User
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.httputil import url_concat

from jupyter_assistants.api.routes import Route
from jupyter_assistants.protocol.errors import (
    AssistantsError,
    Forbidden,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    StorageError,
    Unauthenticated,
)
from jupyter_assistants.server.identity import below_prefix, masked, owner_of, presented_key

if TYPE_CHECKING:
    from jupyter_assistants.server.app import JupyterAssistantsApp

PAGE = re.compile(r"^/files/[^/]+/view/?$")
"""The one operation that browsers open as a page."""


class GuardedHandler(APIHandler):
    """Knows the user and answers errors in the API's shape; what it guards is up to subclasses."""

    auth_resource = "jupyter_assistants"

    def initialize(self, app: JupyterAssistantsApp) -> None:
        """Take the extension that the handler belongs to."""
        self.app = app
        self.refusal: AssistantsError | None = None

    @cached_property
    def request_id(self) -> str:
        """The id that the answer carries and the log names."""
        return f"req_{uuid.uuid4().hex}"

    def set_default_headers(self) -> None:
        """Set Jupyter's headers, and the request's id."""
        super().set_default_headers()
        self.set_header("x-request-id", self.request_id)

    @property
    def _user(self) -> User:
        return cast(User, self.current_user)

    @property
    def owner(self) -> str:
        """Whose objects this request works on."""
        return owner_of(self.identity_provider, self._user)

    @property
    def api_path(self) -> str:
        """What follows ``/assistants/v1`` or its like, as it was sent."""
        # Not a group of the route's pattern: tornado would decode it, and %2F became a slash.
        return below_prefix(str(self.request.path)[len(self.base_url.rstrip("/")) :])

    # -- who, and whether they may ---------------------------------------------------------------

    async def identify(self) -> None:
        """Find out who asks.

        Raises
        ------
        Unauthenticated
            If nobody does that is known here.
        """
        if not self.check_host():
            raise Forbidden("This server does not answer to the Host of your request.")
        if "Authorization" not in self.request.headers and "api-key" in self.request.headers:
            # Azure's clients present the same key under another name.
            self.request.headers["Authorization"] = f"Bearer {self.request.headers['api-key']}"
        if presented_key(self.request):
            # A key speaks for itself, whatever cookies the client still has.
            self.request.headers.pop("Cookie", None)
        if self.app.kernel_key is not None and self.app.kernel_key.opens(self.request):
            CallContext.set(CallContext.JUPYTER_HANDLER, self)
            # As for Jupyter's token: no browser adds this key by itself, so no XSRF check.
            self._token_authenticated = True
            self.current_user = self._jupyter_current_user = self.app.kernel_key.user
            self.set_cors_headers()
            return
        await super().prepare()
        if self.current_user is None:
            raise self._unauthenticated()

    def set_cookie(self, *args: Any, **kwargs: Any) -> None:
        """Set a cookie in browsers only: clients with a key would keep it beyond their key."""
        if not presented_key(self.request):
            super().set_cookie(*args, **kwargs)

    def check_xsrf_cookie(self) -> None:
        """Refuse cross-site requests; without any credentials the answer is 401 all the same."""
        if getattr(self, "_jupyter_current_user", self) is None:
            raise self._unauthenticated()
        super().check_xsrf_cookie()

    async def authorize(self, route: Route) -> None:
        """Check that the user may carry out an operation.

        Raises
        ------
        Forbidden
            If the server's authorizer says no.
        """
        wanted = [(str(route.action), f"jupyter_assistants:{route.resource}")]
        if route.action == "execute" or route.resource == "kernels":
            # A run executes code, and who sees variables sees what code could: who may not use
            # kernels gets no detour around that.
            wanted.append(("execute", "kernels"))
        for action, resource in wanted:
            # Not @authorized: on an inherited verb that asks for what its first caller asked.
            allowed = self.authorizer.is_authorized(self, self._user, action, resource)
            if isinstance(allowed, Awaitable):
                allowed = await allowed
            if not allowed:
                raise Forbidden(f"You are not allowed to {action} {resource} on this server.")
        if route.operation == "open_file":
            # As Jupyter's own /files: no site may include the user's files in its pages.
            self.check_xsrf_cookie()

    # -- errors ----------------------------------------------------------------------------------

    def answer_error(self, error: AssistantsError) -> None:
        """Answer an error, unless something has been answered already."""
        if self._finished:
            return
        if self._headers_written:
            raise error
        if isinstance(error, Unauthenticated) and self._is_page:
            # A link that was kept for long, in a browser whose login is over.
            self.redirect(url_concat(self.settings["login_url"], {"next": self.request.uri}))
            return
        self.set_status(error.status)
        if isinstance(error, Unauthenticated):
            self.set_header("WWW-Authenticate", "Bearer")
        self.finish(error.body())

    @property
    def _is_page(self) -> bool:
        """Return whether a person looks at the answer."""
        accepted = self.request.headers.get("Accept", "")
        return bool(PAGE.search(self.api_path)) and "text/html" in accepted

    def translate(self, error: BaseException | None) -> AssistantsError:
        """Return any error in the API's shape, without internals."""
        if isinstance(error, AssistantsError):
            return error
        if isinstance(error, web.HTTPError):
            return self._translate_http(error)
        if isinstance(error, OSError):
            self.log.error("%s: the body could not be kept: %s", self.request_id, error)
            return StorageError("The server could not write the body of your request to its disk.")
        return AssistantsError(
            "The server had an error while processing your request. Its log names the cause "
            f"under {self.request_id}."
        )

    def _translate_http(self, error: web.HTTPError) -> AssistantsError:
        if error.status_code == 405:
            return MethodNotAllowed(f"Not allowed to {self.request.method} on /v1{self.api_path}.")
        if error.status_code == 404:
            return NotFound(f"Invalid URL ({self.request.method} /v1{self.api_path})")
        if error.status_code == 400:
            return InvalidRequest("We could not read your request.")
        if error.status_code == 403:
            return self._forbidden(error)
        return self.translate(None)

    def _forbidden(self, error: web.HTTPError) -> AssistantsError:
        if getattr(self, "_jupyter_current_user", None) is None:
            return self._unauthenticated()
        text = error.get_message() or "You are not allowed to do this."
        if not self.identity_provider.auth_enabled:
            text += " This server runs without a token: start it with one for programs to use it."
        return Forbidden(text)

    def _unauthenticated(self) -> Unauthenticated:
        key = presented_key(self.request)
        hint = "Use this Jupyter server's token (`jupyter server list` shows it) as the API key."
        if not key:
            return Unauthenticated(f"You didn't provide an API key. {hint}")
        return Unauthenticated(
            f"Incorrect API key provided: {masked(key)}. {hint}", code="invalid_api_key"
        )

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error that tornado caught, in the API's shape."""
        _, error, _ = kwargs.get("exc_info") or (None, None, None)
        self.answer_error(self.refusal or self.translate(error))

    def log_exception(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """Log what nobody expected, under the request's id and without headers or the query."""
        if isinstance(error, (AssistantsError, web.HTTPError)):
            return
        request = f"{self.request.method} {self.request.path}"
        exc_info = (kind, error, trace) if error is not None else None
        self.log.error("%s: %s failed", self.request_id, request, exc_info=exc_info)
