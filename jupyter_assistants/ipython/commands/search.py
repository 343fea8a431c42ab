"""``search``: search a vector store."""

from __future__ import annotations

import argparse

from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.tables import RESULT_COLUMNS, result_row
from jupyter_assistants.client.vector_stores import DEFAULT_STORE, find_store, search
from jupyter_assistants.ipython.blocks import DisplayBlock, table_block
from jupyter_assistants.ipython.commands.word import MagicWord
from jupyter_assistants.ipython.options import WordParser, split
from jupyter_assistants.ipython.shell_state import ShellState


def search_parser() -> argparse.ArgumentParser:
    """Return the parser of ``%assistant search``."""
    parser = WordParser(prog="%assistant search", add_help=False, allow_abbrev=False)
    parser.add_argument("query", nargs="+", metavar="QUERY")
    parser.add_argument("-s", "--store", metavar="NAME")
    parser.add_argument("-k", "--results", type=int, default=5, metavar="NUMBER")
    return parser


async def _run(state: ShellState, line: str) -> list[DisplayBlock]:
    options = search_parser().parse_args(split(line))
    if not 1 <= options.results <= 50:
        raise AssistantError(f"-k {options.results}: use a number from 1 to 50")
    client = await state.client()
    store = await find_store(client, options.store or state.store or DEFAULT_STORE)
    query = " ".join(options.query)
    results = await search(client, store, query, limit=options.results)
    rows = [result_row(each) for each in results]
    empty = f"Nothing in {store['name'] or store['id']} fits {query}."
    return [table_block(RESULT_COLUMNS, rows, empty)]


WORD = MagicWord(
    "search",
    "search QUERY [--store NAME] [-k NUMBER]",
    "search a store",
    _run,
    parser=search_parser,
)
