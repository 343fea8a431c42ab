"""``ask``, ``fix`` and ``replay``: what goes on as a cell does, with a model or with code."""

from __future__ import annotations

import argparse
import difflib
import html
import re

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.listing import text_block
from jupyter_assistants.ipython.commands.word import Word
from jupyter_assistants.ipython.options import WordParser, cell_parser, split
from jupyter_assistants.ipython.render import Block
from jupyter_assistants.ipython.shell_state import State
from jupyter_assistants.ipython.untrusted import fenced, plain
from jupyter_assistants.redaction import Masker

_OPTION = re.compile(r"\s*(--?[A-Za-z][\w-]*)(=\S+)?")
_VALUE = re.compile(r"""\s+("[^"]*"|'[^']*'|\S+)""")
_BLOCK = re.compile(r"```[ \t]*(?:python|py)?[ \t]*\n(.*?)```", re.DOTALL)
_FIX = """A cell of my notebook failed. Find out why: look at my variables with code if that helps, but
change none of them. Then say in one or two sentences what is wrong, and give the whole mended cell as
the last block of Python code in your answer.

The cell:

{source}

The error:

{error}"""


def replay_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant replay``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("file", nargs="?", default="", help="a cassette or a notebook")
    parser.add_argument("-y", "--yes", action="store_true", help="run the code without asking")
    parser.add_argument("--strict", action="store_true", help="fail if anything differs")
    return parser


async def _ask(state: State, line: str) -> list[Block]:
    options, prompt = leading_options(line)
    if not prompt:
        raise AssistantError("Ask what? %assistant ask PROMPT")
    await state.cell(options, prompt)
    return []


def leading_options(line: str) -> tuple[str, str]:
    """Return the options that a line begins with, and the prompt after them."""
    actions = {name: a for a in cell_parser()._actions for name in a.option_strings}
    at = 0
    while (found := _OPTION.match(line, at)) is not None and found[1] in actions:
        at = found.end()
        if actions[found[1]].nargs != 0 and found[2] is None:
            value = _VALUE.match(line, at)
            at = value.end() if value is not None else at
    return line[:at].strip(), line[at:].strip()


async def _fix(state: State, line: str) -> list[Block]:
    options, remark = leading_options(line)
    failure = state.failures.last if state.failures is not None else None
    if failure is None:
        raise AssistantError("No cell has failed yet, so there is nothing to fix.")
    mask = Masker().text
    prompt = _FIX.format(
        source=fenced(mask(failure.source).rstrip("\n"), "python"),
        error=fenced(mask(failure.error), "text"),
    )
    answer = await state.cell(f"--raw {options}", f"{prompt}\n\n{remark}".rstrip())
    codes = _BLOCK.findall(str(answer or ""))
    if not codes:
        return [text_block("The answer holds no code, so no cell is proposed.")]
    source = codes[-1].rstrip()
    state.shell.set_next_input(source)
    return [_proposal(failure.source.rstrip("\n"), source)]


def _proposal(before: str, after: str) -> Block:
    """Show what the proposed cell changes; where the host takes it, it stands below as well."""
    rows = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=99)
    lines = [plain(row) for row in list(rows)[3:]] or [
        f" {plain(row)}" for row in after.split("\n")
    ]
    title = "Proposed instead of the cell that failed, and sent to the next cell"
    spans = [f'<span style="{_style(row)}">{html.escape(row)}</span>' for row in lines]
    page = "&#10;".join(spans)
    return Block(
        {
            "text/html": f"<p>{title}:</p>\n<pre>{page}</pre>",
            "text/markdown": f"{title}:\n\n{fenced(chr(10).join(lines), 'diff')}",
            "text/plain": "\n".join([f"{title}:", *lines]),
        }
    )


def _style(row: str) -> str:
    # Colours that read on light and dark themes; the signs say it without them.
    if row.startswith("+"):
        return "background: rgba(46, 160, 67, 0.25)"
    return "background: rgba(248, 81, 73, 0.25)" if row.startswith("-") else ""


async def _replay(state: State, line: str) -> list[Block]:
    from pathlib import Path

    from jupyter_assistants.ipython.recordings import read

    options = replay_parser().parse_args(split(line))
    if options.file:
        path = Path(options.file).expanduser()
        recordings, source = read(path), path
    else:
        recordings, source = state.recordings[-1:], Path("this kernel")
    if not recordings:
        text = f"There are no recordings in {source}" if options.file else "Nothing was recorded"
        raise AssistantError(f"{text}. Ask with %%assistant first, or name a file.")
    for made in recordings:
        await state.play(made, source, options.yes, options.strict)
    return []


WORDS = (
    Word(
        "ask",
        "ask [options] PROMPT",
        "ask on one line, as %%assistant does",
        _ask,
        parser=cell_parser,
        cell=True,
    ),
    Word(
        "fix",
        "fix [options] [REMARK]",
        "ask what is wrong with the cell that failed last",
        _fix,
        parser=cell_parser,
        cell=True,
    ),
    Word(
        "replay",
        "replay [FILE] [--yes] [--strict]",
        "run recorded code again, without a model",
        _replay,
        completes=("files",),
        parser=replay_parser,
        cell=True,
    ),
)
