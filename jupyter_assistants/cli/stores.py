"""``jupyter assistants index``, ``search`` and ``stores``: searchable files, from a terminal."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path

from jupyter_assistants.cli.command import AddCommand, print_progress, print_result
from jupyter_assistants.client import vector_stores as stores
from jupyter_assistants.client.assistants import every
from jupyter_assistants.client.base import Client
from jupyter_assistants.client.citations import where
from jupyter_assistants.client.folders import local_files
from jupyter_assistants.client.index_progress import terminal_progress
from jupyter_assistants.client.tables import STORE_COLUMNS, newest_objects, plain_table, store_row
from jupyter_assistants.client.text import plain
from jupyter_assistants.protocol.errors import AssistantsError

WATCH_SECONDS = 2.0


def add_commands(add: AddCommand) -> None:
    """Add the commands."""
    index = add("index", _index, "make files and folders searchable").add_argument
    index("paths", nargs="+", metavar="PATH", help="files, folders or patterns")
    index("-s", "--store", default=stores.DEFAULT_STORE, metavar="NAME", help="name or id")
    index("--watch", action="store_true", help="keep indexing what changes; Ctrl-C ends it")
    search = add("search", _search, "search a store").add_argument
    search("query", metavar="QUERY")
    search("-s", "--store", default=stores.DEFAULT_STORE, metavar="NAME")
    search("-k", "--results", type=int, default=5, metavar="NUMBER")
    listed = add("stores", _stores, "list the stores; export or delete one").add_argument
    listed("--export", metavar="NAME", help="write a store's texts as JSON lines")
    listed("-o", "--out", metavar="FILE", help="file to write; - is standard output")
    listed("--delete", metavar="NAME", help="delete a store and its copies of files")


async def _index(client: Client, arguments: argparse.Namespace) -> int:
    local_files(arguments.paths)  # fails before a store is created in vain
    store = await stores.find_store(client, arguments.store, create=True)
    quiet = arguments.json
    show = terminal_progress(print_progress, live=sys.stderr.isatty() and not quiet)
    indexer = stores.Indexer(
        client, store, arguments.paths, (lambda state: None) if quiet else show
    )
    if arguments.watch:
        async with aclosing(indexer.watch(WATCH_SECONDS)) as rounds:  # type: ignore[type-var]
            async for state in rounds:
                _print_state(state, arguments)
    state = await indexer.index()
    _print_state(state, arguments)
    return 1 if state.failed else 0


def _print_state(state: stores.Indexing, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps(asdict(state)), flush=True)


async def _search(client: Client, arguments: argparse.Namespace) -> int:
    store = await stores.find_store(client, arguments.store)
    results = await stores.search(client, store, arguments.query, limit=arguments.results)
    if arguments.json:
        print(json.dumps(results, indent=1))
        return 0
    for result in results:
        print(f"{result['score']:.2f}  {plain(where(result['filename'], result))}")
        text = "\n".join(part["text"] for part in result["content"])
        print("\n".join(f"    {line}" for line in plain(text).strip().splitlines()))
        print()
    if not results:
        print("Nothing was found.", file=sys.stderr)
    return 0 if results else 1


async def _stores(client: Client, arguments: argparse.Namespace) -> int:
    if arguments.export:
        return await _export(client, arguments)
    if arguments.delete:
        return await _delete(client, arguments)
    items = await newest_objects(client, "/vector_stores")
    table = plain_table(STORE_COLUMNS, [store_row(item) for item in items], "No stores yet.")
    print_result(arguments, items, table)
    return 0


async def _export(client: Client, arguments: argparse.Namespace) -> int:
    store = await stores.find_store(client, arguments.export)
    target = arguments.out or f"{store['name'] or store['id']}.jsonl"
    if target == "-":
        await stores.export(client, store, lambda line: print(line))
        return 0
    path = Path(target)
    if path.exists():
        raise AssistantsError(f"{path} exists already: name another file with -o.")
    with path.open("x", encoding="utf-8") as file:
        count = await stores.export(client, store, lambda line: file.write(f"{line}\n"))
    print_progress(f"wrote {count} files' texts to {path}\n")
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
    print_progress(f"deleted {store['name'] or store['id']} and {len(copies)} copies of files\n")
    return 0
