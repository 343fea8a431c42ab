"""Probes: how a model server is asked for a model's real context window.

A server's list of models often says what a model was trained for. What counts is the window that
the server has allocated: Ollama silently drops the oldest messages beyond it
(docs/internals/models.md, "Context windows").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from jupyter_assistants.models.loose_json import as_object, as_objects, as_size

_SLOT = "default_generation_settings.n_ctx"

LOCAL_WINDOW = 8_192
"""Tokens assumed for a local model whose server says nothing."""
SMALL_WINDOW = 16_000
"""Tokens below which an assistant forgets its work too soon."""


class Ask(Protocol):
    """Sends one request to a server, below its root."""

    async def __call__(
        self, path: str, body: Mapping[str, Any] | None, *, loads: bool = False
    ) -> Any:
        """Return the JSON answer, or None if there is none.

        Parameters
        ----------
        body
            The body to post; None for a GET.
        loads
            Whether the server loads a model first, which takes minutes.
        """


@dataclass(frozen=True)
class ProbeResult:
    """A server's own statement about one of its models.

    Parameters
    ----------
    window
        Tokens of prompt and answer together.
    source
        Where that figure comes from, for people.
    allocated
        Whether the server has allocated this window, rather than only intends to.
    tools, vision
        Whether the model calls functions and accepts images; None where the server does not say.
    """

    window: int
    source: str
    allocated: bool = True
    tools: bool | None = None
    vision: bool | None = None


class WindowProbe:
    """Asks a server about one of its models; this base, for servers that say nothing, never asks."""

    async def measure(self, model: str, ask: Ask) -> ProbeResult | None:
        """Return what the server says about a model; None if it says nothing."""
        return None

    async def load(self, model: str, ask: Ask) -> None:
        """Load the model, where the window is allocated only then."""

    def advice(self, window: int) -> str | None:
        """Return how to enlarge a window of this many tokens, if it is small."""
        return None


NO_PROBE = WindowProbe()

Fact = Callable[[Mapping[str, Any]], bool | None]
"""Reads whether a model has an ability from its entry; None if the entry does not say."""


def flag(path: str) -> Fact:
    """Read a boolean at a dotted path."""

    def read(entry: Mapping[str, Any]) -> bool | None:
        value = value_at(entry, path)
        return value if isinstance(value, bool) else None

    return read


def listed(path: str, word: str) -> Fact:
    """Read whether the list at a dotted path contains a word."""

    def read(entry: Mapping[str, Any]) -> bool | None:
        words = value_at(entry, path)
        return word in words if isinstance(words, list) else None

    return read


def equal(path: str, word: str) -> Fact:
    """Read whether the value at a dotted path is this word."""
    return lambda entry: value_at(entry, path) == word


def value_at(entry: Mapping[str, Any], path: str) -> Any:
    """Return the value at a dotted path, or None."""
    *parents, last = path.split(".")
    for name in parents:
        entry = as_object(entry.get(name))
    return entry.get(last)


@dataclass(frozen=True)
class JsonProbe(WindowProbe):
    """Reads the window from one JSON document of the server.

    Parameters
    ----------
    path
        Below the server's root.
    window
        Dotted path of the figure.
    source
        Where the figure comes from, for people.
    model
        Dotted path of the model's name in the entries under ``data``; empty where the document
        describes the one model that is loaded.
    tools, vision
        The model's abilities.
    """

    path: str
    window: str
    source: str
    model: str = ""
    tools: Fact | None = None
    vision: Fact | None = None

    async def measure(self, model: str, ask: Ask) -> ProbeResult | None:
        """Return what the document says about a model; None if it says nothing."""
        document = as_object(await ask(self.path, None))
        entries = as_objects(document.get("data")) if self.model else [document]
        for entry in entries:
            tokens = as_size(value_at(entry, self.window))
            if tokens and (not self.model or value_at(entry, self.model) == model):
                tools = self.tools(entry) if self.tools else None
                vision = self.vision(entry) if self.vision else None
                return ProbeResult(tokens, self.source, True, tools, vision)
        return None


class LlamaCppProbe(WindowProbe):
    """Asks llama.cpp, which serves one model, or several as a router that loads them."""

    async def measure(self, model: str, ask: Ask) -> ProbeResult | None:
        """Return the window of one slot; as a router, of the model if that is loaded."""
        document = as_object(await ask("/props", None))
        router = document.get("role") == "router"
        if as_size(value_at(document, _SLOT)) is None:
            # A router has no window of its own, and must not load every model that is listed.
            document = as_object(await ask(f"/props?model={quote(model, '')}&autoload=false", None))
        if tokens := as_size(value_at(document, _SLOT)):
            tools = flag("chat_template_caps.supports_tools")(document)
            vision = flag("modalities.vision")(document)
            return ProbeResult(tokens, "what llama.cpp has allocated", True, tools, vision)
        source = "a cautious guess until llama.cpp has loaded it"
        return ProbeResult(LOCAL_WINDOW, source, False, None, None) if router else None

    async def load(self, model: str, ask: Ask) -> None:
        """Load the model: a router does before it says anything of it."""
        await ask(f"/props?model={quote(model, '')}", None, loads=True)


# Bounded and within one line: a model's parameters are text of whoever published it.
_NUM_CTX = re.compile(r"^[ \t]{0,20}num_ctx[ \t]{1,80}(\d{1,9})\b", re.MULTILINE)


class OllamaProbe(WindowProbe):
    """Asks Ollama, which allocates a window when it loads a model."""

    async def measure(self, model: str, ask: Ask) -> ProbeResult | None:
        """Return the allocated window, or what Ollama will allocate at least."""
        shown = as_object(await ask("/api/show", {"model": model}))
        can = "capabilities"
        tools, vision = listed(can, "tools")(shown), listed(can, "vision")(shown)
        for entry in as_objects(as_object(await ask("/api/ps", None)).get("models")):
            tokens = as_size(entry.get("context_length"))
            if tokens and not {model, f"{model}:latest"}.isdisjoint(_names(entry)):
                return ProbeResult(tokens, "what Ollama has allocated", True, tools, vision)
        trained = _trained_window(as_object(shown.get("model_info")))
        if configured := _NUM_CTX.search(str(shown.get("parameters") or "")):
            window = min(int(configured[1]), trained or int(configured[1]))
            return ProbeResult(window, "the model's num_ctx", False, tools, vision)
        if trained is None:
            return None
        source = f"a cautious guess until Ollama has loaded it; it was trained for {trained:,}"
        return ProbeResult(min(trained, LOCAL_WINDOW), source, False, tools, vision)

    async def load(self, model: str, ask: Ask) -> None:
        """Load the model: without a prompt, Ollama answers once it is in memory."""
        await ask("/api/generate", {"model": model, "stream": False}, loads=True)

    def advice(self, window: int) -> str | None:
        """Return how to enlarge Ollama's window, if it is small."""
        if window >= SMALL_WINDOW:
            return None
        return (
            f"Ollama gives this model a window of {window:,} tokens and forgets the oldest messages "
            "beyond it. Set OLLAMA_CONTEXT_LENGTH=64000 in Ollama's environment and restart Ollama."
        )


def _names(entry: Mapping[str, Any]) -> list[str]:
    return [str(entry.get(key)) for key in ("name", "model")]


def _trained_window(info: Mapping[str, Any]) -> int | None:
    sizes = [as_size(value) for key, value in info.items() if key.endswith(".context_length")]
    return min(filter(None, sizes), default=None)
