"""Draws a transcript as a list of blocks, each of them one output of the cell.

Every block has a form for pages, for Markdown and for terminals, so that the saved notebook reads
well without a kernel, on a code host and exported. What a model wrote is shown as text; only what
the user's own code displayed is passed on as it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_assistants.client.citations import Citations, ViewOf, names_of, no_view, plain_text
from jupyter_assistants.ipython import search_card
from jupyter_assistants.ipython.untrusted import fenced, inert, one_line, plain, safe_markdown
from jupyter_assistants.kernels.outputs import images, logs_text
from jupyter_assistants.protocol.transcript import (
    CallEntry,
    MessageEntry,
    RunState,
    TranscriptPart,
    View,
)

Json = dict[str, Any]

MAX_CARD_TEXT = 20_000
MAX_NAMES = 8

_ENDED = {
    "ok": "ok",
    "error": "error",
    "interrupted": "stopped",
    "timeout": "took too long",
    "died": "the kernel died",
    "rejected": "rejected",
}
_STATUS = {
    "queued": "Waiting for the model …",
    "in_progress": "Waiting for the model …",
    "requires_action": "Waiting …",
    "cancelling": "Cancelling …",
}


@dataclass(frozen=True)
class Block:
    """One output: a mime bundle and its metadata."""

    data: Json
    metadata: Json = field(default_factory=dict)


@dataclass
class Execution:
    """What this kernel knows of a call that it runs itself, before the server says it back.

    Parameters
    ----------
    status
        ``waiting`` (for the approval), ``running``, or how it ended.
    outputs
        nbformat outputs so far.
    changes
        What the kernel's ledger wrote down.
    """

    status: str = "waiting"
    outputs: Sequence[Json] = ()
    seconds: float | None = None
    note: str = ""
    changes: Json | None = None


@dataclass(frozen=True)
class FileLink:
    """A file that code wrote, and where a reader of the notebook gets it.

    Parameters
    ----------
    href
        An address; None if there is none.
    """

    name: str
    bytes: int
    href: str | None


@dataclass
class Scene:
    """What a drawing needs beside the transcript.

    Parameters
    ----------
    link
        Gives the address of a produced file by its name.
    files
        Produced files, for the list below the answer.
    facts
        Small print: assistant, seconds, thread.
    notes
        Sentences that the user should read.
    pictures
        Mime bundles of image files, by file id.
    sent
        What is sent to the model, where the person has not seen that in this thread before.
    view_of
        Gives the address at which a file is shown at a place.
    """

    link: Callable[[str], str | None] = lambda name: None
    executions: Mapping[str, Execution] = field(default_factory=dict)
    files: Sequence[FileLink] = ()
    facts: Sequence[str] = ()
    notes: Sequence[str] = ()
    pictures: Mapping[str, Json] = field(default_factory=dict)
    ended: str | None = None
    recording: Json | None = None
    sent: str = ""
    view_of: ViewOf = no_view


def render(view: View, scene: Scene) -> list[Block]:
    """Return the blocks of a transcript, in order."""
    blocks = [_sent(scene.sent)] if scene.sent else []
    shown = any(_has_image(entry, scene) for entry in view.entries)
    for entry in view.entries:
        if isinstance(entry, CallEntry):
            blocks += _call(entry, scene)
        else:
            blocks += _message(entry, scene, shown, Citations(names_of(view), scene.view_of))
    blocks += _tail(view, scene)
    if view.run is None:
        return blocks
    mark = {"run_id": view.run.id, "thread_id": view.run.thread_id, "model": view.run.model}
    marked = [Block(b.data, {**b.metadata, "jupyter_assistants": mark}) for b in blocks]
    if scene.recording is not None and marked:
        kept = {**mark, "recording": scene.recording}
        marked[-1] = Block(marked[-1].data, {**marked[-1].metadata, "jupyter_assistants": kept})
    return marked


def _has_image(entry: MessageEntry | CallEntry, scene: Scene) -> bool:
    return isinstance(entry, CallEntry) and bool(images(_outputs(entry, scene)))


def _outputs(entry: CallEntry, scene: Scene) -> Sequence[Json]:
    execution = scene.executions.get(entry.id)
    return entry.outputs if execution is None else execution.outputs


def _message(
    entry: MessageEntry, scene: Scene, shown: bool, citations: Citations
) -> Iterator[Block]:
    texts, pictures = [], []
    for part in entry.parts:
        if part.type != "image":
            texts.append(_part(part, scene, citations))
        elif part.file_id in scene.pictures:
            pictures.append(Block(scene.pictures[part.file_id]))
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
        yield Block({"text/markdown": markdown, "text/plain": plain_text(entry, citations)})
    yield from pictures


def _part(part: TranscriptPart, scene: Scene, citations: Citations) -> str:
    if part.type == "text":
        return citations.filled(safe_markdown(citations.held(part), scene.link))
    if part.type == "refusal":
        return f"*The model refuses:* {one_line(part.text)}"
    return f"Image, not loaded: {one_line(part.text)}"


def _call(entry: CallEntry, scene: Scene) -> Iterator[Block]:
    if entry.kind == "file_search":
        yield Block(dict(search_card.bundle(entry, scene.view_of)))
        return
    outputs = _outputs(entry, scene)
    yield _card(entry, outputs, scene.executions.get(entry.id))
    for output in outputs:
        if _is_rich(output):
            yield Block(dict(output["data"]), dict(output.get("metadata") or {}))


def _is_rich(output: Json) -> bool:
    """Return whether an output is shown beside the card: it is more than text."""
    data = output.get("data")
    return isinstance(data, dict) and any(mime != "text/plain" for mime in data)


def _card(entry: CallEntry, outputs: Sequence[Json], execution: Execution | None) -> Block:
    title = _title(entry, outputs, execution)
    language = "python" if entry.kind == "code_interpreter" else "json"
    note = (execution.note if execution else "") or entry.note or entry.error or ""
    text = logs_text([output for output in outputs if not _is_rich(output)]).rstrip()
    text = entry.output if entry.output is not None and not text else text
    sections = [
        ("Code" if language == "python" else "Arguments", plain(entry.code).rstrip(), language)
    ]
    sections += [("Output", _cut(plain(text)), "text"), ("Note", plain(note), "text")]
    sections = [section for section in sections if section[1].strip()]
    line = changes_line((execution.changes if execution else None) or entry.changes)
    small = f"<small>{html.escape(line)}</small>"
    return Block(
        {
            "text/html": _card_html(title, sections) + (f"\n<p>{small}</p>" if line else ""),
            "text/markdown": "\n\n".join(
                [_card_markdown(title, sections), *([f"*{one_line(line)}*"] if line else [])]
            ),
            "text/plain": "\n".join(
                [title, *(_indented(body) for _, body, _ in sections), *([line] if line else [])]
            ),
        }
    )


def changes_line(changes: Json | None) -> str:
    """Return what a step changed as one line; empty if it changed nothing."""
    if not changes:
        return ""
    words = {"new": "new", "changed": "changed", "deleted": "deleted"}
    variables, files = changes.get("variables") or {}, changes.get("files") or {}
    parts = [f"{words[kind]} {_names(variables[kind])}" for kind in words if variables.get(kind)]
    parts += [
        f"{words[kind]} file{'s' if len(files[kind]) > 1 else ''} {_names(files[kind])}"
        for kind in words
        if files.get(kind)
    ]
    undo, note = changes.get("undo"), plain(str(changes.get("note") or ""))
    if undo == "undone":
        parts.append("undone")
    elif undo in ("full", "partial") and changes.get("step"):
        parts.append(f"%assistant undo {changes['step']}")
    text = " · ".join(parts)
    return inert(f"{text[:1].upper()}{text[1:]}{' · ' if text and note else ''}{note}")


def _names(names: Sequence[str]) -> str:
    shown = [" ".join(plain(str(name)).split())[:60] for name in names[:MAX_NAMES]]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return ", ".join(shown) + more


def _card_html(title: str, sections: Sequence[tuple[str, str, str]]) -> str:
    parts = [f"<details><summary>{html.escape(inert(title))}</summary>"]
    for name, body, language in sections:
        escaped = _unbroken(html.escape(body))
        if language == "text":
            parts.append(f"<p><small>{name}</small></p><pre>{escaped}</pre>")
        else:
            parts.append(f'<pre><code class="language-{language}">{escaped}</code></pre>')
    return "\n".join([*parts, "</details>"])


def _unbroken(escaped: str) -> str:
    """Return HTML without empty lines: in Markdown files, they would end the HTML."""
    return re.sub(r"\n(?=[ \t]*(?:\n|$))", "&#10;", escaped)


def _card_markdown(title: str, sections: Sequence[tuple[str, str, str]]) -> str:
    return "\n\n".join(
        [f"**{one_line(title)}**", *(fenced(body, kind) for _, body, kind in sections)]
    )


def _title(entry: CallEntry, outputs: Sequence[Json], execution: Execution | None) -> str:
    what = "Python" if entry.kind == "code_interpreter" else entry.name or entry.kind
    what = " ".join(plain(what).split())[:80]
    status = execution.status if execution else entry.result or entry.status
    seconds = execution.seconds if execution else entry.seconds
    if status == "waiting":
        return f"{what} waits for your approval"
    if status == "running":
        return f"Running {what} …"
    if status == "in_progress":
        return f"Writing {what} …" if entry.kind == "code_interpreter" else f"Calling {what} …"
    done = f"{'Ran' if entry.kind == 'code_interpreter' else 'Called'} {what}"
    if status == "rejected":
        done = f"Did not run {what}"
    took = f"{seconds:.1f} s" if seconds is not None and status != "rejected" else ""
    ended = _ENDED.get(status, status)
    error = next((o for o in outputs if o.get("output_type") == "error"), None)
    if error is not None:
        ended = " ".join(plain(f"{error.get('ename')}: {error.get('evalue')}").split())[:120]
    return " · ".join(filter(None, [done, took, "ok" if ended == "completed" else ended]))


def _tail(view: View, scene: Scene) -> Iterator[Block]:
    """Return the last block: what is waited for, or the small print of what is over."""
    if scene.ended is None:
        busy = bool(view.entries) and view.entries[-1].status == "in_progress"
        status = view.run.status if view.run else "queued"
        if not busy:
            text = _STATUS.get(status, "Finishing …")
            yield Block({"text/markdown": f"*{text}*", "text/plain": text})
        return
    facts = [*_facts(view.run), *scene.facts]
    yield _footer(scene, [scene.ended, *facts] if scene.ended else facts, view.run)


def _facts(run: RunState | None) -> list[str]:
    if run is None:
        return []
    tokens = (run.usage or {}).get("total_tokens")
    return [run.model, f"{tokens:,} tokens"] if tokens else [run.model]


def _footer(scene: Scene, facts: Sequence[str], run: RunState | None) -> Block:
    notes = [*scene.notes, *([run.note] if run and run.note else [])]
    notes = [" ".join(note.split()) for note in notes]
    small = [inert(fact) for fact in facts]
    pages = [f"<p>{html.escape(inert(note))}</p>" for note in notes]
    marks = [one_line(note) for note in notes]
    lines = [plain(note) for note in notes]
    if scene.files:
        pages.append(f"<p>Files: {', '.join(map(_file_html, scene.files))}</p>")
        marks.append(f"Files: {', '.join(map(_file_markdown, scene.files))}")
        lines.append(f"Files: {', '.join(f'{f.name} ({size(f.bytes)})' for f in scene.files)}")
    pages.append(f"<p><small>{html.escape(' · '.join(small))}</small></p>")
    marks.append(f"<small>{' · '.join(map(one_line, small))}</small>")
    lines.append(" · ".join(small))
    return Block(
        {
            "text/html": "\n".join(pages),
            "text/markdown": "\n\n".join(marks),
            "text/plain": "\n".join(lines),
        }
    )


def _sent(text: str) -> Block:
    """Return what a run sends, folded; it stands first, because it is shown before it is sent."""
    title = "What is sent to the model (shown once in a thread)"
    body = _unbroken(html.escape(plain(text)))
    page = f"<details><summary>{title}</summary><pre>{body}</pre></details>"
    return Block({"text/html": page, "text/plain": title})


def _file_html(file: FileLink) -> str:
    name = html.escape(inert(file.name))
    if file.href is not None:
        bare = html.escape(file.name.rsplit("/", 1)[-1])
        name = f'<a href="{html.escape(file.href)}" download="{bare}">{name}</a>'
    return f"{name} ({size(file.bytes)})"


def _file_markdown(file: FileLink) -> str:
    name = one_line(file.name)
    # Data links are for pages: sanitizers of Markdown drop them, and they are long.
    if file.href is not None and not file.href.startswith("data:"):
        name = f"[{name}]({html.escape(file.href)})"
    return f"{name} ({size(file.bytes)})"


def size(count: int) -> str:
    """Return a number of bytes for people: ``1.2 kB``."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= step:
            return f"{count / step:.1f} {unit}"
    return f"{count} bytes"


def _cut(text: str) -> str:
    if len(text) <= MAX_CARD_TEXT:
        return text
    half = MAX_CARD_TEXT // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters …]\n{text[-half:]}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))
