"""Programs, and data that programs read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.readers.base import Reader
from jupyter_assistants.retrieval.readers.text import lined, read_text

_EXTENSIONS = (
    "c cpp cs css go h hpp ini java jl js json jsx php py r rb rs scala sh sql toml ts tsx xml yaml "
    "yml"
)


class CodeReader(Reader):
    """Programs; chunks end at empty lines."""

    extensions = tuple(_EXTENSIONS.split())

    def read(self, stream: BinaryIO) -> Iterator[Block]:
        """See :meth:`.base.Reader.read`."""
        return lined(read_text(stream), 1, kind="code")
