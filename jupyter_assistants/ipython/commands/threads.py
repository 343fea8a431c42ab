"""``threads``: the newest threads."""

from __future__ import annotations

from jupyter_assistants.client.tables import THREAD_COLUMNS, newest_objects, thread_row
from jupyter_assistants.ipython.blocks import DisplayBlock, table_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    items = await newest_objects(await state.client(), "/threads")
    return [table_block(THREAD_COLUMNS, [thread_row(item) for item in items], "No threads yet.")]


WORD = MagicWord("threads", "threads", "show the newest threads", _run)
