"""Undoing steps from a notebook: by a word or by a button below the answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from jupyter_assistants.client.assistants import run_path
from jupyter_assistants.client.base import Json, wait_for
from jupyter_assistants.ipython.approval import NOTHING, can_ask
from jupyter_assistants.ipython.shell_state import State
from jupyter_assistants.ipython.untrusted import one_line, plain
from jupyter_assistants.protocol.errors import ApprovalNeeded, AssistantsError

BUTTON_SECONDS = 300.0


def undo(state: State, which: str = "", *, force: bool = False) -> str:
    """Undo a step of this kernel; give what to say of it.

    Raises
    ------
    NotFound
        If there is no such step.
    UndoRefused
        If somebody changed since what it changed, unless ``force`` is given.
    """
    from jupyter_assistants.kernels import ledger

    answer = ledger.undo(state.shell, which, force=force)
    _tell_server(state, str(answer["id"]))
    return told(answer)


def told(answer: Json) -> str:
    """Return what was undone as a sentence."""
    restored, removed = answer.get("restored") or [], answer.get("removed") or []
    parts = [f"restored {', '.join(restored)}"] if restored else []
    parts += [f"removed {', '.join(removed)}"] if removed else []
    text = f"Step {answer['step']} is undone: {'; '.join(parts) or 'nothing was left of it'}."
    return " ".join(filter(None, [text, str(answer.get("note") or "")]))


def _tell_server(state: State, id: str) -> None:
    """Let other views of the thread know. That it fails undoes nothing, and hinders nobody."""
    step = state.steps.get(id)
    if step is None or state.found is None:
        return
    path = f"{run_path(step.thread_id, step.run_id)}/steps/{step.step_id}/undo"
    with suppress(AssistantsError):
        wait_for(state.found.client.request("POST", path, body={"undone": True}))


class UndoButton:
    """A button that undoes all steps of one run, for as long as no other cell has run.

    A saved notebook should hold no widget, so it goes when it was used, when another cell begins,
    and after some minutes.
    """

    def __init__(self, state: State, ids: Sequence[str]) -> None:
        import ipywidgets as w

        self._state = state
        self._ids = list(ids)
        self._publish = state.shell.display_pub.publish
        self._transient = {"display_id": os.urandom(16).hex()}
        self._button = w.Button(description="Undo changes", icon="undo")
        self._button.tooltip = "Put variables and files back to what they were before this answer"
        self._button.layout.width = "auto"
        self._button.on_click(lambda _: self._clicked())
        # Front ends without widgets close the comm.
        self._button.comm.on_close(lambda _: self._replace(NOTHING))
        self._shown = True
        bundle = {**self._button._repr_mimebundle_(), "text/plain": "Undo changes"}
        self._publish(bundle, transient=self._transient)
        state.shell.events.register("pre_run_cell", self._go)
        self._timer = asyncio.get_running_loop().call_later(BUTTON_SECONDS, self._go)

    def _clicked(self) -> None:
        lines = []
        try:
            for id_ in reversed(self._ids):
                lines.append(undo(self._state, id_))
        except AssistantsError as error:
            lines.append(error.message)
        text = " ".join(lines)
        self._replace({"text/markdown": f"*{one_line(text)}*", "text/plain": plain(text)})

    def _go(self, _info: object = None) -> None:
        self._replace(NOTHING)

    def _replace(self, bundle: dict[str, Any]) -> None:
        if not self._shown:
            return
        self._shown = False
        self._timer.cancel()
        with suppress(ValueError):
            self._state.shell.events.unregister("pre_run_cell", self._go)
        self._publish(bundle, transient=self._transient, update=True)
        self._button.close()


def offer_undo(state: State, changes: Sequence[Json | None]) -> None:
    """Show the button if something can be undone and somebody can click."""
    ids = [str(each["id"]) for each in changes if each and each.get("undo") in ("full", "partial")]
    if not ids or not state.in_kernel:
        return
    with suppress(ApprovalNeeded):
        if can_ask(state.shell) == "buttons":
            UndoButton(state, ids)
