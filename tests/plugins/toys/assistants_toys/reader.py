"""A reader: files of the format ``.toy`` are text in ROT13."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.readers.base import Reader


class ToyReader(Reader):
    """Reads the whole file as one block."""

    extensions = ("toy",)

    def read(self, stream: BinaryIO) -> Iterator[Block]:
        """Yield the text."""
        yield Block(codecs.decode(stream.read().decode(), "rot13"))
