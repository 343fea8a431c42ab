"""``vars``: what models see of the variables."""

from __future__ import annotations

from jupyter_assistants.client.text import fenced, plain
from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.kernels.variables import summary
from jupyter_assistants.redaction import Masker


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    shell = state.shell
    variables = summary(shell.user_ns, hidden=shell.user_ns_hidden, rows=state.context_rows)
    if not variables:
        return [text_block("There are no variables yet, so none are sent.")]
    title = (
        "Models see this of your variables:"
        if state.context
        else "Models see nothing (AssistantMagics.context is off); it would be:"
    )
    masked = Masker().text(variables)
    return [
        DisplayBlock(
            {
                "text/markdown": f"{title}\n\n{fenced(masked, 'text')}",
                "text/plain": f"{title}\n{plain(masked)}",
            }
        )
    ]


WORD = MagicWord("vars", "vars", "show what models see of your variables", _run, here=True)
