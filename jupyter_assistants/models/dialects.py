"""Vendors and model servers as data: who each one is, and what it wants on the wire.

A new vendor is one entry of :data:`DIALECTS`. Everything else reads these fields, and no other
module compares the name of a vendor or of a host; ``tests/models/test_dialects.py`` checks that.
The names of models are not here, because they age within weeks and every endpoint lists its own;
see :mod:`.model_names` for what little is known by a model's name.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from jupyter_assistants.models.addresses import port_of, split_address
from jupyter_assistants.models.probes import (
    NO_PROBE,
    JsonProbe,
    LlamaCppProbe,
    OllamaProbe,
    WindowProbe,
    equal,
    flag,
    listed,
)

WireName = Literal["auto", "chat", "responses"]
"""The API that an endpoint is asked through; ``auto`` begins with the dialect's first one."""

OPENAI_URL = "https://api.openai.com/v1"

_EVERY_CHOICE = frozenset({"none", "required", "function"})


@dataclass(frozen=True)
class EndpointDialect:
    """One vendor of models, or one kind of model server.

    Parameters
    ----------
    name
        Its name in settings, and before the slash in ``provider/model``.
    title
        Its name for people.
    base_url
        Its address; empty where every customer has their own.
    key_env
        The environment variable with its key; empty for servers that need none.
    url_env
        The environment variable with its address.
    url_path
        Appended to the address in that variable.
    domains
        Hosts that speak this dialect, with all their subdomains.
    ports
        Ports on which the server listens unless somebody configured another.
    known_by_port
        Whether one of these ports alone identifies the server. 8080 identifies nobody.
    owned_by
        The ``owned_by`` of the entries in its list of models, where that identifies the server.
    wire
        The API that its endpoints are asked through, if no other works.
    first_wire
        The API that ``auto`` begins with.
    connects_by_address
        Whether it is known without an address, and connected by its address alone: servers that
        copy OpenAI's API are configured by ``OPENAI_BASE_URL``, and many need no key.
    openai_headers
        Whether ``OPENAI_ORG_ID`` and ``OPENAI_PROJECT_ID`` are meant for this vendor.
    limit_field
        The field of a chat completion that limits the answer's tokens.
    strict
        Whether chat completions accept ``strict`` in a function.
    tool_choices
        The values of ``tool_choice`` that chat completions accept besides ``auto``; with none at
        all, the other API has no ``tool_choice`` either, and calls are prevented by sending no
        tools. Any other choice becomes a sentence in the prompt.
    required_choice
        What ``required`` is called.
    json_schema
        Whether chat completions accept ``json_schema`` as the response format.
    returns_reasoning
        Whether ``reasoning_content`` must come back with the calls that it led to.
    tool_images
        Whether chat completions accept images in a tool's message.
    probe
        Asks the server for the window that it has allocated.
    shrinks_windows
        Whether it serves well-known models with far smaller windows than they have elsewhere, so
        that a model's name says nothing about its window.
    """

    name: str
    title: str
    base_url: str = ""
    key_env: str = ""
    url_env: str = ""
    url_path: str = ""
    domains: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    known_by_port: bool = True
    owned_by: str = ""
    wire: WireName = "auto"
    first_wire: Literal["chat", "responses"] = "chat"
    connects_by_address: bool = False
    openai_headers: bool = False
    limit_field: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    strict: bool = False
    tool_choices: AbstractSet[str] = _EVERY_CHOICE
    required_choice: str = "required"
    json_schema: bool = True
    returns_reasoning: bool = False
    tool_images: bool = False
    probe: WindowProbe = NO_PROBE
    shrinks_windows: bool = False

    @property
    def local(self) -> bool:
        """Return whether the server usually runs on the user's own machine."""
        return bool(self.ports)


_ENTRIES = (
    EndpointDialect(
        "openai",
        "OpenAI",
        key_env="OPENAI_API_KEY",
        url_env="OPENAI_BASE_URL",
        domains=("openai.com",),
        # Chat completions refuse function tools while current models reason.
        first_wire="responses",
        connects_by_address=True,
        openai_headers=True,
        strict=True,
    ),
    EndpointDialect(
        "azure",
        "Azure",
        key_env="AZURE_OPENAI_API_KEY",
        url_env="AZURE_OPENAI_ENDPOINT",
        url_path="/openai/v1/",
        domains=("azure.com",),
        wire="responses",
        first_wire="responses",
        strict=True,
    ),
    EndpointDialect(
        "anthropic",
        "Anthropic",
        "https://api.anthropic.com/v1/",
        "ANTHROPIC_API_KEY",
        domains=("anthropic.com",),
        limit_field="max_tokens",
    ),
    EndpointDialect(
        "gemini",
        "Gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai/",
        "GEMINI_API_KEY",
        domains=("googleapis.com",),
    ),
    EndpointDialect(
        "mistral",
        "Mistral",
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
        domains=("mistral.ai",),
        limit_field="max_tokens",
        tool_choices=frozenset({"none", "required"}),
        required_choice="any",
    ),
    EndpointDialect(
        "groq",
        "Groq",
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
        domains=("groq.com",),
    ),
    EndpointDialect(
        "together",
        "Together",
        "https://api.together.ai/v1",
        "TOGETHER_API_KEY",
        domains=("together.ai", "together.xyz"),
        limit_field="max_tokens",
    ),
    EndpointDialect(
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
        domains=("openrouter.ai",),
        limit_field="max_tokens",
    ),
    EndpointDialect(
        "deepseek",
        "DeepSeek",
        "https://api.deepseek.com",
        "DEEPSEEK_API_KEY",
        domains=("deepseek.com",),
        limit_field="max_tokens",
        # Its models think by default, and a forced call is refused while they do.
        tool_choices=frozenset({"none"}),
        json_schema=False,
        returns_reasoning=True,
    ),
    EndpointDialect(
        "xai",
        "xAI",
        "https://api.x.ai/v1",
        "XAI_API_KEY",
        domains=("x.ai",),
        first_wire="responses",
    ),
    EndpointDialect(
        "ollama",
        "Ollama",
        "http://127.0.0.1:11434/v1",
        ports=(11434,),
        owned_by="library",
        limit_field="max_tokens",
        tool_choices=frozenset(),
        probe=OllamaProbe(),
        shrinks_windows=True,
    ),
    EndpointDialect(
        "lmstudio",
        "LM Studio",
        "http://127.0.0.1:1234/v1",
        ports=(1234,),
        probe=JsonProbe(
            "/api/v0/models",
            window="loaded_context_length",
            source="what LM Studio has allocated",
            model="id",
            tools=listed("capabilities", "tool_use"),
            vision=equal("type", "vlm"),
        ),
    ),
    EndpointDialect(
        "llamacpp",
        "llama.cpp",
        "http://127.0.0.1:8080/v1",
        ports=(8080, 9931),
        known_by_port=False,
        owned_by="llamacpp",
        tool_images=True,
        probe=LlamaCppProbe(),
    ),
    EndpointDialect(
        "vllm",
        "vLLM",
        "http://127.0.0.1:8000/v1",
        ports=(8000,),
        strict=True,
    ),
    EndpointDialect(
        "litellm",
        "LiteLLM",
        "http://127.0.0.1:4000/v1",
        "LITELLM_API_KEY",
        ports=(4000,),
        probe=JsonProbe(
            "/v1/model/info",
            window="model_info.max_input_tokens",
            source="the proxy's own table",
            model="model_name",
            tools=flag("model_info.supports_function_calling"),
            vision=flag("model_info.supports_vision"),
        ),
    ),
)

DIALECTS: dict[str, EndpointDialect] = {each.name: each for each in _ENTRIES}
"""By name; an endpoint of any other name is asked in :data:`UNKNOWN`."""

UNKNOWN = EndpointDialect("other", "")
"""What an endpoint is assumed to want that is not known."""


def dialect_named(name: str) -> EndpointDialect:
    """Return the dialect of this name, or :data:`UNKNOWN`."""
    return DIALECTS.get(name, UNKNOWN)


def dialect_of(base_url: str) -> EndpointDialect:
    """Return the dialect that an address is known for, or :data:`UNKNOWN`."""
    host = (split_address(base_url).hostname or "").lower()
    port = port_of(base_url)
    for dialect in _ENTRIES:
        if any(host == domain or host.endswith("." + domain) for domain in dialect.domains):
            return dialect
    by_port = (each for each in _ENTRIES if each.known_by_port and port in each.ports)
    return next(by_port, UNKNOWN)


def dialect_of_owner(owned_by: str) -> EndpointDialect | None:
    """Return the dialect of the server that owns a listed model, where the name identifies it."""
    return next((each for each in _ENTRIES if owned_by and each.owned_by == owned_by), None)
