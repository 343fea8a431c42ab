"""An embedder without a model: counts pieces of words, so that like spellings are near.

For tests and programs that want vectors at no cost; it knows nothing of meanings.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_PIECE = 3


class HashedEmbedder:
    """See :class:`.base.Embedder`.

    Parameters
    ----------
    dimension
        How many kinds of pieces are told apart.
    """

    def __init__(self, dimension: int = 256) -> None:
        self.name = f"hashed-{dimension}"
        self._dimension = dimension

    def embed(self, texts: Sequence[str]) -> Sequence[NDArray[np.float32]]:
        """See :meth:`.base.Embedder.embed`."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros((1, self._dimension), np.float32)
        for word in _WORD.findall(text.lower()):
            marked = f"<{word}>"
            for at in range(len(marked) - _PIECE + 1):
                piece = marked[at : at + _PIECE].encode(errors="replace")
                vector[0, zlib.crc32(piece) % self._dimension] += 1
        vector[0, 0] += 1e-6
        return vector / np.linalg.norm(vector)
