"""``jupyter assistants``: ask and look things up from a terminal or a script.

Code of a run is executed in a kernel that belongs to the thread, not in this process. The same
client as the notebook's is used: a Jupyter server when one is named, else the service in here.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_assistants import __version__
from jupyter_assistants.cli import documents as document_commands
from jupyter_assistants.cli import stores as cli_stores
from jupyter_assistants.client import doctor, listing
from jupyter_assistants.client.assistants import find_assistant, read_thread, run_path, thread_path
from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.discovery import KEY, URL, Kernel, find
from jupyter_assistants.client.files import check_files
from jupyter_assistants.client.text_view import TextView
from jupyter_assistants.ipython.untrusted import plain
from jupyter_assistants.kernels.workspace import place, safe_name
from jupyter_assistants.protocol.errors import ApprovalNeeded, AssistantsError, RunFailed
from jupyter_assistants.protocol.transcript import (
    CallEntry,
    MessageEntry,
    PendingCall,
    Transcript,
    View,
)

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; give the exit status."""
    arguments = parser().parse_args(argv)
    try:
        return asyncio.run(_run(arguments))
    except AssistantsError as error:
        print(f"jupyter assistants: {plain(error.message)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("jupyter assistants: cancelled", file=sys.stderr)
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="jupyter assistants",
        description="Assistants that run Python, from the command line.",
        epilog=f"Without --url (or ${URL} and ${KEY}) everything happens in this process, on "
        "the database of your Jupyter servers.",
    )
    top.add_argument("--version", action="version", version=__version__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print JSON")
    common.add_argument("--url", default="", help=f"address of a Jupyter server (or ${URL})")
    common.add_argument("--token", default="", help=f"its token (better: ${KEY})")
    words = top.add_subparsers(dest="word", required=True, metavar="COMMAND")
    ask = words.add_parser("ask", parents=[common], help="ask, and save the files that code wrote")
    ask.add_argument("prompt", metavar="PROMPT", help="the question; - reads it from stdin")
    ask.add_argument(
        "-f", "--file", action="append", default=[], metavar="PATH", help="file to give"
    )
    ask.add_argument("-a", "--assistant", default="notebook", help="name or id")
    ask.add_argument("-m", "--model", help="model for this run")
    ask.add_argument("-t", "--thread", metavar="ID", help="thread to continue")
    ask.add_argument("-y", "--yes", action="store_true", help="run code in live kernels unasked")
    ask.add_argument("-o", "--out", default=".", metavar="DIR", help="folder for produced files")
    words.add_parser("threads", parents=[common], help="list the newest threads")
    show = words.add_parser("show", parents=[common], help="print a thread")
    show.add_argument("thread", metavar="THREAD")
    words.add_parser("assistants", parents=[common], help="list the assistants")
    words.add_parser("models", parents=[common], help="list the models")
    look = words.add_parser(
        "doctor", parents=[common], help="look whether everything is in order, and what to do"
    )
    look.add_argument("--ask", action="store_true", help="ask the default model for real")
    look.add_argument("--no-kernel", action="store_true", help="do not start a kernel")
    words.add_parser("endpoints", parents=[common], help="list the endpoints, connected or not")
    connect = words.add_parser("connect", parents=[common], help="use an endpoint that is offered")
    connect.add_argument("endpoint", metavar="ENDPOINT")
    connect.add_argument("-m", "--model", help="its model that becomes the default")
    disconnect = words.add_parser("disconnect", parents=[common], help="stop using an endpoint")
    disconnect.add_argument("endpoint", metavar="ENDPOINT")
    words.add_parser("files", parents=[common], help="list the newest files")
    document_commands.add_parsers(words, common)
    cli_stores.add_words(words, common)
    return top


async def _run(arguments: argparse.Namespace) -> int:
    found = await find(Kernel(), url=arguments.url, token=arguments.token)
    arguments.why = found.why
    try:
        return await _WORDS[arguments.word](found.client, arguments)
    finally:
        await asyncio.to_thread(found.client.close)


async def _ask(client: Client, arguments: argparse.Namespace) -> int:
    prompt = sys.stdin.read() if arguments.prompt == "-" else arguments.prompt
    return await Asking(client, arguments).ask(prompt)


async def _show(client: Client, arguments: argparse.Namespace) -> int:
    view = await read_thread(client, arguments.thread)
    if arguments.json:
        print(json.dumps(asdict(view), indent=1))
        return 0
    for entry in view.entries:
        text = TextView(sys.stdout.write)
        if entry.type == "message":
            print(f"\n[{entry.role}]")
        text.show(View(view.run, [entry], [], None))
        text.close()
    return 0


async def _doctor(client: Client, arguments: argparse.Namespace) -> int:
    wanted = {"kernel": not arguments.no_kernel, "model": arguments.ask}
    if not arguments.json:
        print("Looking; a kernel takes a few seconds …", file=sys.stderr)
    report = await doctor.examine(client, arguments.why, **wanted)
    print(json.dumps(report, indent=1) if arguments.json else plain(doctor.text(report)))
    return 1 if doctor.failed(report) else 0


async def _connect(client: Client, arguments: argparse.Namespace) -> int:
    body = {"model": arguments.model}
    return await _change(client, arguments, "connect", body)


async def _disconnect(client: Client, arguments: argparse.Namespace) -> int:
    return await _change(client, arguments, "disconnect", None)


async def _change(
    client: Client, arguments: argparse.Namespace, word: str, body: Json | None
) -> int:
    path = f"/endpoints/{quote(arguments.endpoint, safe='')}/{word}"
    now = await client.request("POST", path, body=body)
    if arguments.json:
        print(json.dumps(now, indent=1))
        return 0
    default = now["default_model"]
    print(plain(f"{now['title']} is {'connected' if word == 'connect' else 'not used any more'}."))
    if word == "connect":
        print(plain(f"The default model is {default}." if default else _HOW_TO_ASK.format(**now)))
    return 0


MODEL_COLUMNS = ("Model", "Usable", "Window", "Tools", "Sees", "Note")
_HOW_TO_ASK = "Ask for its models as {id}/NAME; jupyter assistants models lists them."


def _lister(
    path: str, columns: Sequence[str], row: Callable[[Json], list[str]]
) -> Callable[[Client, argparse.Namespace], Awaitable[int]]:
    async def show(client: Client, arguments: argparse.Namespace) -> int:
        items = await listing.newest(client, path)
        if arguments.json:
            print(json.dumps(items, indent=1))
        else:
            rows = [row(item) for item in items]
            print(listing.table(columns, rows, "Nothing yet.").data["text/plain"])
        return 0

    return show


def _endpoint_row(item: dict[str, Any]) -> list[str]:
    why = item["why"] or ""
    return [item["id"], item["status"], item["by"] or "", item["host"] or "", why]


def _model_row(item: dict[str, Any]) -> list[str]:
    said = item["jupyter"]
    window = f"{said['window']:,}" if "window" in said else ""
    usable = "yes" if said["usable"] else "no"
    words = said.get("why") or said.get("advice") or ""
    return [item["id"], usable, window, _sure(said.get("tools")), _sure(said.get("vision")), words]


def _sure(value: bool | None) -> str:
    if value is None:
        return "?"
    return "yes" if value else "no"


_WORDS: dict[str, Callable[[Client, argparse.Namespace], Awaitable[int]]] = {
    **cli_stores.WORDS,
    "ask": _ask,
    "show": _show,
    **document_commands.WORDS,
    "threads": _lister("/threads", listing.THREAD_COLUMNS, listing.thread_row),
    "connect": _connect,
    "disconnect": _disconnect,
    "doctor": _doctor,
    "endpoints": _lister("/endpoints", ("Endpoint", "Now", "By", "At", "Missing"), _endpoint_row),
    "files": _lister("/files", listing.FILE_COLUMNS, listing.file_row),
    "assistants": _lister("/assistants", listing.ASSISTANT_COLUMNS, listing.assistant_row),
    "models": _lister("/models", MODEL_COLUMNS, _model_row),
}


class Asking:
    """One run, its text printed as it comes."""

    def __init__(self, client: Client, arguments: argparse.Namespace) -> None:
        self._client = client
        self._arguments = arguments
        self._transcript = Transcript()
        write = (lambda text: None) if arguments.json else _print
        self._text = TextView(write)
        self._run: Json | None = None

    async def ask(self, prompt: str) -> int:
        """Ask, print the answer, save the files; give the exit status."""
        if not prompt.strip():
            raise AssistantsError("The prompt is empty.")
        paths = check_files(self._arguments.file)
        try:
            await self._drive(prompt, paths)
        except (AssistantsError, asyncio.CancelledError, KeyboardInterrupt):
            await self._cancel()
            raise
        self._text.close()
        view = self._transcript.view()
        saved = await self._save(view)
        if self._arguments.json:
            print(json.dumps({**asdict(view), "saved": saved}, indent=1))
        for name in [] if self._arguments.json else saved:
            print(f"saved {plain(name)}")
        return _status(view)

    async def _drive(self, prompt: str, paths: list[Path]) -> None:
        client, arguments = self._client, self._arguments
        assistant = await find_assistant(client, arguments.assistant)
        message: Json = {"role": "user", "content": prompt, "attachments": []}
        for path in paths:
            file = await client.upload(path, purpose="assistants")
            tools = [{"type": "code_interpreter"}]
            message["attachments"].append({"file_id": file["id"], "tools": tools})
        thread_id = arguments.thread or await self._new_thread(prompt)
        approval = "auto" if arguments.yes else "ask"
        body: Json = {
            "assistant_id": assistant["id"],
            "model": arguments.model,
            "additional_messages": [message],
            "jupyter": {"place": "kernel", "approval": approval},
            "stream": True,
        }
        path_of_run = f"{thread_path(thread_id)}/runs"
        while True:
            await self._read(path_of_run, body)
            waiting = self._transcript.view().waiting
            if not waiting or self._run is None:
                return
            outputs = [await asyncio.to_thread(self._answer, call) for call in waiting]
            path_of_run = f"{run_path(thread_id, self._run['id'])}/submit_tool_outputs"
            body = {"stream": True, "tool_outputs": outputs}

    async def _new_thread(self, prompt: str) -> str:
        body = {"metadata": {"title": " ".join(prompt.split())[:60]}}
        thread = await self._client.request("POST", "/threads", body=body)
        return str(thread["id"])

    async def _read(self, path: str, body: Json) -> None:
        async for event, data in self._client.stream("POST", path, body):
            self._transcript.fold(event, data)
            if isinstance(data, dict) and data.get("object") == "thread.run":
                self._run = data
            self._text.show(self._transcript.view())

    def _answer(self, call: PendingCall) -> Json:
        if call.name != "approve_code":
            error = {"error": f"no function {call.name} on the command line"}
            return {"tool_call_id": call.id, "output": json.dumps(error)}
        asked = json.loads(call.arguments)
        approved = self._arguments.yes or _approved(asked)
        verdict = {"approved": approved, "sha256": asked.get("sha256")}
        return {"tool_call_id": call.id, "output": "", "jupyter": verdict}

    async def _cancel(self) -> None:
        run = self._run
        if run is not None and run["status"] in ("queued", "in_progress", "requires_action"):
            with suppress(AssistantsError):
                path = run_path(run["thread_id"], run["id"])
                await self._client.request("POST", f"{path}/cancel")

    async def _save(self, view: View) -> list[str]:
        """Save produced files; nothing that is there is overwritten."""
        folder = Path(self._arguments.out)
        saved = []
        for name, file_id in {**_written(view), **await self._plots(view)}.items():
            folder.mkdir(parents=True, exist_ok=True)
            data = await self._client.download(file_id)
            digest = hashlib.sha256(data).hexdigest()
            named = place(folder, safe_name(name), partial(BytesIO, data), digest)
            saved.append(os.fspath(folder / named))
        return saved

    async def _plots(self, view: View) -> dict[str, str]:
        """Return the images that the answer shows: a terminal cannot show them."""
        ids = [
            part.file_id
            for entry in view.entries
            if isinstance(entry, MessageEntry)
            for part in entry.parts
            if part.type == "image"
        ]
        names = {}
        for number, file_id in enumerate(dict.fromkeys(ids), 1):
            file = await self._client.request("GET", f"/files/{quote(file_id, safe='')}")
            names[f"plot-{number}{Path(file['filename']).suffix}"] = file_id
        return names


def _written(view: View) -> dict[str, str]:
    """Return the ids of the files that code wrote, by name; the newest wins."""
    calls = [entry for entry in view.entries if isinstance(entry, CallEntry)]
    return {file["filename"]: file["file_id"] for call in calls for file in call.files}


def _approved(asked: dict[str, Any]) -> bool:
    """Ask the person about code that wants to run in a live kernel."""
    if not sys.stdin.isatty():
        raise ApprovalNeeded("Nobody is here to approve this code. Give --yes to let code run.")
    print(
        f"\nRun this code in {plain(str(asked.get('place')))}?\n\n{plain(str(asked.get('code')))}"
    )
    return input("[y]es / [n]o: ").strip().lower() in ("y", "yes")


def _status(view: View) -> int:
    run = view.run
    if run is not None and run.status == "completed":
        return 0
    reason = view.error or (run and (run.error or run.incomplete)) or "no reason was given"
    raise RunFailed(f"The run ended as {run.status if run else 'failed'}: {reason}")


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
