"""The installed providers of models, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_assistants import registry
from jupyter_assistants.models.base import ModelClient, ProviderOptions
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.registry import Group, PluginEntry

ENDPOINT = "endpoint"
"""The provider for every endpoint of OpenAI's APIs; all others have models of their own."""


def _provider(entry: PluginEntry, plugin: Any) -> type[ModelClient]:
    if not isinstance(plugin, type) or not callable(getattr(plugin, "stream", None)):
        raise TypeError(f"{entry.reference} is no class of a model provider with `stream()`")
    return plugin


PROVIDERS: Group[type[ModelClient]] = Group(registry.MODEL_PROVIDERS, _provider)


def create_client(provider: str, options: ProviderOptions) -> ModelClient:
    """Return a provider's client for one endpoint.

    Parameters
    ----------
    provider
        Its name; empty for the provider of the endpoint's name, or else for OpenAI's APIs.

    Raises
    ------
    AssistantsError
        If there is no such provider, it cannot be loaded, or it does not serve this endpoint.
    """
    if not provider:
        provider = options.name if options.name in PROVIDERS.entries() else ENDPOINT
    client = _connect(provider, options)
    if client is None:
        known = ", ".join(PROVIDERS.entries())
        raise AssistantsError(
            f"The provider '{provider}' of the endpoint '{options.name}' cannot be used. Installed "
            f"are: {known}. Run `jupyter assistants doctor` to see why one is skipped."
        )
    return client


def own_clients(windows: Mapping[str, int]) -> dict[str, ModelClient]:
    """Return a client of every provider that has models of its own, by the provider's name.

    Parameters
    ----------
    windows
        The user's own figures of context windows, by patterns of models.
    """
    clients: dict[str, ModelClient] = {}
    for name in PROVIDERS.entries():
        if name != ENDPOINT:
            client = _connect(name, ProviderOptions(name, windows=windows))
            clients |= {name: client} if client is not None else {}
    return clients


def _connect(provider: str, options: ProviderOptions) -> ModelClient | None:
    plugin: Any = PROVIDERS.get(provider)
    if plugin is None:
        return None
    try:
        connect = getattr(plugin, "connect", None)
        client: ModelClient | None = plugin() if connect is None else connect(options)
    # A plug-in's constructor may raise anything; the service has to start.
    except Exception as error:
        PROVIDERS.report_failure(PROVIDERS.entries()[provider], error)
        return None
    return client
