"""``jupyter assistants ask``: one run, its text printed as it arrives, its files saved."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
from dataclasses import asdict
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_assistants.cli.command import AddCommand
from jupyter_assistants.client.assistants import DEFAULT_ASSISTANT, find_assistant
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.conversation import Conversation, new_thread, problem_of
from jupyter_assistants.client.files import attach, check_files
from jupyter_assistants.client.text import plain, print_text
from jupyter_assistants.client.text_view import TextView
from jupyter_assistants.kernels.workspace import place, safe_name
from jupyter_assistants.protocol.errors import ApprovalNeeded, AssistantsError, RunFailed
from jupyter_assistants.protocol.json_text import parse_untrusted
from jupyter_assistants.protocol.transcript import CallEntry, MessageEntry, PendingCall, View
from jupyter_assistants.protocol.unseen import revealed


def add_commands(add: AddCommand) -> None:
    """Add the command ``ask``."""
    ask = add("ask", _ask, "ask, and save the files that code wrote").add_argument
    ask("prompt", metavar="PROMPT", help="the question; - reads it from stdin")
    ask("-f", "--file", action="append", default=[], metavar="PATH", help="file to attach")
    ask("-a", "--assistant", default=DEFAULT_ASSISTANT, help="name or id")
    ask("-m", "--model", help="model for this run")
    ask("-t", "--thread", metavar="ID", help="thread to continue")
    ask("-y", "--yes", action="store_true", help="run code in live kernels without asking")
    ask("-o", "--out", default=".", metavar="DIR", help="folder for the files that code wrote")


async def _ask(client: Client, arguments: argparse.Namespace) -> int:
    prompt = sys.stdin.read() if arguments.prompt == "-" else arguments.prompt
    if not prompt.strip():
        raise AssistantsError("The prompt is empty.")
    view = await _converse(client, arguments, prompt)
    saved = await _save(client, view, Path(arguments.out))
    if arguments.json:
        print(json.dumps({**asdict(view), "saved": saved}, indent=1))
    for name in [] if arguments.json else saved:
        print(f"saved {plain(name)}")
    if problem := problem_of(view):
        raise RunFailed(problem)
    return 0


async def _converse(client: Client, arguments: argparse.Namespace, prompt: str) -> View:
    """Ask, print the text of the run, and return its view once it has ended."""
    paths = check_files(arguments.file)
    text = TextView((lambda text: None) if arguments.json else print_text)
    conversation = Conversation(
        client,
        responders={"approve_code": partial(_approve, unasked=arguments.yes)},
        on_change=lambda: text.show(conversation.view),
        where="on the command line",
    )
    assistant = await find_assistant(client, arguments.assistant)
    attachments = await attach(client, paths, {})
    thread_id = arguments.thread or await new_thread(client, prompt)
    body: Json = {
        "assistant_id": assistant["id"],
        "model": arguments.model,
        "additional_messages": [{"role": "user", "content": prompt, "attachments": attachments}],
        "jupyter": {"place": "kernel", "approval": "auto" if arguments.yes else "ask"},
    }
    view = await conversation.ask(thread_id, body)
    text.close()
    return view


async def _approve(call: PendingCall, *, unasked: bool) -> Json:
    """Answer a call of ``approve_code``, which the server makes before code of a live kernel."""
    request = parse_untrusted(call.arguments)
    # The verdict is bound to the hash of the code that was shown.
    approved = unasked or await asyncio.to_thread(ask_person, request)
    return {"jupyter": {"approved": approved, "sha256": request.get("sha256")}}


def ask_person(request: dict[str, Any]) -> bool:
    """Show the code of a request for approval on the terminal, and return whether it may run.

    Raises
    ------
    ApprovalNeeded
        If nobody is at a terminal.
    """
    if not sys.stdin.isatty():
        raise ApprovalNeeded("Nobody is here to approve this code. Use --yes to run code unasked.")
    where, hints = plain(str(request.get("place"))), request.get("hints") or []
    # Shown whole: whatever were left out here would run unseen.
    print(f"\nRun this code in {where}?\n\n{revealed(str(request.get('code')))}")
    for hint in hints:
        print(f"  * {plain(str(hint))}")
    return input("[y]es / [n]o: ").strip().lower() in ("y", "yes")


async def _save(client: Client, view: View, folder: Path) -> list[str]:
    """Save produced files; existing files are never overwritten."""
    saved = []
    for name, file_id in {**_written_files(view), **await _plots(client, view)}.items():
        folder.mkdir(parents=True, exist_ok=True)
        data = await client.download(file_id)
        digest = hashlib.sha256(data).hexdigest()
        saved_as = place(folder, safe_name(name), partial(BytesIO, data), digest)
        saved.append(os.fspath(folder / saved_as))
    return saved


def _written_files(view: View) -> dict[str, str]:
    """Return the ids of the files that code wrote, by name; the newest wins."""
    calls = [entry for entry in view.entries if isinstance(entry, CallEntry)]
    return {file["filename"]: file["file_id"] for call in calls for file in call.files}


async def _plots(client: Client, view: View) -> dict[str, str]:
    """Return the images of the answer by name, because a terminal cannot show them."""
    ids = [
        part.file_id
        for entry in view.entries
        if isinstance(entry, MessageEntry)
        for part in entry.parts
        if part.type == "image"
    ]
    names = {}
    for number, file_id in enumerate(dict.fromkeys(ids), 1):
        file = await client.request("GET", f"/files/{quote(file_id, safe='')}")
        names[f"plot-{number}{Path(file['filename']).suffix}"] = file_id
    return names
