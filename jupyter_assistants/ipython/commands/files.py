"""``files``: the stored files, or those of a vector store."""

from __future__ import annotations

from jupyter_assistants.client.tables import (
    FILE_COLUMNS,
    STORE_FILE_COLUMNS,
    file_row,
    newest_objects,
    store_file_row,
)
from jupyter_assistants.client.vector_stores import files_of, find_store
from jupyter_assistants.ipython.blocks import DisplayBlock, table_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    client = await state.client()
    if not line:
        items = await newest_objects(client, "/files")
        return [table_block(FILE_COLUMNS, [file_row(item) for item in items], "No files yet.")]
    store = await find_store(client, line)
    rows = [store_file_row(item) for item in await files_of(client, store)]
    return [
        table_block(STORE_FILE_COLUMNS, rows, f"No files in {store['name'] or store['id']} yet.")
    ]


WORD = MagicWord(
    "files", "files [STORE]", "show the newest stored files, or those of a store", _run
)
