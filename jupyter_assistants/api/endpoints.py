"""Endpoints: the known ones, and connecting one with a click. Extension."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.api import connections
from jupyter_assistants.api.answers import Listing
from jupyter_assistants.api.model_catalog import DEMO, ModelCatalog
from jupyter_assistants.config import Settings
from jupyter_assistants.models.addresses import host_of, is_local
from jupyter_assistants.models.dialects import DIALECTS
from jupyter_assistants.models.local_servers import LocalServer, find_servers
from jupyter_assistants.models.model_names import generates_text
from jupyter_assistants.protocol.endpoints import ConnectEndpoint, ListedEndpoint
from jupyter_assistants.protocol.errors import Forbidden, InvalidRequest, NotFound

HOW_TO_KEY = (
    "There is no key for {title} in ${variable}, in the keyring (keyring set jupyter-assistants "
    "{name}) or in keys.json."
)


@dataclass(frozen=True)
class Endpoints:
    """Operations on endpoints."""

    models: ModelCatalog
    settings: Settings

    async def list(self) -> Listing[ListedEndpoint]:
        """Return the known endpoints: connected, offered or absent. Extension."""
        found = {server.dialect: server for server in await self._servers()}
        keyed = await asyncio.to_thread(self.models.find_keys)
        names = [
            *self.models.endpoints,
            *(name for name in DIALECTS if DIALECTS[name].local),
            *sorted(self.models.connected),
        ]
        listed = [self._listed(name, found, keyed) for name in dict.fromkeys(names)]
        order = ("connected", "offered", "absent")
        return Listing(sorted(listed, key=lambda each: order.index(each.status)))

    async def connect(self, endpoint: str, body: ConnectEndpoint) -> ListedEndpoint:
        """Connect an endpoint that is offered. Extension.

        Raises
        ------
        NotFound
            If no endpoint of this name is known here.
        InvalidRequest
            If its key or its server is missing.
        Forbidden
            If the administrator connects them.
        """
        self._check_may_choose()
        async with self.models.choosing:
            if endpoint not in self.models.connected:
                await self._connect(endpoint)
            await self._choose_default(endpoint, body.model)
        return await self._now(endpoint)

    async def disconnect(self, endpoint: str) -> ListedEndpoint:
        """Disconnect an endpoint. Runs that use it go on. Extension.

        Raises
        ------
        NotFound
            If no endpoint of this name is known here.
        Forbidden
            If the administrator connected it, or a plug-in brings it.
        """
        self._check_may_choose()
        async with self.models.choosing:
            self._check_known(endpoint)
            if endpoint in self.models.connected:
                self._check_may_disconnect(endpoint)
                await self._disconnect(endpoint)
        return await self._now(endpoint)

    async def _now(self, name: str) -> ListedEndpoint:
        servers = {server.dialect: server for server in await self._servers()}
        return self._listed(name, servers, await asyncio.to_thread(self.models.find_keys))

    def _check_may_choose(self) -> None:
        if not self.settings.allow_connecting:
            text = "The administrator connects the endpoints here (allow_connecting is off)."
            raise Forbidden(text, code="connecting_not_allowed")

    def _check_known(self, name: str) -> None:
        if name not in {*DIALECTS, *self.models.endpoints, *self.models.connected}:
            raise NotFound(f"No endpoint is called '{name}'. Known are: {', '.join(DIALECTS)}.")

    def _check_may_disconnect(self, name: str) -> None:
        origin = self.models.by(name)
        if origin == "configuration":
            text = f"The endpoint '{name}' is in c.JupyterAssistantsApp.providers: take it out "
            raise Forbidden(text + "there, and restart the server.")
        if origin == "plugin":
            text = f"The endpoint '{name}' comes with a plug-in: uninstall its package, and "
            raise Forbidden(text + "restart the server.")

    async def _connect(self, name: str) -> None:
        self._check_known(name)
        choices = self.models.choices
        keyed = await asyncio.to_thread(self.models.find_keys)
        if name in DIALECTS and DIALECTS[name].local:
            server = next((each for each in await self._servers() if each.dialect == name), None)
            if server is None:
                raise InvalidRequest(_missing_server(name), code="endpoint_not_found")
            ports = {**choices.ports, name: server.port}
            choices = dataclasses.replace(choices, ports=ports)
            endpoint = connections.local_endpoint(name, server.port)
        elif name in keyed and name in self.models.endpoints:
            choices = dataclasses.replace(choices, off=choices.off - {name})
            endpoint = self.models.endpoints[name]
        else:
            raise InvalidRequest(self._missing_key(name), code="no_key")
        await asyncio.to_thread(connections.write_choices, self.settings.data_dir, choices)
        self.models.connect(name, endpoint, keyed.get(name), choices)

    async def _disconnect(self, name: str) -> None:
        choices = self.models.choices
        ports = {each: port for each, port in choices.ports.items() if each != name}
        off = choices.off if name in choices.ports else choices.off | {name}
        default = choices.default_model
        default = "" if default.startswith(f"{name}/") else default
        choices = connections.Choices(ports, off, default)
        await asyncio.to_thread(connections.write_choices, self.settings.data_dir, choices)
        self.models.disconnect(name, choices)

    async def _choose_default(self, name: str, model: str | None) -> None:
        if model is None and (self.models.default != DEMO or self.settings.default_model):
            return
        listed = [each for each in await self.models.names(name) if generates_text(each)]
        if model is not None and listed and model not in listed:
            text = (
                f"The endpoint '{name}' has no model '{model}'. It has: {', '.join(listed[:20])}."
            )
            raise InvalidRequest(text, param="model")
        chosen = model or next(iter(listed), None)
        if chosen is None:
            return
        choices = dataclasses.replace(self.models.choices, default_model=f"{name}/{chosen}")
        await asyncio.to_thread(connections.write_choices, self.settings.data_dir, choices)
        self.models.choices = choices

    async def _servers(self) -> Sequence[LocalServer]:
        """Return the model servers that answer on this machine, if they may be offered."""
        if not self.settings.offer_local_servers:
            return []
        return await find_servers(self.models.local_ports)

    def _listed(
        self, name: str, servers: dict[str, LocalServer], keyed: dict[str, str]
    ) -> ListedEndpoint:
        dialect, endpoint = DIALECTS.get(name), self.models.endpoints.get(name)
        address = (endpoint.base_url if endpoint else None) or (dialect and dialect.base_url)
        local = dialect.local if dialect else is_local(address) if address else False
        title = dialect.title if dialect else name
        connected = name in self.models.connected
        ready = name in servers or (name in keyed and endpoint is not None)
        if not connected and name in servers:
            address = servers[name].base_url
        missing = None
        if not connected and not ready:
            served_here = dialect is not None and dialect.local
            missing = _missing_server(name) if served_here else self._missing_key(name)
        default = self.models.default
        return ListedEndpoint(
            id=name,
            title=title,
            status="connected" if connected else "offered" if ready else "absent",
            by=self.models.by(name) if connected else None,
            host=host_of(address) if address else None,
            local=local,
            default_model=default if default.startswith(f"{name}/") else None,
            why=missing,
        )

    def _missing_key(self, name: str) -> str:
        dialect, endpoint = DIALECTS.get(name), self.models.endpoints.get(name)
        title = dialect.title if dialect else name
        if dialect is not None and dialect.url_env and not dialect.base_url and endpoint is None:
            return f"Put the address of {title} into the variable {dialect.url_env} of the server's environment."
        variable = (endpoint and endpoint.api_key_env) or (dialect and dialect.key_env) or "…"
        return HOW_TO_KEY.format(title=title, variable=variable, name=name)


def _missing_server(name: str) -> str:
    dialect = DIALECTS[name]
    ports = " or ".join(map(str, dialect.ports))
    return f"No {dialect.title} answers on this machine (port {ports}): start it there."
