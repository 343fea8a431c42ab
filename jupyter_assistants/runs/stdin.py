"""Shows by the run what its code waits for, and takes what a person types for it."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_assistants.kernels.base import Attendant
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.runs import InputRequest
from jupyter_assistants.runs.recorder import Recorder


class Questions:
    """What running code of one run asks for; one thing at a time."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[str] | None = None
        self._telling = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self) -> str:
        """Wait for the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        try:
            return await self._answer
        finally:
            self._answer = None

    def answer(self, value: str) -> None:
        """Return the answer to who waits for it.

        Raises
        ------
        InvalidRequest
            If nothing was asked.
        """
        if self._answer is None or self._answer.done():
            raise InvalidRequest("The run does not wait for input just now.")
        self._answer.set_result(value)

    async def tell(self, recorder: Recorder, **changes: Any) -> None:
        """Change the run's extension field and tell whoever reads its events."""
        async with self._telling:
            run = recorder.run
            if run.status != "in_progress":
                return
            run = run.changed(jupyter=run.jupyter.model_copy(update=changes))
            await recorder.save(run)
            recorder.publish(("thread.run.in_progress", run))

    def tell_soon(self, recorder: Recorder, **changes: Any) -> None:
        """Do so in the background, in order."""
        task = asyncio.create_task(self.tell(recorder, **changes))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def attend(recorder: Recorder, asked: Questions) -> Attendant:
    """Return who follows the code of a run."""

    async def reply(prompt: str, password: bool) -> str:
        request = InputRequest(prompt=prompt, password=password)
        await asked.tell(recorder, input_request=request, waiting="waiting for your input")
        try:
            return await asked.ask()
        finally:
            asked.tell_soon(recorder, input_request=None, waiting=None)

    def waiting(text: str) -> None:
        asked.tell_soon(recorder, waiting=text or None)

    return Attendant(waiting, reply if recorder.run.jupyter.allow_stdin else None)
