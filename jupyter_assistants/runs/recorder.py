"""The writer of a run: first into storage, then into the run's event log.

Deltas are published only. Everything else is persisted before it is published, so that whoever
sees an event can read its object (docs/internals/runs.md, "Persist, then publish").
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from jupyter_assistants.protocol.base import WireObject
from jupyter_assistants.protocol.errors import StorageUnavailable
from jupyter_assistants.protocol.events import DONE, EventLog
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import RunStep
from jupyter_assistants.storage.background import outlast
from jupyter_assistants.storage.base import Claim, Storage

CHECKPOINT_SECONDS = 1.0
_DRIVEN = ("queued", "in_progress", "requires_action")


class Recorder:
    """The writer of one run.

    Parameters
    ----------
    claim
        The right to write; storage checks it in the transaction of every write.
    run
        The run as it is stored; :attr:`run` follows what is written.

    Attributes
    ----------
    writing
        Returns the message that is being written as it was streamed so far; storage is behind it.
    """

    def __init__(self, storage: Storage, log: EventLog, claim: Claim, owner: str, run: Run) -> None:
        self.storage = storage
        self.log = log
        self.claim = claim
        self.owner = owner
        self.run = run
        self.closed = False
        self.cancelling = False
        self.writing: Callable[[], Message] | None = None
        self._checked = 0.0

    async def save(
        self, *objects: WireObject, suspend: bool = False, release: bool = False
    ) -> None:
        """Persist objects under the claim, without an event, and outlast a database that is away.

        Parameters
        ----------
        suspend
            Whether the lease ends in the same transaction: the run waits for its client.
        release
            Whether the thread is freed in the same transaction: the run is over.
        """
        if self.closed:
            return
        objects = tuple(self._as_cancelling(item) for item in objects)
        for item in objects:
            if isinstance(item, Run):
                self.run = item
        save = partial(self.storage.save, *objects, owner=self.owner, claim=self.claim)
        await outlast(partial(save, suspend=suspend, release=release))

    def _as_cancelling(self, item: WireObject) -> WireObject:
        # A run that is being cancelled keeps saying so, whatever its loop still writes.
        if self.cancelling and isinstance(item, Run) and item.status in _DRIVEN:
            return item.changed(status="cancelling", required_action=None)
        return item

    def publish(self, *events: tuple[str, WireObject]) -> None:
        """Append events about what was persisted."""
        if not self.closed:
            for name, item in events:
                if isinstance(item, RunStep) and not self.run.shows_passages:
                    item = item.without_passages()
                self.log.append(name, item.wire())

    def note(self, **fields: Any) -> None:
        """Change fields of the run's extension; whoever calls this saves the run."""
        extension = self.run.jupyter.model_copy(update=fields)
        self.run = self.run.changed(jupyter=extension)

    def stored_steps(self, *, limit: int, status: str | None = None) -> Sequence[RunStep]:
        """Return the run's steps, oldest first. Blocking."""
        return self.storage.list(
            RunStep, parent=self.run.id, status=status, limit=limit, order="asc"
        ).data

    async def open_step(self, step: RunStep) -> None:
        """Begin a step that calls tools."""
        await self.save(step)
        self.publish(("thread.run.step.created", step), ("thread.run.step.in_progress", step))

    async def open_message(self, step: RunStep, message: Message) -> None:
        """Begin a step that writes a message, and its message."""
        await self.save(step, message)
        self._checked = time.monotonic()
        self.publish(
            ("thread.run.step.created", step),
            ("thread.run.step.in_progress", step),
            ("thread.message.created", message),
            ("thread.message.in_progress", message),
        )

    def message_delta(self, message_id: str, part: dict[str, Any]) -> None:
        """Publish a piece of a message's content."""
        if not self.closed:
            data = {
                "id": message_id,
                "object": "thread.message.delta",
                "delta": {"content": [part]},
            }
            self.log.append("thread.message.delta", data)

    def step_delta(self, step_id: str, call: dict[str, Any]) -> None:
        """Publish a piece of a step's tool call."""
        if not self.closed:
            details = {"type": "tool_calls", "tool_calls": [call]}
            data = {
                "id": step_id,
                "object": "thread.run.step.delta",
                "delta": {"step_details": details},
            }
            self.log.append("thread.run.step.delta", data)

    async def checkpoint(self, message: Callable[[], Message]) -> None:
        """Persist the text so far, at most once a second.

        Parameters
        ----------
        message
            Returns the message so far. It is called in a thread, and only when it is stored: it
            searches the whole text for links.
        """
        if self.closed or time.monotonic() - self._checked < CHECKPOINT_SECONDS:
            return

        def store() -> None:
            self.storage.save(message(), owner=self.owner, claim=self.claim)

        # Not outlasted: the answer goes on to stream while the database is away, and a later
        # checkpoint has all of it.
        with contextlib.suppress(StorageUnavailable):
            await asyncio.to_thread(store)
        self._checked = time.monotonic()

    def streamed(self, stored: Message) -> Message:
        """Return a message with everything that was published of it."""
        message = self.writing() if self.writing is not None else stored
        return message if message.id == stored.id else stored

    async def run_event(self, run: Run, *also: WireObject) -> None:
        """Persist the run in its new state and publish the event of that name."""
        await self.save(*also, run)
        self.publish((f"thread.run.{run.status}", run))

    def pause(self) -> None:
        """End the streams that read now; the run waits for its client."""
        self.log.append(DONE, "[DONE]")

    def close(self) -> None:
        """End the streams for good; later writes are dropped."""
        if not self.closed:
            self.log.append(DONE, "[DONE]")
            self.log.close()
            self.closed = True
