"""Sentence models of this machine, run by fastembed on the ONNX runtime.

Without a model's name it is all-MiniLM-L6-v2: small, quick on a processor, good in English. fastembed
downloads the weights of the models that it knows from their hub; a folder needs no network.
"""

from __future__ import annotations

import importlib.util
import json
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jupyter_assistants.protocol.errors import AssistantsError, ProviderError
from jupyter_assistants.retrieval.embedders.base import Embedder, EmbedderOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
WINDOW_TOKENS = 256
"""A longer text has several vectors, and the best one counts: one vector of a long text says little."""
_OVERLAP_TOKENS = 32
_BATCH = 8
_RETRY_SECONDS = 60.0
_LOADING_SECONDS = 5.0
"""A query does not wait longer for a model that another thread loads, or downloads."""
_MODEL_FILES = ("model.onnx", "onnx/model.onnx", "model_optimized.onnx")


class FastEmbedEmbedder(Embedder):
    """A sentence model; it is loaded with the first text.

    Parameters
    ----------
    model
        Its name in fastembed, or the absolute path of a folder with ``model.onnx``,
        ``tokenizer.json``, ``tokenizer_config.json`` and ``config.json``.
    cache_dir
        Where downloaded weights are kept.
    """

    def __init__(self, model: str, cache_dir: Path) -> None:
        self._model = model
        self._folder = Path(model) if Path(model).is_absolute() else None
        self._cache_dir = cache_dir
        # Vectors of earlier versions are recorded with the short name of the default.
        short = DEFAULT_MODEL.rpartition("/")[2]
        self.name = self._folder.name if self._folder else model.replace(DEFAULT_MODEL, short)
        self._lock = threading.Lock()
        self._loaded: tuple[Any, _Windows] | None = None
        self._failure: tuple[float, str] = (float("-inf"), "")

    @classmethod
    def create(cls, options: EmbedderOptions) -> Self | None:
        """See :meth:`.base.Embedder.create`."""
        if importlib.util.find_spec("fastembed") is None:
            if options.model:
                raise AssistantsError(
                    f"{options.model} needs fastembed. Run "
                    "`pip install 'jupyter-assistants[embeddings]'`."
                )
            return None
        return cls(options.model or DEFAULT_MODEL, options.cache_dir)

    def embed(self, texts: Sequence[str]) -> Sequence[NDArray[np.float32]]:
        """See :meth:`.base.Embedder.embed`."""
        import numpy as np

        model, cut = self._load()
        windows = [(owner, part) for owner, text in enumerate(texts) for part in cut.windows(text)]
        # Texts of about one length make batches with little padding.
        windows.sort(key=lambda window: len(window[1]))
        made = np.array(list(model.embed([part for _, part in windows], batch_size=_BATCH)))
        lengths = np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12)
        vectors = (made / lengths).astype(np.float32)
        owners = np.array([owner for owner, _ in windows])
        return [vectors[owners == owner] for owner in range(len(texts))]

    def _load(self) -> tuple[Any, _Windows]:
        if not self._lock.acquire(timeout=_LOADING_SECONDS):
            raise ProviderError(f"The embedding model {self.name} is still being loaded.")
        try:
            if self._loaded is None:
                failed_at, message = self._failure
                # Each attempt may wait for a hub that does not answer; queries must not.
                if time.monotonic() - failed_at < _RETRY_SECONDS:
                    raise ProviderError(message)
                self._loaded = self._load_now()
            return self._loaded
        finally:
            self._lock.release()

    def _load_now(self) -> tuple[Any, _Windows]:
        try:
            import fastembed

            name, path = self._model, None
            if self._folder is not None:
                name, path = _register(self._folder), str(self._folder)
            self._cache_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            # One thread: vectors are made in the background, beside the person's kernels.
            model = fastembed.TextEmbedding(
                name, cache_dir=str(self._cache_dir), threads=1, specific_model_path=path
            )
            inner: Any = model.model
            return model, _Windows(inner.tokenizer)
        # fastembed, its hub and the runtime raise whatever they like.
        except Exception as error:
            message = (
                f"The embedding model {self._model} cannot be loaded: {error}. Without a way to its "
                "hub, set c.JupyterAssistantsApp.embedding_model to a folder with the model."
            )
            self._failure = time.monotonic(), message
            raise ProviderError(message) from error


class _Windows:
    """Cuts texts into parts that a model reads whole."""

    def __init__(self, tokenizer: Any) -> None:
        limit = (tokenizer.truncation or {}).get("max_length", WINDOW_TOKENS)
        self._size = max(1, min(limit, WINDOW_TOKENS) - tokenizer.num_special_tokens_to_add(False))
        self._overlap = min(_OVERLAP_TOKENS, self._size // 4)
        # A copy: the model's own truncates and pads.
        self._tokenizer = type(tokenizer).from_str(tokenizer.to_str())
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def windows(self, text: str) -> Iterator[str]:
        """Yield the windows of a text; one of an empty text."""
        offsets = self._tokenizer.encode(text, add_special_tokens=False).offsets
        for at in range(0, max(1, len(offsets) - self._overlap), self._size - self._overlap):
            part = offsets[at : at + self._size]
            yield text[part[0][0] : part[-1][1]] if part else text


def _register(folder: Path) -> str:
    """Register the model of a folder with fastembed, and return its name there."""
    import fastembed
    from fastembed.common.model_description import ModelSource, PoolingType

    file = next((name for name in _MODEL_FILES if (folder / name).is_file()), None)
    if file is None:
        raise FileNotFoundError(f"{folder} holds no {' or '.join(_MODEL_FILES)}")
    name = f"folder{folder}"
    known = {model["model"] for model in fastembed.TextEmbedding.list_supported_models()}
    if name not in known:
        pooling = PoolingType.CLS if _pools_first(folder) else PoolingType.MEAN
        width = json.loads((folder / "config.json").read_text(encoding="utf-8"))["hidden_size"]
        fastembed.TextEmbedding.add_custom_model(
            name, pooling, True, ModelSource(hf=name), width, model_file=file
        )
    return name


def _pools_first(folder: Path) -> bool:
    """Return whether the first token stands for a text; of sentence-transformers' layout."""
    settings = folder / "1_Pooling" / "config.json"
    if not settings.is_file():
        return False
    found = json.loads(settings.read_text(encoding="utf-8"))
    return bool(found.get("pooling_mode_cls_token"))
