"""The base of all step renderers: a folded card with title, input, output and note."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from jupyter_assistants.client.call_progress import CallProgress, call_changes
from jupyter_assistants.client.text import fenced, inert, one_line, plain, plain_line, shortened
from jupyter_assistants.ipython.blocks import DisplayBlock, preformatted
from jupyter_assistants.ipython.scene import Scene
from jupyter_assistants.kernels.outputs import logs_text
from jupyter_assistants.protocol.transcript import CallEntry

Json = dict[str, Any]

MAX_CARD_TEXT = 20_000
MAX_TITLE_NAME = 80
MAX_ERROR = 120

_ENDINGS = {
    "ok": "ok",
    "completed": "ok",
    "interrupted": "stopped",
    "timeout": "took too long",
    "died": "the kernel died",
}


class Section(NamedTuple):
    """A part of a card. ``language`` is that of a code block, or ``text``."""

    name: str
    body: str
    language: str


class StepRenderer:
    """Draws a tool call as blocks of a cell.

    Override what differs: mostly :meth:`name`, :meth:`input` or the verbs; :meth:`blocks` for
    something that is no card. All text is untrusted; the card escapes it.
    """

    running_verb = "Calling"
    writing_verb = "Calling"
    ended_verb = "Called"
    rejected_verb = "Did not run"

    def name(self, entry: CallEntry) -> str:
        """Return the name of what is called, for the title."""
        return entry.name or entry.kind

    def input(self, entry: CallEntry) -> Section:
        """Return the input of the call."""
        return Section("Arguments", plain(entry.code).rstrip(), "json")

    def output(self, entry: CallEntry, outputs: Sequence[Json]) -> str:
        """Return the output as text."""
        return text_of(outputs) or entry.output or ""

    def blocks(self, entry: CallEntry, scene: Scene) -> Iterator[DisplayBlock]:
        """Yield the card, then the rich outputs: they are the user's own and shown as they are."""
        outputs = scene.outputs_of(entry)
        yield self.card(entry, outputs, scene.progress.get(entry.id))
        for output in outputs:
            if is_rich(output):
                yield DisplayBlock(dict(output["data"]), dict(output.get("metadata") or {}))

    def card(
        self, entry: CallEntry, outputs: Sequence[Json], progress: CallProgress | None
    ) -> DisplayBlock:
        """Return the card of a call."""
        note = (progress.note if progress else "") or entry.note or entry.error or ""
        sections = [
            self.input(entry),
            Section("Output", shortened(plain(self.output(entry, outputs)), MAX_CARD_TEXT), "text"),
            Section("Note", plain(note), "text"),
        ]
        return card_block(
            self.title(entry, outputs, progress),
            [section for section in sections if section.body.strip()],
            call_changes(entry, progress),
        )

    def title(
        self, entry: CallEntry, outputs: Sequence[Json], progress: CallProgress | None
    ) -> str:
        """Return the first line of the card: what is called, for how long, and how it ended."""
        name = plain_line(self.name(entry))[:MAX_TITLE_NAME]
        status = progress.status if progress else entry.result or entry.status
        if status == "waiting":
            return f"{name} waits for your approval"
        if status == "running":
            return f"{self.running_verb} {name} …"
        if status == "in_progress":
            return f"{self.writing_verb} {name} …"
        if status == "rejected":
            return f"{self.rejected_verb} {name} · rejected"
        seconds = progress.seconds if progress else entry.seconds
        took = f"{seconds:.1f} s" if seconds is not None else ""
        ending = _error_of(outputs) or _ENDINGS.get(status, status)
        return " · ".join(filter(None, [f"{self.ended_verb} {name}", took, ending]))


def _error_of(outputs: Sequence[Json]) -> str:
    error = next((each for each in outputs if each.get("output_type") == "error"), None)
    if error is None:
        return ""
    return plain_line(f"{error.get('ename')}: {error.get('evalue')}")[:MAX_ERROR]


def card_block(title: str, sections: Sequence[Section], small_print: str = "") -> DisplayBlock:
    """Return a card: folded in pages, in full in Markdown and terminals."""
    small = f"\n<p><small>{html.escape(small_print)}</small></p>" if small_print else ""
    marks = [f"**{one_line(title)}**"]
    marks += [fenced(section.body, section.language) for section in sections]
    lines = [title, *(_indented(section.body) for section in sections)]
    if small_print:
        marks.append(f"*{one_line(small_print)}*")
        lines.append(small_print)
    return DisplayBlock(
        {
            "text/html": _page(title, sections) + small,
            "text/markdown": "\n\n".join(marks),
            "text/plain": "\n".join(lines),
        }
    )


def _page(title: str, sections: Sequence[Section]) -> str:
    parts = [f"<details><summary>{html.escape(inert(title))}</summary>"]
    for name, body, language in sections:
        escaped = preformatted(body)
        if language == "text":
            parts.append(f"<p><small>{name}</small></p><pre>{escaped}</pre>")
        else:
            parts.append(f'<pre><code class="language-{language}">{escaped}</code></pre>')
    return "\n".join([*parts, "</details>"])


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


def is_rich(output: Json) -> bool:
    """Return whether an output is shown beside the card: it is more than text."""
    data = output.get("data")
    return isinstance(data, dict) and any(mime != "text/plain" for mime in data)


def text_of(outputs: Sequence[Json]) -> str:
    """Return the text of outputs that are not shown beside the card."""
    return logs_text([output for output in outputs if not is_rich(output)]).rstrip()
