"""``doctor``: look for what does not work."""

from __future__ import annotations

from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    # Not at load: few notebooks use it.
    from jupyter_assistants.client.doctor import examine, report_text

    client = await state.client()
    assert state.chosen is not None
    return [DisplayBlock({"text/plain": report_text(await examine(client, state.chosen.why))})]


WORD = MagicWord("doctor", "doctor", "find what does not work, and how to fix it", _run)
