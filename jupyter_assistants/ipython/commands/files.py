"""``files``: what the server has stored, or what is in a store of searchable files."""

from __future__ import annotations

from jupyter_assistants.client import vector_stores as stores
from jupyter_assistants.client.listing import (
    FILE_COLUMNS,
    STORE_FILE_COLUMNS,
    file_row,
    newest,
    store_file_row,
    table,
)
from jupyter_assistants.ipython.commands.word import Word
from jupyter_assistants.ipython.render import Block
from jupyter_assistants.ipython.shell_state import State


async def _files(state: State, line: str) -> list[Block]:
    client = await state.client()
    if not line:
        items = await newest(client, "/files")
        return [table(FILE_COLUMNS, [file_row(item) for item in items], "No files yet.")]
    store = await stores.find_store(client, line)
    rows = [store_file_row(item) for item in await stores.files_of(client, store)]
    return [table(STORE_FILE_COLUMNS, rows, f"No files in {store['name'] or store['id']} yet.")]


WORDS = (
    Word("files", "files [STORE]", "show the newest stored files, or those of a store", _files),
)
