"""``undo``: restore what a step changed in this kernel."""

from __future__ import annotations

import argparse

from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.shell_state import ShellState


def undo_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant undo``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument(
        "step", nargs="?", default="", help="number of the step (default: the newest)"
    )
    parser.add_argument(
        "--force", action="store_true", help="also discard what was changed since the step"
    )
    return parser


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    # Not at load: the ledger is needed with the first step only.
    from jupyter_assistants.ipython.undo import undo

    options = undo_parser().parse_args(split(line))
    return [text_block(undo(state, options.step, force=options.force))]


WORD = MagicWord(
    "undo",
    "undo [STEP] [--force]",
    "restore what a step changed: variables and files",
    _run,
    parser=undo_parser,
    here=True,
)
