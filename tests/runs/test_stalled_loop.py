"""A server whose event loop stands still keeps what it works on (docs/internals/runs.md, "Leases")."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.paths import TESTS
from support.service_session import HeldModel, bench, storage_on_disk
from support.waiting import eventually, until

from jupyter_assistants.protocol.errors import ClaimLost
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.storage.base import Claim
from jupyter_assistants.storage.renewal import renew_until_lost
from jupyter_assistants.storage.sql import SqlStorage

LEASE = 0.5


class Counting(SqlStorage):
    """A storage that counts renewals."""

    renewals = 0

    def renew(self, claim: Claim, *, seconds: float) -> None:
        super().renew(claim, seconds=seconds)
        self.renewals += 1


@pytest.mark.slow
async def test_a_stalled_loop_loses_no_run_to_a_neighbour_or_to_itself(
    tmp_path: Path, monkeypatch: Any
) -> None:
    for module in ("drives", "engine"):
        monkeypatch.setattr(f"jupyter_assistants.runs.{module}.LEASE_SECONDS", LEASE)
    storage = storage_on_disk(tmp_path)
    model = HeldModel(["An answer that takes its time."])
    async with bench(tmp_path, model=model, storage=storage) as b:
        await b.begin()
        started = await b.start()
        await eventually(lambda: len(started.log) > 5)
        place = [f"sqlite:///{tmp_path}/objects.sqlite", str(tmp_path / "files")]
        neighbour = [sys.executable, "-m", "support.lease_neighbour", *place, str(LEASE), "10"]
        # Blocking, on the event loop: nothing else of this server happens until the neighbour has
        # looked for ten leases, which is more than it forgives a process that it sees to live.
        looked = subprocess.run(
            neighbour,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert looked.stdout == "[]\n", looked.stderr
        # This server's own sweep comes after the stall, and may come before anything else does.
        await b.service.engine._recovery.sweep()
        model.release.set()
        await eventually(lambda: storage.get(Run, started.run.id).status == "completed")


async def test_a_lease_is_renewed_while_the_loop_stands_still(tmp_path: Path) -> None:
    storage = Counting(f"sqlite:///{tmp_path}/objects.sqlite", tmp_path / "files")
    claim = storage.acquire("thread_1", "run_1", kind="thread", process="me", seconds=LEASE)
    renewing = asyncio.create_task(renew_until_lost(storage, claim, seconds=LEASE))
    await asyncio.sleep(0)
    # Blocking, on the event loop.
    until(lambda: storage.renewals >= 9)
    assert storage.leases("thread")[0].active
    renewing.cancel()


async def test_a_lease_that_is_lost_meanwhile_is_noticed_after_the_stall(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    claim = storage.acquire("thread_1", "run_1", kind="thread", process="me", seconds=LEASE)
    renewing = asyncio.create_task(renew_until_lost(storage, claim, seconds=LEASE))
    await asyncio.sleep(0)
    storage.release(claim)
    with pytest.raises(ClaimLost):
        storage.renew(claim, seconds=LEASE)
    await renewing


async def test_renewal_ends_with_its_task(tmp_path: Path) -> None:
    storage = storage_on_disk(tmp_path)
    claim = storage.acquire("thread_1", "run_1", kind="thread", process="me", seconds=LEASE)
    renewing = asyncio.create_task(renew_until_lost(storage, claim, seconds=LEASE))
    await asyncio.sleep(0)
    renewing.cancel()
    await asyncio.wait({renewing})
    await eventually(lambda: not storage.leases("thread")[0].active)
