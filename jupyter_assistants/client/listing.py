"""Lists of assistants, threads and files as tables."""

from __future__ import annotations

import time
from collections.abc import Sequence

from jupyter_assistants.client.base import Client, Json
from jupyter_assistants.client.citations import where
from jupyter_assistants.ipython.render import Block, size
from jupyter_assistants.ipython.untrusted import one_line, plain

SHOWN = 50
_LONGEST = 240

ASSISTANT_COLUMNS = ("Name", "Model", "Tools", "Id")
THREAD_COLUMNS = ("Title", "Begun", "Id")
STORE_COLUMNS = ("Name", "Files", "State", "Size", "Id")
STORE_FILE_COLUMNS = ("Name", "State", "Size", "Id")
RESULT_COLUMNS = ("Score", "Where", "Text")
FILE_COLUMNS = ("Name", "Size", "Stored", "Purpose", "Id")


def assistant_row(item: Json) -> list[str]:
    """Return the cells of an assistant."""
    tools = ", ".join(tool["type"] for tool in item["tools"])
    return [item.get("name") or "", item["model"], tools, item["id"]]


def thread_row(item: Json) -> list[str]:
    """Return the cells of a thread."""
    return [item["metadata"].get("title", ""), moment(item["created_at"]), item["id"]]


def file_row(item: Json) -> list[str]:
    """Return the cells of a file."""
    stored = moment(item["created_at"])
    return [item["filename"], size(item["bytes"]), stored, item["purpose"], item["id"]]


def store_row(item: Json) -> list[str]:
    """Return the cells of a vector store."""
    counts = item["file_counts"]
    files = f"{counts['completed']} of {counts['total']}" if counts["total"] else "0"
    state = item["status"].replace("_", " ")
    if counts["failed"]:
        state += f", {counts['failed']} failed"
    return [item["name"], files, state, size(item["usage_bytes"]), item["id"]]


def store_file_row(item: Json) -> list[str]:
    """Return the cells of a vector store's file; ``name`` is that of the file."""
    reason = (item.get("last_error") or {}).get("message")
    state = item["status"].replace("_", " ")
    return [
        item["name"],
        f"{state}: {reason}" if reason else state,
        size(item["usage_bytes"]),
        item["id"],
    ]


def result_row(item: Json) -> list[str]:
    """Return the cells of a passage that was found."""
    text = " ".join(" ".join(part["text"] for part in item["content"]).split())
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
    return [f"{item['score']:.2f}", where(item["filename"], item), shown]


def moment(seconds: int) -> str:
    """Return a time for people, in their time zone."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


async def newest(client: Client, path: str) -> list[Json]:
    """Return the newest objects of a list."""
    page = await client.request("GET", path, query={"limit": SHOWN})
    data: list[Json] = page["data"]
    return data


def text_block(text: str) -> Block:
    """Return a sentence as a block."""
    return Block({"text/markdown": one_line(text), "text/plain": plain(text)})


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> Block:
    """Return a table as Markdown and as aligned text."""
    if not rows:
        return text_block(empty)
    clean = [[" ".join(plain(cell).split()) for cell in row] for row in rows]
    head = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    body = [f"| {' | '.join(map(one_line, row))} |" for row in clean]
    widths = [max(map(len, column)) for column in zip(columns, *clean, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [columns, *clean]
    ]
    return Block({"text/markdown": "\n".join([*head, *body]), "text/plain": "\n".join(lines)})
