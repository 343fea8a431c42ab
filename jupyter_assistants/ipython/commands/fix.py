"""``fix``: ask a model about the cell that failed last, and propose its corrected version."""

from __future__ import annotations

import difflib
import html
import re

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.text import fenced, plain
from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.ask import leading_options
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import cell_parser
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.redaction import Masker

_BLOCK = re.compile(r"```[ \t]*(?:(?:python|py)[ \t]*)?\n(.*?)```", re.DOTALL)
_PROMPT = """A cell of my notebook failed. Find out why: look at my variables with code if that helps, but
change none of them. Then say in one or two sentences what is wrong, and give the whole corrected cell
as the last block of Python code in your answer.

The cell:

{source}

The error:

{error}"""


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    options, remark = leading_options(line)
    failure = state.failures.last if state.failures is not None else None
    if failure is None:
        raise AssistantError("No cell has failed yet, so there is nothing to fix.")
    mask = Masker().text
    prompt = _PROMPT.format(
        source=fenced(mask(failure.source).rstrip("\n"), "python"),
        error=fenced(mask(failure.error), "text"),
    )
    answer = await state.ask_cell(f"--raw {options}", f"{prompt}\n\n{remark}".rstrip())
    codes = _BLOCK.findall(str(answer or ""))
    if not codes:
        return [text_block("The answer has no code, so no cell is proposed.")]
    source = codes[-1].rstrip()
    state.shell.set_next_input(source)
    return [_proposal(failure.source.rstrip("\n"), source)]


def _proposal(before: str, after: str) -> DisplayBlock:
    """Return a block with the changes that the proposed cell makes."""
    rows = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=99)
    lines = [plain(row) for row in list(rows)[3:]] or [
        f" {plain(row)}" for row in after.split("\n")
    ]
    title = "Proposed in place of the cell that failed, and sent to the next cell"
    spans = [f'<span style="{_style(row)}">{html.escape(row)}</span>' for row in lines]
    page = "&#10;".join(spans)
    return DisplayBlock(
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


WORD = MagicWord(
    "fix",
    "fix [options] [REMARK]",
    "ask what is wrong with the cell that failed last",
    _run,
    parser=cell_parser,
    cell=True,
)
