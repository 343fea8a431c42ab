"""A neighbour on the same database that looks for runs which nobody drives.

``python -m support.lease_neighbour <url> <files> <lease seconds> <how long it looks, in leases>``
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.runs.recovery import Recovery
from jupyter_assistants.storage.base import Claim
from jupyter_assistants.storage.sql import SqlStorage


async def look(storage: SqlStorage, seconds: float, leases: float) -> None:
    """Sweep as a server does, and say which leases were seen to have run out, and which runs ended."""
    seen: set[str] = set()

    async def claim(thread_id: str, run_id: str) -> Claim:
        return storage.acquire(
            thread_id, run_id, kind="thread", process="neighbour", seconds=seconds
        )

    async def take_over(run: Run, *how: Any) -> None:
        seen.add(f"ended {run.id}")

    async def cancel_here(run_id: str) -> None:
        seen.add(f"cancelled {run_id}")

    recovery = Recovery(storage, claim, take_over, lambda run_id: False, cancel_here, seconds)
    end = time.monotonic() + leases * seconds
    while time.monotonic() < end:
        seen |= {f"silent {each.subject}" for each in storage.leases("thread") if not each.active}
        await recovery.sweep()
    print(sorted(seen), flush=True)


if __name__ == "__main__":
    url, files, seconds, leases = sys.argv[1:]
    asyncio.run(look(SqlStorage(url, Path(files)), float(seconds), float(leases)))
