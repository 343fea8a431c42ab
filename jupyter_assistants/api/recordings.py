"""Recordings of stored runs, whoever started them: the panel, a program, a cell or the CLI."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_assistants.api.objects import Objects
from jupyter_assistants.api.quotes import question_of
from jupyter_assistants.kernels.recording import recording, recording_file
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.own_paths import MOUNT
from jupyter_assistants.protocol.recordings import RunCassette
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.transcript import Transcript
from jupyter_assistants.redaction import Masker
from jupyter_assistants.runs.states import is_over
from jupyter_assistants.runs.thread_files import ThreadFiles


@dataclass(frozen=True)
class Recordings:
    """Operations on recordings. None of them was in the hosted API."""

    objects: Objects

    async def get(self, owner: str, run: Run) -> RunCassette:
        """Return a recording of a run that is over: its question, answer and code. Extension.

        Raises
        ------
        InvalidRequest
            If the run is not over yet.
        """
        recorded = await asyncio.to_thread(self._recording, owner, run)
        return RunCassette.model_validate(recording_file([recorded]))

    def _recording(self, owner: str, run: Run) -> dict[str, Any]:
        if not is_over(run):
            raise InvalidRequest(
                f"The run {run.id} is {run.status}: a run is recorded when it is over. Wait for "
                "it, or cancel it."
            )
        transcript = Transcript()
        transcript.fold(f"thread.run.{run.status}", run.wire())
        for step in self.objects.steps_of(run.id):
            transcript.fold("thread.run.step.completed", step.wire())
        entries = self.objects.storage.history(run.thread_id)
        for entry in entries:
            if isinstance(entry, Message) and entry.run_id == run.id:
                transcript.fold("thread.message.completed", entry.wire())
        found = recording(
            question_of(run, entries),
            transcript.view(),
            Masker(),
            lambda file: self._digest(owner, str(file["file_id"])),
            self._inputs(owner, run, entries),
        )
        assert found is not None
        return found

    def _inputs(
        self, owner: str, run: Run, entries: Sequence[Message | Item]
    ) -> dict[str, str | None]:
        """Return the hashes of the files that the run's code could read, by their paths."""
        thread = self.objects.storage.get(Thread, run.thread_id)
        files = ThreadFiles(self.objects.storage, owner, run, thread)
        files.load(entries)
        return {
            path.removeprefix(f"{MOUNT}/"): file.jupyter.sha256
            for path, file in files.paths.values()
            # What the run wrote itself, its code writes again.
            if file.jupyter.run_id != run.id
        }

    def _digest(self, owner: str, file_id: str) -> str | None:
        try:
            return self.objects.storage.get(File, file_id, owner=owner).jupyter.sha256
        except NotFound:
            return None
