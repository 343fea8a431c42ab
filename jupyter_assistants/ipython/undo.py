"""The undo of steps from a notebook: by a word, or by a button below the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from jupyter_assistants.client.assistants import run_path
from jupyter_assistants.client.base import Json
from jupyter_assistants.client.event_loops import run_in_thread
from jupyter_assistants.client.text import one_line, plain
from jupyter_assistants.ipython.approval import can_ask
from jupyter_assistants.ipython.blocks import EMPTY_BUNDLE
from jupyter_assistants.ipython.display_updates import ReplaceableOutput
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.protocol.errors import ApprovalNeeded, AssistantsError

BUTTON_SECONDS = 300.0


def undo(state: ShellState, which: str = "", *, force: bool = False) -> str:
    """Undo a step of this kernel; return a sentence about the result.

    Raises
    ------
    NotFound
        If there is no such step.
    UndoRefused
        If its variables or files were changed since, unless ``force`` is given.
    """
    from jupyter_assistants.kernels import ledger

    answer = ledger.undo(state.shell, which, force=force)
    _report_to_server(state, str(answer["id"]))
    return undo_text(answer)


def undo_text(answer: Json) -> str:
    """Return the result of an undo as a sentence."""
    restored, removed = answer.get("restored") or [], answer.get("removed") or []
    parts = [f"restored {', '.join(restored)}"] if restored else []
    parts += [f"removed {', '.join(removed)}"] if removed else []
    text = f"Step {answer['step']} is undone: {'; '.join(parts) or 'it had changed nothing that still exists'}."
    return " ".join(filter(None, [text, str(answer.get("note") or "")]))


def _report_to_server(state: ShellState, id: str) -> None:
    """Mark the step as undone for other views of the thread; never raises."""
    step = state.steps.get(id)
    if step is None or state.chosen is None:
        return
    path = f"{run_path(step.thread_id, step.run_id)}/steps/{step.step_id}/undo"
    with suppress(AssistantsError):
        run_in_thread(state.chosen.client.request("POST", path, body={"undone": True}))


class UndoButton:
    """A button that undoes all steps of one run, for as long as no other cell has run.

    A saved notebook should hold no widget, so it disappears when it was used, when another cell
    begins, and after some minutes.
    """

    def __init__(self, state: ShellState, ids: Sequence[str]) -> None:
        import ipywidgets as w

        self._state = state
        self._ids = list(ids)
        self._button = w.Button(description="Undo changes", icon="undo")
        self._button.tooltip = "Put variables and files back to what they were before this answer"
        self._button.layout.width = "auto"
        self._button.on_click(lambda _: self._undo_all())
        # A front end without widgets closes the comm.
        self._button.comm.on_close(lambda _: self._replace(EMPTY_BUNDLE))
        self._shown = True
        bundle = {**self._button._repr_mimebundle_(), "text/plain": "Undo changes"}
        self._output = ReplaceableOutput(state.shell.display_pub.publish, bundle)
        state.shell.events.register("pre_run_cell", self._hide)
        self._timer = asyncio.get_running_loop().call_later(BUTTON_SECONDS, self._hide)

    def _undo_all(self) -> None:
        lines = []
        try:
            for id_ in reversed(self._ids):
                lines.append(undo(self._state, id_))
        except AssistantsError as error:
            lines.append(error.message)
        text = " ".join(lines)
        self._replace({"text/markdown": f"*{one_line(text)}*", "text/plain": plain(text)})

    def _hide(self, _info: object = None) -> None:
        self._replace(EMPTY_BUNDLE)

    def _replace(self, bundle: dict[str, Any]) -> None:
        if not self._shown:
            return
        self._shown = False
        self._timer.cancel()
        with suppress(ValueError):
            self._state.shell.events.unregister("pre_run_cell", self._hide)
        self._output.replace(bundle)
        self._button.close()


def offer_undo(state: ShellState, changes: Sequence[Json | None]) -> None:
    """Show the button if something can be undone and somebody can click it."""
    ids = [str(each["id"]) for each in changes if each and each.get("undo") in ("full", "partial")]
    if not ids or not state.in_kernel:
        return
    with suppress(ApprovalNeeded):
        if can_ask(state.shell) == "buttons":
            UndoButton(state, ids)
