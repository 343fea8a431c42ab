"""``status``: which server and model answer, and why."""

from __future__ import annotations

from urllib.parse import quote

from jupyter_assistants.client.base import Client
from jupyter_assistants.ipython.blocks import DisplayBlock, table_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.protocol.errors import NotFound


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    client = await state.client()
    assert state.chosen is not None
    models = await client.request("GET", "/models")
    default = models["data"][0]["id"] if models["data"] else "none"
    rows = [
        ["Runs go through", client.where],
        ["Because", state.chosen.why],
        ["Assistant", await _name_of(client, state.assistant)],
        ["Default model", state.model or default],
        ["Thread", state.thread_id or "none yet"],
        ["Notebook folder", str(state.home)],
    ]
    return [table_block(("", ""), rows, "")]


async def _name_of(client: Client, assistant: str) -> str:
    if not assistant.startswith("asst_"):
        return assistant
    try:
        named = await client.request("GET", f"/assistants/{quote(assistant, safe='')}")
    except NotFound:
        return f"{assistant} (deleted)"
    return str(named.get("name") or assistant)


WORD = MagicWord("status", "status", "show which server and model answer, and why", _run)
