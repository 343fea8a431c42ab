"""``promote``: make clean cells of a run."""

from __future__ import annotations

import argparse
import html
from pathlib import Path

from jupyter_assistants.client.assistants import run_path
from jupyter_assistants.client.base import Json
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.text import fenced, one_line, plain
from jupyter_assistants.ipython.blocks import DisplayBlock, preformatted, table_block, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.shell_state import ShellState


def promote_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant promote``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("names", nargs="*", help="a run, and the notebook to write")
    parser.add_argument("--check", action="store_true", help="run the cells in a fresh kernel")
    parser.add_argument("--force", action="store_true", help="overwrite the notebook")
    return parser


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    # Not at load: few notebooks use it.
    from jupyter_assistants.client.clean_cells import (
        VERDICT_COLUMNS,
        check,
        missing_files,
        newest_cells,
        verdicts,
    )
    from jupyter_assistants.client.exports import write_document

    options = promote_parser().parse_args(split(line))
    files = [name for name in options.names if name.endswith(".ipynb")]
    runs = [name for name in options.names if name not in files]
    if len(files) > 1 or len(runs) > 1:
        raise AssistantError("Name one run and one notebook: %assistant promote [RUN] [FILE.ipynb]")
    client = await state.client()
    cells = await newest_cells(client, state.thread_of(""), "".join(runs))
    if not files and not _takes_cells(state):
        files = [f"{cells['run_id']}.ipynb"]
    blocks = []
    if files:
        path = f"{run_path(cells['thread_id'], cells['run_id'])}/cells"
        file = Path(files[0]).expanduser()
        await write_document(client, path, {"format": "notebook"}, file, force=options.force)
        count = len(cells["cells"])
        text = f"Wrote {file}: {count} cell{'' if count == 1 else 's'}{_left_out(cells)}."
        missing = missing_files(cells, file.absolute())
        blocks.append(text_block(f"{text} {missing}".rstrip()))
    else:
        blocks.append(_next_cell(state, cells))
    if options.check:
        checked = await check(client, cells, Path.cwd())
        blocks.append(table_block(VERDICT_COLUMNS, verdicts(checked), ""))
    return blocks


def _takes_cells(state: ShellState) -> bool:
    """Return whether the host may accept a cell from the kernel: a notebook in an editor."""
    kernel = getattr(state.shell, "kernel", None)
    if kernel is None:
        return False
    request = kernel.get_parent()
    return bool(
        request.get("metadata", {}).get("cellId")
        and request.get("content", {}).get("allow_stdin", False)
    )


def _next_cell(state: ShellState, cells: Json) -> DisplayBlock:
    source = "\n\n".join(cell["source"] for cell in cells["cells"])
    state.shell.set_next_input(source)
    # No host acknowledges it, so the code is shown here as well.
    title = f"The code of {cells['run_id']}, sent to the cell below{_left_out(cells)}"
    return DisplayBlock(
        {
            "text/html": f"<details><summary>{html.escape(title)}</summary>"
            f'<pre><code class="language-python">{preformatted(plain(source))}</code></pre></details>',
            "text/markdown": f"{one_line(title)}\n\n{fenced(plain(source), 'python')}",
            "text/plain": f"{title}\n\n{plain(source)}",
        }
    )


def _left_out(cells: Json) -> str:
    count = cells["left_out"]
    return f" ({count} failed attempt{'' if count == 1 else 's'} left out)" if count else ""


WORD = MagicWord(
    "promote",
    "promote [RUN] [FILE.ipynb] [--check]",
    "make clean cells of a run",
    _run,
    completes=("files",),
    parser=promote_parser,
    here=True,
)
