"""Wait states of running code, and the replies to its ``input()`` prompts."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_assistants.kernels.base import Attendant
from jupyter_assistants.protocol.errors import InvalidRequest
from jupyter_assistants.protocol.runs import InputRequest
from jupyter_assistants.runs.recorder import Recorder


class InputRequests:
    """Prompts of a run's code, one at a time, and the wait states around them."""

    def __init__(self) -> None:
        self._reply: asyncio.Future[str] | None = None
        self._publishing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def wait(self) -> str:
        """Return what the person types."""
        self._reply = asyncio.get_running_loop().create_future()
        try:
            return await self._reply
        finally:
            self._reply = None

    def reply(self, value: str) -> None:
        """Hand the reply to the code that waits for it.

        Raises
        ------
        InvalidRequest
            If nothing was asked.
        """
        if self._reply is None or self._reply.done():
            raise InvalidRequest("The run does not wait for input just now.")
        self._reply.set_result(value)

    async def publish(self, recorder: Recorder, **changes: Any) -> None:
        """Change the run's extension field, and publish the run."""
        async with self._publishing:
            if recorder.run.status != "in_progress":
                return
            recorder.note(**changes)
            await recorder.save(recorder.run)
            recorder.publish(("thread.run.in_progress", recorder.run))

    def publish_soon(self, recorder: Recorder, **changes: Any) -> None:
        """Publish in the background; the lock keeps the order."""
        task = asyncio.create_task(self.publish(recorder, **changes))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def attendant(recorder: Recorder, inputs: InputRequests) -> Attendant:
    """Return what the code of a run tells its wait states, and asks for input."""

    async def reply(prompt: str, password: bool) -> str:
        request = InputRequest(prompt=prompt, password=password)
        await inputs.publish(recorder, input_request=request, waiting="waiting for your input")
        try:
            return await inputs.wait()
        finally:
            inputs.publish_soon(recorder, input_request=None, waiting=None)

    def waiting(text: str) -> None:
        inputs.publish_soon(recorder, waiting=text or None)

    return Attendant(waiting, reply if recorder.run.jupyter.allow_stdin else None)
