"""The one handler: receives a request, has its operation carried out, and answers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from tornado import web
from tornado.http1connection import HTTP1Connection

from jupyter_assistants.api.dispatch import check_path, find, perform
from jupyter_assistants.api.route import Route
from jupyter_assistants.protocol.errors import AssistantsError, InvalidRequest, TooLarge
from jupyter_assistants.protocol.event_queries import EventQuery
from jupyter_assistants.server.bodies import (
    MAX_JSON_BYTES,
    BodyContent,
    BodyReceiver,
    IgnoredBody,
    JsonBody,
)
from jupyter_assistants.server.form_bodies import FormBody
from jupyter_assistants.server.guard import GuardedHandler
from jupyter_assistants.server.responders import RESPONDERS
from jupyter_assistants.server.responses import Response

if TYPE_CHECKING:
    from jupyter_assistants.api import Service
    from jupyter_assistants.server.app import JupyterAssistantsApp

POLL_AFTER_MS = 100
_RESUME = "Last-Event-ID"

# A refusal is answered after the request's body if that is at most this long: a connection that
# is closed while the client still sends may lose the answer on its way.
_PATIENCE = 1024 * 1024
_TOO_LONG = "The body of your request has more than {} bytes."


@web.stream_request_body
class AssistantsHandler(GuardedHandler):
    """The handler of everything under ``<server>/assistants/v1``."""

    def initialize(self, app: JupyterAssistantsApp) -> None:
        """Set the extension that the handler belongs to."""
        super().initialize(app)
        self._route: Route | None = None
        self._names: dict[str, str] = {}
        self._body: BodyReceiver = IgnoredBody()
        self.gone = asyncio.Event()

    # -- before the body -------------------------------------------------------------------------

    async def prepare(self) -> None:  # type: ignore[override]  # as that of APIHandler
        """Decide, before the body is read, whether the request is accepted and by what."""
        # Polling must not keep an idle server from being culled; starting a run must.
        self._track_activity = self.request.method not in ("GET", "HEAD")
        try:
            await self._admit()
        except (AssistantsError, web.HTTPError) as error:
            self.refusal = self.translate(error)
            self._limit_body(_PATIENCE)
            if self._declared_length > _PATIENCE:
                self.answer_error(self.refusal)

    async def _admit(self) -> None:
        if self.request.method == "OPTIONS":
            await super().prepare()
            return
        # In this order: without a key a client learns nothing about paths, and without the right
        # nothing about objects.
        await self.identify()
        self._route, self._names = find(str(self.request.method), self.api_path)
        await self.authorize(self._route)
        self._body = await self._receiver_of(self._route)

    async def _receiver_of(self, route: Route) -> BodyReceiver:
        if form := route.form:
            self._limit_body(form.longest, form.too_large(form.limit))
            service = await self.app.ready()
            # Now, not after half a gigabyte was sent for an upload that does not exist.
            await check_path(service, self.owner, self._names)
            content_type = self.request.headers.get("Content-Type", "")
            return FormBody(content_type, service.storage.write_file, form, route.fields)
        if route.body is not None:
            self._limit_body(MAX_JSON_BYTES, TooLarge(_TOO_LONG.format(MAX_JSON_BYTES)))
            return JsonBody()
        self._limit_body(_PATIENCE, TooLarge(_TOO_LONG.format(_PATIENCE)))
        return IgnoredBody()

    def _limit_body(self, limit: int, error: AssistantsError | None = None) -> None:
        if error is not None and self._declared_length > limit:
            raise error
        # A little more than the limit: a body without a declared length is refused by us, in the
        # API's words, before tornado hangs up on it.
        cast(HTTP1Connection, self.request.connection).set_max_body_size(limit + _PATIENCE)

    # -- the body --------------------------------------------------------------------------------

    async def data_received(self, chunk: bytes) -> None:
        """Pass the next bytes of the body on; an error waits for the answer."""
        try:
            await self._body.receive(chunk)
        except (AssistantsError, OSError) as error:
            self.refusal = self.refusal or self.translate(error)
            body, self._body = self._body, IgnoredBody()
            await body.close()

    def on_connection_close(self) -> None:
        """Stop what only this client was interested in; never a run."""
        super().on_connection_close()
        self.gone.set()
        self.app.spawn(self._body.close())

    # -- the answer ------------------------------------------------------------------------------

    async def _serve(self) -> None:
        try:
            await self._answer()
        except AssistantsError as error:
            await self._body.close()
            self.answer_error(error)
        finally:
            await self._body.close()

    get = web.authenticated(_serve)
    head = web.authenticated(_serve)
    post = web.authenticated(_serve)
    put = web.authenticated(_serve)
    patch = web.authenticated(_serve)
    delete = web.authenticated(_serve)

    async def _answer(self) -> None:
        if self.refusal is not None or self._route is None:
            raise self.refusal or self.unknown_path()
        service, route, query = await self.app.ready(), self._route, self._query
        content = await self._content(service)
        result = await perform(
            service,
            self.owner,
            route,
            self._names,
            query=query,
            body=content.json,
            received=content.file,
            key=self.request.headers.get("Idempotency-Key"),
        )
        if route.poll:
            self.set_header("openai-poll-after-ms", str(POLL_AFTER_MS))
        respond = RESPONDERS[route.answer_to(query, content.json)]
        await respond(cast(Response, self), result)

    async def _content(self, service: Service) -> BodyContent:
        try:
            return await self._body.finish()
        except InvalidRequest:
            # An unknown id in the path comes before a wrong body
            # (docs/internals/protocol.md, "Requests and validation").
            await check_path(service, self.owner, self._names)
            raise

    def start_stream(self) -> None:
        """Prepare the connection for events."""
        self.streaming = True
        # Counted when it starts: at its end the run may have been over for long.
        self.update_api_activity()
        self._track_activity = False
        # Small frames would otherwise wait for the client's delayed acknowledgement, and the
        # first token with them.
        cast(HTTP1Connection, self.request.connection).stream.set_nodelay(True)

    # -- parts of the request --------------------------------------------------------------------

    @property
    def _declared_length(self) -> int:
        declared = self.request.headers.get("Content-Length", "0")
        return int(declared) if re.fullmatch("[0-9]{1,18}", declared) else 0

    @property
    def _query(self) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for read, raw in self.request.query_arguments.items():
            # Tornado decodes the values of a query nowhere, and its names as Latin-1.
            name = read.encode("latin-1").decode(errors="replace")
            values = [value.decode(errors="replace") for value in raw]
            # A pair of a set that comes twice stays two values, which validation refuses.
            several = name.endswith("[]") or (name.endswith("]") and len(values) > 1)
            found[name.removesuffix("[]")] = values if several else values[-1]
        if self._route and self._route.query is EventQuery and _RESUME in self.request.headers:
            found.setdefault("after", self.request.headers[_RESUME])
        return found
