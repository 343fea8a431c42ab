"""An embedder: it knows that a feline is a cat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jupyter_assistants.retrieval.embedders.base import Embedder


class ToyEmbedder(Embedder):
    """Vectors of two dimensions: about cats, or not."""

    name = "toy"

    def embed(self, texts: Sequence[str]) -> Sequence[NDArray[np.float32]]:
        """Return one direction for cats and another for everything else."""
        cats = [any(word in text.lower() for word in ("cat", "feline")) for text in texts]
        return [np.array([[cat, not cat]], np.float32) for cat in cats]
