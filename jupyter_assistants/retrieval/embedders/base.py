"""The port of embedding models: one class that turns texts into vectors.

A new kind is one file with a subclass of :class:`Embedder` and one line in ``pyproject.toml``, in the
entry point group ``jupyter_assistants.embedders``. ``c.JupyterAssistantsApp.embedding_model`` names
it: ``'NAME/MODEL'``, with the entry's name and whatever the class takes as a model.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jupyter_assistants import registry
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.registry import Group, PluginEntry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NONE = "none"
LOCAL = "fastembed"
"""The embedder of this machine: for an empty setting, and for a folder."""
_ENDPOINT = "endpoint"


@dataclass(frozen=True)
class EmbedderOptions:
    """Where a model is and how it is reached.

    Parameters
    ----------
    model
        The model's name, or an absolute path; empty for the embedder's default.
    cache_dir
        A private folder for weights that the embedder downloads.
    endpoint, base_url, key
        Of the endpoint that serves the model; empty for models of this machine.
    """

    model: str
    cache_dir: Path
    endpoint: str = ""
    base_url: str | None = None
    key: str | None = field(default=None, repr=False)


class Embedder(ABC):
    """Turns texts into vectors whose directions say what they mean."""

    name: str
    """Recorded with the vectors; another name makes all of them anew."""

    @classmethod
    def create(cls, options: EmbedderOptions) -> Self | None:
        """Return an embedder; None if what it needs is not installed.

        It must be quick: models are loaded with the first text.

        Raises
        ------
        AssistantsError
            If there is no such model.
        """
        return cls()

    @abstractmethod
    def embed(self, texts: Sequence[str]) -> Sequence[NDArray[np.float32]]:
        """Return the vectors of each text, of length 1: a row for each window that it needs.

        It blocks, and may be called from any thread.

        Raises
        ------
        AssistantsError
            If the model cannot be reached.
        """


def _convert(entry: PluginEntry, plugin: Any) -> type[Embedder]:
    if not isinstance(plugin, type) or not issubclass(plugin, Embedder):
        raise TypeError("an embedder is a subclass of …retrieval.embedders.base.Embedder")
    return plugin


EMBEDDERS: Group[type[Embedder]] = Group(registry.EMBEDDERS, _convert)

FindEndpoint = Callable[[str], tuple[str | None, str | None] | None]
"""Returns address and key of a configured endpoint."""


def create_embedder(
    setting: str, cache_dir: Path, find_endpoint: FindEndpoint = lambda name: None
) -> Embedder | None:
    """Return the embedder that a setting names; None to find files by their words alone.

    Parameters
    ----------
    setting
        ``'none'``, empty for the default of this machine, the path of a folder with a model, or
        ``'NAME/MODEL'`` with the name of an endpoint or of an installed embedder.

    Raises
    ------
    AssistantsError
        If the setting names nothing that is known.
    """
    if setting == NONE:
        return None
    path = Path(setting).expanduser()
    if not setting or path.is_absolute():
        return _create(LOCAL, EmbedderOptions(str(path) if setting else "", cache_dir))
    name, _, model = setting.partition("/")
    if model and (found := find_endpoint(name)) is not None:
        base_url, key = found
        return _create(_ENDPOINT, EmbedderOptions(model, cache_dir, name, base_url, key))
    if model and name != _ENDPOINT and name in EMBEDDERS.entries():
        return _create(name, EmbedderOptions(model, cache_dir))
    kinds = ", ".join(sorted(EMBEDDERS.entries().keys() - {_ENDPOINT}))
    raise AssistantsError(
        f"{setting!r} is not ENDPOINT/MODEL, an absolute path, 'none' or empty. "
        f"Besides endpoints there are: {kinds}."
    )


def _create(name: str, options: EmbedderOptions) -> Embedder | None:
    embedder = EMBEDDERS.get(name)
    return embedder.create(options) if embedder is not None else None
