"""Shows what a run will send to its model, once in each thread, before it is sent."""

from __future__ import annotations

from typing import Any

from jupyter_assistants.client.assistants import thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.protocol.errors import AssistantsError

MAX_CHARACTERS = 20_000


async def not_seen_yet(client: Client, thread_id: str, body: Json) -> str:
    """Return what a run will send, if the person was not shown that in this thread before.

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
        # What is wrong says the run itself.
        return ""
    return described(preview)


def described(preview: Json) -> str:
    """Return a preview as text."""
    lines = [
        f"To the model {preview.get('model')}, about {preview.get('estimated_tokens', 0):,} tokens:",
        f"instructions:\n{preview.get('instructions', '')}",
    ]
    lines += [_entry(entry) for entry in preview.get("history") or []]
    names = [str(tool.get("name")) for tool in preview.get("tools") or []]
    lines += [f"tools: {', '.join(names)}"] if names else []
    text = "\n\n".join(line for line in lines if line)
    if len(text) <= MAX_CHARACTERS:
        return text
    half = MAX_CHARACTERS // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half:,} characters …]\n{text[-half:]}"


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
