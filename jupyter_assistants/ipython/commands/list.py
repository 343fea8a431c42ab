"""``list``: the assistants."""

from __future__ import annotations

from jupyter_assistants.client.assistants import DEFAULT_ASSISTANT, every
from jupyter_assistants.client.tables import ASSISTANT_COLUMNS, assistant_row
from jupyter_assistants.ipython.blocks import DisplayBlock, table_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    client = await state.client()
    rows = [assistant_row(item) async for item in every(client, "/assistants")]
    empty = f"No assistants yet. A cell with %%assistant makes one named {DEFAULT_ASSISTANT!r}."
    return [table_block(ASSISTANT_COLUMNS, rows, empty)]


WORD = MagicWord("list", "list", "show the assistants", _run)
