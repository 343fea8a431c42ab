"""``thread``: show, continue or begin a thread."""

from __future__ import annotations

from jupyter_assistants.client.assistants import thread_path
from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    if line == "new":
        state.thread_id = None
        return [text_block("The next cell begins a new thread.")]
    if line:
        thread = await (await state.client()).request("GET", thread_path(line))
        state.thread_id = thread["id"]
    if state.thread_id is None:
        return [text_block("No thread yet: the next cell begins one.")]
    return [text_block(f"Cells continue thread {state.thread_id}.")]


WORD = MagicWord(
    "thread",
    "thread [ID | new]",
    "show, continue or begin a thread",
    _run,
    completes=("threads",),
    choices=("new",),
)
