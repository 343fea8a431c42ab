"""Previews: what a run would send to its model. Extension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_assistants.api.messages import Messages
from jupyter_assistants.api.notebook_context import NotebookContext
from jupyter_assistants.api.run_builder import RunBuilder
from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Image,
)
from jupyter_assistants.protocol.event_queries import PreviewedCall, RunPreview
from jupyter_assistants.protocol.runs import CreateRun
from jupyter_assistants.protocol.threads import Thread
from jupyter_assistants.runs.engine import Engine


@dataclass(frozen=True)
class Previews:
    """Operations that show what a run would do."""

    messages: Messages
    builder: RunBuilder
    context: NotebookContext
    engine: Engine

    async def create(self, owner: str, thread: Thread, body: CreateRun) -> RunPreview:
        """Return what a run would send to its model now. Nothing is stored and nothing is sent.

        Extension. Allowed while a run is active.
        """
        assistant = await self.builder.assistant_of(owner, body.assistant_id)
        messages = await self.messages.build(owner, thread.id, body.additional_messages)
        run, model = await self.builder.build(body, assistant, thread)
        context = await self.context.items(run, thread, messages)
        preview = await self.engine.preview(run, thread, owner, model, [*messages, *context])
        request, run = preview.request, preview.run
        history = [_entry(each) for each in request.history]
        tools = [
            PreviewedCall(name=each.name, description=each.description, parameters=each.parameters)
            for each in request.tools
        ]
        seen = run.jupyter.seen or ""
        shown, _, total = seen.removesuffix(" messages").partition(" of ")
        return RunPreview(
            thread_id=thread.id,
            model=run.jupyter.resolved_model or run.model,
            instructions=request.instructions,
            history=history,
            tools=tools,
            estimated_tokens=preview.estimated_tokens,
            seen=seen,
            truncated=shown != total,
            note=run.jupyter.note,
        )


def _entry(entry: HistoryEntry) -> dict[str, Any]:
    match entry:
        case HistoryMessage():
            images = [_image(each) for each in entry.images]
            return {"type": "message", "role": entry.role, "text": entry.text, "images": images}
        case FunctionCall():
            return {
                "type": "call",
                "call_id": entry.call_id,
                "name": entry.name,
                "arguments": entry.arguments,
            }
        case FunctionOutput():
            images = [_image(each) for each in entry.images]
            return {
                "type": "output",
                "call_id": entry.call_id,
                "output": entry.output,
                "images": images,
            }
    return {"type": "reasoning"}


def _image(image: Image) -> dict[str, Any]:
    return {"type": image.mime, "bytes": len(image.data)}
