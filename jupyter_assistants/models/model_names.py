"""What is known about a model by its name alone, wherever it is served.

Names age within weeks, so nothing is checked against these tables or refused: a name that is not
listed gets a cautious default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jupyter_assistants.models.addresses import is_local
from jupyter_assistants.models.base import Limits
from jupyter_assistants.models.dialects import EndpointDialect, dialect_of
from jupyter_assistants.models.loose_json import as_object, as_size
from jupyter_assistants.models.probes import LOCAL_WINDOW

REMOTE_WINDOW = 128_000
"""Tokens assumed for a remote model that nobody says anything about."""

_LONGEST_NAME = 200
"""Characters of a name that are looked at: names come from endpoints and from requests."""

_NO_TEXT = re.compile(
    r"embed|whisper|\btts\b|dall-e|moderation|transcri|realtime|gpt-image|gpt-audio|sora|rerank"
)
_RETURNS_REASONING = re.compile(r"deepseek|kimi|moonshot", re.IGNORECASE)
_REFUSES_FORCED_CALLS = re.compile(r"gpt-oss")
_OPENS_REASONING = re.compile(
    r"deepseek-?r1|\br1-|\bqwq|-thinking|reasoner|qwen-?3\.[5-9]|minimax-m\d|nemotron|glm-z1",
    re.IGNORECASE,
)
_VISION = re.compile(
    r"^(gpt-4o|chatgpt-4o|gpt-4\.1|gpt-4-turbo|gpt-4\.5|gpt-[5-9]|o[134](?!-mini|\w)|o4-mini"
    r"|claude|gemini|llava|bakllava|pixtral|mistral-(small|medium)|grok-[4-9]|gemma-?[3-9]"
    r"|llama-?(3\.2-vision|4)|internvl|minicpm-v|moondream|granite.*vision)"
    r"|\bvl\b|-vl\b|[0-9]vl\b|vision|qvq|omni"
)
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
"""Tokens of prompt and answer together; the longest prefix of a name wins."""

_LISTED_WINDOWS = (
    "loaded_context_length",
    "max_model_len",
    "context_length",
    "context_window",
    "max_input_tokens",
    "max_context_length",
)
"""Fields of an entry in ``GET /models`` that hold a window, the surest first."""

_CALLS = {"tools", "tool_use", "function_calling", "tool_calling"}
"""What OpenRouter, Mistral and LM Studio call the ability to call functions."""


def generates_text(model: str) -> bool:
    """Return whether a model's name is not that of a model for images, sound or vectors."""
    return not _NO_TEXT.search(_bare_name(model))


def returns_reasoning(model: str) -> bool:
    """Return whether this model must get its ``reasoning_content`` back, wherever it is served."""
    return bool(_RETURNS_REASONING.search(model[:_LONGEST_NAME]))


def opens_reasoning(model: str) -> bool:
    """Return whether the usual template of this model begins the answer inside of reasoning."""
    return bool(_OPENS_REASONING.search(model[:_LONGEST_NAME]))


def refuses_forced_calls(model: str) -> bool:
    """Return whether this model ignores a forced call, wherever it is served."""
    return bool(_REFUSES_FORCED_CALLS.search(model[:_LONGEST_NAME]))


def limits_of(
    model: str,
    base_url: str,
    entry: Mapping[str, Any],
    *,
    dialect: EndpointDialect | None = None,
) -> Limits:
    """Return a model's limits by its entry in the endpoint's list, else by its name, else a guess.

    Parameters
    ----------
    entry
        The model's entry in ``GET /models``; empty if there is none.
    dialect
        The endpoint's dialect; None to go by its address.
    """
    name = _bare_name(model)
    provider = as_object(entry.get("top_provider"))
    modalities = as_object(entry.get("architecture")).get("input_modalities")
    listed_vision = isinstance(modalities, list) and "image" in modalities
    vision = listed_vision or bool(_VISION.search(name))
    tools = _calls_functions(entry)
    max_output = as_size(provider.get("max_completion_tokens"))
    if listed := _listed_window(entry, provider):
        return Limits(listed, max_output, vision, "the endpoint", tools)
    dialect = dialect or dialect_of(base_url)
    usual = None if dialect.shrinks_windows else _usual_window(name)
    local = is_local(base_url)
    guess = LOCAL_WINDOW if local else REMOTE_WINDOW
    # Anybody may call a model as they like: a name is believed where its vendor serves it, and
    # elsewhere only if it makes the guess smaller.
    if usual and (dialect_of(base_url).domains or usual < guess):
        return Limits(usual, max_output, vision, "the model's name", tools)
    source = f"a cautious guess for {'local' if local else 'remote'} models"
    return Limits(guess, max_output, vision, source, tools)


def _listed_window(entry: Mapping[str, Any], provider: Mapping[str, Any]) -> int | None:
    meta = as_object(entry.get("meta"))
    figure = next(filter(None, (as_size(entry.get(key)) for key in _LISTED_WINDOWS)), None)
    trained = as_size(meta.get("n_ctx")) or as_size(meta.get("n_ctx_train"))
    served = as_size(provider.get("context_length"))
    return min(filter(None, (figure or trained, served)), default=None)


def _calls_functions(entry: Mapping[str, Any]) -> bool | None:
    abilities = entry.get("supported_parameters") or entry.get("capabilities")
    if isinstance(abilities, dict):
        values = [abilities[key] for key in _CALLS if key in abilities]
        return any(values) if values else None
    return bool(_CALLS & set(map(str, abilities))) if isinstance(abilities, list) else None


def _usual_window(name: str) -> int | None:
    prefixes = [prefix for prefix in _WINDOWS if name.startswith(prefix)]
    return _WINDOWS[max(prefixes, key=len)] if prefixes else None


def _bare_name(model: str) -> str:
    """Strip what gateways put before a name: ``openai/gpt-4o``, ``ft:gpt-4o:…``."""
    return model[-_LONGEST_NAME:].lower().rpartition("/")[2].removeprefix("ft:")
