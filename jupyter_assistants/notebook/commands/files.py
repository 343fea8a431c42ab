"""``files``: what the server has stored."""

from __future__ import annotations

from jupyter_assistants.notebook.commands.word import Word
from jupyter_assistants.notebook.listing import FILE_COLUMNS, file_row, newest, table
from jupyter_assistants.notebook.render import Block
from jupyter_assistants.notebook.state import State


async def _files(state: State, line: str) -> list[Block]:
    items = await newest(await state.client(), "/files")
    return [table(FILE_COLUMNS, [file_row(item) for item in items], "No files yet.")]


WORDS = (Word("files", "files", "show the newest stored files", _files),)
