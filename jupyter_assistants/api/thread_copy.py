"""Copies of threads: one thread's history under new ids, with other files or without."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_assistants.api.objects import Objects
from jupyter_assistants.protocol.errors import NotFound
from jupyter_assistants.protocol.ids import ITEM, MESSAGE, RUN, STEP, THREAD, new_id, now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import (
    Annotation,
    Content,
    FilePathAnnotation,
    ImageFileContent,
    Message,
    TextContent,
    TextValue,
)
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import (
    CallExtension,
    MessageCreationDetails,
    MessageRef,
    RunStep,
)
from jupyter_assistants.protocol.thread_exports import CopyThread, ExportedThread
from jupyter_assistants.protocol.threads import Thread, ThreadExtension, stricter
from jupyter_assistants.protocol.tools import ToolResources
from jupyter_assistants.runs.states import is_over
from jupyter_assistants.storage.pages import every


@dataclass(frozen=True)
class ThreadCopies:
    """Operations that copy threads. None of them was in the hosted API."""

    objects: Objects

    async def create(self, owner: str, thread: Thread, body: CopyThread) -> Thread:
        """Copy a thread, or its beginning up to a message. Extension.

        Messages, runs that are over with their steps, and what the model said and saw get new
        ids; files and vector stores are shared. Allowed while a run is active; that run and what
        is being written are left out.
        """
        return await asyncio.to_thread(self._copy, owner, thread, body)

    def _copy(self, owner: str, original: Thread, body: CopyThread) -> Thread:
        entries = list(self.objects.storage.history(original.id))
        if body.until is not None:
            ids = [each.id for each in entries if isinstance(each, Message)]
            if body.until not in ids:
                raise NotFound.of(Message.kind, body.until, param="until")
            end = next(i for i, each in enumerate(entries) if each.id == body.until)
            entries = entries[: end + 1]
        metadata = original.metadata if body.metadata is None else body.metadata
        kept = original.jupyter.model_copy(update={"always": None})
        thread = derived_thread(original, kept, original.tool_resources, metadata)
        runs = self._ended_runs(original.id, entries)
        new = NewIds.of(thread.id, entries, runs)
        copies = [
            each
            for run in runs
            for each in renewed_run(run, self.objects.steps_of(run.id), new, body.until)
        ]
        self.objects.storage.save(thread, *copies, *renewed(entries, new), owner=owner)
        return thread

    def _ended_runs(self, thread_id: str, entries: Sequence[Message | Item]) -> list[Run]:
        """Return the runs that are over and wrote some of these, oldest first."""
        named = {each.run_id for each in entries}
        runs = every(self.objects.storage, Run, parent=thread_id, order="asc")
        return [run for run in runs if run.id in named and is_over(run)]


def derived_thread(
    origin: Thread | ExportedThread,
    own: ThreadExtension,
    resources: ToolResources,
    metadata: Mapping[str, str],
) -> Thread:
    """Return a new thread made from another one, with its privacy choices.

    Every thread that is made from a thread is made here, so that none forgets how much models may
    see. Standing approvals are not among the choices: they were given to one thread.

    Parameters
    ----------
    own
        What the new thread begins with besides; of its level and that of the origin, the stricter
        holds.
    """
    return Thread(
        id=new_id(THREAD),
        created_at=now(),
        tool_resources=resources,
        metadata=dict(metadata),
        jupyter=own.model_copy(update={"context": stricter(origin.jupyter.context, own.context)}),
    )


@dataclass(frozen=True)
class NewIds:
    """Ids of another thread by those of this one.

    Runs that are not in it are not copied. Messages that are not in it get a new id each: those of
    an import may have any ids, even one of them twice.
    """

    thread: str
    runs: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, thread_id: str, entries: Iterable[Message | Item], runs: Iterable[Run]) -> NewIds:
        """Choose an id for each run, and for each message that is not being written."""
        written = [e for e in entries if isinstance(e, Message) and e.status != "in_progress"]
        return cls(
            thread_id,
            {each.id: new_id(RUN) for each in runs},
            {each.id: new_id(MESSAGE) for each in written},
        )


def file_ids(resources: ToolResources, entries: Iterable[Message | Item]) -> list[str]:
    """Return the ids of all files that a thread mentions, each once."""
    code = resources.code_interpreter
    found = list(code.file_ids) if code is not None else []
    for entry in entries:
        found += _of_message(entry) if isinstance(entry, Message) else entry.image_file_ids
    return list(dict.fromkeys(found))


def _of_message(message: Message) -> Iterator[str]:
    yield from (attachment.file_id for attachment in message.attachments or [])
    for part in message.content:
        if isinstance(part, ImageFileContent):
            yield part.image_file.file_id
        elif isinstance(part, TextContent):
            yield from map(_cited, part.text.annotations)


def _cited(annotation: Annotation) -> str:
    if isinstance(annotation, FilePathAnnotation):
        return annotation.file_path.file_id
    return annotation.file_citation.file_id


def renewed(
    entries: Sequence[Message | Item], ids: NewIds, files: Mapping[str, str] | None = None
) -> list[Message | Item]:
    """Return entries for another thread, without messages that are still being written.

    Parameters
    ----------
    files
        New ids of files by old ones; mentions of others are removed. None keeps all.
    """
    new: list[Message | Item] = []
    items: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry, Item):
            items[entry.id] = new_id(ITEM)
            images = entry.image_file_ids
            if files is not None:
                images = [files[id] for id in images if id in files]
            new.append(
                entry.changed(
                    id=items[entry.id],
                    base=items.get(entry.base, ""),
                    thread_id=ids.thread,
                    run_id=ids.runs.get(entry.run_id, ""),
                    image_file_ids=images,
                )
            )
        elif entry.status != "in_progress":
            message = entry if files is None else _with_files(entry, files)
            run_id = ids.runs.get(entry.run_id or "")
            new.append(
                message.changed(
                    id=ids.messages.get(entry.id) or new_id(MESSAGE),
                    thread_id=ids.thread,
                    run_id=run_id,
                )
            )
    return new


def renewed_run(
    run: Run, steps: Iterable[RunStep], ids: NewIds, until: str | None = None
) -> list[Run | RunStep]:
    """Return a run that is over for another thread, with its steps.

    What its code changed can be undone in the original thread only.

    Parameters
    ----------
    until
        The message that the other thread ends with; later steps are left out.
    """
    new: list[Run | RunStep] = [
        run.changed(id=ids.runs[run.id], thread_id=ids.thread, context=None, copied=True)
    ]
    for step in steps:
        details = step.step_details
        written = None
        if isinstance(details, MessageCreationDetails):
            written = details.message_creation.message_id
            message_id = ids.messages.get(written)
            if message_id is None:
                # Deleted, or never finished.
                continue
            details = MessageCreationDetails(message_creation=MessageRef(message_id=message_id))
        calls = {name: _without_undo(call) for name, call in step.jupyter.calls.items()}
        new.append(
            step.changed(
                id=new_id(STEP),
                thread_id=ids.thread,
                run_id=ids.runs[run.id],
                step_details=details,
                jupyter=step.jupyter.model_copy(update={"calls": calls}),
            )
        )
        if written is not None and written == until:
            break
    return new


def _without_undo(call: CallExtension) -> CallExtension:
    if call.changes is None or call.changes.undo == "undone":
        return call
    return call.model_copy(
        update={"changes": call.changes.model_copy(update={"undo": "none", "id": None})}
    )


def _with_files(message: Message, files: Mapping[str, str]) -> Message:
    attachments = [
        each.model_copy(update={"file_id": files[each.file_id]})
        for each in message.attachments or []
        if each.file_id in files
    ]
    content = [_part(part, files) for part in message.content]
    return message.changed(attachments=attachments, content=content)


def _part(part: Content, files: Mapping[str, str]) -> Content:
    if isinstance(part, ImageFileContent):
        new = files.get(part.image_file.file_id)
        if new is None:
            return TextContent(text=TextValue(value="[an image that was not exported]"))
        return ImageFileContent(image_file=part.image_file.model_copy(update={"file_id": new}))
    if isinstance(part, TextContent):
        annotations = [
            _moved(each, files) for each in part.text.annotations if _cited(each) in files
        ]
        return TextContent(text=TextValue(value=part.text.value, annotations=annotations))
    return part


def _moved(annotation: Annotation, files: Mapping[str, str]) -> Annotation:
    name = "file_path" if isinstance(annotation, FilePathAnnotation) else "file_citation"
    target = getattr(annotation, name)
    new = target.model_copy(update={"file_id": files[target.file_id]})
    return annotation.model_copy(update={name: new})
