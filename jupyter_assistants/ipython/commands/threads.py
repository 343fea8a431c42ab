"""``threads``, ``show``, ``thread`` and ``stop``: conversations, and their runs."""

from __future__ import annotations

from jupyter_assistants.client.assistants import read_thread, run_path, thread_path
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.listing import THREAD_COLUMNS, newest, table, text_block, thread_row
from jupyter_assistants.ipython.commands.word import Word
from jupyter_assistants.ipython.render import Block, Scene, render
from jupyter_assistants.ipython.shell_state import State

_LIVE = ("queued", "in_progress", "requires_action", "cancelling")


def thread_of(state: State, line: str) -> str:
    """Return the thread that a line names, or else the one that cells continue.

    Raises
    ------
    AssistantError
        If there is neither.
    """
    thread_id = line or state.thread_id
    if thread_id is None:
        raise AssistantError("No thread yet: ask something with %%assistant, or name a thread.")
    return thread_id


async def _threads(state: State, line: str) -> list[Block]:
    items = await newest(await state.client(), "/threads")
    return [table(THREAD_COLUMNS, [thread_row(item) for item in items], "No threads yet.")]


async def _show(state: State, line: str) -> list[Block]:
    thread_id = thread_of(state, line)
    client = await state.client()
    view = await read_thread(client, thread_id)
    scene = Scene(ended="", facts=[f"thread {thread_id}"], view_of=client.url_of_view)
    blocks = render(view, scene)
    return blocks if view.entries else [text_block(f"Thread {thread_id} is empty.")]


async def _thread(state: State, line: str) -> list[Block]:
    if line == "new":
        state.thread_id = None
        return [text_block("The next cell begins a new thread.")]
    if line:
        thread = await (await state.client()).request("GET", thread_path(line))
        state.thread_id = thread["id"]
    if state.thread_id is None:
        return [text_block("No thread yet: the next cell begins one.")]
    return [text_block(f"Cells continue thread {state.thread_id}.")]


async def _stop(state: State, line: str) -> list[Block]:
    thread_id = line or state.thread_id
    if thread_id is None:
        return [text_block("No thread, so nothing to stop.")]
    client = await state.client()
    stopped = 0
    for run in await newest(client, f"{thread_path(thread_id)}/runs"):
        if run["status"] in _LIVE:
            await client.request("POST", f"{run_path(thread_id, run['id'])}/cancel")
            stopped += 1
    return [text_block(f"Cancelled {stopped} run{'' if stopped == 1 else 's'}.")]


WORDS = (
    Word("threads", "threads", "show the newest threads", _threads),
    Word(
        "show",
        "show [THREAD]",
        "show a thread: its messages, code and outputs",
        _show,
        completes=("threads",),
    ),
    Word(
        "thread",
        "thread [ID | new]",
        "show, continue or begin a thread",
        _thread,
        completes=("threads",),
        choices=("new",),
    ),
    Word("stop", "stop [THREAD]", "cancel the runs of a thread", _stop, completes=("threads",)),
)
