"""``index``: make files and folders searchable."""

from __future__ import annotations

import argparse
import sys

from jupyter_assistants.client.errors import stopped
from jupyter_assistants.client.folders import local_files
from jupyter_assistants.client.text import print_text
from jupyter_assistants.client.vector_stores import DEFAULT_STORE, Indexer, Show, find_store
from jupyter_assistants.ipython.blocks import DisplayBlock, text_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.shell_state import ShellState
from jupyter_assistants.ipython.stop import interruptible

_WATCH_SECONDS = 2.0


def index_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant index``."""
    parser = WordParser(prog="%assistant index", add_help=False, allow_abbrev=False)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders or patterns")
    parser.add_argument("-s", "--store", default=DEFAULT_STORE, metavar="NAME")
    parser.add_argument("--watch", action="store_true")
    return parser


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    options = index_parser().parse_args(split(line))
    try:
        with interruptible():
            return await _index(state, options)
    except KeyboardInterrupt:
        raise stopped("Stopped. Files that were indexed stay searchable.") from None


async def _index(state: ShellState, options: argparse.Namespace) -> list[DisplayBlock]:
    client = await state.client()
    local_files(options.paths)  # fails before a store is created in vain
    store = await find_store(client, options.store, create=True)
    indexer = Indexer(client, store, options.paths, _progress(state))
    state.store = store["id"]
    if options.watch:
        async for _ in indexer.watch(_WATCH_SECONDS):
            pass
    await indexer.index()
    return [text_block(f"Cells search {store['name'] or store['id']} from now on.")]


def _progress(state: ShellState) -> Show:
    # Not at load: few notebooks index anything.
    from jupyter_assistants.client.index_progress import terminal_progress
    from jupyter_assistants.ipython.display_updates import Screen
    from jupyter_assistants.ipython.index_view import cell_progress

    if state.in_kernel:
        return cell_progress(Screen(state.shell.display_pub.publish))
    return terminal_progress(print_text, live=sys.stdout.isatty())


WORD = MagicWord(
    "index",
    "index PATH… [--store NAME] [--watch]",
    "make files and folders searchable",
    _run,
    completes=("files",),
    parser=index_parser,
    here=True,
)
