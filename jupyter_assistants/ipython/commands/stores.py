"""``index``, ``search``, ``stores`` and ``store``: files that assistants can look into."""

from __future__ import annotations

import argparse
import sys

from jupyter_assistants.client import vector_stores as stores
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.errors import AssistantError, stopped
from jupyter_assistants.client.folders import local_files
from jupyter_assistants.client.listing import (
    RESULT_COLUMNS,
    STORE_COLUMNS,
    newest,
    result_row,
    store_row,
    table,
    text_block,
)
from jupyter_assistants.ipython.commands.word import Word
from jupyter_assistants.ipython.display_updates import Screen
from jupyter_assistants.ipython.index_view import in_cell, in_terminal
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.render import Block
from jupyter_assistants.ipython.shell_state import State
from jupyter_assistants.ipython.stop import interruptible
from jupyter_assistants.protocol.errors import InvalidRequest

_WATCH_SECONDS = 2.0


def index_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant index``."""
    parser = WordParser(prog="%assistant index", add_help=False, allow_abbrev=False)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders or patterns")
    parser.add_argument("-s", "--store", default=stores.DEFAULT_STORE, metavar="NAME")
    parser.add_argument("--watch", action="store_true")
    return parser


def search_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant search``."""
    parser = WordParser(prog="%assistant search", add_help=False, allow_abbrev=False)
    parser.add_argument("query", nargs="+", metavar="QUERY")
    parser.add_argument("-s", "--store", metavar="NAME")
    parser.add_argument("-k", "--results", type=int, default=5, metavar="NUMBER")
    return parser


async def _index(state: State, line: str) -> list[Block]:
    options = index_parser().parse_args(split(line))
    try:
        with interruptible():
            return await _indexed(state, options)
    except KeyboardInterrupt:
        raise stopped("Indexing was stopped; what is searchable already stays.") from None


async def _indexed(state: State, options: argparse.Namespace) -> list[Block]:
    client = await state.client()
    local_files(options.paths)  # before a store is made for nothing
    store = await stores.find_store(client, options.store, make=True)
    if state.in_kernel:
        show = in_cell(Screen(state.shell.display_pub.publish))
    else:
        show = in_terminal(_print, live=sys.stdout.isatty())
    indexer = stores.Indexer(client, store, options.paths, show)
    state.store = store["id"]
    if options.watch:
        async for _ in indexer.watch(_WATCH_SECONDS):
            pass
    await indexer.index()
    return [text_block(f"Cells search {store['name'] or store['id']} from now on.")]


async def _search(state: State, line: str) -> list[Block]:
    options = search_parser().parse_args(split(line))
    if not 1 <= options.results <= 50:
        raise AssistantError(f"-k {options.results}: give a number from 1 to 50")
    client = await state.client()
    store = await stores.find_store(client, options.store or state.store or stores.DEFAULT_STORE)
    query = " ".join(options.query)
    found = await stores.search(client, store, query, limit=options.results)
    rows = [result_row(each) for each in found]
    empty = f"Nothing in {store['name'] or store['id']} fits {query}."
    return [table(RESULT_COLUMNS, rows, empty)]


async def _stores(state: State, line: str) -> list[Block]:
    items = await newest(await state.client(), "/vector_stores")
    empty = f"No stores yet. `%assistant index PATH --store {stores.DEFAULT_STORE}` makes one."
    return [table(STORE_COLUMNS, [store_row(item) for item in items], empty)]


async def _store(state: State, line: str) -> list[Block]:
    client = await state.client()
    if line == "none":
        state.store = None
    elif line:
        state.store = (await stores.find_store(client, line))["id"]
    if state.store is None:
        return [text_block("Cells search no store, unless the assistant or the thread has one.")]
    return [text_block(f"Cells search {await _name_of(client, state.store)}.")]


async def _name_of(client: Client, store_id: str) -> str:
    try:
        found: Json = await client.request("GET", stores.store_path(store_id))
    except InvalidRequest:
        return f"{store_id} (deleted)"
    return str(found["name"] or found["id"])


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


WORDS = (
    Word(
        "index",
        "index PATH… [--store NAME] [--watch]",
        "make files and folders searchable",
        _index,
        completes=("files",),
        parser=index_parser,
        here=True,
    ),
    Word(
        "search",
        "search QUERY [--store NAME] [-k NUMBER]",
        "search a store",
        _search,
        parser=search_parser,
    ),
    Word("stores", "stores", "show the stores of searchable files", _stores),
    Word(
        "store",
        "store [NAME | none]",
        "show or choose the store that cells search",
        _store,
        choices=("none",),
    ),
)
