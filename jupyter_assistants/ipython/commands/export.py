"""``export``: write a thread to a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.shell_state import ShellState


def export_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant export``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("file", nargs="?", default="", help="an .ipynb, .md or .json file")
    parser.add_argument("-t", "--thread", default="", help="another thread than that of the cells")
    parser.add_argument("--force", action="store_true", help="overwrite the file")
    return parser


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    # Not at load: few notebooks use it.
    from jupyter_assistants.client.exports import export_thread

    options = export_parser().parse_args(split(line))
    thread_id = state.thread_of(options.thread)
    file = Path(options.file or f"{thread_id}.ipynb").expanduser()
    await export_thread(await state.client(), thread_id, file, force=options.force)
    return [text_block(f"Wrote {file}.")]


WORD = MagicWord(
    "export",
    "export [FILE] [--thread ID]",
    "write a thread as .ipynb, .md or .json",
    _run,
    completes=("files",),
    parser=export_parser,
)
