"""The preview of what a run sends to its model, shown once in each thread before it is sent."""

from __future__ import annotations

from typing import Any

from jupyter_assistants.client.assistants import thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.text import shortened
from jupyter_assistants.protocol.errors import AssistantsError

MAX_CHARACTERS = 20_000


async def preview_once(client: Client, thread_id: str, body: Json) -> str:
    """Return the preview of a run; an empty string if this thread has shown one before.

    Parameters
    ----------
    body
        The body that will create the run.
    """
    try:
        thread = await client.request("GET", thread_path(thread_id))
        if (thread.get("jupyter") or {}).get("context_shown"):
            return ""
        path = f"{thread_path(thread_id)}/runs/preview"
        preview = await client.request("POST", path, body={**body, "stream": False})
        mark = {"jupyter": {"context_shown": True}}
        await client.request("POST", thread_path(thread_id), body=mark)
    except AssistantsError:
        # The run fails with the same error, and reports it.
        return ""
    return preview_text(preview)


def preview_text(preview: Json) -> str:
    """Return a preview as text."""
    lines = [
        f"To the model {preview.get('model')}, about {preview.get('estimated_tokens', 0):,} tokens:",
        f"instructions:\n{preview.get('instructions', '')}",
    ]
    lines += [_entry(entry) for entry in preview.get("history") or []]
    names = [str(tool.get("name")) for tool in preview.get("tools") or []]
    lines += [f"tools: {', '.join(names)}"] if names else []
    return shortened("\n\n".join(line for line in lines if line), MAX_CHARACTERS)


def _entry(entry: dict[str, Any]) -> str:
    images = f" and {len(entry['images'])} image(s)" if entry.get("images") else ""
    match entry.get("type"):
        case "message":
            return f"{entry.get('role')}{images}:\n{entry.get('text', '')}"
        case "call":
            return f"call of {entry.get('name')}:\n{entry.get('arguments', '')}"
        case "output":
            return f"its output{images}:\n{entry.get('output', '')}"
    return ""
