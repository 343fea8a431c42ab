"""The one handler: takes a request in, has its operation carried out, and answers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, cast

from tornado import web
from tornado.http1connection import HTTP1Connection

from jupyter_assistants.api.routes import STREAMED, Route, find, perform
from jupyter_assistants.protocol.documents import DocumentPage
from jupyter_assistants.protocol.errors import AssistantsError, InvalidRequest, NotFound, TooLarge
from jupyter_assistants.protocol.event_queries import EventQuery
from jupyter_assistants.protocol.events import Event, Feed
from jupyter_assistants.protocol.thread_exports import Exported
from jupyter_assistants.protocol.vector_stores import FileContent
from jupyter_assistants.server import documents, downloads, streams
from jupyter_assistants.server.bodies import MAX_JSON_BYTES, Body, JsonBody, NoBody
from jupyter_assistants.server.guard import GuardedHandler
from jupyter_assistants.server.uploads import FORMS, Upload, Uploaded

if TYPE_CHECKING:
    from jupyter_assistants.api import Service
    from jupyter_assistants.server.app import JupyterAssistantsApp

POLL_AFTER_MS = 100
_RESUME = "Last-Event-ID"

# A refusal is answered behind the request's body if that is at most this long: a connection that
# is closed while the client still sends may lose the answer on its way.
_PATIENCE = 1024 * 1024
_TOO_LONG = "The body of your request has more than {} bytes."


@web.stream_request_body
class AssistantsHandler(GuardedHandler):
    """Answers everything under ``<server>/assistants/v1``."""

    def initialize(self, app: JupyterAssistantsApp) -> None:
        """Take the extension that the handler belongs to."""
        super().initialize(app)
        self._route: Route | None = None
        self._names: dict[str, str] = {}
        self._body: Body = NoBody()
        self._gone = asyncio.Event()
        self._streaming = False

    # -- before the body -------------------------------------------------------------------------

    async def prepare(self) -> None:  # type: ignore[override]  # as that of APIHandler
        """Decide, before the body is read, whether and where to the request goes."""
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
        await self.identify()
        self._route, self._names = find(str(self.request.method), self.api_path)
        await self.authorize(self._route)
        self._body = await self._body_of(self._route)

    async def _body_of(self, route: Route) -> Body:
        if form := FORMS.get(route.operation):
            self._limit_body(form.longest, form.too_large(form.limit))
            service = await self.app.ready()
            await service.check_parents(self.owner, self._names)
            return Upload(self.request.headers.get("Content-Type", ""), service.write_file, form)
        if route.body is not None:
            self._limit_body(MAX_JSON_BYTES, TooLarge(_TOO_LONG.format(MAX_JSON_BYTES)))
            return JsonBody()
        self._limit_body(_PATIENCE, TooLarge(_TOO_LONG.format(_PATIENCE)))
        return NoBody()

    def _limit_body(self, limit: int, error: AssistantsError | None = None) -> None:
        if error is not None and self._declared_length > limit:
            raise error
        # A little more than the limit: a body without a declared length is refused by us, in the
        # API's words, before tornado hangs up on it.
        cast(HTTP1Connection, self.request.connection).set_max_body_size(limit + _PATIENCE)

    # -- the body --------------------------------------------------------------------------------

    async def data_received(self, chunk: bytes) -> None:
        """Hand the next bytes of the body on; an error is kept for the answer."""
        try:
            await self._body.take(chunk)
        except (AssistantsError, OSError) as error:
            self.refusal = self.refusal or self.translate(error)
            body, self._body = self._body, NoBody()
            await body.close()

    def on_connection_close(self) -> None:
        """End what only this client was interested in; never a run."""
        super().on_connection_close()
        self._gone.set()
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
            raise self.refusal or NotFound(
                f"Invalid URL ({self.request.method} /v1{self.api_path})"
            )
        service, route = await self.app.ready(), self._route
        if route.operation == "open_file":
            await service.check_parents(self.owner, self._names)
            file, content = await service.open_file(self.owner, **self._names)
            await downloads.send(cast(downloads.Response, self), file, content)
            return
        if isinstance(self._body, Upload):
            result = await self._keep(service, route, await self._body.finish())
        else:
            body = await self._json_body(service)
            result = await perform(
                service, self.owner, route, self._names, query=self._query, body=body, key=self._key
            )
            if isinstance(result, Feed):
                await self._stream(result.events)
                return
            if isinstance(result, Exported):
                downloads.name(cast(downloads.Response, self), result.filename, result.mime)
                self.finish(result.data, set_content_type=result.mime)
                return
            if isinstance(result, DocumentPage):
                raw = await asyncio.to_thread(documents.page, result.text)
                documents.set_headers(cast(downloads.Response, self))
                self.finish(raw, set_content_type=documents.MIME)
                return
            if route.operation in STREAMED:
                await self._answer_run(result, streamed=body.get("stream") is True)
                return
        if route.poll:
            self.set_header("openai-poll-after-ms", str(POLL_AFTER_MS))
        # A list or a text can be long, and the event loop serves everybody.
        is_long = route.query is not None or isinstance(result, FileContent)
        raw = await asyncio.to_thread(_json, result) if is_long else _json(result)
        self.finish(raw)

    async def _keep(self, service: Service, route: Route, form: Uploaded) -> Any:
        async def work() -> Any:
            if route.operation == "create_file":
                return await service.create_file(self.owner, form.filename, form.body, form.blob)
            return await service.create_upload_part(self.owner, blob=form.blob, **self._names)

        if self._key is None:
            return await work()
        fields = form.body.model_dump(mode="json") if form.body is not None else {}
        request = [form.filename, fields, form.blob.sha256]
        return await service.once(self.owner, self._key, self.api_path, request, work)

    async def _json_body(self, service: Service) -> dict[str, Any]:
        if not isinstance(self._body, JsonBody):
            return {}
        try:
            return await self._body.value()
        except InvalidRequest:
            # The ids of the path are checked before the body (protocol.md section 9.4).
            await service.check_parents(self.owner, dict(self._names))
            raise

    async def _answer_run(self, started: Any, *, streamed: bool) -> None:
        if not streamed:
            self.finish(started.run.wire())
            return
        await self._stream(started.log.read(started.start))

    async def _stream(self, events: AsyncIterator[Event]) -> None:
        self._streaming = True
        # Counted when it starts: at its end the run may have been over for long.
        self.update_api_activity()
        self._track_activity = False
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Accel-Buffering", "no")
        # Small frames would otherwise wait for the client's delayed acknowledgement, and the
        # first token with them.
        cast(HTTP1Connection, self.request.connection).stream.set_nodelay(True)
        await streams.send(cast(streams.Response, self), events, self._gone)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer an error; in the middle of a stream as its last event (protocol.md section 8.6)."""
        if self._headers_written and self._streaming and not self._finished:
            self.write(streams.frame(Event(-1, "error", self.translate(None).body())))
        super().send_error(status_code, **kwargs)

    # -- parts of the request --------------------------------------------------------------------

    @property
    def _declared_length(self) -> int:
        declared = self.request.headers.get("Content-Length", "0")
        return int(declared) if re.fullmatch("[0-9]{1,18}", declared) else 0

    @property
    def _query(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, raw in self.request.query_arguments.items():
            values = [value.decode(errors="replace") for value in raw]
            # One pair of a set, given twice, stays two values: which one counts is not for us to say.
            several = name.endswith("[]") or (name.endswith("]") and len(values) > 1)
            found[name.removesuffix("[]")] = values if several else values[-1]
        if self._route and self._route.query is EventQuery and _RESUME in self.request.headers:
            found.setdefault("after", self.request.headers[_RESUME])
        return found

    @property
    def _key(self) -> str | None:
        key: str | None = self.request.headers.get("Idempotency-Key")
        return key


def _json(result: Any) -> bytes:
    if isinstance(result, list):
        wire = {"object": "list", "data": [each.wire() for each in result]}
    else:
        wire = result.wire()
    return json.dumps(wire, separators=(",", ":")).encode()
