"""``list``, ``new`` and ``use``: which assistants there are, and which one cells ask."""

from __future__ import annotations

from jupyter_assistants.client.assistants import (
    DEFAULT_ASSISTANT,
    every,
    find_assistant,
    new_assistant,
)
from jupyter_assistants.client.errors import AssistantError
from jupyter_assistants.client.listing import ASSISTANT_COLUMNS, assistant_row, table, text_block
from jupyter_assistants.ipython.commands.word import Word
from jupyter_assistants.ipython.options import new_parser, parse_new
from jupyter_assistants.ipython.render import Block
from jupyter_assistants.ipython.shell_state import State


async def _list(state: State, line: str) -> list[Block]:
    client = await state.client()
    rows = [assistant_row(item) async for item in every(client, "/assistants")]
    empty = f"No assistants yet. A cell with %%assistant makes one named {DEFAULT_ASSISTANT!r}."
    return [table(ASSISTANT_COLUMNS, rows, empty)]


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


WORDS = (
    Word("list", "list", "show the assistants", _list),
    Word(
        "new",
        "new NAME [--model M] [--instructions TEXT]",
        "make an assistant, use it",
        _new,
        parser=new_parser,
    ),
    Word("use", "use NAME", "ask this assistant from now on", _use, completes=("assistants",)),
)
