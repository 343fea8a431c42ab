"""A reader that reads no further until a test says so, as another package would bring it.

Its distribution is written into a folder of the test; a server that has the folder on its
``PYTHONPATH`` finds it by its entry point, like any plug-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jupyter_assistants.registry import READERS
from support.gate import Gate

_MODULE = '''"""Reads files that end in .wait, once the file exists that their first line names."""

import time
from pathlib import Path

from jupyter_assistants.retrieval.blocks import Block
from jupyter_assistants.retrieval.readers.base import Reader


class WaitingReader(Reader):
    extensions = ("wait",)

    def read(self, stream):
        gate, text = stream.read().decode().rstrip().split("\\n", 1)
        while not Path(gate).exists():
            time.sleep(0.02)
        yield Block(text)
'''
_METADATA = "Metadata-Version: 2.1\nName: waiting-reader\nVersion: 1\n"


# A file has time by its size, and a test may need two minutes on a loaded machine.
_PADDING = " " * 10_000_000


def waiting_text(gate: Gate, text: str) -> str:
    """Return the content of a file that is read once the gate is open."""
    return f"{gate.path}\n{text}{_PADDING}"


def install_waiting_reader(folder: Path) -> Mapping[str, str]:
    """Write the distribution and return the environment in which a server finds it."""
    information = folder / "waiting_reader-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(_METADATA, "utf-8")
    entry = f"[{READERS}]\nwait = waiting_reader:WaitingReader\n"
    (information / "entry_points.txt").write_text(entry, "utf-8")
    (folder / "waiting_reader.py").write_text(_MODULE, "utf-8")
    return {"PYTHONPATH": str(folder)}
