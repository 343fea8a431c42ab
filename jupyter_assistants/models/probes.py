"""Asks servers for a model's real window in their own words, where their list does not say it.

A list often holds what a model was trained for. What counts is what the server has set aside:
Ollama forgets the oldest messages silently beyond that (models.md section 5.1).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.models.dialects import LOCAL_WINDOW
from jupyter_assistants.models.workarounds import entries, mapping

Ask = Callable[[str, Mapping[str, Any] | None], Awaitable[Any]]
"""Gets a path below the server's root, or posts a body to it; gives JSON, None for no answer."""

LOAD_PATH = "/api/generate"
SMALL = 16_000
"""Tokens below which an assistant forgets its work too soon."""
OLLAMA_ADVICE = (
    "Ollama gives this model a window of {tokens:,} tokens and forgets the oldest messages beyond "
    "it. Set OLLAMA_CONTEXT_LENGTH=64000 in Ollama's environment and restart Ollama."
)

_OWNERS = {"library": "ollama", "llamacpp": "llamacpp"}
_NUM_CTX = re.compile(r"^\s*num_ctx\s+(\d+)", re.MULTILINE)
_WINDOW_IN_REFUSAL = (
    re.compile(r"maximum context length (?:is|of) ([\d,]+)", re.IGNORECASE),
    re.compile(r"context (?:length|size|window)\D{0,40}?([\d,]{3,}) ?tokens", re.IGNORECASE),
    re.compile(r"([\d,]+) tokens? >\s*([\d,]+) (?:token )?max", re.IGNORECASE),
    re.compile(r"maximum number of (?:input )?tokens allowed \(?([\d,]+)", re.IGNORECASE),
    re.compile(r"\bn_ctx\W{1,4}([\d,]+)", re.IGNORECASE),
)


@dataclass(frozen=True)
class ProbeResult:
    """What a server says of a model.

    Parameters
    ----------
    window
        Tokens of prompt and answer together.
    source
        Where that figure comes from, for people.
    sure
        Whether it is what the server has set aside, and not only what it may set aside.
    tools, vision
        Whether the model calls functions and sees; None where the server does not say.
    """

    window: int
    source: str
    sure: bool = True
    tools: bool | None = None
    vision: bool | None = None


def native(family: str, entry: Mapping[str, Any]) -> str:
    """Return whose own words a server understands: its kind, or that of its entry's owner."""
    return _OWNERS.get(str(entry.get("owned_by")), family)


async def probed(kind: str, model: str, ask: Ask) -> ProbeResult | None:
    """Ask a server of this kind; None if it does not say."""
    probe = _PROBES.get(kind)
    return await probe(model, ask) if probe else None


async def load(kind: str, model: str, ask: Ask) -> None:
    """Have the server load the model, where its window is known only then."""
    if kind == "ollama":
        await ask(LOAD_PATH, {"model": model, "stream": False})


def window_in_refusal(text: str) -> int | None:
    """Return the window that a refusal of a long prompt names, or None."""
    for pattern in _WINDOW_IN_REFUSAL:
        if found := pattern.search(text):
            return int(found[found.lastindex or 1].replace(",", "")) or None
    return None


async def _ollama(model: str, ask: Ask) -> ProbeResult | None:
    shown = mapping(await ask("/api/show", {"model": model}))
    can = shown.get("capabilities")
    tools, vision = _listed(can, "tools"), _listed(can, "vision")
    for each in entries(mapping(await ask("/api/ps", None)).get("models")):
        tokens = _count(each.get("context_length"))
        if tokens and _same(model, each):
            return ProbeResult(tokens, "what Ollama has set aside", True, tools, vision)
    figures = mapping(shown.get("model_info")).items()
    trained = [size for key, each in figures if _is_length(key) and (size := _count(each))]
    most = min(trained, default=None)
    if said := _NUM_CTX.search(str(shown.get("parameters") or "")):
        window = min(int(said[1]), most or int(said[1]))
        return ProbeResult(window, "the model's num_ctx", False, tools, vision)
    if most is None:
        return None
    source = f"a cautious guess until Ollama has loaded it; it was trained for {most:,}"
    return ProbeResult(min(most, LOCAL_WINDOW), source, False, tools, vision)


def _same(model: str, running: Mapping[str, Any]) -> bool:
    names = {running.get("name"), running.get("model")}
    return model in names or f"{model}:latest" in names


def _is_length(key: str) -> bool:
    return key.endswith(".context_length")


async def _llamacpp(model: str, ask: Ask) -> ProbeResult | None:
    props = mapping(await ask("/props", None))
    tokens = _count(mapping(props.get("default_generation_settings")).get("n_ctx"))
    sees = mapping(props.get("modalities")).get("vision")
    source = "what llama.cpp has set aside"
    return ProbeResult(tokens, source, vision=_said(sees)) if tokens else None


async def _lmstudio(model: str, ask: Ask) -> ProbeResult | None:
    for each in entries(mapping(await ask("/api/v0/models", None)).get("data")):
        if each.get("id") == model and (tokens := _count(each.get("loaded_context_length"))):
            tools = _listed(each.get("capabilities"), "tool_use")
            vision = each.get("type") == "vlm"
            return ProbeResult(tokens, "what LM Studio has set aside", True, tools, vision)
    return None


async def _litellm(model: str, ask: Ask) -> ProbeResult | None:
    for each in entries(mapping(await ask("/v1/model/info", None)).get("data")):
        info = mapping(each.get("model_info"))
        tokens = _count(info.get("max_input_tokens"))
        if each.get("model_name") == model and tokens:
            tools, vision = info.get("supports_function_calling"), info.get("supports_vision")
            return ProbeResult(tokens, "the proxy's own table", True, _said(tools), _said(vision))
    return None


def _listed(words: Any, word: str) -> bool | None:
    return word in words if isinstance(words, list) else None


def _said(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


_PROBES: Mapping[str, Callable[[str, Ask], Awaitable[ProbeResult | None]]] = {
    "ollama": _ollama,
    "llamacpp": _llamacpp,
    "lmstudio": _lmstudio,
    "litellm": _litellm,
}
