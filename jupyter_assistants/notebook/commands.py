"""The words of ``%assistant``: each gives something to show, or changes what cells ask."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from jupyter_assistants.errors import NotFound
from jupyter_assistants.notebook.catalog import (
    DEFAULT_ASSISTANT,
    every,
    find_assistant,
    new_assistant,
    read_thread,
    run_path,
    thread_path,
)
from jupyter_assistants.notebook.client import Client
from jupyter_assistants.notebook.errors import AssistantError
from jupyter_assistants.notebook.listing import (
    ASSISTANT_COLUMNS,
    FILE_COLUMNS,
    THREAD_COLUMNS,
    assistant_row,
    file_row,
    newest,
    table,
    text_block,
    thread_row,
)
from jupyter_assistants.notebook.options import parse_new
from jupyter_assistants.notebook.render import Block, Scene, render
from jupyter_assistants.notebook.state import State

_LIVE = ("queued", "in_progress", "requires_action", "cancelling")

Command = Callable[[State, str], Awaitable[list[Block]]]


@dataclass(frozen=True)
class Word:
    """One word of ``%assistant``."""

    name: str
    usage: str
    help: str
    command: Command


async def _list(state: State, line: str) -> list[Block]:
    client = await state.client()
    rows = [assistant_row(item) async for item in every(client, "/assistants")]
    empty = f"No assistants yet. A cell with %%assistant makes one named {DEFAULT_ASSISTANT!r}."
    return [table(ASSISTANT_COLUMNS, rows, empty)]


async def _threads(state: State, line: str) -> list[Block]:
    items = await newest(await state.client(), "/threads")
    return [table(THREAD_COLUMNS, [thread_row(item) for item in items], "No threads yet.")]


async def _files(state: State, line: str) -> list[Block]:
    items = await newest(await state.client(), "/files")
    return [table(FILE_COLUMNS, [file_row(item) for item in items], "No files yet.")]


async def _show(state: State, line: str) -> list[Block]:
    thread_id = line or state.thread_id
    if thread_id is None:
        raise AssistantError("No thread yet: ask something with %%assistant, or name a thread.")
    view = await read_thread(await state.client(), thread_id)
    blocks = render(view, Scene(ended="", facts=[f"thread {thread_id}"]))
    return blocks if view.entries else [text_block(f"Thread {thread_id} is empty.")]


async def _new(state: State, line: str) -> list[Block]:
    options = parse_new(line)
    client = await state.client()
    made = await new_assistant(
        client, options.name, model=options.model, instructions=options.instructions
    )
    state.assistant = made["id"]
    return [text_block(f"Made {options.name} ({made['id']}); cells ask it from now on.")]


async def _use(state: State, line: str) -> list[Block]:
    if not line:
        raise AssistantError("Which assistant? `%assistant list` shows all.")
    found = await find_assistant(await state.client(), line)
    state.assistant = found["id"]
    return [text_block(f"Cells ask {found.get('name') or found['id']} from now on.")]


async def _thread(state: State, line: str) -> list[Block]:
    if line == "new":
        state.thread_id = None
        return [text_block("The next cell begins a new thread.")]
    if line:
        thread = await (await state.client()).request("GET", thread_path(line))
        state.thread_id = thread["id"]
    if state.thread_id is None:
        return [text_block("No thread yet: the next cell begins one.")]
    return [text_block(f"Cells continue thread {state.thread_id}.")]


async def _stop(state: State, line: str) -> list[Block]:
    thread_id = line or state.thread_id
    if thread_id is None:
        return [text_block("No thread, so nothing to stop.")]
    client = await state.client()
    stopped = 0
    for run in await newest(client, f"{thread_path(thread_id)}/runs"):
        if run["status"] in _LIVE:
            await client.request("POST", f"{run_path(thread_id, run['id'])}/cancel")
            stopped += 1
    return [text_block(f"Cancelled {stopped} run{'' if stopped == 1 else 's'}.")]


async def _status(state: State, line: str) -> list[Block]:
    client = await state.client()
    assert state.found is not None
    models = await client.request("GET", "/models")
    default = models["data"][0]["id"] if models["data"] else "none"
    rows = [
        ["Runs go through", client.where],
        ["Because", state.found.why],
        ["Assistant", await _name_of(client, state.assistant)],
        ["Default model", state.model or default],
        ["Thread", state.thread_id or "none yet"],
        ["Notebook folder", str(state.home)],
    ]
    return [table(("", ""), rows, "")]


async def _name_of(client: Client, assistant: str) -> str:
    if not assistant.startswith("asst_"):
        return assistant
    try:
        found = await client.request("GET", f"/assistants/{quote(assistant, safe='')}")
    except NotFound:
        return f"{assistant} (deleted)"
    return str(found.get("name") or assistant)


async def _help(state: State, line: str) -> list[Block]:
    return [Block({"text/plain": words_help()})]


WORDS = {
    word.name: word
    for word in (
        Word("list", "list", "show the assistants", _list),
        Word("threads", "threads", "show the newest threads", _threads),
        Word("show", "show [THREAD]", "show a thread: its messages, code and outputs", _show),
        Word("files", "files", "show the newest stored files", _files),
        Word(
            "new", "new NAME [--model M] [--instructions TEXT]", "make an assistant, use it", _new
        ),
        Word("use", "use NAME", "ask this assistant from now on", _use),
        Word("thread", "thread [ID | new]", "show, continue or begin a thread", _thread),
        Word("stop", "stop [THREAD]", "cancel the runs of a thread", _stop),
        Word("status", "status", "show which server and model answer, and why", _status),
        Word("help", "help", "show this", _help),
    )
}


def words_help() -> str:
    """Give all words with their help, as indented lines."""
    lines = [f"    {word.usage:<44} {word.help}" for word in WORDS.values()]
    return "\n".join(["%assistant WORD, where WORD is one of", "", *lines])


async def run_word(state: State, line: str) -> list[Block]:
    """Do what a line of ``%assistant`` says; an empty one is ``help``.

    Raises
    ------
    AssistantError
        If there is no such word.
    """
    name, _, rest = line.strip().partition(" ")
    word = WORDS.get(name or "help")
    if word is None:
        near = difflib.get_close_matches(name, list(WORDS), n=1)
        hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(WORDS)}."
        ask = " To ask something, begin the cell with %%assistant." if rest else ""
        raise AssistantError(f"%assistant has no word {name}; {hint}{ask}")
    return await word.command(state, rest.strip())
