"""Results of code: what the step shows, what the model reads, and which files stay.

Outputs travel as nbformat dicts. This module derives everything else from them: the API's ``logs``
and ``image`` outputs, the text for the model, the file objects.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from jupyter_assistants.kernels import outputs as nb
from jupyter_assistants.kernels.attached_files import is_loaded_unasked
from jupyter_assistants.kernels.base import Output, Produced, Result
from jupyter_assistants.kernels.languages import find_language
from jupyter_assistants.kernels.workspace import open_inside
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.files import MAX_FILE_BYTES, File, FileExtension
from jupyter_assistants.protocol.ids import FILE, new_id, now
from jupyter_assistants.protocol.steps import (
    CallExtension,
    Changes,
    CodeInterpreter,
    CodeInterpreterCall,
    CodeOutput,
    ImageOutput,
    ImageRef,
    LogsOutput,
    StepFile,
)
from jupyter_assistants.redaction import Masker
from jupyter_assistants.storage.background import outlast
from jupyter_assistants.storage.base import Storage
from jupyter_assistants.tools.base import ToolContext, ToolResult
from jupyter_assistants.tools.code_interpreter.output_text import model_text, save_output_text

SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
}
_CHUNK = 1 << 20
_REMEMBERED_IMAGES = 1000


class ResultWriter:
    """Turns results of code into results of tool calls, and stores images and files."""

    def __init__(self, storage: Storage) -> None:
        self.masker = Masker()
        self._storage = storage
        self._images: OrderedDict[str, File] = OrderedDict()

    async def write(
        self,
        call_id: str,
        code: str,
        result: Result,
        context: ToolContext,
        *,
        place: str,
        language: str = "python",
        folder: Path | None = None,
        live: bool = False,
    ) -> ToolResult:
        """Return the answer of a call.

        Parameters
        ----------
        place
            The executor, as people know it.
        folder
            Where a long output is saved, for later code to read; None where that is not ours.
        live
            Whether the code ran in a person's own folder.
        """
        # Before anything is stored, published or sent to a model.
        result = replace(
            result,
            # In a thread, as all that reads outputs here: they may have megabytes.
            outputs=await asyncio.to_thread(self.masker.outputs, result.outputs),
            note=self.masker.text(result.note),
        )
        outputs = nb.without_tables(result.outputs)
        shown, images = await self._wire_outputs(outputs, context)
        files = [await self._store_file(produced, context) for produced in result.files]
        stored = [file for file in files if file is not None]
        saved_at = ""
        if folder is not None:
            # A name that code cannot guess another call's by, and no call can choose.
            name = hashlib.sha256(f"{context.run.id}/{call_id}".encode()).hexdigest()[:16]
            saved_at = await asyncio.to_thread(save_output_text, folder, name, result)
        sizes = [(file.filename, file.bytes) for file in stored]
        executed = CodeInterpreter(input=result.code or code, outputs=shown)
        told = await asyncio.to_thread(model_text, result, sizes, saved_at, language, live=live)
        return ToolResult(
            details=CodeInterpreterCall(id=call_id, code_interpreter=executed),
            output=told,
            image_file_ids=images,
            kept_at=saved_at,
            extension=CallExtension(
                outputs=outputs,
                files=stored,
                seconds=round(result.seconds, 3),
                status=result.status,
                note=result.note or None,
                place=place,
                language=foreign_title(language),
                changes=Changes.model_validate(result.changes) if result.changes else None,
            ),
        )

    async def store_image(self, mime: str, data: bytes, context: ToolContext) -> File:
        """Return the file of a displayed image; the same image of one run is one file."""
        digest = hashlib.sha256(data).hexdigest()
        key = f"{context.run.id}:{digest}"
        if key not in self._images:
            file_id = new_id(FILE)
            name = file_id + SUFFIXES.get(mime, ".bin")
            self._images[key] = await outlast(
                partial(self._write_file, [data], file_id, name, context)
            )
            if len(self._images) > _REMEMBERED_IMAGES:
                self._images.popitem(last=False)
        return self._images[key]

    async def _wire_outputs(
        self, outputs: Sequence[Output], context: ToolContext
    ) -> tuple[list[CodeOutput], list[str]]:
        """Return the API's ``logs`` and ``image`` outputs, and the images' file ids."""
        shown: list[CodeOutput] = []
        ids: list[str] = []
        lines = nb.LogLines()
        for output in outputs:
            images = await asyncio.to_thread(nb.images, [output])
            for mime, data in images:
                file = await self.store_image(mime, data, context)
                ids.append(file.id)
                shown.append(ImageOutput(image=ImageRef(file_id=file.id)))
            logs = "" if images else await asyncio.to_thread(nb.logs_text, [output])
            if images:
                lines = nb.LogLines()
            logs = lines.separated(logs, output)
            if logs and shown and isinstance(shown[-1], LogsOutput):
                shown[-1] = LogsOutput(logs=shown[-1].logs + logs)
            elif logs:
                shown.append(LogsOutput(logs=logs))
        return shown, ids

    async def _store_file(self, produced: Produced, context: ToolContext) -> StepFile | None:
        if produced.file_id is not None:
            return await outlast(partial(self._claim_upload, produced, context))
        path = produced.path
        if path is None:
            return None
        folder = path.parents[len(PurePosixPath(produced.name).parts) - 1]

        def copy() -> File | None:
            with contextlib.suppress(OSError), open_inside(folder, produced.name) as stream:
                size = os.fstat(stream.fileno()).st_size
                if size <= MAX_FILE_BYTES:
                    # No further than it went: code that still runs could write to it for ever.
                    pieces = (stream.read(min(_CHUNK, size - at)) for at in range(0, size, _CHUNK))
                    return self._write_file(pieces, new_id(FILE), path.name, context)
            return None

        # Code cannot be executed again, so what it made is stored however long that takes.
        file = await outlast(copy)
        if file is None:
            return None
        return StepFile(file_id=file.id, filename=produced.name, bytes=file.bytes)

    def _claim_upload(self, produced: Produced, context: ToolContext) -> StepFile | None:
        """Mark a file that the caller has uploaded as written by this run's code.

        The owner is checked: the id is whatever the caller posted.
        """
        try:
            file = self._storage.get(File, produced.file_id or "", owner=context.owner)
        except NotFound:
            return None
        mark = file.jupyter.model_copy(
            update={"thread_id": context.thread.id, "run_id": context.run.id}
        )
        file = file.changed(jupyter=mark)
        self._storage.save(file, owner=context.owner)
        return StepFile(file_id=file.id, filename=produced.name, bytes=file.bytes)

    def _write_file(
        self, pieces: Iterable[bytes], file_id: str, name: str, context: ToolContext
    ) -> File:
        with self._storage.write_file() as writer:
            for piece in pieces:
                writer.write(piece)
            blob = writer.commit()
            mark = FileExtension(
                sha256=blob.sha256,
                thread_id=context.thread.id,
                run_id=context.run.id,
                apart=is_loaded_unasked(name) or None,
            )
            file = File(
                id=file_id,
                created_at=now(),
                bytes=blob.bytes,
                filename=name,
                purpose="assistants_output",
                jupyter=mark,
            )
            # Inside the block, because bytes that no file names are collected.
            self._storage.save(file, owner=context.owner)
            return file


def foreign_title(language: str) -> str | None:
    """Return the title of a language that is not Python, for the step's extension."""
    return None if language == "python" else find_language(language).title
