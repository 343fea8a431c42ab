"""Context from the notebook for a run's model: variables, cells, the last error, mentioned names.

The thread sets how much of it (:data:`~jupyter_assistants.protocol.threads.ContextLevel`), and this
is where that is enforced, whatever a client sends. A preview goes through here as well.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence

from jupyter_assistants.api.context_changes import (
    VARIABLES,
    BlockKind,
    ContextBlock,
    changes_of,
    told_of,
    whole_text,
)
from jupyter_assistants.api.objects import Objects
from jupyter_assistants.kernels import variables
from jupyter_assistants.kernels.base import Executors, Namespace
from jupyter_assistants.protocol.errors import ExecutorError, NotFound
from jupyter_assistants.protocol.ids import ITEM, new_id, now
from jupyter_assistants.protocol.items import Item
from jupyter_assistants.protocol.kernels import Variable, VariableList, VariableQuery
from jupyter_assistants.protocol.messages import Message, TextContent
from jupyter_assistants.protocol.runs import CallerContext, ContextCell, Run
from jupyter_assistants.protocol.threads import ContextLevel, Thread
from jupyter_assistants.redaction import MASKED, Masker

MAX_TEXT = 24_000
"""Characters of the whole context of one run."""
MAX_PART = 6_000
READ_BACK = 200
"""Entries of a thread among which the context before is searched."""
MAX_CELL = 4_000
MAX_OUTPUT = 1_500
ROWS = 5

_READ = 4
"""How many times as much text is read as is shown: masking shortens it."""

# Linear: a name is tried from its first character only, and nothing is given back. A text that was
# cut may end inside of a secret.
_ASSIGNED = re.compile(
    r"""(?<![\w.])([\w.]++)(["']?\]?\s*+(?:=|:)\s*+)(["'])((?:(?!\3)[^\n\\]|\\.){4,}+)(?:\3|\\?\Z)"""
)
_RANGE = re.compile(r", from [^,()\n]{1,40} to [^,()\n]{1,40}(?=\))")
_LINE = re.compile(r"- (\S+): (\S+?)[,:]?(?:\s|$)")


class NotebookContext:
    """Builder of the context, and the list of variables that the panel shows."""

    def __init__(self, objects: Objects, executors: Executors) -> None:
        self._objects = objects
        self._executors = executors
        self._masker: Masker | None = None

    async def list_variables(
        self, owner: str, kernel_id: str, query: VariableQuery
    ) -> VariableList:
        """Return the variables of a live kernel, where possible even while it is busy. Extension.

        Raises
        ------
        NotFound
            If there is no such kernel.
        """
        thread = Thread(id="", created_at=0)
        if query.thread_id is not None:
            thread = await self._objects.get(Thread, query.thread_id, owner)
        level = thread.context_level
        names = [query.name] if query.name else []
        try:
            found = await self._inspect(kernel_id, names, thread)
        except ExecutorError as error:
            raise NotFound(error.message, param="kernel_id") from None
        mask = self._mask
        data = [
            Variable(
                name=each["name"],
                type=each["type"],
                text=mask(each["text"]) if level != "names" else each["type"],
                rows=mask(each["rows"]),
            )
            for each in found.variables
        ]
        value = found.values.get(query.name)
        return VariableList(
            kernel_id=kernel_id,
            state=found.state,
            data=data,
            left_out=found.left_out,
            value=None if value is None else mask(value),
        )

    async def items(self, run: Run, thread: Thread, messages: Sequence[Message]) -> list[Item]:
        """Return the context as an entry of the history; none if there is no context."""
        level = thread.context_level
        sent = run.context or CallerContext()
        if level == "none":
            return []
        if run.jupyter.place == "kernel":
            sent = await self._with_variables(sent, run, thread, messages)
        # In a thread: 500 cells are more text than the event loop may read.
        item = await asyncio.to_thread(self._item, sent, run, thread)
        return [] if item is None else [item]

    def _item(self, sent: CallerContext, run: Run, thread: Thread) -> Item | None:
        blocks = _blocks(sent, thread, self._mask)
        base = self._base(thread)
        text, told = whole_text(blocks), told_of(blocks)
        changes = None if base is None else changes_of(blocks, base.told)
        if not text and not changes:
            return None
        return Item(
            id=new_id(ITEM),
            created_at=now(),
            thread_id=run.thread_id,
            run_id=run.id,
            type="context",
            output=text,
            changes=changes,
            base=base.id if base is not None else "",
            told=told,
            context_level=thread.jupyter.context,
        )

    def _base(self, thread: Thread) -> Item | None:
        """Return the newest context of a thread, which the next one adds to; None if there is none."""
        for entry in reversed(self._objects.storage.history(thread.id, limit=READ_BACK)):
            if isinstance(entry, Item) and entry.type == "context":
                # One of another level is hidden where this level shows less, and lacks what it
                # shows where it shows more.
                same = entry.context_level == thread.jupyter.context
                return entry if same and entry.told else None
        return None

    async def _with_variables(
        self, sent: CallerContext, run: Run, thread: Thread, messages: Sequence[Message]
    ) -> CallerContext:
        """Add the variables of a live kernel, and the values of those that are mentioned."""
        kernel_id = run.tool_resources.live_kernel(thread.tool_resources)
        codes = any(tool.type == "code_interpreter" for tool in run.tools)
        if kernel_id is None or not codes:
            return sent
        names = list(sent.mentions) or variables.mentioned(await self._prompt(thread, messages))
        try:
            found = await self._inspect(kernel_id, names, thread)
        except ExecutorError:
            # The run goes on: its first code fails with the reason.
            return sent
        if found.state != "seen":
            return sent
        return sent.model_copy(
            update={
                "variables": variables.listed(found.variables, found.left_out),
                "mentions": {n: v for n, v in found.values.items() if "no variable" not in v},
            }
        )

    async def _prompt(self, thread: Thread, messages: Sequence[Message]) -> str:
        """Return the text that the run answers: its own message, or the thread's newest."""
        asked: Sequence[Message] = [each for each in messages if each.role == "user"]
        if not asked:
            page = await asyncio.to_thread(
                self._objects.storage.list, Message, parent=thread.id, limit=1
            )
            asked = [each for each in page.data if each.role == "user"]
        parts = [part for each in asked for part in each.content]
        return "\n".join(part.text.value for part in parts if isinstance(part, TextContent))

    async def _inspect(self, kernel_id: str, names: Sequence[str], thread: Thread) -> Namespace:
        level = thread.context_level
        if level == "none":
            return Namespace("seen")
        rows, head = ROWS if level == "rows" else 0, ROWS if thread.shows_values else 0
        return await self._executors.inspect_variables(kernel_id, names=names, rows=rows, head=head)

    def _mask(self, text: str) -> str:
        if self._masker is None:
            self._masker = Masker()
        return self._masker.text(text)


def _blocks(sent: CallerContext, thread: Thread, mask: Callable[[str], str]) -> list[ContextBlock]:
    """Return as many blocks as there is room for; the most important ones get theirs first."""
    room, level = MAX_TEXT, thread.context_level

    def block(
        title: str, text: str, most: int = MAX_PART, kind: BlockKind = "other"
    ) -> ContextBlock:
        nonlocal room
        head = _head(text, most)
        text = _cut(mask(head).strip(), min(most, room), more=len(head) < len(text))
        room -= len(text)
        return ContextBlock(kind, title, text)

    mentions = [
        block(f"@{name}", value if thread.shows_values else _first_line(value, level))
        for name, value in sent.mentions.items()
        if value and not variables.is_secret(name)
    ]
    listed = []
    if "variables" in sent.model_fields_set:
        # Where nobody could look, it is not known that there are none.
        listed.append(
            block(
                VARIABLES,
                _leveled(sent.variables, level, values=thread.shows_values),
                kind="variables",
            )
        )
    if level == "names":
        return [*listed, *mentions]
    selected, error = [], []
    if sent.error:
        error.append(block("last error", sent.error, 3_000))
    if sent.selected:
        selected.append(block("selected cell", _cell(sent.selected, level)))
    cells: list[ContextBlock] = []
    for cell in reversed(sent.cells):
        text = _cell(cell, level)
        if not text or room < len(text):
            break
        cells.insert(0, block("cell above", text, MAX_CELL + MAX_OUTPUT, kind="cell"))
    return [*cells, *selected, *error, *listed, *mentions]


def _first_line(value: str, level: ContextLevel) -> str:
    """Return the line of a value that describes it; the value itself is below."""
    line = _RANGE.sub("", value.partition("\n")[0])
    return re.split(r"[ ,:]", line)[0] if level == "names" else line


def _leveled(text: str, level: ContextLevel, *, values: bool) -> str:
    """Return the lines of variables, shortened to what the level allows."""
    allowed = []
    if not values:
        # The first and the last date of a column are values of the person's data.
        text = _RANGE.sub("", text)
    for line in text.splitlines():
        found = _LINE.match(line)
        if found and variables.is_secret(found[1]):
            continue
        if level == "rows":
            allowed.append(line)
        elif line.startswith("- "):
            allowed.append(f"- {found[1]}: {found[2]}" if found and level == "names" else line)
    return "\n".join(allowed)


def _cell(cell: ContextCell, level: ContextLevel) -> str:
    source = cell.source.strip()
    head = _head(source, MAX_CELL)
    source = _cut(_unassigned(head), MAX_CELL, more=len(head) < len(source))
    if not source:
        return ""
    number = "" if cell.execution_count is None else f" [{cell.execution_count}]"
    text = f"{cell.cell_type}{number}:\n{source}"
    if level == "rows" and cell.output.strip():
        text += f"\noutput:\n{_cut(cell.output.strip(), MAX_OUTPUT)}"
    return text


def _unassigned(source: str) -> str:
    """Return code without the strings that it assigns to names that look secret."""

    def hidden(match: re.Match[str]) -> str:
        name, between, quote = match[1], match[2], match[3]
        if not variables.is_secret(name.rpartition(".")[2]):
            return match[0]
        return f"{name}{between}{quote}{MASKED}{quote}"

    return _ASSIGNED.sub(hidden, source)


def _head(text: str, most: int) -> str:
    """Return what is read of a text of which so many characters are shown.

    It ends between two words where it can: half a secret looks like none.
    """
    if len(text) <= _READ * most:
        return text
    head = text[: _READ * most]
    whole, _, unfinished = head.rpartition(" ")
    return whole if whole and len(unfinished) < most else head


def _cut(text: str, most: int, *, more: bool = False) -> str:
    """Return at most so many characters of a text, of which there may have been more."""
    if len(text) <= most and not more:
        return text
    return f"{text[: max(0, most - 12)]}\n[… cut …]"
