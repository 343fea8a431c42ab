"""Exports of threads, and threads from exports. Extension."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jupyter_assistants.api.answers import Download
from jupyter_assistants.api.export_formats import markdown, notebook
from jupyter_assistants.api.objects import Objects
from jupyter_assistants.api.thread_copy import NewIds, derived_thread, file_ids, renewed
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound
from jupyter_assistants.protocol.files import File, FileExtension, display_name
from jupyter_assistants.protocol.ids import FILE, new_id, now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.notebook_keys import KERNEL, NOTEBOOK
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import CallExtension
from jupyter_assistants.protocol.thread_exports import (
    MAX_EXPORTED_BYTES,
    ExportedFile,
    ExportedThread,
    ExportedThreadExtension,
    ExportQuery,
    ThreadExport,
)
from jupyter_assistants.protocol.threads import Thread, ThreadExtension
from jupyter_assistants.protocol.tools import CodeInterpreterResources, ToolResources
from jupyter_assistants.storage.base import FileWriter
from jupyter_assistants.storage.pages import every

_PIECE = 1024 * 1024


@dataclass(frozen=True)
class ThreadExports:
    """Operations on exports. None of them was in the hosted API."""

    objects: Objects

    async def get(self, owner: str, thread: Thread, query: ExportQuery) -> Download:
        """Return a thread as JSON that can be imported, as Markdown or as a notebook. Extension.

        Raises
        ------
        InvalidRequest
            If the files that the export should hold are too large.
        """
        return await asyncio.to_thread(self._export, owner, thread, query)

    def _export(self, owner: str, thread: Thread, query: ExportQuery) -> Download:
        entries = self.objects.storage.history(thread.id)
        if query.format == "json":
            files = list(self._exported_files(owner, thread, entries, query.files))
            export = ThreadExport(
                object="thread.export",
                version=1,
                thread=_exported(thread, sandboxed=self._is_sandboxed(thread)),
                entries=list(entries),
                files=files,
            )
            # json, not pydantic's own writer: that one fails at half surrogate pairs.
            data = json.dumps(export.model_dump(mode="json"), indent=1).encode()
            return Download.of(f"{thread.id}.json", "application/json", data)
        calls = self._calls(entries)
        if query.format == "markdown":
            text = markdown(thread, entries, calls)
            return Download.of(f"{thread.id}.md", "text/markdown; charset=utf-8", _utf8(text))
        text = notebook(thread, entries, calls)
        return Download.of(f"{thread.id}.ipynb", "application/x-ipynb+json", _utf8(text))

    def _is_sandboxed(self, thread: Thread) -> bool:
        """Return whether a run of the thread had to execute its code in a sandbox."""
        runs = every(self.objects.storage, Run, parent=thread.id)
        return any(run.tool_resources.sandboxed(thread.tool_resources) for run in runs)

    def _exported_files(
        self, owner: str, thread: Thread, entries: Sequence[Message | Item], content: bool
    ) -> Iterator[ExportedFile]:
        total = 0
        for file_id in file_ids(thread.tool_resources, entries):
            try:
                file = self.objects.storage.get(File, file_id, owner=owner)
            except NotFound:
                continue
            total += file.bytes
            if content and total > MAX_EXPORTED_BYTES:
                raise InvalidRequest(
                    f"The thread's files have more than {MAX_EXPORTED_BYTES} bytes. Export it "
                    "without 'files' and download them one by one.",
                    param="files",
                )
            encoded = None
            if content:
                with self.objects.storage.open_file(file.jupyter.sha256) as stream:
                    encoded = base64.b64encode(stream.read()).decode()
            yield ExportedFile(
                id=file.id,
                filename=file.filename,
                purpose=file.purpose,
                bytes=file.bytes,
                content=encoded,
            )

    def _calls(self, entries: Sequence[Message | Item]) -> Mapping[str, CallExtension]:
        """Return what the steps store of calls, by run and call."""
        runs = dict.fromkeys(each.run_id for each in entries if isinstance(each, Item))
        return {
            f"{run_id}/{call_id}": extension
            for run_id in runs
            if run_id
            for step in self.objects.steps_of(run_id)
            for call_id, extension in step.jupyter.calls.items()
        }

    async def create_thread(self, owner: str, body: ThreadExport) -> Thread:
        """Create a thread from a JSON export. Extension.

        Everything gets a new id. Files come from the export, or are those that the owner still
        has; mentions of others are removed, as are kernels, notebooks and vector stores. How much
        models may see stays as strict as it was.

        Raises
        ------
        InvalidRequest
            If a file's content is not base64.
        """
        return await asyncio.to_thread(self._import, owner, body)

    def _import(self, owner: str, body: ThreadExport) -> Thread:
        ids = {
            file_id: file_id
            for file_id in file_ids(body.thread.tool_resources, body.entries)
            if self._has_file(owner, file_id)
        }
        contents = [(each, _decoded(i, each)) for i, each in enumerate(body.files) if each.content]
        with contextlib.ExitStack() as stack:
            # A closed writer's bytes may be collected: all stay open until the objects are stored.
            new_files = [
                _written(stack.enter_context(self.objects.storage.write_file()), each, data)
                for each, data in contents
            ]
            ids |= {each.id: file.id for (each, _), file in zip(contents, new_files, strict=True)}
            old = body.thread.tool_resources.code_interpreter or CodeInterpreterResources()
            known = [ids[file_id] for file_id in old.file_ids if file_id in ids]
            code = None
            if known or old.sandbox:
                code = CodeInterpreterResources(file_ids=known, sandbox=old.sandbox)
            # Somebody else wrote this: it must not pass for the thread of a notebook that is open
            # here, and shows models no more than a thread for which nothing was chosen.
            metadata = _without_places(body.thread.metadata)
            resources = ToolResources(code_interpreter=code)
            thread = derived_thread(body.thread, ThreadExtension(), resources, metadata)
            entries = renewed(body.entries, NewIds(thread.id), ids)
            self.objects.storage.save(*new_files, thread, *entries, owner=owner)
        return thread

    def _has_file(self, owner: str, file_id: str) -> bool:
        try:
            self.objects.storage.get(File, file_id, owner=owner)
        except NotFound:
            return False
        return True


def _exported(thread: Thread, *, sandboxed: bool) -> ExportedThread:
    """Return what an export says of its thread: nothing of this machine's kernels and paths."""
    resources = thread.tool_resources
    if sandboxed:
        # The assistant who asked for it is not part of the export.
        old = resources.code_interpreter or CodeInterpreterResources()
        code = old.model_copy(update={"sandbox": True})
        resources = resources.model_copy(update={"code_interpreter": code})
    return ExportedThread(
        id=thread.id,
        created_at=thread.created_at,
        metadata=_without_places(thread.metadata),
        tool_resources=resources,
        jupyter=ExportedThreadExtension(context=thread.jupyter.context),
    )


def _without_places(metadata: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in metadata.items() if name not in (KERNEL, NOTEBOOK)}


def _utf8(text: str) -> bytes:
    return text.encode(errors="replace")


def _decoded(index: int, file: ExportedFile) -> bytes:
    try:
        return base64.b64decode(file.content or "", validate=True)
    except (binascii.Error, ValueError):
        name = f"files[{index}].content"
        raise InvalidRequest(f"Invalid '{name}': it is not base64.", param=name) from None


def _written(writer: FileWriter, file: ExportedFile, data: bytes) -> File:
    for start in range(0, len(data), _PIECE):
        writer.write(data[start : start + _PIECE])
    blob = writer.commit()
    return File(
        id=new_id(FILE),
        created_at=now(),
        bytes=blob.bytes,
        filename=display_name(file.filename),
        purpose=file.purpose,
        # Somebody else's file: it is not put beside the code of whoever goes on with the thread.
        jupyter=FileExtension(sha256=blob.sha256, apart=True),
    )
