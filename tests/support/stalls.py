"""How long a server's event loop computes without giving way.

A server under test calls :func:`watch` from its configuration. Processor time of the loop's thread
is measured, so a busy machine changes nothing.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

NOTED = 0.02
"""Seconds from which on a callback is written down."""
LIMIT = 0.05
"""Seconds for which nobody may have to wait for a text of somebody else."""


def watch(path: str) -> None:
    """Write each long callback of any event loop of this process into a file, a line each."""
    run = asyncio.events.Handle._run  # type: ignore[attr-defined]

    def timed(handle: Any) -> None:
        began = time.thread_time()
        try:
            run(handle)
        finally:
            spent = time.thread_time() - began
            if spent > NOTED:
                with open(path, "a") as file:
                    file.write(f"{spent:.3f} {handle!r}\n")

    asyncio.events.Handle._run = timed  # type: ignore[attr-defined]


def configuration(path: Path) -> str:
    """Return what a server's configuration file needs."""
    return f"import support.stalls\nsupport.stalls.watch({str(path)!r})\n"


def drain(path: Path) -> list[tuple[float, str]]:
    """Return the seconds and the callbacks that were written since the last call."""
    if not path.exists():
        return []
    lines = path.read_text().splitlines()
    path.write_text("")
    found = []
    for line in lines:
        seconds, _, what = line.partition(" ")
        found.append((float(seconds), what))
    return found
