"""Extensions on whole threads: search, copy, export, import, totals."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence

from jupyter_assistants.api.base import Operations
from jupyter_assistants.api.export_formats import markdown, notebook
from jupyter_assistants.api.thread_copy import NewIds, file_ids, renewed, renewed_run
from jupyter_assistants.protocol.errors import InvalidRequest, NotFound
from jupyter_assistants.protocol.files import File, FileExtension, display_name
from jupyter_assistants.protocol.ids import FILE, THREAD, new_id, now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import Message
from jupyter_assistants.protocol.pages import Page
from jupyter_assistants.protocol.runs import Run, Usage
from jupyter_assistants.protocol.steps import CallExtension
from jupyter_assistants.protocol.thread_exports import (
    MAX_EXPORTED_BYTES,
    CopyThread,
    Exported,
    ExportedFile,
    ExportedThread,
    ExportQuery,
    ModelUsage,
    ThreadExport,
    ThreadPageQuery,
    ThreadUsage,
)
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.protocol.tools import CodeInterpreterResources, ToolResources
from jupyter_assistants.runs.states import is_over
from jupyter_assistants.storage.base import FileWriter
from jupyter_assistants.storage.pages import every

_PIECE = 1024 * 1024


class ConversationOperations(Operations):
    """Works on whole threads. None of this was in the hosted API."""

    async def list_threads(self, owner: str, query: ThreadPageQuery) -> Page[Thread]:
        """Return a page of threads, of all or of those that a search finds. Extension."""
        return await asyncio.to_thread(
            lambda: self.storage.search_threads(
                owner,
                text=query.query or None,
                metadata=query.metadata,
                limit=query.limit,
                order=query.order,
                after=query.after,
                before=query.before,
            )
        )

    async def copy_thread(self, owner: str, thread_id: str, body: CopyThread) -> Thread:
        """Copy a thread, or its beginning up to a message. Extension.

        Messages, runs that are over with their steps, and what the model said and saw get new
        ids; files and vector stores are shared. Allowed while a run is active; that run and what
        is being written are left out.
        """
        return await asyncio.to_thread(self._copy, owner, thread_id, body)

    def _copy(self, owner: str, thread_id: str, body: CopyThread) -> Thread:
        original = self.storage.get(Thread, thread_id, owner=owner)
        entries = list(self.storage.history(thread_id))
        if body.until is not None:
            ids = [each.id for each in entries if isinstance(each, Message)]
            if body.until not in ids:
                raise NotFound.of(Message.kind, body.until, param="until")
            end = next(i for i, each in enumerate(entries) if each.id == body.until)
            entries = entries[: end + 1]
        thread = Thread(
            id=new_id(THREAD),
            created_at=now(),
            tool_resources=original.tool_resources,
            metadata=original.metadata if body.metadata is None else body.metadata,
        )
        runs = self._ended_runs(thread_id, entries)
        new = NewIds.of(thread.id, entries, runs)
        made = [
            each
            for run in runs
            for each in renewed_run(run, self.steps_of(run.id), new, body.until)
        ]
        self.storage.save(thread, *made, *renewed(entries, new), owner=owner)
        return thread

    def _ended_runs(self, thread_id: str, entries: Sequence[Message | Item]) -> list[Run]:
        """Return the runs that are over and wrote some of these, oldest first."""
        named = {each.run_id for each in entries}
        runs = every(self.storage, Run, parent=thread_id, order="asc")
        return [run for run in runs if run.id in named and is_over(run)]

    # -- export and import -----------------------------------------------------------------------

    async def export_thread(self, owner: str, thread_id: str, query: ExportQuery) -> Exported:
        """Return a thread as JSON that can be imported, as Markdown or as a notebook. Extension.

        Raises
        ------
        InvalidRequest
            If the files that the export should hold are too large.
        """
        return await asyncio.to_thread(self._export, owner, thread_id, query)

    def _export(self, owner: str, thread_id: str, query: ExportQuery) -> Exported:
        thread = self.storage.get(Thread, thread_id, owner=owner)
        entries = self.storage.history(thread_id)
        if query.format == "json":
            files = list(self._exported_files(owner, thread, entries, query.files))
            export = ThreadExport(
                object="thread.export",
                version=1,
                thread=ExportedThread.model_validate(thread.wire()),
                entries=list(entries),
                files=files,
            )
            # json, not pydantic's own writer: that one fails at half surrogate pairs.
            data = json.dumps(export.model_dump(mode="json"), indent=1).encode()
            return Exported(f"{thread_id}.json", "application/json", data)
        calls = self._calls(entries)
        if query.format == "markdown":
            text = markdown(thread, entries, calls)
            return Exported(f"{thread_id}.md", "text/markdown; charset=utf-8", _utf8(text))
        text = notebook(thread, entries, calls)
        return Exported(f"{thread_id}.ipynb", "application/x-ipynb+json", _utf8(text))

    def _exported_files(
        self, owner: str, thread: Thread, entries: Sequence[Message | Item], content: bool
    ) -> Iterator[ExportedFile]:
        total = 0
        for file_id in file_ids(thread.tool_resources, entries):
            try:
                file = self.storage.get(File, file_id, owner=owner)
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
                with self.storage.open_file(file.jupyter.sha256) as stream:
                    encoded = base64.b64encode(stream.read()).decode()
            yield ExportedFile(
                id=file.id,
                filename=file.filename,
                purpose=file.purpose,
                bytes=file.bytes,
                content=encoded,
            )

    def _calls(self, entries: Sequence[Message | Item]) -> Mapping[str, CallExtension]:
        """Return what the steps keep of calls, by run and call."""
        runs = dict.fromkeys(each.run_id for each in entries if isinstance(each, Item))
        return {
            f"{run_id}/{call_id}": extension
            for run_id in runs
            if run_id
            for step in self.steps_of(run_id)
            for call_id, extension in step.jupyter.calls.items()
        }

    async def import_thread(self, owner: str, body: ThreadExport) -> Thread:
        """Make a thread of a JSON export. Extension.

        Everything gets a new id. Files come from the export, or are those that the owner still
        has; mentions of others are left out, as are kernels and vector stores.

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
            # Every writer stays open, and with it its bytes, until all objects are stored.
            made = [
                _written(stack.enter_context(self.storage.write_file()), each, data)
                for each, data in contents
            ]
            ids |= {each.id: file.id for (each, _), file in zip(contents, made, strict=True)}
            old = body.thread.tool_resources.code_interpreter or CodeInterpreterResources()
            known = [ids[file_id] for file_id in old.file_ids if file_id in ids]
            code = CodeInterpreterResources(file_ids=known) if known else None
            thread = Thread(
                id=new_id(THREAD),
                created_at=now(),
                metadata=body.thread.metadata,
                tool_resources=ToolResources(code_interpreter=code),
            )
            entries = renewed(body.entries, NewIds(thread.id), ids)
            self.storage.save(*made, thread, *entries, owner=owner)
        return thread

    def _has_file(self, owner: str, file_id: str) -> bool:
        try:
            self.storage.get(File, file_id, owner=owner)
        except NotFound:
            return False
        return True

    # -- totals ----------------------------------------------------------------------------------

    async def thread_usage(self, owner: str, thread_id: str) -> ThreadUsage:
        """Return what the runs of a thread took: tokens by model, and money where prices are known.

        Extension. Runs that are not over count with what they took so far; those that came with a
        copy count in the original.
        """
        return await asyncio.to_thread(self._usage, thread_id)

    def _usage(self, thread_id: str) -> ThreadUsage:
        models: dict[str, tuple[int, Usage]] = {}
        for run in every(self.storage, Run, parent=thread_id, order="asc"):
            if not run.copied:
                name = run.jupyter.resolved_model or run.model
                count, usage = models.get(name, (0, Usage()))
                models[name] = (count + 1, usage + (run.usage or run.spent))
        found = [self._model_usage(name, *models[name]) for name in sorted(models)]
        costs = [each.cost for each in found]
        known = [cost for cost in costs if cost is not None]
        return ThreadUsage(
            thread_id=thread_id,
            runs=sum(each.runs for each in found),
            prompt_tokens=sum(each.prompt_tokens for each in found),
            completion_tokens=sum(each.completion_tokens for each in found),
            total_tokens=sum(each.total_tokens for each in found),
            cost=sum(known) if len(known) == len(costs) and known else None,
            models=found,
        )

    def _model_usage(self, name: str, runs: int, usage: Usage) -> ModelUsage:
        prices = self.settings.prices
        price = prices.get(name) or prices.get(name.partition("/")[2])
        cost = None
        if price is not None:
            spent = usage.prompt_tokens * price["input"] + usage.completion_tokens * price["output"]
            cost = spent / 1_000_000
        return ModelUsage(model=name, runs=runs, cost=cost, **usage.model_dump())


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
        jupyter=FileExtension(sha256=blob.sha256),
    )
