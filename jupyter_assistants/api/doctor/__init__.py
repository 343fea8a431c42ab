"""The doctor: whether everything is in order here, and what to do where it is not."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from jupyter_assistants.api.base import Operations
from jupyter_assistants.api.doctor.machine import check_database, check_disk, check_secrets
from jupyter_assistants.api.doctor.models import check_models
from jupyter_assistants.api.doctor.plugins import check_plugins
from jupyter_assistants.kernels.base import Result
from jupyter_assistants.protocol.doctor import Check, Examine, Report, check
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.protocol.ids import new_id

KERNEL_SECONDS = 60.0
TRIED_FOR = 30.0
"""Seconds for which a kernel that started need not start again."""
_INSTALL = "Run in the server's environment: python -m pip install ipykernel"


class DoctorOperations(Operations):
    """Operations that look after the rest."""

    _trying: asyncio.Task[Check] | None = None
    _tried = float("-inf")

    async def doctor(self, owner: str) -> Report:
        """Look whether everything is in order: models, keys, kernel, disk, database. Extension."""
        return await self.check_health(owner, Examine())

    async def check_health(self, owner: str, body: Examine) -> Report:
        """Look, and try a kernel or the default model for real. Extension."""
        try:
            located = await asyncio.to_thread(self.models.locate_keys)
        except AssistantsError as error:
            # The file of keys became readable for others after the server started.
            checks = [check("key", "Key", "problem", error.message, "Then restart the server.")]
            return Report(checks=checks)
        keys = {name: key for name, (key, _) in located.items()}
        places = {name: place for name, (_, place) in located.items()}
        models, kernel, disk, database, secrets, plugins = await asyncio.gather(
            check_models(self.models, places, body.model),
            self._try_kernel() if body.kernel else self._find_kernel(),
            asyncio.to_thread(check_disk, self.settings.data_dir),
            asyncio.to_thread(check_database, self.storage),
            asyncio.to_thread(check_secrets, keys, Path.cwd()),
            asyncio.to_thread(check_plugins),
        )
        return Report(checks=[*models, secrets, kernel, disk, database, plugins])

    async def _find_kernel(self) -> Check:
        facts = await self.executors.facts(None)
        if not facts:
            return check(
                "kernel",
                "Kernel",
                "problem",
                "There is no Python kernel that could be started.",
                _INSTALL,
            )
        packages = facts.get("packages") or "no packages for data work"
        detail = f"Python {facts.get('python')} with {packages}. It was not started."
        return check("kernel", "Kernel", "ok", detail)

    async def _try_kernel(self) -> Check:
        """Start a kernel, or give what the last start gave: who asks often starts no more of them."""
        done = self._trying is not None and self._trying.done()
        if self._trying is None or (done and time.monotonic() - self._tried > TRIED_FOR):
            self._trying = asyncio.create_task(self._start_kernel())
        found = await asyncio.shield(self._trying)
        if not done:
            self._tried = time.monotonic() if found.status == "ok" else float("-inf")
        return found

    async def _start_kernel(self) -> Check:
        """Start a kernel, run something in it, and end it."""
        thread_id, began = new_id("doctor_"), time.monotonic()
        try:
            async with asyncio.timeout(KERNEL_SECONDS):
                kernel = await self.executors.open(thread_id, kernel_id=None)
                started = time.monotonic() - began
                result = await kernel.run("6 * 7", lambda output: None)
        except AssistantsError as error:
            return check("kernel", "Kernel", "problem", error.message, _INSTALL)
        except TimeoutError:
            detail = f"A kernel did not start and answer within {KERNEL_SECONDS:g} s."
            return check(
                "kernel",
                "Kernel",
                "problem",
                detail,
                "See the server's log, and what keeps the machine busy.",
            )
        finally:
            await self.executors.forget(thread_id)
        if not isinstance(result, Result) or result.status != "ok":
            return check(
                "kernel", "Kernel", "problem", "A kernel started and could not run 6 * 7.", _INSTALL
            )
        return check(
            "kernel", "Kernel", "ok", f"A kernel started in {started:.1f} s and runs code."
        )
