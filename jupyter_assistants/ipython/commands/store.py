"""``store``: show or choose the vector store that cells search."""

from __future__ import annotations

from jupyter_assistants.client.base import Client
from jupyter_assistants.client.vector_stores import find_store, store_path
from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.protocol.errors import InvalidRequest


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    client = await state.client()
    if line == "none":
        state.store = None
    elif line:
        state.store = (await find_store(client, line))["id"]
    if state.store is None:
        return [text_block("Cells search no store, unless the assistant or the thread has one.")]
    return [text_block(f"Cells search {await _name_of(client, state.store)}.")]


async def _name_of(client: Client, store_id: str) -> str:
    try:
        store = await client.request("GET", store_path(store_id))
    except InvalidRequest:
        return f"{store_id} (deleted)"
    return str(store["name"] or store["id"])


WORD = MagicWord(
    "store",
    "store [NAME | none]",
    "show or choose the store that cells search",
    _run,
    choices=("none",),
)
