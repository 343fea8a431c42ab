"""Clean cells of a run, and whether they show the same outputs in a fresh kernel."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_assistants.api.answers import Download
from jupyter_assistants.api.clean_cells import Attempt, clean_cells
from jupyter_assistants.api.export_formats import cells_notebook
from jupyter_assistants.api.objects import Objects
from jupyter_assistants.api.quotes import question_of
from jupyter_assistants.api.thread_copy import file_ids
from jupyter_assistants.kernels.base import Executor, Executors, Handout, InputFile
from jupyter_assistants.kernels.outputs.agreement import compare, facts
from jupyter_assistants.kernels.workspace import safe_name
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
from jupyter_assistants.protocol.own_paths import MOUNT
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import CodeInterpreterCall, RunStep, ToolCallsDetails
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.runs.thread_files import ThreadFiles, names_of

MAX_CHECK_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class _Material:
    """A run with everything that its cells are made of."""

    run: Run
    thread: Thread
    entries: Sequence[Message | Item]
    steps: Sequence[RunStep]
    sandbox: bool
    """Whether its code ran in a sandbox, where it has to be checked as well."""


@dataclass(frozen=True)
class CellChecks:
    """Operations on the clean cells of runs. None of them was in the hosted API."""

    objects: Objects
    executors: Executors

    async def get(self, thread: Thread, run: Run, query: CellsQuery) -> RunCells | Download:
        """Return the working code of a run, as clean cells or as a notebook. Extension.

        Raises
        ------
        NotFound
            If the run has run no code that worked.
        """
        material = await asyncio.to_thread(self._material, thread, run)
        cells = await asyncio.to_thread(self._with_files, _cells(material), material)
        if query.format == "json":
            return cells
        data = cells_notebook(cells, run).encode(errors="replace")
        return Download.of(f"{run.id}.ipynb", "application/x-ipynb+json", data)

    async def create(self, owner: str, thread: Thread, run: Run, body: CheckCells) -> CheckedCells:
        """Run a run's clean cells in a fresh kernel and compare their outputs. Extension.

        Variables of the notebook are not there: code that needs them fails, and the answer shows it.
        """
        await self.objects.check_files(owner, body.file_ids, "file_ids")
        material = await asyncio.to_thread(self._material, thread, run)
        cells = _cells(material).cells
        files = await asyncio.to_thread(self._inputs, owner, material, body.file_ids)
        name = f"check-{os.urandom(8).hex()}"
        try:
            kernel = await self.executors.open(
                name, kernel_id=None, sandbox=material.sandbox or None
            )
            await kernel.prepare(files)
            checked = [await _checked(kernel, cell) for cell in cells]
        finally:
            await self.executors.forget(name)
        return CheckedCells(
            thread_id=thread.id,
            run_id=run.id,
            agrees=all(cell.agrees for cell in checked),
            cells=checked,
        )

    def _with_files(self, cells: RunCells, material: _Material) -> RunCells:
        """Add the attached files that the cells name, so that a person can put them beside."""
        storage, run = self.objects.storage, material.run
        files = ThreadFiles(storage, storage.owner_of(run.id), run, material.thread)
        files.load(material.entries)
        paths = [path.removeprefix(f"{MOUNT}/") for path, _ in files.paths.values()]
        code = "\n".join(cell.source for cell in cells.cells)
        return cells.model_copy(update={"files": sorted({p for p in paths if p in code})})

    def _material(self, thread: Thread, run: Run) -> _Material:
        steps = list(self.objects.steps_of(run.id))
        wish = run.tool_resources.sandboxed(thread.tool_resources)
        sandbox = self.executors.is_sandboxed(thread.id, wish)
        return _Material(run, thread, self.objects.storage.history(thread.id), steps, sandbox)

    def _inputs(self, owner: str, material: _Material, more: Sequence[str]) -> list[InputFile]:
        """Return the files of the thread, those that earlier runs wrote, and ``more``."""
        own = material.run.tool_resources.code_interpreter
        ids = [*file_ids(material.thread.tool_resources, material.entries), *more]
        ids += own.file_ids if own else []
        files = []
        for file_id in dict.fromkeys(ids):
            try:
                file = self.objects.storage.get(File, file_id, owner=owner)
            except NotFound:
                continue
            # Files that the run wrote itself, its cells have to write again.
            if file.jupyter.run_id != material.run.id:
                files.append(file)
        if sum(file.bytes for file in files) > MAX_CHECK_BYTES:
            raise TooLarge(
                "The files of this thread have more than 512 MB: run the cells yourself."
            )
        # Cells name a person's files by their own paths, so they lie there for the check, too.
        names = names_of(files) | {
            file.id: file.filename
            for file in files
            if file.id in more and not file.jupyter.apart and _is_inside(file.filename)
        }
        return [self._input(file, names[file.id]) for file in files]

    def _input(self, file: File, name: str) -> InputFile:
        storage, digest = self.objects.storage, file.jupyter.sha256
        return InputFile(file.id, name, file.bytes, digest, lambda: storage.open_file(digest))


def _is_inside(filename: str) -> bool:
    """Return whether a name is that of a file in a subfolder, and in no hidden one."""
    return "/" in filename and not any(
        part == "" or part.startswith(".") or safe_name(part) != part
        for part in filename.split("/")
    )


async def _checked(kernel: Executor, cell: RunCell) -> CheckedCell:
    result = await kernel.run(cell.source, lambda output: None)
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
    found, left_out = clean_cells(_attempts(material.steps))
    if not found:
        raise NotFound(f"The run {material.run.id} has run no code that worked.")
    return RunCells(
        thread_id=material.thread.id,
        run_id=material.run.id,
        question=question_of(material.run, material.entries),
        left_out=left_out,
        cells=[RunCell(source=cell.source, outputs=cell.outputs) for cell in found],
    )


def _attempts(steps: Sequence[RunStep]) -> list[Attempt]:
    found = []
    for step in steps:
        details = step.step_details
        for call in details.tool_calls if isinstance(details, ToolCallsDetails) else ():
            if isinstance(call, CodeInterpreterCall):
                stored = step.jupyter.calls.get(call.id)
                status = (stored.status if stored else None) or "interrupted"
                code = call.code_interpreter.input
                found.append(Attempt(code, status, stored.outputs if stored else ()))
    return found
