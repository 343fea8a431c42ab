"""The one client loop: stream a run, fold its events, answer what it asks for, submit, cancel.

Cells, the command line and the benchmarks differ in what they add to it: which calls they can
answer (``responders``), and what they do when something has changed (``on_change``). Everything
that concerns the run itself happens here, once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from jupyter_assistants.client.assistants import PASSAGES, run_path, thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.protocol.errors import AssistantsError
from jupyter_assistants.protocol.transcript import PendingCall, Transcript, View

CANCEL_SECONDS = 5.0
"""How long a cancel may take: the person who stopped is waiting for the prompt."""

MAX_TITLE_CHARACTERS = 60

Responder = Callable[[PendingCall], Awaitable[Json]]
"""Answers a call that a run waits for: returns an entry of ``tool_outputs`` without its id."""


def _ignore() -> None:
    """Ignore a change."""


@dataclass
class Conversation:
    """One run, from its creation to its end.

    Parameters
    ----------
    responders
        Answer the calls that the run may wait for, by the name of the function.
    on_change
        Called after each event that was folded into :attr:`view`.
    where
        For the model, where an unknown function is missing: ``in this notebook``.
    """

    client: Client
    responders: Mapping[str, Responder] = field(default_factory=dict)
    on_change: Callable[[], None] = _ignore
    where: str = "here"
    run: Json | None = None
    _transcript: Transcript = field(default_factory=Transcript)

    @property
    def view(self) -> View:
        """The run as folded so far."""
        return self._transcript.view()

    async def ask(self, thread_id: str, body: Json) -> View:
        """Create a run and follow it to its end; whatever interrupts this cancels the run.

        Parameters
        ----------
        body
            Of ``POST /threads/{id}/runs``.

        Raises
        ------
        AssistantsError
            If the run could not be created, or the service cannot be reached any more. A run that
            fails is no error: its view says so.
        """
        try:
            await self._follow(f"{thread_path(thread_id)}/runs", body)
        except BaseException:
            # Also for KeyboardInterrupt and cancellation: nobody would read the run any more, and
            # a run that waits for outputs would block its thread until it expires.
            await self._cancel()
            raise
        return self.view

    async def _follow(self, path: str, body: Json) -> None:
        while True:
            await self._read(path, {**body, "stream": True})
            waiting = self.view.waiting
            if not waiting or self.run is None:
                return
            # In order, not at once: code of one kernel runs one call at a time.
            outputs = [await self._answer(call) for call in waiting]
            path = f"{run_path(self.run['thread_id'], self.run['id'])}/submit_tool_outputs"
            body = {"tool_outputs": outputs}

    async def _read(self, path: str, body: Json) -> None:
        events = self.client.stream("POST", path, body, query={"include": PASSAGES})
        async for event, data in events:
            self._transcript.fold(event, data)
            if isinstance(data, dict) and data.get("object") == "thread.run":
                self.run = data
            self.on_change()

    async def _answer(self, call: PendingCall) -> Json:
        responder = self.responders.get(call.name)
        if responder is None:
            error = {"error": f"no function {call.name} is defined {self.where}"}
            return {"tool_call_id": call.id, "output": json.dumps(error)}
        return {"tool_call_id": call.id, "output": "", **await responder(call)}

    async def _cancel(self) -> None:
        state = self.view.run
        if self.run is None or (state is not None and not state.live):
            return
        path = f"{run_path(self.run['thread_id'], self.run['id'])}/cancel"
        with suppress(AssistantsError, TimeoutError):
            async with asyncio.timeout(CANCEL_SECONDS):
                cancelled = await self.client.request("POST", path)
                # The server ends the run soon; for this view it is over.
                self._transcript.fold("thread.run.cancelled", {**cancelled, "status": "cancelled"})


def problem_of(view: View) -> str:
    """Return why a run did not complete, as a sentence; an empty string if it did."""
    run = view.run
    if run is None:
        return view.error or "The run did not start."
    if run.status == "completed":
        return ""
    if view.error:
        return view.error
    if run.status == "failed":
        return f"The run failed: {run.error or 'the server gave no reason'}"
    if run.status == "incomplete":
        return f"The answer is incomplete: it reached a limit ({run.incomplete or 'of tokens'})."
    if run.status == "expired":
        return (
            "The run expired before it ended. Ask again, or raise JupyterAssistantsApp.run_expiry."
        )
    return f"The run ended as {run.status}."


def title_of(prompt: str) -> str:
    """Return the title of a thread that begins with a prompt."""
    return " ".join(prompt.split())[:MAX_TITLE_CHARACTERS]


async def new_thread(
    client: Client, prompt: str, *, metadata: Mapping[str, str] | None = None, **fields: Json
) -> str:
    """Create a thread that is named after its first prompt; return its id.

    Parameters
    ----------
    fields
        Further fields of the request's body.
    """
    body = {"metadata": {"title": title_of(prompt), **(metadata or {})}, **fields}
    thread = await client.request("POST", "/threads", body=body)
    return str(thread["id"])
