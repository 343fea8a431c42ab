"""The doctor: checks of the installation, and what to do about what fails."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from jupyter_assistants.api.doctor.content import check_files, check_index
from jupyter_assistants.api.doctor.machine import check_database, check_disk, check_secrets
from jupyter_assistants.api.doctor.models import check_models
from jupyter_assistants.api.doctor.plugins import check_plugins
from jupyter_assistants.api.model_catalog import ModelCatalog
from jupyter_assistants.kernels.base import Executors, Result
from jupyter_assistants.protocol.doctor import Check, CheckStatus, Examine, Report, check
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.protocol.ids import new_id
from jupyter_assistants.retrieval.base import SearchIndex
from jupyter_assistants.retrieval.ingestion.queue import Ingestion
from jupyter_assistants.storage.base import Storage

KERNEL_SECONDS = 60.0
TRIED_FOR = 30.0
"""Seconds for which the result of the last start is reused."""
_SANDBOX = "Sandbox of own kernels"
_RIGHTS = "Code of programs and the command line runs with your rights, and nobody is asked"
_INSTALL = "Run in the server's environment: python -m pip install ipykernel"


class Doctor:
    """Operations that check the installation."""

    def __init__(
        self,
        models: ModelCatalog,
        executors: Executors,
        storage: Storage,
        index: SearchIndex,
        ingestion: Ingestion,
        data_dir: Path,
    ) -> None:
        self._models = models
        self._executors = executors
        self._storage = storage
        self._index = index
        self._ingestion = ingestion
        self._data_dir = data_dir
        self._trying: asyncio.Task[Check] | None = None
        self._tried = float("-inf")

    async def get(self) -> Report:
        """Check models, keys, kernel, disk, database and index; start nothing. Extension."""
        return await self.examine(Examine())

    async def examine(self, body: Examine) -> Report:
        """Run the checks, and try a kernel, the default model or all files for real. Extension."""
        try:
            located = await asyncio.to_thread(self._models.locate_keys)
        except AssistantsError as error:
            # The file of keys became readable for other users after the server started.
            checks = [check("key", "Key", "problem", error.message, "Then restart the server.")]
            return Report(checks=checks)
        keys = {name: key for name, (key, _) in located.items()}
        places = {name: place for name, (_, place) in located.items()}
        found, content = await asyncio.gather(
            asyncio.gather(
                check_models(self._models, places, body.model),
                self._try_kernel() if body.kernel else self._find_kernel(),
                asyncio.to_thread(check_disk, self._data_dir),
                asyncio.to_thread(check_database, self._storage),
                asyncio.to_thread(check_secrets, keys, Path.cwd()),
                asyncio.to_thread(check_plugins),
            ),
            asyncio.to_thread(self._check_content, body.files),
        )
        models, kernel, disk, database, secrets, plugins = found
        sandbox = await self._check_sandbox()
        return Report(checks=[*models, secrets, kernel, sandbox, disk, database, *content, plugins])

    def _check_content(self, whole: bool) -> list[Check]:
        files = [check_files(self._storage)] if whole else []
        return [*files, check_index(self._index, self._ingestion.cleanup, whole=whole)]

    async def _find_kernel(self) -> Check:
        facts = await self._executors.facts(None)
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

    async def _check_sandbox(self) -> Check:
        mode, problem = await self._executors.sandbox_problem()
        setting = f"c.JupyterAssistantsApp.sandbox is '{mode}'"
        if problem:
            status: CheckStatus = "problem" if mode == "always" else "warning"
            detail = f"{_RIGHTS}. {problem} ({setting}.)"
            return check("sandbox", _SANDBOX, status, detail, "Install bubblewrap.")
        if mode == "never":
            detail = f"{_RIGHTS}: {setting}."
            remedy = "Set it to 'auto': sandboxes can be made here."
            return check("sandbox", _SANDBOX, "warning", detail, remedy)
        detail = f"Threads' own kernels run in a sandbox, with the network: {setting}."
        if not await self._executors.counts_processes():
            detail += (
                " The system does not limit their processes here, so they are counted twice a second "
                "only: too late for code that starts thousands. Run Jupyter as another user on Linux "
                "5.14 or newer, or limit its container."
            )
        return check("sandbox", _SANDBOX, "ok", detail)

    async def _try_kernel(self) -> Check:
        """Start a kernel, or return the result of the last start if that is recent."""
        done = self._trying is not None and self._trying.done()
        if self._trying is None or (done and time.monotonic() - self._tried > TRIED_FOR):
            self._trying = asyncio.create_task(self._start_kernel())
        found = await asyncio.shield(self._trying)
        if not done:
            self._tried = time.monotonic() if found.status == "ok" else float("-inf")
        return found

    async def _start_kernel(self) -> Check:
        """Start a kernel, run something in it, and shut it down."""
        thread_id, began = new_id("doctor_"), time.monotonic()
        try:
            async with asyncio.timeout(KERNEL_SECONDS):
                kernel = await self._executors.open(thread_id, kernel_id=None, sandbox=None)
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
            await self._executors.forget(thread_id)
        if not isinstance(result, Result) or result.status != "ok":
            return check(
                "kernel", "Kernel", "problem", "A kernel started and could not run 6 * 7.", _INSTALL
            )
        return check(
            "kernel", "Kernel", "ok", f"A kernel started in {started:.1f} s and runs code."
        )

    async def close(self) -> None:
        """Cancel the check of a kernel."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.wait({self._trying})
