"""What is known of endpoints and of models by their names alone.

Names age within weeks, so nothing here is checked against or refused: a name that is not listed
gets a cautious default.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from jupyter_assistants.models.base import Limits

LOCAL_WINDOW = 8_192
REMOTE_WINDOW = 128_000

_HOSTS = {
    "openai.com": "openai",
    "azure.com": "azure",
    "anthropic.com": "anthropic",
    "googleapis.com": "gemini",
    "mistral.ai": "mistral",
    "groq.com": "groq",
    "together.ai": "together",
    "together.xyz": "together",
    "openrouter.ai": "openrouter",
    "deepseek.com": "deepseek",
    "x.ai": "xai",
}
_PORTS = {11434: "ollama", 8000: "vllm", 1234: "lmstudio", 4000: "litellm"}
_NO_TEXT = re.compile(
    r"embed|whisper|\btts\b|dall-e|moderation|transcri|realtime|gpt-image|gpt-audio|sora|rerank"
)
_CALLS = {"tools", "tool_use", "function_calling", "tool_calling"}

_WINDOWS = {
    "chatgpt-4o": 128_000,
    "claude": 200_000,
    "codestral": 128_000,
    "deepseek": 128_000,
    "gemini": 1_048_576,
    "gpt-3.5-turbo": 16_385,
    "gpt-4": 8_192,
    "gpt-4-1106": 128_000,
    "gpt-4-0125": 128_000,
    "gpt-4-turbo": 128_000,
    "gpt-4.1": 1_047_576,
    "gpt-4o": 128_000,
    "gpt-5": 400_000,
    "gpt-5.4": 1_050_000,
    "gpt-5.4-mini": 400_000,
    "gpt-5.4-nano": 400_000,
    "gpt-5.5": 1_050_000,
    "gpt-5.6": 1_050_000,
    "gpt-6": 1_050_000,
    "gpt-oss": 131_072,
    "grok": 131_072,
    "ministral": 128_000,
    "mistral-large": 128_000,
    "mistral-medium": 128_000,
    "mistral-small": 128_000,
    "o1": 200_000,
    "o3": 200_000,
    "o4": 200_000,
    "pixtral": 128_000,
}
_SEES = re.compile(
    r"^(gpt-4o|chatgpt-4o|gpt-4\.1|gpt-4-turbo|gpt-4\.5|gpt-[5-9]|o[134](?!-mini|\w)|o4-mini"
    r"|claude|gemini|llava|bakllava|pixtral|mistral-(small|medium)|grok-[4-9]|gemma-?[3-9]"
    r"|llama-?(3\.2-vision|4)|internvl|minicpm-v|moondream|granite.*vision)"
    r"|\bvl\b|-vl\b|[0-9]vl\b|vision|qvq|omni"
)
_FIGURES = (
    "loaded_context_length",
    "max_model_len",
    "context_length",
    "context_window",
    "max_input_tokens",
    "max_context_length",
)


def host_of(base_url: str) -> str:
    """Return host and port for messages, without any user name and password."""
    parts = _split(base_url)
    return parts.netloc.rpartition("@")[2] or base_url


def is_address(base_url: str) -> bool:
    """Return whether a request can be sent there at all."""
    parts = _split(base_url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and _port(base_url) >= 0


def family_of(base_url: str) -> str:
    """Return the kind of server at this address, or ``other``."""
    parts = _split(base_url)
    host = (parts.hostname or "").lower()
    for domain, family in _HOSTS.items():
        if host == domain or host.endswith("." + domain):
            return family
    return _PORTS.get(_port(base_url), "other")


def is_local(base_url: str) -> bool:
    """Return whether the server runs on this machine or in its network."""
    host = (_split(base_url).hostname or "").lower()
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".internal"))


def makes_text(model: str) -> bool:
    """Return whether a model's name is not that of a model for images, sound or vectors."""
    return not _NO_TEXT.search(_bare(model))


def limits_of(
    model: str, base_url: str, entry: Mapping[str, Any], *, family: str | None = None
) -> Limits:
    """Return what a model can take.

    Parameters
    ----------
    entry
        What ``GET /models`` says of the model; empty if nothing.
    family
        The kind of server; None to tell by its address.
    """
    name = _bare(model)
    provider = _dict(entry.get("top_provider"))
    modalities = _dict(entry.get("architecture")).get("input_modalities") or []
    vision = bool(_SEES.search(name)) or "image" in modalities
    tools = _calls(entry)
    family = family or family_of(base_url)
    most = _positive(provider.get("max_completion_tokens"))
    if said := _said(entry, provider):
        return Limits(said, most, vision, "the endpoint", tools)
    # Ollama runs models of these names too, and gives them far less than they can take.
    known = family != "ollama" and _known(name)
    if known:
        return Limits(known, most, vision, "the model's name", tools)
    local = is_local(base_url)
    source = f"a cautious guess for {'local' if local else 'remote'} models"
    return Limits(LOCAL_WINDOW if local else REMOTE_WINDOW, most, vision, source, tools)


def _said(entry: Mapping[str, Any], provider: Mapping[str, Any]) -> int | None:
    meta = _dict(entry.get("meta"))
    figure = next(filter(None, (_positive(entry.get(key)) for key in _FIGURES)), None)
    trained = _positive(meta.get("n_ctx")) or _positive(meta.get("n_ctx_train"))
    served = _positive(provider.get("context_length"))
    return min(filter(None, (figure or trained, served)), default=None)


def _calls(entry: Mapping[str, Any]) -> bool | None:
    """Return whether the model calls functions, in the words of OpenRouter, Mistral and LM Studio."""
    said = entry.get("supported_parameters") or entry.get("capabilities")
    if isinstance(said, dict):
        answers = [said[key] for key in _CALLS if key in said]
        return any(answers) if answers else None
    return bool(_CALLS & set(map(str, said))) if isinstance(said, list) else None


def _known(name: str) -> int | None:
    fits = [prefix for prefix in _WINDOWS if name.startswith(prefix)]
    return _WINDOWS[max(fits, key=len)] if fits else None


def _bare(model: str) -> str:
    """Strip what gateways put before a name: ``openai/gpt-4o``, ``ft:gpt-4o:…``."""
    return model.lower().rpartition("/")[2].removeprefix("ft:")


def _split(base_url: str) -> SplitResult:
    try:
        return urlsplit(base_url)
    except ValueError:
        # A bracket that is not closed; the request says so in a sentence.
        return SplitResult("", "", base_url, "", "")


def _port(base_url: str) -> int:
    try:
        return _split(base_url).port or 0
    except ValueError:
        return -1


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _positive(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
