"""``jupyter assistants index``, ``search`` and ``stores``: searchable files, from a terminal."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_assistants.client import listing
from jupyter_assistants.client import vector_stores as stores
from jupyter_assistants.client.assistants import every
from jupyter_assistants.client.base import Client
from jupyter_assistants.client.citations import where
from jupyter_assistants.client.folders import local_files
from jupyter_assistants.ipython.index_view import in_terminal
from jupyter_assistants.ipython.untrusted import plain
from jupyter_assistants.protocol.errors import AssistantsError

WATCH_SECONDS = 2.0

Words = Any
"""What ``add_subparsers`` gives."""


def add_words(words: Words, common: argparse.ArgumentParser) -> None:
    """Add the words to a parser."""
    index = words.add_parser("index", parents=[common], help="make files and folders searchable")
    index.add_argument("paths", nargs="+", metavar="PATH", help="files, folders or patterns")
    index.add_argument(
        "-s",
        "--store",
        default=stores.DEFAULT_STORE,
        metavar="NAME",
        help="name or id of the store",
    )
    index.add_argument(
        "--watch", action="store_true", help="go on, and index again what changes; end it by Ctrl-C"
    )
    search = words.add_parser("search", parents=[common], help="search a store")
    search.add_argument("query", metavar="QUERY")
    search.add_argument("-s", "--store", default=stores.DEFAULT_STORE, metavar="NAME")
    search.add_argument("-k", "--results", type=int, default=5, metavar="NUMBER")
    listed = words.add_parser(
        "stores", parents=[common], help="list the stores; export or delete one"
    )
    listed.add_argument("--export", metavar="NAME", help="write a store's texts as JSON lines")
    listed.add_argument("-o", "--out", metavar="FILE", help="where to; - is standard output")
    listed.add_argument("--delete", metavar="NAME", help="delete a store and its copies of files")


async def _index(client: Client, arguments: argparse.Namespace) -> int:
    local_files(arguments.paths)  # before a store is made for nothing
    store = await stores.find_store(client, arguments.store, make=True)
    quiet = arguments.json
    show = in_terminal(_err, live=sys.stderr.isatty() and not quiet)
    indexer = stores.Indexer(
        client, store, arguments.paths, (lambda state: None) if quiet else show
    )
    if arguments.watch:
        async with aclosing(indexer.watch(WATCH_SECONDS)) as rounds:  # type: ignore[type-var]
            async for state in rounds:
                _result(state, arguments)
    state = await indexer.index()
    _result(state, arguments)
    return 1 if state.failed else 0


def _result(state: stores.Indexing, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps(asdict(state)), flush=True)


async def _search(client: Client, arguments: argparse.Namespace) -> int:
    store = await stores.find_store(client, arguments.store)
    found = await stores.search(client, store, arguments.query, limit=arguments.results)
    if arguments.json:
        print(json.dumps(found, indent=1))
        return 0
    for result in found:
        print(f"{result['score']:.2f}  {plain(where(result['filename'], result))}")
        text = "\n".join(part["text"] for part in result["content"])
        print("\n".join(f"    {line}" for line in plain(text).strip().splitlines()))
        print()
    if not found:
        print("Nothing was found.", file=sys.stderr)
    return 0 if found else 1


async def _stores(client: Client, arguments: argparse.Namespace) -> int:
    if arguments.export:
        return await _export(client, arguments)
    if arguments.delete:
        return await _delete(client, arguments)
    items = await listing.newest(client, "/vector_stores")
    if arguments.json:
        print(json.dumps(items, indent=1))
        return 0
    rows = [listing.store_row(item) for item in items]
    print(listing.table(listing.STORE_COLUMNS, rows, "No stores yet.").data["text/plain"])
    return 0


async def _export(client: Client, arguments: argparse.Namespace) -> int:
    store = await stores.find_store(client, arguments.export)
    target = arguments.out or f"{store['name'] or store['id']}.jsonl"
    if target == "-":
        await stores.export(client, store, lambda line: print(line))
        return 0
    path = Path(target)
    if path.exists():
        raise AssistantsError(f"{path} is there already: name another file with -o.")
    with path.open("x", encoding="utf-8") as file:
        count = await stores.export(client, store, lambda line: file.write(f"{line}\n"))
    _err(f"wrote {count} files' texts to {path}\n")
    return 0


async def _delete(client: Client, arguments: argparse.Namespace) -> int:
    store = await stores.find_store(client, arguments.delete)
    copies = [
        entry["id"]
        async for entry in every(client, f"{stores.store_path(store['id'])}/files")
        if stores.is_copy(entry)
    ]
    await client.request("DELETE", stores.store_path(store["id"]))
    for file_id in copies:
        await client.request("DELETE", f"/files/{file_id}")
    _err(f"deleted {store['name'] or store['id']} and {len(copies)} copies of files\n")
    return 0


def _err(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


WORDS: dict[str, Callable[[Client, argparse.Namespace], Awaitable[int]]] = {
    "index": _index,
    "search": _search,
    "stores": _stores,
}
