"""``stop``: cancel the runs of a thread."""

from __future__ import annotations

from jupyter_assistants.client.assistants import run_path, thread_path
from jupyter_assistants.client.tables import newest_objects
from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState

_LIVE = ("queued", "in_progress", "requires_action", "cancelling")


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    thread_id = line or state.thread_id
    if thread_id is None:
        return [text_block("There is no thread, so there is nothing to stop.")]
    client = await state.client()
    stopped = 0
    for run in await newest_objects(client, f"{thread_path(thread_id)}/runs"):
        if run["status"] in _LIVE:
            await client.request("POST", f"{run_path(thread_id, run['id'])}/cancel")
            stopped += 1
    return [text_block(f"Cancelled {stopped} run{'' if stopped == 1 else 's'}.")]


WORD = MagicWord(
    "stop", "stop [THREAD]", "cancel the runs of a thread", _run, completes=("threads",)
)
