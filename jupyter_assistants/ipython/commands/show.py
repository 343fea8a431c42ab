"""``show``: a thread with its messages, code and outputs."""

from __future__ import annotations

from jupyter_assistants.client.assistants import read_thread
from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    # Not at load: drawing is needed with the first answer only.
    from jupyter_assistants.ipython.render import render
    from jupyter_assistants.ipython.scene import Scene

    thread_id = state.thread_of(line)
    client = await state.client()
    view = await read_thread(client, thread_id)
    scene = Scene(ended="", facts=[f"thread {thread_id}"], view_of=client.url_of_view)
    blocks = render(view, scene)
    return blocks if view.entries else [text_block(f"Thread {thread_id} is empty.")]


WORD = MagicWord(
    "show",
    "show [THREAD]",
    "show a thread: its messages, code and outputs",
    _run,
    completes=("threads",),
)
