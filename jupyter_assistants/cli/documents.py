"""``jupyter assistants export``, ``promote``, ``record`` and ``program``: documents of what was done."""

from __future__ import annotations

import argparse
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from jupyter_assistants.client.assistants import find_assistant, run_path
from jupyter_assistants.client.base import Client
from jupyter_assistants.client.clean_cells import (
    VERDICT_COLUMNS,
    check,
    export,
    newest_cells,
    program,
    record,
    recorded,
    verdicts,
    write_document,
)
from jupyter_assistants.client.listing import table
from jupyter_assistants.ipython.commands.export import LANGUAGES

DIFFERS = 3
"""The exit status of a check whose outputs do not agree."""


def add_parsers(words: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands to the command line."""
    made = words.add_parser("export", parents=[common], help="write a thread into a file")
    made.add_argument("thread", metavar="THREAD")
    made.add_argument(
        "file", nargs="?", default="", metavar="FILE", help="an .ipynb, .md or .json file"
    )
    made.add_argument("--force", action="store_true", help="write over the file")
    made = words.add_parser(
        "promote", parents=[common], help="write the code of a run that worked into a notebook"
    )
    made.add_argument("thread", metavar="THREAD")
    made.add_argument("run", nargs="?", default="", metavar="RUN", help="the newest if none")
    made.add_argument("-o", "--out", default="", metavar="FILE", help="the notebook to write")
    made.add_argument(
        "--check", action="store_true", help="run the cells in a fresh kernel, compare outputs"
    )
    made.add_argument("--force", action="store_true", help="write over the notebook")
    made = words.add_parser(
        "record", parents=[common], help="keep a run in a file that runs again without a model"
    )
    made.add_argument("thread", metavar="THREAD")
    made.add_argument("run", nargs="?", default="", metavar="RUN", help="the newest if none")
    made.add_argument("-o", "--out", default="", metavar="FILE", help="the cassette to add it to")
    made = words.add_parser("program", parents=[common], help="print an assistant as a program")
    made.add_argument("assistant", metavar="ASSISTANT", help="name or id")
    made.add_argument("-l", "--language", choices=LANGUAGES, default="python")


async def _export(client: Client, arguments: argparse.Namespace) -> int:
    file = Path(arguments.file or f"{arguments.thread}.ipynb")
    size = await export(client, arguments.thread, file, force=arguments.force)
    _say(arguments, {"file": str(file), "bytes": size}, f"wrote {file}")
    return 0


async def _promote(client: Client, arguments: argparse.Namespace) -> int:
    cells = await newest_cells(client, arguments.thread, arguments.run)
    file = Path(arguments.out or f"{cells['run_id']}.ipynb")
    path = f"{run_path(cells['thread_id'], cells['run_id'])}/cells"
    await write_document(client, path, {"format": "notebook"}, file, force=arguments.force)
    found: dict[str, Any] = {"file": str(file), "cells": len(cells["cells"])}
    text = f"wrote {file}: {len(cells['cells'])} cells, {cells['left_out']} attempts left out"
    if arguments.check:
        found["check"] = checked = await check(client, cells, Path.cwd())
        text += f"\n\n{table(VERDICT_COLUMNS, verdicts(checked), '').data['text/plain']}"
    _say(arguments, found, text)
    return 0 if not arguments.check or found["check"]["agrees"] else DIFFERS


async def _record(client: Client, arguments: argparse.Namespace) -> int:
    made, file, count = await record(client, arguments.thread, arguments.run, arguments.out)
    found = {"file": str(file), "run_id": made["run_id"], "status": made["status"]}
    _say(arguments, {**found, "recordings": count}, recorded(made, file, count))
    return 0


async def _program(client: Client, arguments: argparse.Namespace) -> int:
    assistant = await find_assistant(client, arguments.assistant)
    made = await program(client, assistant["id"], arguments.language)
    _say(arguments, made, made["source"].rstrip("\n"))
    return 0


def _say(arguments: argparse.Namespace, found: dict[str, Any], text: str) -> None:
    print(json.dumps(found, indent=1) if arguments.json else text)


WORDS: dict[str, Callable[[Client, argparse.Namespace], Awaitable[int]]] = {
    "export": _export,
    "promote": _promote,
    "program": _program,
    "record": _record,
}
