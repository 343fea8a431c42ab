"""A transcript drawn as a list of blocks, each of them one output of the cell.

Every block has a form for pages, for Markdown and for terminals, so that the saved notebook reads
well without a kernel, on a code host and exported. What a model wrote is shown as text; only what
the user's own code displayed is passed on as it is. Steps are drawn by the renderer of their kind
(:mod:`.step_renderers`).
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any

from jupyter_assistants.client.citations import Citations, file_names_of, plain_message
from jupyter_assistants.client.text import file_size, inert, one_line, plain
from jupyter_assistants.ipython.blocks import DisplayBlock, preformatted
from jupyter_assistants.ipython.scene import FileLink, Scene
from jupyter_assistants.ipython.step_renderers import blocks_of
from jupyter_assistants.kernels.outputs import images
from jupyter_assistants.kernels.outputs.safe_markdown import safe_markdown
from jupyter_assistants.protocol.transcript import (
    CallEntry,
    MessageEntry,
    RunState,
    TranscriptPart,
    View,
)

Json = dict[str, Any]

SENT_TITLE = "What is sent to the model (shown once in a thread)"

_STATUS = {
    "queued": "Waiting for the model …",
    "in_progress": "Waiting for the model …",
    "requires_action": "Waiting for your approval",
    "cancelling": "Cancelling …",
}


def render(view: View, scene: Scene) -> list[DisplayBlock]:
    """Return the blocks of a transcript, in order."""
    blocks = [_preview(scene.sent)] if scene.sent else []
    shown = any(_has_image(entry, scene) for entry in view.entries)
    for entry in view.entries:
        if isinstance(entry, CallEntry):
            blocks += blocks_of(entry, scene)
        else:
            blocks += _message(entry, scene, shown, Citations(file_names_of(view), scene.view_of))
    blocks += _tail(view, scene)
    return _with_marks(blocks, view.run, scene.recording)


def _with_marks(
    blocks: Sequence[DisplayBlock], run: RunState | None, recording: Json | None
) -> list[DisplayBlock]:
    """Return blocks whose metadata say which run they show; the last one holds its recording."""
    if run is None:
        return list(blocks)
    mark = {"run_id": run.id, "thread_id": run.thread_id, "model": run.model}
    marks: list[Json] = [mark for _ in blocks]
    if recording is not None and marks:
        marks[-1] = {**mark, "recording": recording}
    return [
        DisplayBlock(block.data, {**block.metadata, "jupyter_assistants": mark})
        for block, mark in zip(blocks, marks, strict=True)
    ]


def _has_image(entry: MessageEntry | CallEntry, scene: Scene) -> bool:
    return isinstance(entry, CallEntry) and bool(images(scene.outputs_of(entry)))


def _message(
    entry: MessageEntry, scene: Scene, shown: bool, citations: Citations
) -> Iterator[DisplayBlock]:
    texts, pictures = [], []
    for part in entry.parts:
        if part.type != "image":
            texts.append(_part(part, scene, citations))
        elif part.file_id in scene.pictures:
            pictures.append(DisplayBlock(scene.pictures[part.file_id]))
        elif not shown:
            # The code's own output shows it already, in a caller's kernel.
            texts.append(f"*Image {one_line(part.file_id)}*")
    if entry.incomplete:
        texts.append(f"*(The answer ends here: {one_line(entry.incomplete)})*")
    markdown = "\n\n".join(filter(None, [*texts, citations.list_markdown()]))
    if entry.role == "user":
        markdown = "\n".join(f"> {line}" for line in f"**You**\n\n{markdown}".split("\n"))
    if markdown:
        # Not text/html as well: front ends would prefer it to their own Markdown.
        yield DisplayBlock(
            {"text/markdown": markdown, "text/plain": plain_message(entry, citations)}
        )
    yield from pictures


def _part(part: TranscriptPart, scene: Scene, citations: Citations) -> str:
    if part.type == "text":
        return citations.with_links(safe_markdown(citations.with_placeholders(part), scene.link))
    if part.type == "refusal":
        return f"*The model refuses:* {one_line(part.text)}"
    # No view loads a remote image: its address would tell others that it was read.
    return f"Image, not loaded: {one_line(part.text)}"


def _tail(view: View, scene: Scene) -> Iterator[DisplayBlock]:
    """Yield the last block: what the run waits for, or the small print once it has ended."""
    if scene.ended is None:
        busy = bool(view.entries) and view.entries[-1].status == "in_progress"
        status = view.run.status if view.run else "queued"
        if not busy:
            text = _STATUS.get(status, "Finishing …")
            yield DisplayBlock({"text/markdown": f"*{text}*", "text/plain": text})
        return
    facts = [*_facts(view.run), *scene.facts]
    yield _footer(scene, [scene.ended, *facts] if scene.ended else facts, view.run)


def _facts(run: RunState | None) -> list[str]:
    if run is None:
        return []
    usage = run.usage or {}
    tokens = usage.get("total_tokens")
    about = "about " if usage.get("estimated_tokens") else ""
    return [run.model, f"{about}{tokens:,} tokens"] if tokens else [run.model]


def _footer(scene: Scene, facts: Sequence[str], run: RunState | None) -> DisplayBlock:
    notes = [*scene.notes, *([run.note] if run and run.note else [])]
    notes = [" ".join(note.split()) for note in notes]
    small = [inert(fact) for fact in facts]
    pages = [f"<p>{html.escape(inert(note))}</p>" for note in notes]
    marks = [one_line(note) for note in notes]
    lines = [plain(note) for note in notes]
    if scene.files:
        pages.append(f"<p>Files: {', '.join(map(_file_html, scene.files))}</p>")
        marks.append(f"Files: {', '.join(map(_file_markdown, scene.files))}")
        names = [f"{file.name} ({file_size(file.bytes)})" for file in scene.files]
        lines.append(f"Files: {', '.join(names)}")
    pages.append(f"<p><small>{html.escape(' · '.join(small))}</small></p>")
    marks.append(f"<small>{' · '.join(map(one_line, small))}</small>")
    lines.append(" · ".join(small))
    return DisplayBlock(
        {
            "text/html": "\n".join(pages),
            "text/markdown": "\n\n".join(marks),
            "text/plain": "\n".join(lines),
        }
    )


def _preview(text: str) -> DisplayBlock:
    """Return the preview of a request, folded; it comes first because it is shown before sending."""
    page = (
        f"<details><summary>{SENT_TITLE}</summary><pre>{preformatted(plain(text))}</pre></details>"
    )
    return DisplayBlock({"text/html": page, "text/plain": SENT_TITLE})


def _file_html(file: FileLink) -> str:
    name = html.escape(inert(file.name))
    if file.href is not None:
        bare = html.escape(file.name.rsplit("/", 1)[-1])
        name = f'<a href="{html.escape(file.href)}" download="{bare}">{name}</a>'
    return f"{name} ({file_size(file.bytes)})"


def _file_markdown(file: FileLink) -> str:
    name = one_line(file.name)
    # Data links are for pages: sanitizers of Markdown drop them, and they are long.
    if file.href is not None and not file.href.startswith("data:"):
        name = f"[{name}]({html.escape(file.href)})"
    return f"{name} ({file_size(file.bytes)})"
