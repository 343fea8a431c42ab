"""The catalog of models: which one answers to which name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatch
from urllib.parse import urlsplit

from jupyter_assistants.api.answers import Listing
from jupyter_assistants.api.connections import Choices
from jupyter_assistants.config import Endpoint, Settings, is_off
from jupyter_assistants.models.addresses import host_of
from jupyter_assistants.models.base import ModelClient
from jupyter_assistants.models.dialects import DIALECTS, dialect_of
from jupyter_assistants.models.local_servers import PORTS, LocalServer, find_servers
from jupyter_assistants.models.model_names import generates_text
from jupyter_assistants.protocol.endpoints import EndpointOrigin
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound
from jupyter_assistants.protocol.pages import Model, ModelExtension
from jupyter_assistants.runs.context import ResolvedModel

DEMO = "demo"
OPENAI = "openai"
OPENAI_DEFAULT = "gpt-6-luna"
UNLISTED = "default"
"""Asked of a server that lists no models: many have one, and answer to any name."""
LISTED_FOR = 60.0
"""Seconds for which an endpoint's list of models is not fetched again."""
HOW_TO_CONNECT = (
    "To connect one, set OPENAI_API_KEY (and OPENAI_BASE_URL for another endpoint) in the "
    "environment of the Jupyter server, or another vendor's key (MISTRAL_API_KEY, …), or "
    "c.JupyterAssistantsApp.providers."
)


class ModelCatalog:
    """The endpoints of this server and the names of their models.

    Parameters
    ----------
    clients
        By name; ``demo`` is always there. A model is asked for as ``NAME/MODEL``, or as ``MODEL``
        when it is on the endpoint ``openai``.
    connected
        Names of the endpoints that have an address or a key.
    keyed
        Names of the endpoints that have a key.
    local_ports
        Ports on this machine where model servers may listen, with the dialect's name.
    choices
        Endpoints that users connected and disconnected.
    locate_keys
        Returns the current keys and where each was found, by endpoint. Blocking.
    make
        Returns the client of an endpoint, by its name, itself and its key.
    """

    def __init__(
        self,
        settings: Settings,
        clients: Mapping[str, ModelClient],
        connected: frozenset[str],
        *,
        keyed: frozenset[str] = frozenset(),
        local_ports: Mapping[int, str] = PORTS,
        choices: Choices | None = None,
        locate_keys: Callable[[], dict[str, tuple[str, str]]] = dict,
        make: Callable[[str, Endpoint, str | None], ModelClient] | None = None,
    ) -> None:
        self._settings = settings
        self._clients = dict(clients)
        self._connected = connected
        self._keyed = keyed
        self._make = make
        self._retired: list[ModelClient] = []
        self.local_ports = local_ports
        self.locate_keys = locate_keys
        self.choices = choices or Choices()
        self.endpoints = {**settings.endpoints, **self.choices.endpoints()}
        self.choosing = asyncio.Lock()
        """Held while endpoints are connected or disconnected."""
        self._lists: dict[str, tuple[frozenset[str], float]] = {}
        self._first: tuple[str, float] = (UNLISTED, 0.0)

    @property
    def default(self) -> str:
        """Return the name of the default model, as far as it is known without asking a server."""
        if self._settings.default_model:
            return self._settings.default_model
        chosen = self.choices.default_model
        if chosen and chosen.partition("/")[0] in self._connected:
            return chosen
        if self.foreign_host is not None:
            return self._first[0]
        if OPENAI in self._connected and OPENAI in self._keyed:
            return OPENAI_DEFAULT
        return DEMO

    @property
    def foreign_host(self) -> str | None:
        """Return the host of the endpoint ``openai`` if that is not the vendor's, else None.

        ``OPENAI_BASE_URL`` leads to any server, and the vendor's models are not there.
        """
        endpoint = self.endpoints.get(OPENAI)
        url = endpoint.base_url if endpoint is not None and OPENAI in self._connected else None
        return host_of(url) if url and dialect_of(url) != DIALECTS[OPENAI] else None

    @property
    def takes_first(self) -> bool:
        """Return whether the default model is the first one that a foreign host lists."""
        return self.foreign_host is not None and self.default == self._first[0]

    async def find_default(self) -> str:
        """Return the name of the default model, after asking a foreign host for its first one."""
        first, until = self._first
        if self.takes_first and time.monotonic() >= until:
            names = await self._clients[OPENAI].models()
            first = next(filter(generates_text, names), first)
            self._first = (first, time.monotonic() + LISTED_FOR if names else 0.0)
        return self.default

    @property
    def connected(self) -> frozenset[str]:
        """Return the names of the endpoints that are connected."""
        return self._connected

    def by(self, name: str) -> EndpointOrigin:
        """Return the origin of a connection."""
        endpoint = self._settings.endpoints.get(name)
        if endpoint is None:
            # A provider with models of its own is connected without being configured.
            return "person" if name in self.choices.ports else "plugin"
        return "key" if endpoint.shipped else "configuration"

    def connect(self, name: str, endpoint: Endpoint, key: str | None, choices: Choices) -> None:
        """Connect an endpoint."""
        assert self._make is not None
        self._retire(name)
        self._clients[name] = self._make(name, endpoint, key)
        self.endpoints[name] = endpoint
        self._connected |= {name}
        self._keyed |= {name} if key else set()
        self.choices = choices

    def disconnect(self, name: str, choices: Choices) -> None:
        """Disconnect an endpoint; runs that it answers go on."""
        self._connected -= {name}
        self.choices = choices
        if name not in self._settings.endpoints:
            self.endpoints.pop(name, None)

    def _retire(self, name: str) -> None:
        if name in self._clients:
            self._retired.append(self._clients[name])
        self._lists.pop(name, None)

    async def offered(self) -> Sequence[str]:
        """Return the names of servers on this machine that answer and are not connected."""
        return sorted({model.owned_by for model in await self._offers()})

    def find_keys(self) -> dict[str, str]:
        """Return the current keys by endpoint. Blocking."""
        return {name: key for name, (key, _) in self.locate_keys().items()}

    async def problem(self, name: str) -> str | None:
        """Ask a connected endpoint for its models, and return what is wrong with it."""
        await self._clients[name].models()
        return self._clients[name].problem()

    async def names(self, name: str) -> Sequence[str]:
        """Return the names of a connected endpoint's models."""
        return await self._clients[name].models()

    async def resolve(self, name: str) -> ResolvedModel:
        """Return the model that answers when ``name`` is asked for.

        Raises
        ------
        InvalidRequest
            If the administrator does not allow it.
        """
        asked, note = await self._aliased(name)
        resolved = self._find(asked)
        if resolved is None:
            asked = await self.find_default()
            note = f"No endpoint for the model '{name}' is configured; '{asked}' answers. "
            note += HOW_TO_CONNECT
            resolved = self._find(asked) or ResolvedModel(self._clients[DEMO], DEMO)
        self._check_allowed(asked)
        return ResolvedModel(resolved.client, resolved.model, note)

    async def _aliased(self, name: str) -> tuple[str, str | None]:
        """Return the name to ask for, and one sentence if that is another model."""
        if name == "default":
            return await self.find_default(), None
        target, why = _match(self._settings.model_aliases, name), "an alias"
        if target is None and self._connected:
            target, why = await self._instead_of_retired(name), "retired"
        if not target:
            return name, None
        asked = await self.find_default() if target == "default" else target
        same = asked.rpartition("/")[2] == name
        return asked, None if same else f"The model '{name}' is {why}; '{asked}' answers."

    async def _instead_of_retired(self, name: str) -> str | None:
        """Return the model in place of a retired one; the name itself if an endpoint lists it."""
        target = _match(self._settings.retired_models, name)
        if target is None:
            return None
        for endpoint in sorted(self._connected, key=lambda each: each != OPENAI):
            listed = await self._listed(endpoint)
            if name in listed:
                return name if endpoint == OPENAI else f"{endpoint}/{name}"
            if endpoint == OPENAI and not listed and not is_off(name):
                # It lists nothing, and this name may still be served.
                return name
        return target

    async def _listed(self, endpoint: str) -> frozenset[str]:
        known, until = self._lists.get(endpoint, (frozenset(), 0.0))
        if time.monotonic() < until:
            return known
        found = frozenset(await self._clients[endpoint].models())
        self._lists[endpoint] = (found, time.monotonic() + LISTED_FOR)
        return found

    def _find(self, name: str) -> ResolvedModel | None:
        if name == DEMO:
            return ResolvedModel(self._clients[DEMO], DEMO)
        prefix, slash, rest = name.partition("/")
        if slash and prefix in self._connected:
            return ResolvedModel(self._clients[prefix], rest)
        if OPENAI in self._connected:
            return ResolvedModel(self._clients[OPENAI], name)
        return None

    def _check_allowed(self, name: str) -> None:
        allowed = self._settings.allowed_models
        if allowed and not any(fnmatch(name, pattern) for pattern in allowed):
            text = f"The model '{name}' is not allowed here. Allowed are: {', '.join(allowed)}."
            raise InvalidRequest(text, param="model", code="model_not_allowed")

    async def list(self) -> Listing[Model]:
        """Return the models that can be asked for, the default first."""
        names = [DEMO, *sorted(self._connected)]
        *groups, offers = await asyncio.gather(*map(self._of, names), self._offers())
        found = [model for group in groups for model in group]
        known = {model.id for model in found}
        found += [model for model in offers if model.id not in known]
        default = await self.find_default()
        if default not in known:
            found += await self._unlisted_default()
        allowed = self._settings.allowed_models
        if allowed:
            found = [m for m in found if any(fnmatch(m.id, pattern) for pattern in allowed)]
        return Listing(
            sorted(found, key=lambda model: (model.id != default, not model.jupyter.usable))
        )

    async def _of(self, name: str) -> Sequence[Model]:
        """Return the models of one endpoint, or one entry that says what is wrong with it."""
        client = self._clients[name]
        owner = "jupyter_assistants" if name == DEMO else name
        names = await client.models()
        if why := client.problem():
            extension = ModelExtension(usable=False, why=why, endpoint=name)
            return [Model(id=name, owned_by=owner, jupyter=extension)]
        prefix = "" if name in (OPENAI, DEMO) else f"{name}/"
        return [
            Model(id=prefix + each, owned_by=owner, jupyter=await self._described(name, each))
            for each in names
        ]

    async def _unlisted_default(self) -> Sequence[Model]:
        """Return the default model although its endpoint does not list it, or lists nothing."""
        resolved = self._find(self.default)
        if resolved is None:
            return []
        name = resolved.client.id
        extension = await self._described(name, resolved.model)
        if why := resolved.client.problem():
            extension = ModelExtension(usable=False, why=why, endpoint=name)
        return [Model(id=self.default, owned_by=name, jupyter=extension)]

    async def _described(self, name: str, model: str) -> ModelExtension:
        if not generates_text(model):
            why = "It gives images, sound or vectors, and no text."
            return ModelExtension(usable=False, why=why, endpoint=name)
        limits = await self._clients[name].limits(model)
        return ModelExtension(
            window=limits.window,
            window_source=limits.source,
            tools=limits.tools,
            vision=limits.vision,
            endpoint=name,
            advice=limits.advice,
        )

    async def _offers(self) -> Sequence[Model]:
        """Return the models of servers on this machine that nobody has connected."""
        if not self._settings.offer_local_servers:
            return []
        connected = [self.endpoints.get(name) for name in self._connected]
        taken = {urlsplit(each.base_url or "").port for each in connected if each is not None}
        ports = {port: name for port, name in self.local_ports.items() if port not in taken}
        return [
            Model(id=f"{server.dialect}/{model}", owned_by=server.dialect, jupyter=_offer(server))
            for server in await find_servers(ports)
            for model in server.models
        ]

    async def get(self, model: str) -> Model:
        """Return one model.

        Raises
        ------
        NotFound
            If no endpoint lists it.
        """
        for each in (await self.list()).data:
            if each.id == model:
                return each
        raise NotFound.of("model", model)

    async def close(self) -> None:
        """Close the connections to the endpoints."""
        for client in (*self._clients.values(), *self._retired):
            await client.close()


def _offer(server: LocalServer) -> ModelExtension:
    dialect = DIALECTS[server.dialect]
    usual = server.base_url == dialect.base_url
    options = {} if usual else {"base_url": server.base_url}
    why = (
        f"A model server, probably {dialect.title}, answers at {server.base_url} and is not connected. "
        f"To use it, connect it (jupyter assistants connect {server.dialect}), or add it to the "
        f"server's configuration: c.JupyterAssistantsApp.providers = {{'{server.dialect}': {options}}}"
    )
    return ModelExtension(usable=False, why=why, endpoint=server.dialect)


def _match(aliases: Mapping[str, str], name: str) -> str | None:
    """Return the target of the first matching pattern; an empty target means the name itself."""
    found = (target for pattern, target in aliases.items() if fnmatch(name, pattern))
    target = next(found, None)
    return name if target == "" else target
