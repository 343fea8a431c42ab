"""``replay``: run recorded code again, without a model."""

from __future__ import annotations

import argparse
from pathlib import Path

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.shell_state import ShellState


def replay_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant replay``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("file", nargs="?", default="", help="a file of recordings, or a notebook")
    parser.add_argument("-y", "--yes", action="store_true", help="run the code without asking")
    parser.add_argument("--strict", action="store_true", help="fail if anything differs")
    return parser


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    # Not at load: few notebooks use it.
    from jupyter_assistants.client.recordings import read

    options = replay_parser().parse_args(split(line))
    if options.file:
        path = Path(options.file).expanduser()
        recordings, source = read(path), path
    else:
        recordings, source = state.recordings[-1:], Path("this kernel")
    if not recordings:
        text = f"{source} has no recordings" if options.file else "Nothing was recorded here"
        raise AssistantError(f"{text}. Ask with %%assistant first, or name a file.")
    for recording in recordings:
        await state.play(recording, source, options.yes, options.strict)
    return []


WORD = MagicWord(
    "replay",
    "replay [FILE] [--yes] [--strict]",
    "run recorded code again, without a model",
    _run,
    completes=("files",),
    parser=replay_parser,
    cell=True,
)
