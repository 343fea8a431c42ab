"""Undo of a step in the live kernel that ran it. Extension."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_assistants.api.objects import Objects
from jupyter_assistants.kernels.base import Executors
from jupyter_assistants.protocol.errors import NotFound, UndoRefused
from jupyter_assistants.protocol.steps import CallExtension, Changes, RunStep
from jupyter_assistants.protocol.undo import UndoStep

_OPEN = ("full", "partial")


@dataclass(frozen=True)
class Undo:
    """Restores what the code of a step has changed."""

    objects: Objects
    executors: Executors

    async def undo_step(self, owner: str, thread_id: str, step: RunStep, body: UndoStep) -> RunStep:
        """Undo what a step changed in a live kernel of this server; return the step. Extension.

        Raises
        ------
        NotFound
            If the step has changed nothing that can be undone.
        UndoRefused
            If somebody changed it since, or if it was undone.
        """
        await self.objects.check_thread_is_free(thread_id, adding=False)
        changed = {id_: c for id_, c in step.jupyter.calls.items() if c.changes is not None}
        if any(call.changes and call.changes.undo == "undone" for call in changed.values()):
            raise UndoRefused("This step is undone already.")
        calls = {id_: c for id_, c in changed.items() if c.changes and c.changes.undo in _OPEN}
        if not calls:
            notes = [call.changes.note for call in changed.values() if call.changes]
            text = " ".join(filter(None, notes)) or "It changed no variable and no file."
            raise NotFound(f"There is nothing to undo in this step. {text}")
        # The latest call first: what it changed may rest on what an earlier one did.
        for id_ in reversed(calls):
            if not body.undone:
                calls[id_] = await self._undo(thread_id, calls[id_], body.force)
            calls[id_] = _undone(calls[id_])
        extension = step.jupyter.model_copy(update={"calls": {**step.jupyter.calls, **calls}})
        step = step.changed(jupyter=extension)
        await self.objects.save(step, owner=owner)
        return step

    async def _undo(self, thread_id: str, call: CallExtension, force: bool) -> CallExtension:
        changes = call.changes or Changes()
        kind, _, kernel_id = (call.place or "").partition(" ")
        if kind != "kernel":
            word = f"%assistant undo {changes.step or ''}".rstrip()
            raise UndoRefused(f"This code ran in a notebook's cell. Run `{word}` there.")
        kernel = await self.executors.open(thread_id, kernel_id=kernel_id, sandbox=False)
        answer = await kernel.undo(changes.id or "", force=force)
        if "refused" in answer:
            raise UndoRefused(str(answer["refused"]))
        note = str(answer.get("note") or "") or None
        return call.model_copy(update={"changes": changes.model_copy(update={"note": note})})


def _undone(call: CallExtension) -> CallExtension:
    changes = call.changes or Changes()
    return call.model_copy(update={"changes": changes.model_copy(update={"undo": "undone"})})
