"""From a run to a notebook: its clean cells, and whether they give the same in a fresh kernel."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.api.base import Operations
from jupyter_assistants.api.clean_cells import Ran, clean_cells
from jupyter_assistants.api.export_formats import cells_notebook
from jupyter_assistants.api.quotes import question_of
from jupyter_assistants.api.thread_copy import file_ids
from jupyter_assistants.kernels.base import Executor, Handout, InputFile
from jupyter_assistants.kernels.outputs.agreement import compare, facts
from jupyter_assistants.protocol.cells import (
    CellsQuery,
    CheckCells,
    CheckedCell,
    CheckedCells,
    RunCell,
    RunCells,
)
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound, TooLarge
from jupyter_assistants.protocol.files import File
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import CodeInterpreterCall, RunStep, ToolCallsDetails
from jupyter_assistants.protocol.thread_exports import Exported
from jupyter_assistants.protocol.threads import Thread

MAX_CHECK_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class _Material:
    """What there is of a run."""

    run: Run
    thread: Thread
    entries: Sequence[Message | Item]
    steps: Sequence[RunStep]


class PromoteOperations(Operations):
    """Makes cells of runs. None of this was in the hosted API."""

    async def run_cells(
        self, owner: str, thread_id: str, run_id: str, query: CellsQuery
    ) -> RunCells | Exported:
        """Return the code of a run that worked, as clean cells or as a notebook. Extension.

        Raises
        ------
        NotFound
            If the run has run no code that worked.
        """
        material = await asyncio.to_thread(self._material, owner, thread_id, run_id)
        cells = _cells(material)
        if query.format == "json":
            return cells
        text = cells_notebook(cells, material.run)
        name = f"{run_id}.ipynb"
        return Exported(name, "application/x-ipynb+json", text.encode(errors="replace"))

    async def check_cells(
        self, owner: str, thread_id: str, run_id: str, body: CheckCells
    ) -> CheckedCells:
        """Run a run's clean cells in a fresh kernel and say which outputs agree. Extension.

        Variables of the notebook are not there: code that needs them fails, and that is said.
        """
        await self.check_files(owner, body.file_ids, "file_ids")
        material = await asyncio.to_thread(self._material, owner, thread_id, run_id)
        cells = _cells(material).cells
        files = await asyncio.to_thread(self._inputs, owner, material, body.file_ids)
        name = f"check-{os.urandom(8).hex()}"
        try:
            place = await self.executors.open(name, kernel_id=None)
            await place.prepare(files)
            checked = [await _checked(place, cell) for cell in cells]
        finally:
            await self.executors.forget(name)
        return CheckedCells(
            thread_id=thread_id,
            run_id=run_id,
            agrees=all(cell.agrees for cell in checked),
            cells=checked,
        )

    def _material(self, owner: str, thread_id: str, run_id: str) -> _Material:
        run = self.storage.get(Run, run_id, owner=owner)
        thread = self.storage.get(Thread, thread_id, owner=owner)
        steps = list(self.steps_of(run_id))
        return _Material(run, thread, self.storage.history(thread_id), steps)

    def _inputs(self, owner: str, material: _Material, more: Sequence[str]) -> list[InputFile]:
        """Return the files of the thread, those that earlier runs wrote, and the given ones."""
        own = material.run.tool_resources.code_interpreter
        ids = [*file_ids(material.thread.tool_resources, material.entries), *more]
        ids += own.file_ids if own else []
        files = []
        for file_id in dict.fromkeys(ids):
            try:
                file = self.storage.get(File, file_id, owner=owner)
            except NotFound:
                continue
            # What the run wrote itself, its cells have to write again.
            if file.jupyter.run_id != material.run.id:
                files.append(file)
        if sum(file.bytes for file in files) > MAX_CHECK_BYTES:
            raise TooLarge(
                "The files of this thread have more than 512 MB: run the cells yourself."
            )
        return [self._input(file) for file in files]

    def _input(self, file: File) -> InputFile:
        digest = file.jupyter.sha256
        return InputFile(
            file.id, file.filename, file.bytes, digest, lambda: self.storage.open_file(digest)
        )


async def _checked(place: Executor, cell: RunCell) -> CheckedCell:
    result = await place.run(cell.source, lambda output: None)
    if isinstance(result, Handout):
        raise InvalidRequest("Cells are checked in a kernel of this server.")
    found = compare(facts(cell.outputs), facts(result.outputs))
    notes = [*found.notes, *([result.note] if result.note else [])]
    return CheckedCell(
        source=cell.source,
        status=result.status,
        seconds=round(result.seconds, 3),
        agrees=found.agrees and result.status == "ok",
        differences=found.differences,
        notes=notes,
    )


def _cells(material: _Material) -> RunCells:
    found, left_out = clean_cells(_executions(material.steps))
    if not found:
        raise NotFound(f"The run {material.run.id} has run no code that worked.")
    return RunCells(
        thread_id=material.thread.id,
        run_id=material.run.id,
        question=question_of(material.run, material.entries),
        left_out=left_out,
        cells=[RunCell(source=cell.source, outputs=cell.outputs) for cell in found],
    )


def _executions(steps: Sequence[RunStep]) -> list[Ran]:
    found = []
    for step in steps:
        details = step.step_details
        for call in details.tool_calls if isinstance(details, ToolCallsDetails) else ():
            if isinstance(call, CodeInterpreterCall):
                kept = step.jupyter.calls.get(call.id)
                status = (kept.status if kept else None) or "interrupted"
                code = call.code_interpreter.input
                found.append(Ran(code, status, kept.outputs if kept else ()))
    return found
