"""``jupyter assistants export``, ``promote``, ``record`` and ``program``: documents of a thread."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from jupyter_assistants.cli.command import AddCommand, print_result
from jupyter_assistants.client.assistants import find_assistant, run_path
from jupyter_assistants.client.base import Client
from jupyter_assistants.client.clean_cells import (
    VERDICT_COLUMNS,
    check,
    missing_files,
    newest_cells,
    verdicts,
)
from jupyter_assistants.client.exports import (
    export_thread,
    record,
    recording_text,
    write_document,
)
from jupyter_assistants.client.programs import LANGUAGES, program_of
from jupyter_assistants.client.tables import plain_table
from jupyter_assistants.client.text import plain

DIFFERS = 3
"""The exit status of a check whose outputs do not agree."""


def add_commands(add: AddCommand) -> None:
    """Add the commands."""
    export = add("export", _export, "write a thread to a file").add_argument
    export("thread", metavar="THREAD")
    export("file", nargs="?", default="", metavar="FILE", help="an .ipynb, .md or .json file")
    export("--force", action="store_true", help="overwrite the file")
    promote = add(
        "promote", _promote, "write the code of a run that worked to a notebook"
    ).add_argument
    promote("thread", metavar="THREAD")
    promote("run_id", nargs="?", default="", metavar="RUN", help="a run (default: the newest)")
    promote("-o", "--out", default="", metavar="FILE", help="the notebook to write")
    promote("--check", action="store_true", help="run the cells in a fresh kernel, compare outputs")
    promote("--force", action="store_true", help="overwrite the notebook")
    record = add("record", _record, "keep a run in a file that runs again without a model")
    record.add_argument("thread", metavar="THREAD")
    record.add_argument(
        "run_id", nargs="?", default="", metavar="RUN", help="(default: the newest)"
    )
    record.add_argument("-o", "--out", default="", metavar="FILE", help="the file to add it to")
    program = add("program", _program, "print an assistant as a program").add_argument
    program("assistant", metavar="ASSISTANT", help="name or id")
    program("-l", "--language", choices=LANGUAGES, default="python")


async def _export(client: Client, arguments: argparse.Namespace) -> int:
    file = Path(arguments.file or f"{arguments.thread}.ipynb")
    size = await export_thread(client, arguments.thread, file, force=arguments.force)
    print_result(arguments, {"file": str(file), "bytes": size}, f"wrote {file}")
    return 0


async def _promote(client: Client, arguments: argparse.Namespace) -> int:
    cells = await newest_cells(client, arguments.thread, arguments.run_id)
    file = Path(arguments.out or f"{cells['run_id']}.ipynb")
    path = f"{run_path(cells['thread_id'], cells['run_id'])}/cells"
    await write_document(client, path, {"format": "notebook"}, file, force=arguments.force)
    result: dict[str, Any] = {"file": str(file), "cells": len(cells["cells"])}
    text = f"wrote {file}: {len(cells['cells'])} cells, {cells['left_out']} attempts left out"
    if missing := missing_files(cells, file):
        text += f"\n{plain(missing)}"
    if arguments.check:
        result["check"] = checked = await check(client, cells, Path.cwd())
        text += f"\n\n{plain_table(VERDICT_COLUMNS, verdicts(checked), '')}"
    print_result(arguments, result, text)
    return 0 if not arguments.check or result["check"]["agrees"] else DIFFERS


async def _record(client: Client, arguments: argparse.Namespace) -> int:
    recording, file, count = await record(client, arguments.thread, arguments.run_id, arguments.out)
    result = {
        "file": str(file),
        "run_id": recording["run_id"],
        "status": recording["status"],
        "recordings": count,
    }
    print_result(arguments, result, recording_text(recording, file, count))
    return 0


async def _program(client: Client, arguments: argparse.Namespace) -> int:
    assistant = await find_assistant(client, arguments.assistant)
    program = await program_of(client, assistant["id"], arguments.language)
    print_result(arguments, program, program["source"].rstrip("\n"))
    return 0
