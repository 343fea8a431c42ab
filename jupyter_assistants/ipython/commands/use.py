"""``use``: choose the assistant that cells ask."""

from __future__ import annotations

from jupyter_assistants.client.assistants import find_assistant
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    if not line:
        raise AssistantError("Which assistant? `%assistant list` shows all.")
    assistant = await find_assistant(await state.client(), line)
    state.assistant = assistant["id"]
    return [text_block(f"Cells ask {assistant.get('name') or assistant['id']} from now on.")]


WORD = MagicWord(
    "use", "use NAME", "ask this assistant from now on", _run, completes=("assistants",)
)
