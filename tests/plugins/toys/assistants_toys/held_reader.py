"""A reader that waits for a signal, so that a test can hold a file in the state of being read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.readers.base import Reader

GATE = "ASSISTANTS_TOYS_GATE"


class HeldReader(Reader):
    """Reads text once the file that the variable ``ASSISTANTS_TOYS_GATE`` names is there."""

    extensions = ("held",)

    def read(self, stream: BinaryIO) -> Iterator[Block]:
        """Wait for the gate, then yield the text."""
        gate = Path(os.environ[GATE])
        while not gate.exists():
            time.sleep(0.01)
        yield Block(stream.read().decode())
