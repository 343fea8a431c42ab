"""``status``: what a question would go through now."""

from __future__ import annotations

from urllib.parse import quote

from jupyter_assistants.errors import NotFound
from jupyter_assistants.notebook.client import Client
from jupyter_assistants.notebook.commands.word import Word
from jupyter_assistants.notebook.listing import table
from jupyter_assistants.notebook.render import Block
from jupyter_assistants.notebook.state import State


async def _status(state: State, line: str) -> list[Block]:
    client = await state.client()
    assert state.found is not None
    models = await client.request("GET", "/models")
    default = models["data"][0]["id"] if models["data"] else "none"
    rows = [
        ["Runs go through", client.where],
        ["Because", state.found.why],
        ["Assistant", await _name_of(client, state.assistant)],
        ["Default model", state.model or default],
        ["Thread", state.thread_id or "none yet"],
        ["Notebook folder", str(state.home)],
    ]
    return [table(("", ""), rows, "")]


async def _name_of(client: Client, assistant: str) -> str:
    if not assistant.startswith("asst_"):
        return assistant
    try:
        found = await client.request("GET", f"/assistants/{quote(assistant, safe='')}")
    except NotFound:
        return f"{assistant} (deleted)"
    return str(found.get("name") or assistant)


WORDS = (Word("status", "status", "show which server and model answer, and why", _status),)
