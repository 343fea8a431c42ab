"""``jupyter assistants threads``, ``show``, ``assistants`` and ``files``: what the service stores."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from jupyter_assistants.cli.command import AddCommand, list_command
from jupyter_assistants.client import tables
from jupyter_assistants.client.assistants import read_thread
from jupyter_assistants.client.base import Client
from jupyter_assistants.client.text import print_text
from jupyter_assistants.client.text_view import TextView
from jupyter_assistants.protocol.transcript import View


def add_commands(add: AddCommand) -> None:
    """Add the commands."""
    threads = list_command("/threads", tables.THREAD_COLUMNS, tables.thread_row)
    add("threads", threads, "list the newest threads")
    add("show", _show, "print a thread").add_argument("thread", metavar="THREAD")
    assistants = list_command("/assistants", tables.ASSISTANT_COLUMNS, tables.assistant_row)
    add("assistants", assistants, "list the assistants")
    files = list_command("/files", tables.FILE_COLUMNS, tables.file_row)
    add("files", files, "list the newest files")


async def _show(client: Client, arguments: argparse.Namespace) -> int:
    view = await read_thread(client, arguments.thread)
    if arguments.json:
        print(json.dumps(asdict(view), indent=1))
        return 0
    for entry in view.entries:
        text = TextView(print_text)
        if entry.type == "message":
            print(f"\n[{entry.role}]")
        text.show(View(view.run, [entry], [], None))
        text.close()
    return 0
