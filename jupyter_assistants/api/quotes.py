"""Messages' texts for people who read them elsewhere: with their sources, and what a run was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.messages import (
    FileCitationAnnotation,
    Message,
    TextContent,
    TextValue,
)
from jupyter_assistants.protocol.runs import Run


def with_sources(text: TextValue) -> str:
    """Return a text as Markdown, with its quotes and their places below it."""
    cited = [each for each in text.annotations if isinstance(each, FileCitationAnnotation)]
    pieces, at = [], 0
    sources: dict[tuple[object, ...], tuple[int, str]] = {}
    for each in sorted(cited, key=lambda annotation: annotation.start_index):
        if each.start_index < at or text.value[each.start_index : each.end_index] != each.text:
            continue
        ours = each.jupyter
        key = (each.file_citation.file_id, ours and ours.start, ours and ours.end)
        number, _ = sources.setdefault(key, (len(sources) + 1, _source(each)))
        pieces += [text.value[at : each.start_index], f"\\[{number}\\]"]
        at = each.end_index
    pieces.append(text.value[at:])
    listed = [f"{number}. {source}" for number, source in sources.values()]
    return "\n\n".join(["".join(pieces), *(["Sources:", "\n".join(listed)] if listed else [])])


def question_of(run: Run, entries: Sequence[Message | Item]) -> str:
    """Return what the user asked last before the run answered."""
    question = ""
    for entry in entries:
        if isinstance(entry, Item) and entry.run_id == run.id and entry.type != "context":
            break
        if isinstance(entry, Message):
            if entry.run_id == run.id:
                break
            if entry.role == "user":
                texts = [part.text.value for part in entry.content if isinstance(part, TextContent)]
                question = "\n\n".join(texts)
    return question


def _source(annotation: FileCitationAnnotation) -> str:
    name = annotation.text.partition("†")[2].rstrip("】")
    shown = name if name not in ("", "source") else annotation.file_citation.file_id
    ours = annotation.jupyter
    if ours is None:
        return _plain(shown)
    where = f"{shown}, {ours.label}" if ours.label else shown
    return f"{_plain(where)}: “{_plain(ours.quote)}”"


def _plain(text: str) -> str:
    """Return text from a file without any markup: a quoted image would be loaded by who reads it."""
    return re.sub(r"[\\`*_{}\[\]<>#~!|&$]", r"\\\g<0>", " ".join(text.split()))
