"""Undoing a step in the live kernel that ran it. Extension."""

from __future__ import annotations

from jupyter_assistants.api.runs import RunOperations
from jupyter_assistants.protocol.errors import NotFound, UndoRefused
from jupyter_assistants.protocol.steps import CallExtension, Changes, RunStep
from jupyter_assistants.protocol.undo import UndoStep

_OPEN = ("full", "partial")


class UndoOperations(RunOperations):
    """Puts back what code of a step has changed."""

    async def undo_step(
        self, owner: str, thread_id: str, run_id: str, step_id: str, body: UndoStep
    ) -> RunStep:
        """Undo what a step changed in a live kernel of this server; give the step. Extension.

        Raises
        ------
        NotFound
            If the step has changed nothing that can be undone.
        UndoRefused
            If somebody changed it since, or if it was undone.
        """
        await self.check_free(thread_id, adding=False)
        step = await self.get(RunStep, step_id, owner)
        told = {id_: call for id_, call in step.jupyter.calls.items() if call.changes is not None}
        if any(call.changes and call.changes.undo == "undone" for call in told.values()):
            raise UndoRefused("This step is undone already.")
        calls = {id_: c for id_, c in told.items() if c.changes and c.changes.undo in _OPEN}
        if not calls:
            notes = [call.changes.note for call in told.values() if call.changes]
            text = " ".join(filter(None, notes)) or "It changed no variable and no file."
            raise NotFound(f"There is nothing to undo in this step. {text}")
        for id_ in reversed(calls):
            if not body.undone:
                calls[id_] = await self._undo(thread_id, calls[id_], body.force)
            calls[id_] = _undone(calls[id_])
        extension = step.jupyter.model_copy(update={"calls": {**step.jupyter.calls, **calls}})
        step = step.changed(jupyter=extension)
        await self.put(step, owner=owner)
        return step

    async def _undo(self, thread_id: str, call: CallExtension, force: bool) -> CallExtension:
        changes = call.changes or Changes()
        kind, _, kernel_id = (call.place or "").partition(" ")
        if kind != "kernel":
            word = f"%assistant undo {changes.step or ''}".rstrip()
            raise UndoRefused(f"This code ran in a notebook's cell. Run `{word}` there.")
        place = await self.executors.open(thread_id, kernel_id=kernel_id)
        answer = await place.undo(changes.id or "", force=force)
        if "refused" in answer:
            raise UndoRefused(str(answer["refused"]))
        note = str(answer.get("note") or "") or None
        return call.model_copy(update={"changes": changes.model_copy(update={"note": note})})


def _undone(call: CallExtension) -> CallExtension:
    changes = call.changes or Changes()
    return call.model_copy(update={"changes": changes.model_copy(update={"undo": "undone"})})
