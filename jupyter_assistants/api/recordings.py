"""A stored run as a cassette, whoever asked: the panel, a program, a cell or the command line."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_assistants.api.base import Operations
from jupyter_assistants.api.quotes import question_of
from jupyter_assistants.kernels.recording import recording, recording_file
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.recordings import RunCassette
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.transcript import Transcript
from jupyter_assistants.redaction import Masker
from jupyter_assistants.runs.states import is_over


class RecordOperations(Operations):
    """Makes cassettes of runs. None of this was in the hosted API."""

    async def run_cassette(self, owner: str, thread_id: str, run_id: str) -> RunCassette:
        """Return a run that is over as a cassette: what was asked, answered and run. Extension.

        Raises
        ------
        InvalidRequest
            If the run is not over yet.
        """
        made = await asyncio.to_thread(self._recording, owner, thread_id, run_id)
        return RunCassette.model_validate(recording_file([made]))

    def _recording(self, owner: str, thread_id: str, run_id: str) -> dict[str, Any]:
        run = self.storage.get(Run, run_id, owner=owner)
        self.storage.get(Thread, thread_id, owner=owner)
        if run.thread_id != thread_id:
            raise NotFound(f"The thread {thread_id} has no run {run_id}.")
        if not is_over(run):
            raise InvalidRequest(
                f"The run {run_id} is {run.status}: a run is recorded when it is over. Wait for "
                "it, or cancel it."
            )
        transcript = Transcript()
        transcript.fold(f"thread.run.{run.status}", run.wire())
        for step in self.steps_of(run_id):
            transcript.fold("thread.run.step.completed", step.wire())
        entries = self.storage.history(thread_id)
        for entry in entries:
            if isinstance(entry, Message) and entry.run_id == run_id:
                transcript.fold("thread.message.completed", entry.wire())
        made = recording(
            question_of(run, entries),
            transcript.view(),
            Masker(),
            lambda file: self._digest(owner, str(file["file_id"])),
        )
        assert made is not None
        return made

    def _digest(self, owner: str, file_id: str) -> str | None:
        try:
            return self.storage.get(File, file_id, owner=owner).jupyter.sha256
        except NotFound:
            return None
