"""Vectors without a model: counts of pieces of words, so that like spellings are near.

For tests and programs that want vectors at no cost; it knows nothing of meanings.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.retrieval.embedders.base import Embedder, EmbedderOptions

_WORD = re.compile(r"\w+")
_PIECE = 3
_MOST_DIMENSIONS = 4096


class HashedEmbedder(Embedder):
    """Counts of pieces of words, as a vector.

    Parameters
    ----------
    dimension
        How many kinds of pieces are told apart.
    """

    def __init__(self, dimension: int = 256) -> None:
        self.name = f"hashed-{dimension}"
        self._dimension = dimension

    @classmethod
    def create(cls, options: EmbedderOptions) -> Self:
        """See :meth:`.base.Embedder.create`; the model is the dimension."""
        if not options.model.isdecimal() or not 0 < int(options.model) <= _MOST_DIMENSIONS:
            raise AssistantsError(
                f"hashed/{options.model} is no embedding model; write hashed/ and a number of "
                f"dimensions up to {_MOST_DIMENSIONS}, like hashed/256."
            )
        return cls(int(options.model))

    def embed(self, texts: Sequence[str]) -> Sequence[NDArray[np.float32]]:
        """See :meth:`.base.Embedder.embed`."""
        return [self._vector_of(text) for text in texts]

    def _vector_of(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros((1, self._dimension), np.float32)
        for word in _WORD.findall(text.lower()):
            marked = f"<{word}>"
            for at in range(len(marked) - _PIECE + 1):
                piece = marked[at : at + _PIECE].encode(errors="replace")
                vector[0, zlib.crc32(piece) % self._dimension] += 1
        vector[0, 0] += 1e-6
        return vector / np.linalg.norm(vector)
