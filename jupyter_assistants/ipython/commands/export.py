"""``promote``, ``record``, ``export``, ``program``: from talk to notebook, cassette and program."""

from __future__ import annotations

import argparse
import html
from pathlib import Path

from jupyter_assistants.client.assistants import find_assistant, run_path
from jupyter_assistants.client.base import Json
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.listing import table, text_block
from jupyter_assistants.ipython.commands.threads import thread_of
from jupyter_assistants.ipython.commands.word import Word
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.render import Block
from jupyter_assistants.ipython.shell_state import State
from jupyter_assistants.ipython.untrusted import fenced, one_line, plain

LANGUAGES = ("python", "javascript", "curl")


def promote_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant promote``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("names", nargs="*", help="a run, and the notebook to write")
    parser.add_argument("--check", action="store_true", help="run the cells in a fresh kernel")
    parser.add_argument("--force", action="store_true", help="write over the notebook")
    return parser


def record_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant record``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("names", nargs="*", help="a run, and the cassette to add it to")
    parser.add_argument("-t", "--thread", default="", help="another thread than that of the cells")
    return parser


def export_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant export``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("file", nargs="?", default="", help="an .ipynb, .md or .json file")
    parser.add_argument("-t", "--thread", default="", help="another thread than that of the cells")
    parser.add_argument("--force", action="store_true", help="write over the file")
    return parser


def program_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant program``."""
    parser = WordParser(prog="%assistant", add_help=False, allow_abbrev=False)
    parser.add_argument("language", nargs="?", default="python", choices=LANGUAGES)
    parser.add_argument("-a", "--assistant", default="", help="name or id of the assistant")
    return parser


async def _promote(state: State, line: str) -> list[Block]:
    from jupyter_assistants.client.clean_cells import (
        VERDICT_COLUMNS,
        check,
        newest_cells,
        verdicts,
        write_document,
    )

    options = promote_parser().parse_args(split(line))
    files = [name for name in options.names if name.endswith(".ipynb")]
    runs = [name for name in options.names if name not in files]
    if len(files) > 1 or len(runs) > 1:
        raise AssistantError("One run and one notebook: %assistant promote [RUN] [FILE.ipynb]")
    client = await state.client()
    cells = await newest_cells(client, thread_of(state, ""), "".join(runs))
    if not files and not _takes_cells(state):
        files = [f"{cells['run_id']}.ipynb"]
    blocks = []
    if files:
        path = f"{run_path(cells['thread_id'], cells['run_id'])}/cells"
        file = Path(files[0]).expanduser()
        await write_document(client, path, {"format": "notebook"}, file, force=options.force)
        count = len(cells["cells"])
        said = f"Wrote {file}: {count} cell{'' if count == 1 else 's'}{_left(cells)}."
        blocks.append(text_block(said))
    else:
        blocks.append(_below(state, cells))
    if options.check:
        checked = await check(client, cells, Path.cwd())
        blocks.append(table(VERDICT_COLUMNS, verdicts(checked), ""))
    return blocks


def _takes_cells(state: State) -> bool:
    """Return whether this host may take a cell from the kernel: a notebook in an editor."""
    kernel = getattr(state.shell, "kernel", None)
    if kernel is None:
        return False
    request = kernel.get_parent()
    return bool(
        request.get("metadata", {}).get("cellId")
        and request.get("content", {}).get("allow_stdin", False)
    )


def _below(state: State, cells: Json) -> Block:
    source = "\n\n".join(cell["source"] for cell in cells["cells"])
    state.shell.set_next_input(source)
    # No host acknowledges it, so nothing is promised, and the code stands here too.
    title = f"The code of {cells['run_id']}, sent to the cell below{_left(cells)}"
    shown = html.escape(plain(source)).replace("\n\n", "\n&#10;")
    return Block(
        {
            "text/html": f"<details><summary>{html.escape(title)}</summary>"
            f'<pre><code class="language-python">{shown}</code></pre></details>',
            "text/markdown": f"{one_line(title)}\n\n{fenced(plain(source), 'python')}",
            "text/plain": f"{title}\n\n{plain(source)}",
        }
    )


def _left(cells: Json) -> str:
    count = cells["left_out"]
    return f" ({count} failed attempt{'' if count == 1 else 's'} left out)" if count else ""


async def _record(state: State, line: str) -> list[Block]:
    from jupyter_assistants.client.clean_cells import record, recorded

    options = record_parser().parse_args(split(line))
    runs = [name for name in options.names if name.startswith("run_") and "." not in name]
    files = [name for name in options.names if name not in runs]
    if len(files) > 1 or len(runs) > 1:
        raise AssistantError("One run and one file: %assistant record [RUN] [FILE.json]")
    thread_id = thread_of(state, options.thread)
    client = await state.client()
    made = await record(client, thread_id, "".join(runs), "".join(files))
    return [text_block(recorded(*made))]


async def _export(state: State, line: str) -> list[Block]:
    from jupyter_assistants.client.clean_cells import export

    options = export_parser().parse_args(split(line))
    thread_id = thread_of(state, options.thread)
    file = Path(options.file or f"{thread_id}.ipynb").expanduser()
    await export(await state.client(), thread_id, file, force=options.force)
    return [text_block(f"Wrote {file}.")]


async def _program(state: State, line: str) -> list[Block]:
    from jupyter_assistants.client.clean_cells import program

    options = program_parser().parse_args(split(line))
    client = await state.client()
    assistant = await find_assistant(client, options.assistant or state.assistant)
    made = await program(client, assistant["id"], options.language)
    language = "bash" if made["language"] == "curl" else made["language"]
    text = fenced(plain(made["source"]).rstrip("\n"), language)
    return [Block({"text/markdown": text, "text/plain": plain(made["source"])})]


WORDS = (
    Word(
        "promote",
        "promote [RUN] [FILE.ipynb] [--check]",
        "make clean cells of a run",
        _promote,
        completes=("files",),
        parser=promote_parser,
        here=True,
    ),
    Word(
        "record",
        "record [RUN] [FILE.json]",
        "keep a run that is over, to run its code again",
        _record,
        completes=("files",),
        parser=record_parser,
    ),
    Word(
        "export",
        "export [FILE] [--thread ID]",
        "write a thread as .ipynb, .md or .json",
        _export,
        completes=("files",),
        parser=export_parser,
    ),
    Word(
        "program",
        "program [python | javascript | curl]",
        "show the assistant as a program",
        _program,
        choices=LANGUAGES,
        parser=program_parser,
    ),
)
