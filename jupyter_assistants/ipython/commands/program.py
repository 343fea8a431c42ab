"""``program``: the assistant as a program."""

from __future__ import annotations

import argparse

from jupyter_assistants.client.assistants import find_assistant
from jupyter_assistants.client.programs import LANGUAGES, program_of
from jupyter_assistants.client.text import fenced, plain
from jupyter_assistants.ipython.blocks import DisplayBlock
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.shell_state import ShellState


def program_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant program``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("language", nargs="?", default="python", choices=LANGUAGES)
    parser.add_argument("-a", "--assistant", default="", help="name or id of the assistant")
    return parser


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    options = program_parser().parse_args(split(line))
    client = await state.client()
    assistant = await find_assistant(client, options.assistant or state.assistant)
    program = await program_of(client, assistant["id"], options.language)
    language = "bash" if program["language"] == "curl" else program["language"]
    text = fenced(plain(program["source"]).rstrip("\n"), language)
    return [DisplayBlock({"text/markdown": text, "text/plain": plain(program["source"])})]


WORD = MagicWord(
    "program",
    "program [python | javascript | curl]",
    "show the assistant as a program",
    _run,
    choices=LANGUAGES,
    parser=program_parser,
)
