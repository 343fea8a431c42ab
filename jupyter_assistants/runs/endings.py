"""How runs end: first the message in flight, then its step, then the run.

The order is that of docs/internals/protocol.md, "Events and streaming": SDKs close a message before
the step that wrote it.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any, Literal

from jupyter_assistants.protocol.errors import AssistantsError, ClaimLost, ProviderError
from jupyter_assistants.protocol.ids import now
from jupyter_assistants.protocol.messages import IncompleteMessage, Message
from jupyter_assistants.protocol.runs import LastError, Run
from jupyter_assistants.protocol.steps import RunStep, StepError
from jupyter_assistants.protocol.unseen import revealed
from jupyter_assistants.runs.recorder import Recorder
from jupyter_assistants.runs.states import advance, end_step, is_over
from jupyter_assistants.storage.background import outlast

log = logging.getLogger(__name__)

LONGEST_TEXT = 2000

Ending = Literal["cancelled", "failed", "expired", "completed", "incomplete"]
_REASONS = {"cancelled": "run_cancelled", "failed": "run_failed", "expired": "run_expired"}


async def fail_run(recorder: Recorder, code: str, message: str) -> None:
    """End a run as failed."""
    # Plug-ins pass on what their endpoints write, which terminals would obey.
    text = revealed(message[:LONGEST_TEXT])
    error = LastError.model_validate({"code": code, "message": text})
    await end_early(recorder, "failed", error)


async def settle_run(recorder: Recorder, working: asyncio.Task[None]) -> None:
    """End a run by what its loop raised, if it raised anything."""
    try:
        working.result()
    except ClaimLost:
        log.warning("run %s is driven by another process now", recorder.run.id)
        recorder.close()
    except ProviderError as error:
        await fail_run(recorder, error.run_code, error.message)
    except AssistantsError as error:
        await fail_run(recorder, "server_error", error.message)
    except Exception:
        log.exception("run %s failed", recorder.run.id)
        text = "The server had an internal error. Its log has the details."
        await fail_run(recorder, "server_error", text)


async def end_early(recorder: Recorder, ending: Ending, error: LastError | None = None) -> None:
    """End a run, and first what it was writing, as soon as the database is there."""
    stored = await outlast(partial(recorder.storage.get, Run, recorder.run.id))
    if is_over(stored):
        # It ended by itself while somebody was about to end it.
        await outlast(partial(recorder.storage.release, recorder.claim))
        recorder.publish((f"thread.run.{stored.status}", stored))
        recorder.close()
        return
    recorder.run = stored.changed(spent=recorder.run.spent, jupyter=recorder.run.jupyter)
    try:
        await _end_in_flight(recorder, ending, error)
        if ending == "cancelled":
            if recorder.run.status != "cancelling":
                await recorder.save(advance(recorder.run, "cancelling"))
            recorder.publish(("thread.run.cancelling", recorder.run))
        fields: dict[str, Any] = {"last_error": error} if error else {}
        await end_run(recorder, ending, **fields)
    except ClaimLost:
        recorder.close()


async def end_run(recorder: Recorder, status: Ending, **fields: Any) -> None:
    """Put a run into its last state, free its thread and end its streams."""
    run = advance(recorder.run, status, **fields)
    try:
        # Freed in the same transaction: a client that reads "completed", from a stream or by
        # polling, may add a message at once.
        await recorder.save(run, release=True)
    except ClaimLost:
        # A connection that broke after the commit: the second try finds the lease released by the
        # first.
        if await outlast(partial(recorder.storage.get, Run, run.id)) != recorder.run:
            raise
    recorder.publish((f"thread.run.{run.status}", run))
    recorder.close()


async def _end_in_flight(recorder: Recorder, ending: Ending, error: LastError | None) -> None:
    run, storage = recorder.run, recorder.storage
    messages = await outlast(
        partial(storage.list, Message, parent=run.thread_id, key=run.id, status="in_progress")
    )
    for stored in messages.data:
        # The stock SDK breaks on a message that ends with less than was streamed of it.
        message = recorder.streamed(stored)
        details = IncompleteMessage.model_validate({"reason": _REASONS[ending]})
        message = message.changed(
            status="incomplete", incomplete_at=now(), incomplete_details=details
        )
        await recorder.save(message)
        recorder.publish(("thread.message.incomplete", message))
    steps = await outlast(partial(storage.list, RunStep, parent=run.id, status="in_progress"))
    for step in steps.data:
        step = end_step(step, ending, **_step_error(error))
        await recorder.save(step)
        recorder.publish((f"thread.run.step.{step.status}", step))


def _step_error(error: LastError | None) -> dict[str, StepError]:
    if error is None:
        return {}
    # The error of a step cannot have the code "invalid_prompt"
    # (docs/internals/protocol.md, "Run steps").
    code = "server_error" if error.code == "invalid_prompt" else error.code
    return {"last_error": StepError(code=code, message=error.message)}
