"""Threads as documents to read: Markdown and notebooks."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jupyter_assistants.api.exported_outputs import exported_output
from jupyter_assistants.api.quotes import with_sources
from jupyter_assistants.kernels.outputs.exported_markdown import exported_markdown
from jupyter_assistants.kernels.outputs.untrusted_text import fenced, one_line, without_reordering
from jupyter_assistants.protocol.cells import RunCells
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.json_text import parse_untrusted
from jupyter_assistants.protocol.messages import (
    ImageFileContent,
    ImageUrlContent,
    Message,
    RefusalContent,
    TextContent,
)
from jupyter_assistants.protocol.own_paths import with_own_paths
from jupyter_assistants.protocol.runs import Run
from jupyter_assistants.protocol.steps import CallExtension
from jupyter_assistants.protocol.threads import Thread

Calls = Mapping[str, CallExtension]
"""The stored extensions of calls, by ``<run id>/<call id>``."""

_CODE = "run_python"
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def title_of(thread: Thread) -> str:
    """Return the thread's title, or its id."""
    return thread.metadata.get("title") or thread.id


def markdown(thread: Thread, entries: Sequence[Message | Item], calls: Calls) -> str:
    """Return the thread as Markdown."""
    blocks = [f"# {one_line(title_of(thread))}"]
    outputs = _outputs(entries)
    for entry in entries:
        if isinstance(entry, Message):
            blocks.append(_said(entry))
        elif entry.type == "function_call":
            code = _code(entry)
            blocks.append(_fenced(code, "python") if code else _call(entry))
            text = _text_of(calls.get(_key(entry)), outputs.get(_key(entry), ""))
            blocks += [_fenced(text, "text")] if text else []
    return "\n\n".join(blocks) + "\n"


def notebook(thread: Thread, entries: Sequence[Message | Item], calls: Calls) -> str:
    """Return the thread as a notebook: messages as Markdown cells, code with its outputs."""
    cells: list[dict[str, Any]] = [_text_cell(f"# {one_line(title_of(thread))}")]
    outputs = _outputs(entries)
    for entry in entries:
        if isinstance(entry, Message):
            cells.append(_text_cell(_said(entry)))
        elif entry.type == "function_call":
            text = outputs.get(_key(entry), "")
            cells.append(_call_cell(entry, calls.get(_key(entry)), text))
    return _notebook(cells)


def _key(item: Item) -> str:
    return f"{item.run_id}/{item.call_id}"


def _outputs(entries: Sequence[Message | Item]) -> dict[str, str]:
    return {
        _key(each): each.output
        for each in entries
        if isinstance(each, Item) and each.type == "function_call_output"
    }


def _code(item: Item) -> str:
    """Return the code of a call of the code interpreter; empty for another tool."""
    if item.name != _CODE:
        return ""
    try:
        code = parse_untrusted(item.arguments).get("code", "")
    except (ValueError, AttributeError):
        return ""
    return with_own_paths(code) if isinstance(code, str) else ""


def _call(item: Item) -> str:
    """Return a call of a function; its name is a model's, and no name of a language."""
    return f"{one_line(item.name or '')}\n\n{_fenced(item.arguments or '', 'json')}"


def _said(message: Message) -> str:
    who = "User" if message.role == "user" else "Assistant"
    texts = [f"**{who}**", *_parts(message)]
    names = [f"`{each.file_id}`" for each in message.attachments or []]
    return "\n\n".join([*texts, *([f"Files: {', '.join(names)}"] if names else [])])


def _parts(message: Message) -> Iterator[str]:
    for part in message.content:
        match part:
            case TextContent():
                yield exported_markdown(with_sources(part.text))
            case ImageFileContent():
                yield f"[image {part.image_file.file_id}]"
            case ImageUrlContent():
                url = part.image_url.url
                # No link: a viewer of the document would load the image from any server.
                yield "[an image]" if url[:5].lower() == "data:" else f"[image at {one_line(url)}]"
            case RefusalContent():
                yield exported_markdown(part.refusal)


def _text_of(extension: CallExtension | None, otherwise: str) -> str:
    """Return the text of the outputs, or else what the model received."""
    outputs = extension.outputs if extension is not None else []
    texts = [_plain(output) for output in outputs]
    return "\n".join(text for text in texts if text).strip() if outputs else otherwise


def _plain(output: Mapping[str, Any]) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _joined(output.get("text", ""))
    if kind == "error":
        return _ESCAPES.sub("", "\n".join(output.get("traceback") or []))
    data = output.get("data") or {}
    shown = _joined(data.get("text/plain", ""))
    images = [name for name in data if name.startswith("image/")]
    return f"{shown}\n[{images[0]}]".strip() if images else shown


def _joined(text: Any) -> str:
    return "".join(text) if isinstance(text, list) else str(text)


def _fenced(text: str, language: str) -> str:
    return fenced(without_reordering(text).rstrip(), language)


def _text_cell(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _call_cell(item: Item, extension: CallExtension | None, text: str) -> dict[str, Any]:
    code = _code(item)
    if not code:
        return _text_cell(_call(item) + (f"\n\n{_fenced(text, 'text')}" if text else ""))
    outputs: list[Any] = list(extension.outputs) if extension is not None else []
    if not outputs and text:
        outputs = [{"output_type": "stream", "name": "stdout", "text": text}]
    return {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "source": code,
        "outputs": [exported_output(output) for output in outputs],
    }


def cells_notebook(cells: RunCells, run: Run) -> str:
    """Return clean cells of a run as a notebook, with the question and the origin on top."""
    model = run.jupyter.resolved_model or run.model
    tries = f" Attempts that failed and are left out: {cells.left_out}." if cells.left_out else ""
    when = time.strftime("%Y-%m-%d", time.gmtime(run.created_at))
    origin = f"*The code of {cells.run_id} ({model}, {when}).{tries}*"
    found = [_text_cell("\n\n".join(filter(None, [_quoted(cells.question), origin])))]
    for cell in cells.cells:
        found.append(
            {
                "cell_type": "code",
                "metadata": {},
                "execution_count": None,
                "source": cell.source,
                "outputs": [exported_output(output) for output in cell.outputs],
            }
        )
    found[0]["metadata"] = {"jupyter_assistants": {"run_id": run.id, "thread_id": run.thread_id}}
    return _notebook(found)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in exported_markdown(text).splitlines())


def _notebook(cells: list[dict[str, Any]]) -> str:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    found = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "cells": cells,
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
