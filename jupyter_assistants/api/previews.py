"""A dry run: what a run would send to its model. Extension."""

from __future__ import annotations

from typing import Any

from jupyter_assistants.api.runs import RunOperations
from jupyter_assistants.models.base import (
    FunctionCall,
    FunctionOutput,
    HistoryEntry,
    HistoryMessage,
    Image,
)
from jupyter_assistants.protocol.assistants import Assistant
from jupyter_assistants.protocol.event_queries import PreviewedCall, RunPreview
from jupyter_assistants.protocol.runs import CreateRun
from jupyter_assistants.protocol.threads import Thread


class PreviewOperations(RunOperations):
    """Shows what a run would do."""

    async def preview_run(self, owner: str, thread_id: str, body: CreateRun) -> RunPreview:
        """Return what a run would send to its model now. Nothing is stored and nothing is sent.

        Extension. Allowed while a run is active.
        """
        thread = await self.get(Thread, thread_id, owner)
        assistant: Assistant = await self.assistant_of(owner, body.assistant_id)
        messages = await self.new_messages(owner, thread_id, body.additional_messages)
        run = await self.new_run(body, assistant, thread)
        told = await self.context_of(run, thread, messages)
        session, request = await self.engine.preview(run, thread, owner, [*messages, *told])
        history = [_entry(each) for each in request.history]
        tools = [
            PreviewedCall(name=each.name, description=each.description, parameters=each.parameters)
            for each in request.tools
        ]
        seen = session.run.jupyter.seen or ""
        shown, _, total = seen.removesuffix(" messages").partition(" of ")
        return RunPreview(
            thread_id=thread_id,
            model=session.run.jupyter.resolved_model or run.model,
            instructions=request.instructions,
            history=history,
            tools=tools,
            estimated_tokens=session.fixed_tokens + session.shown_tokens,
            seen=seen,
            truncated=shown != total,
            note=session.run.jupyter.note,
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
