"""The history of one thread as that of another: new ids, and files under other ids or gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from jupyter_assistants.schema.ids import ITEM, MESSAGE, new_id
from jupyter_assistants.schema.items import Item
from jupyter_assistants.schema.messages import (
    Annotation,
    Content,
    FilePathAnnotation,
    ImageFileContent,
    Message,
    TextContent,
    TextValue,
)
from jupyter_assistants.schema.tools import ToolResources


def file_ids(resources: ToolResources, entries: Iterable[Message | Item]) -> list[str]:
    """Give the ids of all files that a thread mentions, each once."""
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
    entries: Sequence[Message | Item], thread_id: str, files: Mapping[str, str] | None = None
) -> list[Message | Item]:
    """Give entries for another thread; runs are not named, what is being written is left out.

    Parameters
    ----------
    files
        New ids of files by old ones; a file that is not in it is not mentioned any more. None
        keeps all.
    """
    new: list[Message | Item] = []
    for entry in entries:
        if isinstance(entry, Item):
            changes = {"id": new_id(ITEM), "thread_id": thread_id, "run_id": ""}
            if files is not None:
                ids = [files[id] for id in entry.image_file_ids if id in files]
                changes["image_file_ids"] = ids  # type: ignore[assignment]
            new.append(entry.changed(**changes))
        elif entry.status != "in_progress":
            message = entry if files is None else _with_files(entry, files)
            new.append(message.changed(id=new_id(MESSAGE), thread_id=thread_id, run_id=None))
    return new


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
        kept = [_moved(each, files) for each in part.text.annotations if _cited(each) in files]
        return TextContent(text=TextValue(value=part.text.value, annotations=kept))
    return part


def _moved(annotation: Annotation, files: Mapping[str, str]) -> Annotation:
    name = "file_path" if isinstance(annotation, FilePathAnnotation) else "file_citation"
    target = getattr(annotation, name)
    new = target.model_copy(update={"file_id": files[target.file_id]})
    return annotation.model_copy(update={name: new})
