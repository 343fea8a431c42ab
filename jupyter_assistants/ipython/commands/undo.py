"""``undo``: puts back what a step of an assistant changed in this kernel."""

from __future__ import annotations

import argparse

from jupyter_assistants.client.listing import text_block
from jupyter_assistants.ipython.commands.word import Word
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.render import Block
from jupyter_assistants.ipython.shell_state import State


def undo_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant undo``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("step", nargs="?", default="", help="the step's number; the newest if none")
    parser.add_argument(
        "--force", action="store_true", help="lose what was changed since the step as well"
    )
    return parser


async def _undo(state: State, line: str) -> list[Block]:
    from jupyter_assistants.ipython.undo import undo

    options = undo_parser().parse_args(split(line))
    return [text_block(undo(state, options.step, force=options.force))]


WORDS = (
    Word(
        "undo",
        "undo [STEP] [--force]",
        "put back what a step changed: variables and files",
        _undo,
        parser=undo_parser,
        here=True,
    ),
)
