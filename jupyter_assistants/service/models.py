"""Which model answers to which name."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch

from jupyter_assistants.config import Settings
from jupyter_assistants.engine.session import Resolved
from jupyter_assistants.errors import InvalidRequest, NotFound
from jupyter_assistants.providers.base import ModelClient
from jupyter_assistants.schema.pages import Model

DEMO = "demo"
OPENAI_DEFAULT = "gpt-6-luna"
HOW_TO_CONNECT = (
    "To connect one, set OPENAI_API_KEY (and OPENAI_BASE_URL for another endpoint) in the "
    "environment of the Jupyter server, or c.JupyterAssistantsApp.providers."
)


class Models:
    """The endpoints of this server and the names of their models.

    Parameters
    ----------
    clients
        By name; ``demo`` is always there. A model is asked for as ``NAME/MODEL``, or as ``MODEL``
        when it is on the endpoint ``openai``.
    connected
        Names of the endpoints that have an address or a key.
    """

    def __init__(
        self, settings: Settings, clients: Mapping[str, ModelClient], connected: frozenset[str]
    ) -> None:
        self._settings = settings
        self._clients = clients
        self._connected = connected

    @property
    def default(self) -> str:
        """Give the name of the default model."""
        if self._settings.default_model:
            return self._settings.default_model
        if "openai" in self._connected and self._settings.endpoints["openai"].api_key:
            return OPENAI_DEFAULT
        return DEMO

    async def resolve(self, name: str) -> Resolved:
        """Give the model that answers when ``name`` is asked for.

        Raises
        ------
        InvalidRequest
            If the administrator does not allow it.
        """
        asked = self._aliased(name)
        resolved = self._find(asked)
        if resolved is None:
            note = f"No endpoint for the model '{name}' is configured; '{self.default}' answers. "
            asked = self.default
            resolved = self._find(asked) or Resolved(self._clients[DEMO], DEMO)
            resolved = Resolved(resolved.client, resolved.model, note + HOW_TO_CONNECT)
        elif asked != name and name != "default":
            note = f"The model '{name}' is an alias; '{asked}' answers."
            resolved = Resolved(resolved.client, resolved.model, note)
        self._check_allowed(asked)
        return resolved

    def _aliased(self, name: str) -> str:
        for pattern, target in self._settings.model_aliases.items():
            if fnmatch(name, pattern):
                name = target
                break
        return self.default if name == "default" else name

    def _find(self, name: str) -> Resolved | None:
        if name == DEMO:
            return Resolved(self._clients[DEMO], DEMO)
        prefix, slash, rest = name.partition("/")
        if slash and prefix in self._connected:
            return Resolved(self._clients[prefix], rest)
        if "openai" in self._connected:
            return Resolved(self._clients["openai"], name)
        return None

    def _check_allowed(self, name: str) -> None:
        allowed = self._settings.allowed_models
        if allowed and not any(fnmatch(name, pattern) for pattern in allowed):
            text = f"The model '{name}' is not allowed here. Allowed are: {', '.join(allowed)}."
            raise InvalidRequest(text, param="model", code="model_not_allowed")

    async def list(self) -> list[Model]:
        """Give every model that can be asked for, the default first."""
        found = [Model(id=DEMO, owned_by="jupyter_assistants")]
        for name in sorted(self._connected):
            prefix = "" if name == "openai" else f"{name}/"
            names = await self._clients[name].models()
            found += [Model(id=prefix + model, owned_by=name) for model in names]
        allowed = self._settings.allowed_models
        if allowed:
            found = [m for m in found if any(fnmatch(m.id, pattern) for pattern in allowed)]
        return sorted(found, key=lambda model: model.id != self.default)

    async def get(self, name: str) -> Model:
        """Give one model.

        Raises
        ------
        NotFound
            If no endpoint lists it.
        """
        for model in await self.list():
            if model.id == name:
                return model
        raise NotFound.of("model", name)

    async def close(self) -> None:
        """End the endpoints' connections."""
        for client in self._clients.values():
            await client.close()
