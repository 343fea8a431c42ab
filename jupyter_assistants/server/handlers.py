"""The one handler: who asks, whether they may, which operation, and every kind of answer."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from jupyter_server import CallContext
from jupyter_server.auth.identity import User
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.http1connection import HTTP1Connection

from jupyter_assistants.errors import (
    AssistantsError,
    Forbidden,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    StoreError,
    TooLarge,
    Unauthenticated,
)
from jupyter_assistants.routes import STREAMED, Route, find, perform
from jupyter_assistants.server import downloads, streams
from jupyter_assistants.server.bodies import MAX_JSON_BYTES, Body, JsonBody, NoBody
from jupyter_assistants.server.identity import PREFIX, masked, owner_of, presented_key
from jupyter_assistants.server.uploads import MAX_FORM_BYTES, Upload, too_large

if TYPE_CHECKING:
    from jupyter_assistants.server.app import JupyterAssistantsApp
    from jupyter_assistants.service import Service

POLL_AFTER_MS = 100

# A refusal is answered behind the request's body if that is at most this long: a connection that
# is closed while the client still sends may lose the answer on its way.
_PATIENCE = 1024 * 1024


@web.stream_request_body
class AssistantsHandler(APIHandler):
    """Answers everything under ``<server>/assistants/v1``."""

    auth_resource = "jupyter_assistants"

    def initialize(self, app: JupyterAssistantsApp) -> None:
        """Take the extension that the handler belongs to."""
        self._app = app
        self._route: Route | None = None
        self._names: dict[str, str] = {}
        self._body: Body = NoBody()
        self._refusal: AssistantsError | None = None
        self._gone = asyncio.Event()

    @cached_property
    def request_id(self) -> str:
        """The id that the answer carries and the log names."""
        return f"req_{uuid.uuid4().hex}"

    def set_default_headers(self) -> None:
        """Set Jupyter's headers, and the request's id."""
        super().set_default_headers()
        self.set_header("x-request-id", self.request_id)

    # -- before the body -------------------------------------------------------------------------

    async def prepare(self) -> None:  # type: ignore[override]  # as that of APIHandler
        """Decide, before the body is read, whether and where to the request goes."""
        # Polling must not keep an idle server from being culled; starting a run must.
        self._track_activity = self.request.method not in ("GET", "HEAD")
        try:
            await self._admit()
        except (AssistantsError, web.HTTPError) as error:
            self._refusal = self._translate(error)
            if self._declared_length > _PATIENCE:
                self._answer_error(self._refusal)

    async def _admit(self) -> None:
        if self.request.method == "OPTIONS":
            await super().prepare()
            return
        await self._identify()
        self._route, self._names = find(str(self.request.method), self._path)
        await self._authorize(self._route)
        self._body = await self._body_of(self._route)

    async def _identify(self) -> None:
        if not self.check_host():
            raise Forbidden("This server does not answer to the Host of your request.")
        if "Authorization" not in self.request.headers and "api-key" in self.request.headers:
            # Azure's clients present the same key under another name.
            self.request.headers["Authorization"] = f"Bearer {self.request.headers['api-key']}"
        if self._app.kernel_key is not None and self._app.kernel_key.opens(self.request):
            CallContext.set(CallContext.JUPYTER_HANDLER, self)
            # As for Jupyter's token: no browser adds this key by itself, so no XSRF check.
            self._token_authenticated = True
            self.current_user = self._jupyter_current_user = self._app.kernel_key.user
            self.set_cors_headers()
            return
        await super().prepare()
        if self.current_user is None:
            raise self._unauthenticated()

    def check_xsrf_cookie(self) -> None:
        """Refuse cross-site requests; without any credentials the answer is 401 all the same."""
        if getattr(self, "_jupyter_current_user", self) is None:
            raise self._unauthenticated()
        super().check_xsrf_cookie()

    async def _authorize(self, route: Route) -> None:
        wanted = [(str(route.action), f"jupyter_assistants:{route.resource}")]
        if route.action == "execute":
            # A run executes code: who may not use kernels gets no detour around that.
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

    async def _body_of(self, route: Route) -> Body:
        if route.operation == "create_file":
            self._allow_body(MAX_FORM_BYTES, too_large())
            service = await self._app.ready()
            return Upload(self.request.headers.get("Content-Type", ""), service.write_file)
        if route.body is not None:
            text = f"The JSON body of your request has more than {MAX_JSON_BYTES} bytes."
            self._allow_body(MAX_JSON_BYTES, TooLarge(text))
            return JsonBody()
        return NoBody()

    def _allow_body(self, limit: int, error: AssistantsError) -> None:
        if self._declared_length > limit:
            raise error
        # One byte more: a body without a declared length is refused by us, in the API's words.
        cast(HTTP1Connection, self.request.connection).set_max_body_size(limit + _PATIENCE)

    # -- the body --------------------------------------------------------------------------------

    async def data_received(self, chunk: bytes) -> None:
        """Hand the next bytes of the body on; an error is kept for the answer."""
        try:
            await self._body.take(chunk)
        except (AssistantsError, OSError) as error:
            self._refusal = self._refusal or self._translate(error)
            body, self._body = self._body, NoBody()
            await body.close()

    def on_connection_close(self) -> None:
        """End what only this client was interested in; never a run."""
        super().on_connection_close()
        self._gone.set()
        self._app.spawn(self._body.close())

    # -- the answer ------------------------------------------------------------------------------

    async def _serve(self) -> None:
        try:
            await self._answer()
        except AssistantsError as error:
            await self._body.close()
            self._answer_error(error)
        finally:
            await self._body.close()

    get = web.authenticated(_serve)
    head = web.authenticated(_serve)
    post = web.authenticated(_serve)
    put = web.authenticated(_serve)
    patch = web.authenticated(_serve)
    delete = web.authenticated(_serve)

    async def _answer(self) -> None:
        if self._refusal is not None or self._route is None:
            raise self._refusal or NotFound(f"Invalid URL ({self.request.method} /v1{self._path})")
        service, route = await self._app.ready(), self._route
        if route.operation == "open_file":
            await service.check_parents(self._owner, self._names)
            file, content = await service.open_file(self._owner, **self._names)
            await downloads.send(cast(downloads.Response, self), file, content)
            return
        if isinstance(self._body, Upload):
            form = await self._body.finish()
            result = await service.create_file(self._owner, form.filename, form.body, form.blob)
        else:
            body = await self._json(service)
            result = await perform(
                service, self._owner, route, self._names, query=self._query, body=body
            )
            if route.operation in STREAMED:
                await self._answer_run(result, streamed=body.get("stream") is True)
                return
        if route.poll:
            self.set_header("openai-poll-after-ms", str(POLL_AFTER_MS))
        self.finish(_wire(result))

    async def _json(self, service: Service) -> dict[str, Any]:
        if not isinstance(self._body, JsonBody):
            return {}
        try:
            return await self._body.value()
        except InvalidRequest:
            # The ids of the path are checked before the body (protocol.md section 9.4).
            await service.check_parents(self._owner, dict(self._names))
            raise

    async def _answer_run(self, started: Any, *, streamed: bool) -> None:
        if not streamed:
            self.finish(started.run.wire())
            return
        # Counted when it starts: at its end the run may have been over for long.
        self.update_api_activity()
        self._track_activity = False
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Accel-Buffering", "no")
        # Small frames would otherwise wait for the client's delayed acknowledgement, and the
        # first token with them.
        cast(HTTP1Connection, self.request.connection).stream.set_nodelay(True)
        await streams.send(
            cast(streams.Response, self), started.log.read(started.start), self._gone
        )

    # -- errors ----------------------------------------------------------------------------------

    def _answer_error(self, error: AssistantsError) -> None:
        if self._finished:
            return
        self.set_status(error.status)
        if isinstance(error, Unauthenticated):
            self.set_header("WWW-Authenticate", "Bearer")
        self.finish(error.body())

    def _translate(self, error: BaseException | None) -> AssistantsError:
        """Give any error in the API's shape, without internals."""
        if isinstance(error, AssistantsError):
            return error
        if isinstance(error, web.HTTPError):
            return self._translate_http(error)
        if isinstance(error, OSError):
            self.log.error("%s: the body could not be kept: %s", self.request_id, error)
            return StoreError("The server could not write the body of your request to its disk.")
        return AssistantsError(
            "The server had an error while processing your request. Its log names the cause "
            f"under {self.request_id}."
        )

    def _translate_http(self, error: web.HTTPError) -> AssistantsError:
        if error.status_code == 405:
            return MethodNotAllowed(f"Not allowed to {self.request.method} on /v1{self._path}.")
        if error.status_code == 404:
            return NotFound(f"Invalid URL ({self.request.method} /v1{self._path})")
        if error.status_code == 400:
            return InvalidRequest("We could not read your request.")
        if error.status_code == 403:
            return self._forbidden(error)
        return self._translate(None)

    def _forbidden(self, error: web.HTTPError) -> AssistantsError:
        if getattr(self, "_jupyter_current_user", None) is None:
            return self._unauthenticated()
        return Forbidden(error.get_message() or "You are not allowed to do this.")

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
        self._answer_error(self._refusal or self._translate(error))

    def log_exception(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """Log what nobody expected, under the request's id and without headers or the query."""
        if isinstance(error, (AssistantsError, web.HTTPError)):
            return
        request = f"{self.request.method} {self.request.path}"
        exc_info = (kind, error, trace) if error is not None else None
        self.log.error("%s: %s failed", self.request_id, request, exc_info=exc_info)

    # -- parts of the request --------------------------------------------------------------------

    @property
    def _user(self) -> User:
        return cast(User, self.current_user)

    @property
    def _owner(self) -> str:
        return owner_of(self.identity_provider, self._user)

    @property
    def _path(self) -> str:
        # Not a group of the route's pattern: tornado would decode it, and %2F became a slash.
        return str(self.request.path)[len(self.base_url.rstrip("/")) + len(PREFIX) :]

    @property
    def _declared_length(self) -> int:
        declared = self.request.headers.get("Content-Length", "0")
        return int(declared) if declared.isascii() and declared.isdecimal() else 0

    @property
    def _query(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, raw in self.request.query_arguments.items():
            values = [value.decode(errors="replace") for value in raw]
            is_array = name.endswith("[]")
            found[name.removesuffix("[]")] = values if is_array else values[-1]
        return found


def _wire(result: Any) -> dict[str, Any]:
    if isinstance(result, list):
        return {"object": "list", "data": [each.wire() for each in result]}
    wire: dict[str, Any] = result.wire()
    return wire
