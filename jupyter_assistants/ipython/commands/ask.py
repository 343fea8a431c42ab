"""``ask``: ask on one line, as a cell does."""

from __future__ import annotations

import re

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import cell_parser
from jupyter_assistants.ipython.shell_state import ShellState

_OPTION = re.compile(r"\s*(--?[A-Za-z][\w-]*)(=\S+)?")
_VALUE = re.compile(r"""\s+("[^"]*"|'[^']*'|\S+)""")


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    options, prompt = leading_options(line)
    if not prompt:
        raise AssistantError("Ask what? %assistant ask PROMPT")
    await state.ask_cell(options, prompt)
    return []


def leading_options(line: str) -> tuple[str, str]:
    """Return the options that a line begins with, and the prompt after them."""
    actions = {name: a for a in cell_parser()._actions for name in a.option_strings}
    at = 0
    while (match := _OPTION.match(line, at)) is not None and match[1] in actions:
        at = match.end()
        if actions[match[1]].nargs != 0 and match[2] is None:
            value = _VALUE.match(line, at)
            at = value.end() if value is not None else at
    return line[:at].strip(), line[at:].strip()


WORD = MagicWord(
    "ask",
    "ask [options] PROMPT",
    "ask on one line, as %%assistant does",
    _run,
    parser=cell_parser,
    cell=True,
)
