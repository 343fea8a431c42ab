"""``new``: create an assistant, and use it from then on."""

from __future__ import annotations

import argparse

from jupyter_assistants.client.assistants import new_assistant
from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.shell_state import ShellState


def new_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant new``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("name", help="the assistant's name")
    parser.add_argument("-m", "--model", metavar="MODEL", help="its model")
    parser.add_argument("--instructions", metavar="TEXT", help="what it should do, and how")
    return parser


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    options = new_parser().parse_args(split(line))
    client = await state.client()
    assistant = await new_assistant(
        client, options.name, model=options.model, instructions=options.instructions
    )
    state.assistant = assistant["id"]
    return [text_block(f"Created {options.name} ({assistant['id']}); cells ask it from now on.")]


WORD = MagicWord(
    "new",
    "new NAME [--model M] [--instructions TEXT]",
    "create an assistant, use it",
    _run,
    parser=new_parser,
)
