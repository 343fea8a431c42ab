"""The extension of Jupyter Server that holds the service and answers its requests."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from traitlets import Dict

from jupyter_assistants.config import AssistantsTraits
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.redaction import remember
from jupyter_assistants.server import metrics
from jupyter_assistants.server.handler import AssistantsHandler
from jupyter_assistants.server.identity import PREFIX, PREFIXES, KernelKey, tells_users_apart
from jupyter_assistants.server.startup import Startup

if TYPE_CHECKING:
    from jupyter_assistants.api import Service

URL_VARIABLE = "JUPYTER_ASSISTANTS_URL"
KEY_VARIABLE = "JUPYTER_ASSISTANTS_KEY"
SERVER_VARIABLE = "JUPYTER_ASSISTANTS_SERVER_PID"
"""Which server set the other two."""

_EVERYWHERE = frozenset({"", "*", "0.0.0.0", "::", "localhost", "127.0.0.1"})


class JupyterAssistantsApp(AssistantsTraits, ExtensionApp):
    """The Assistants API on a Jupyter server."""

    name = "jupyter_assistants"
    description = "The Assistants API at <server>/assistants/v1."

    # ExtensionApp's trait of this name, which AssistantsTraits.settings would hide.
    settings = Dict(help="Settings of the web application.").tag(config=True)  # type: ignore[assignment]

    kernel_key: KernelKey | None = None
    """The key that kernels of this server present; None before it runs, and where there is none."""

    _startup: Startup | None = None
    _tasks: set[asyncio.Future[Any]]

    def initialize_settings(self) -> None:
        """Build the service here, so that a wrong configuration stops the start."""
        from jupyter_assistants.api import build

        settings = AssistantsTraits.settings(self)
        self._startup = Startup(
            partial(build, settings, server_kernels=self._server.kernel_manager)
        )
        self._startup.build()
        self._tasks = set()
        metrics.publish()

    def initialize_handlers(self) -> None:
        """Answer every path under the API's prefixes."""
        for prefix in PREFIXES:
            self.handlers.append((rf"{prefix}(?:/.*)?", AssistantsHandler, {"app": self}))

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Recover from a crash once the server's event loop runs, and log the address."""
        self._export_to_kernels()
        self._hide_own_secrets()
        assert self._startup is not None
        service = await self._startup.start()
        address = url_path_join(serverapp.connection_url, PREFIX)
        if service is None:
            serverapp.log.error(
                "jupyter_assistants: %s answers 503 until its database can be used", address
            )
            return
        model = service.models.default
        serverapp.log.info("jupyter_assistants: %s, default model: %s", address, model)

    async def stop_extension(self) -> None:
        """Close the service."""
        if self.kernel_key is not None:
            os.environ.pop(URL_VARIABLE, None)
            os.environ.pop(KEY_VARIABLE, None)
            os.environ.pop(SERVER_VARIABLE, None)
        if self._startup is None:
            return
        try:
            await self._startup.close()
        except AssistantsError:
            # Raised again, it would keep the server from shutting down the user's kernels.
            self._server.log.exception("jupyter_assistants: the service did not close in order")

    async def ready(self) -> Service:
        """Return the service, started; see :meth:`.Startup.ready`."""
        assert self._startup is not None
        return await self._startup.ready()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start work that no request waits for."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def _server(self) -> ServerApp:
        assert self.serverapp is not None
        return self.serverapp

    def _hide_own_secrets(self) -> None:
        """Have the keys to this server masked wherever it masks secrets; no variable holds them."""
        server = self._server
        cookies = server.cookie_secret
        remember(
            [
                str(getattr(server.identity_provider, "token", "") or ""),
                self.kernel_key.secret if self.kernel_key is not None else "",
                cookies.decode("latin-1") if isinstance(cookies, bytes) else "",
                base64.encodebytes(cookies or b"").decode().strip(),
            ]
        )

    def _export_to_kernels(self) -> None:
        """Set this server's address and a key in the environment that kernels inherit."""
        _drop_inherited_address()
        server = self._server
        if tells_users_apart(server.identity_provider) or server.ip not in _EVERYWHERE:
            return
        if server.sock or not server.port:
            return
        self.kernel_key = KernelKey()
        scheme = "https" if server.certfile else "http"
        host = "[::1]" if ":" in server.ip else "127.0.0.1"
        root = f"{scheme}://{host}:{server.port}"
        os.environ[URL_VARIABLE] = url_path_join(root, server.base_url)
        os.environ[KEY_VARIABLE] = self.kernel_key.secret
        os.environ[SERVER_VARIABLE] = str(os.getpid())


def _drop_inherited_address() -> None:
    """Drop the address of another server, from whose terminal or kernel this one was started.

    Kernels of this server would connect to that one, and find its threads instead of ours. An address
    that a person configured has no such mark, and stays.
    """
    if os.environ.get(SERVER_VARIABLE, str(os.getpid())) != str(os.getpid()):
        for name in (URL_VARIABLE, KEY_VARIABLE, SERVER_VARIABLE):
            os.environ.pop(name, None)
