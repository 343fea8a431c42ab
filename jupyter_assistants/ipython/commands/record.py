"""``record``: write the recording of a run to a file."""

from __future__ import annotations

import argparse

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.shell_state import ShellState


def record_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant record``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("names", nargs="*", help="a run, and the file of recordings to add it to")
    parser.add_argument("-t", "--thread", default="", help="another thread than that of the cells")
    return parser


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    # Not at load: few notebooks use it.
    from jupyter_assistants.client.exports import record, recording_text

    options = record_parser().parse_args(split(line))
    runs = [name for name in options.names if name.startswith("run_") and "." not in name]
    files = [name for name in options.names if name not in runs]
    if len(files) > 1 or len(runs) > 1:
        raise AssistantError("Name one run and one file: %assistant record [RUN] [FILE.json]")
    thread_id = state.thread_of(options.thread)
    client = await state.client()
    recorded = await record(client, thread_id, "".join(runs), "".join(files))
    return [text_block(recording_text(*recorded))]


WORD = MagicWord(
    "record",
    "record [RUN] [FILE.json]",
    "keep a run that has ended, to run its code again",
    _run,
    completes=("files",),
    parser=record_parser,
)
