"""``stores``: the vector stores."""

from __future__ import annotations

from jupyter_assistants.client.tables import STORE_COLUMNS, newest_objects, store_row
from jupyter_assistants.client.vector_stores import DEFAULT_STORE
from jupyter_assistants.ipython.blocks import DisplayBlock, table_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    items = await newest_objects(await state.client(), "/vector_stores")
    empty = f"No stores yet. `%assistant index PATH --store {DEFAULT_STORE}` creates one."
    return [table_block(STORE_COLUMNS, [store_row(item) for item in items], empty)]


WORD = MagicWord("stores", "stores", "show the stores of searchable files", _run)
